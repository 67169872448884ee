"""Drafts as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from goodword.api.program_shapes import ProgramChanges
from goodword.api.shapes import TIME, List, Shape


class DraftStep(Shape):
    """Something that was done with a draft."""

    at: datetime = Field(examples=[TIME])
    by: str = Field(examples=["ada@example.com"])
    what: Literal["saved", "submitted", "approved", "sent_back", "published", "discarded"]
    comment: str = Field(examples=["The cap is missing."])
    digest: str = Field(description="SHA-256 of the text as it was then.", examples=["9f86d081884c7d65…"])


class Draft(Shape):
    """A document on its way to being published, and its record."""

    id: str = Field(examples=["drf_01jq8x5e4me8k9d3v0h2r6t7wy"])
    program: str = Field(description="The program's key.", examples=["b2b-sales"])
    state: Literal["draft", "review", "approved", "published", "discarded"]
    version: int | None = Field(description="The version it was published as.", examples=[3])
    trail: list[DraftStep] = Field(description="What was done with it, oldest first.")
    created_at: datetime = Field(examples=[TIME])
    updated_at: datetime = Field(examples=[TIME])


class DraftList(List[Draft]):
    """A page of drafts, newest first."""


class DraftFault(Shape):
    """Something that keeps a draft from being published."""

    pointer: str = Field(description="Where, as a JSON pointer.", examples=["/rewards/0/give"])
    code: str = Field(examples=["missing"])
    detail: str = Field(examples=["a gift of type cash needs amount"])


class DraftWhole(Draft):
    """A draft with its text."""

    text: str = Field(description="The document as it was written, YAML or JSON.", examples=["program: b2b-sales"])
    digest: str = Field(description="SHA-256 of the text.", examples=["9f86d081884c7d65…"])
    faults: list[DraftFault]
    changes: ProgramChanges | None = Field(description="Beside the live version; null where it has faults.")
