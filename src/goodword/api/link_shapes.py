"""The shapes of links, codes and clicks."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from goodword.api.act_shapes import Act
from goodword.api.shapes import PROGRAM, TIME, List, PersonRef, Shape

LINK = "lnk_01jq8x5e4me8k9d3v0h2r6t7wy"
CLICK = "clk_01jq8x5e4me8k9d3v0h2r6t7wy"


class LinkProgram(Shape):
    """The program of a link in short."""

    id: str = Field(examples=[PROGRAM])
    key: str = Field(examples=["customer-referral"])


class Link(Shape):
    """What a participant shares for one program."""

    id: str = Field(examples=[LINK])
    program: LinkProgram
    participant: PersonRef
    code: str = Field(description="In lower case; a person may type it in any way.", examples=["ada-4711"])
    url: str = Field(description="Its address.", examples=["https://go.example.com/ada-4711"])
    channel: str = Field(description="Where it is shared; empty: nowhere in particular.", examples=["email"])
    state: Literal["on", "off"] = Field(description="`off`: it leads nowhere, and nothing begins by its code.")
    expires_at: datetime | None = Field(description="From when on it is as if it were off.", examples=[TIME])
    destination: str | None = Field(
        description="Where it leads; null: where the program says.", examples=["https://www.example.com/shoes"]
    )
    visits: int = Field(description="Clicks of people; not more than 100,000 are counted.", examples=[42])
    created_at: datetime = Field(examples=[TIME])


class CodeProgram(Shape):
    """The program of a code, to whom typed it."""

    key: str = Field(examples=["customer-referral"])
    name: str = Field(examples=["Give 20 USD, get 20 USD"])


class CodeCheck(Shape):
    """Whether a code is good now."""

    valid: bool
    code: str | None = Field(description="As it is kept; null where it is not valid.", examples=["ada-4711"])
    program: CodeProgram | None


class LinkList(List[Link]):
    """A page of links, newest first."""


class LinkAct(Act):
    """An act upon a link."""

    link: Link | None = Field(description="As it is now; null until it is applied, and where it was refused.")


class Click(Shape):
    """One request of a link's address. What a workspace does not keep is empty or null."""

    id: str = Field(examples=[CLICK])
    link: str = Field(examples=[LINK])
    clicked_at: datetime = Field(examples=[TIME])
    kind: Literal["visit", "preview", "bot"] = Field(description="Only visits count.")
    device: Literal["phone", "tablet", "desktop", "other"]
    channel: str = Field(description="The link's when it was clicked.", examples=["email"])
    referrer: str = Field(description="Host and path of the page the visitor came from.", examples=["news.example/a"])
    language: str = Field(description="The first their browser asks for.", examples=["nb-NO"])
    utm: dict[str, str] = Field(examples=[{"source": "newsletter"}])
    ip_hash: str | None = Field(description="Keyed with a salt that is thrown away in time.", examples=[None])
    ip: str | None = Field(description="Only where the workspace keeps it.", examples=[None])
    visitor: str | None = Field(
        description="The first click of the same browser; null on that, and where nobody may be known again.",
        examples=[CLICK],
    )


class ClickList(List[Click]):
    """A page of clicks, newest first."""
