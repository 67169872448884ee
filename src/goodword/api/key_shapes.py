"""The shapes of keys."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from goodword.api.shapes import TIME, List, Shape

KEY = "key_01jq8x5e4me8k9d3v0h2r6t7wy"


class Key(Shape):
    """A key, or a secret that signs participant tokens, without its text."""

    id: str = Field(description="Of a token secret: its `kid`.", examples=[KEY])
    kind: Literal["secret", "publishable", "token"]
    name: str = Field(description="Who uses it.", examples=["web shop"])
    hint: str = Field(description="Its last four characters.", examples=["x7Qk"])
    scopes: list[str] = Field(description="What a secret key may do.", examples=[["events:write"]])
    origins: list[str] = Field(description="Where browsers may use the others.", examples=[[]])
    state: Literal["active", "expired", "revoked"]
    created_at: datetime = Field(examples=[TIME])
    expires_at: datetime | None = Field(examples=[None])
    last_used_at: datetime | None = Field(description="To the minute.", examples=[TIME])
    revoked_at: datetime | None = Field(examples=[None])
    replaced_by: str | None = Field(description="The key that took its place.", examples=[None])


class KeyMade(Key):
    """A key that was made just now."""

    key: str | None = Field(
        description="Its text: shown this once. Null where a repeat answers with what was kept.",
        examples=["gw_sk_01jq8x5e4me8k9d3v0h2r6t7wy_3kYx…"],
    )


class KeyList(List[Key]):
    """A page of keys, newest first."""
