"""What a workspace says of its links and of the people who follow them. Kept as data, changed by staff."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from goodword.domain.fields import Part
from goodword.domain.links import Url


class EdgeSettings(Part):
    """How the links of a workspace answer, and what is kept of a click."""

    fallback: Url | None = Field(
        None,
        description="Where an unknown code leads, and a link whose program names no fallback of its own. Left out: a "
        "page that says so in the visitor's language.",
        examples=["https://www.example.com/"],
    )
    cookie: Literal["never", "consent", "always"] = Field(
        "consent",
        description="Whether a click sets the cookie `gw_click`, by which later clicks of the same browser are known. "
        "`consent`: where the visitor agreed: the address has `gw_consent=1`, or the browser sends a cookie of that "
        "name and value.",
    )
    privacy_signals: Literal["respect", "ignore"] = Field(
        "respect",
        description="Of a visitor whose browser sends `DNT: 1` or `Sec-GPC: 1`: `respect`: no cookie, and neither "
        "their IP address nor a hash of it, their language or the page they came from.",
    )
    ip_hash_days: Annotated[StrictInt, Field(ge=1, le=90)] = Field(
        30,
        description="How long the hashes of IP addresses can be compared: then their salt is thrown away and another "
        "is drawn.",
    )
    raw_ip_days: Annotated[StrictInt, Field(ge=0, le=90)] = Field(
        0, description="For how many days the IP address itself is kept. 0: never."
    )
    clicks_days: Annotated[StrictInt, Field(ge=30, le=3_660)] = Field(
        730, description="For how many days clicks are kept."
    )
