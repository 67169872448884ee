"""The shapes of claims: what staff and hosts see, and what a participant sees of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from goodword.api.act_shapes import Act
from goodword.api.me_shapes import MyAct, MyProgram
from goodword.api.shapes import REFERRAL, TIME, List, PersonRef, Shape

CLAIM = "clm_01jq8x5e4me8k9d3v0h2r6t7wy"
State = Literal["waiting", "approved", "rejected"]


class Claim(Shape):
    """A participant's word that they brought somebody."""

    id: str = Field(examples=[CLAIM])
    program: str = Field(description="The program's key.", examples=["ride-credit"])
    state: State
    reason: str = Field(description="Why it was rejected; else empty.", examples=[""])
    participant: PersonRef = Field(description="Who claims.")
    referred: PersonRef = Field(description="Whom they brought.")
    proof: str = Field(description="What shows it, in their words.", examples=["I told her over lunch on Monday."])
    url: str = Field(description="Where it can be seen.", examples=[""])
    reference: str = Field(description="By which it can be found.", examples=["order 77"])
    at: datetime = Field(description="When they told the person, as they say.", examples=[TIME])
    claimed_at: datetime = Field(examples=[TIME])
    decided_at: datetime | None = Field(examples=[None])
    by: str = Field(description="Who decided.", examples=[""])
    note: str = Field(description="What staff noted; the participant does not see it.", examples=[""])
    referral: str | None = Field(description="The referral that it began or won.", examples=[None])
    standing: str | None = Field(
        description="The referral in which the person stands, by anybody: an approval does not take it away.",
        examples=[REFERRAL],
    )
    others: int = Field(description="Further claims of the same person that were not rejected.", examples=[0])


class ClaimList(List[Claim]):
    """A page of claims, newest first."""


class ClaimAct(Act):
    """What became of a claim, or of what staff decided."""

    claim: Claim | None = Field(description="As it is now; null where none came of it.")


class MyClaim(Shape):
    """A claim of theirs."""

    id: str = Field(examples=[CLAIM])
    program: MyProgram
    state: State
    said: str = Field(description="Where it stands, and why it was rejected, in words for them.", examples=["…"])
    referred: dict[str, str] = Field(description="Whom, as they told it.", examples=[{"email": "grace@example.org"}])
    proof: str = Field(examples=["I told her over lunch on Monday."])
    url: str = Field(examples=[""])
    reference: str = Field(examples=["order 77"])
    claimed_at: datetime = Field(examples=[TIME])
    decided_at: datetime | None = Field(examples=[None])
    referral: str | None = Field(description="The referral that it began or won.", examples=[None])


class MyClaimList(List[MyClaim]):
    """A page of claims, newest first."""


class MyClaimAct(MyAct):
    """What became of a claim that they made."""

    claim: MyClaim | None
