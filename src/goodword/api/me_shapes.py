"""What a participant sees of their own: nothing of other people but what they told of them, no inner reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from goodword.api.shapes import EVENT, PARTICIPANT, REFERRAL, REWARD, TIME, List, ReferralState, Shape


class Me(Shape):
    """The participant whom the token names."""

    id: str = Field(examples=[PARTICIPANT])
    external_id: str = Field(description="`sub` of the token.", examples=["u1"])
    name: str = Field(examples=["Ada Lovelace"])
    email: str = Field(examples=["ada@example.com"])
    country: str | None = Field(examples=["NO"])
    locale: str | None = Field(examples=["nb-NO"])
    since: datetime = Field(description="Since when they are known.", examples=[TIME])


class MyProgram(Shape):
    """A program, to a participant."""

    key: str = Field(examples=["b2b-sales"])
    name: str = Field(examples=["Refer a company"])


class MyLink(Shape):
    """A link of theirs."""

    id: str = Field(examples=["lnk_01jq8x5e4me8k9d3v0h2r6t7wy"])
    program: MyProgram
    code: str = Field(description="In lower case; a person may type it in any way.", examples=["ada-4711"])
    url: str = Field(description="The address to share.", examples=["https://go.example.com/ada-4711"])
    channel: str = Field(examples=["email"])
    state: Literal["on", "off"] = Field(description="`off`: it leads nowhere.")
    expires_at: datetime | None = Field(examples=[None])
    created_at: datetime = Field(examples=[TIME])


class MyReferral(Shape):
    """A referral that they made."""

    id: str = Field(examples=[REFERRAL])
    program: MyProgram
    state: ReferralState
    said: str = Field(description="Why it ended, where it did, in words for them.", examples=[""])
    referred: dict[str, str] = Field(
        description="What they told of whom they referred; empty where they told nothing.",
        examples=[{"name": "Grace Hopper", "company": "Compilers Inc."}],
    )
    submitted_at: datetime = Field(examples=[TIME])
    qualified_at: datetime | None = Field(examples=[None])
    closed_at: datetime | None = Field(examples=[None])
    updated_at: datetime = Field(examples=[TIME])


class MyReward(Shape):
    """A reward of theirs."""

    id: str = Field(examples=[REWARD])
    program: MyProgram
    referral: str | None = Field(description="The referral that earned it, where they made it.", examples=[REFERRAL])
    state: str = Field(description="As of a reward.", examples=["pending"])
    said: str = Field(description="Why it is not paid, where it is not, in words for them.", examples=[""])
    gift: dict[str, Any] = Field(description="As the rule words it.", examples=[{"type": "cash"}])
    amount: int | None = Field(description="In minor units for a currency.", examples=[150_000])
    unit: str = Field(examples=["USD"])
    reversed: int = Field(description="The part that was taken back.", examples=[0])
    netted: int = Field(description="The part that paid what they owed.", examples=[0])
    granted_at: datetime = Field(examples=[TIME])
    hold_until: datetime | None = Field(examples=[None])
    approved_at: datetime | None = Field(examples=[None])
    issued_at: datetime | None = Field(examples=[None])
    expires_at: datetime | None = Field(examples=[None])


class MyMovement(Shape):
    """One movement on their accounts."""

    at: datetime = Field(examples=[TIME])
    phase: Literal["pending", "posted", "post", "void"]
    amount: int = Field(examples=[2000])
    unit: str = Field(examples=["USD"])
    program: str = Field(examples=["b2b-sales"])
    reward: str = Field(examples=[REWARD])


class MyMovements(Shape):
    """The newest movements, the newest first."""

    data: list[MyMovement]


class MyLinkList(List[MyLink]):
    """A page of links, newest first."""


class MyReferralList(List[MyReferral]):
    """A page of referrals, newest first."""


class MyRewardList(List[MyReward]):
    """A page of rewards, newest first."""


class MyOutcome(Shape):
    """What a program made of what they did."""

    program: str | None = Field(examples=["b2b-sales"])
    outcome: Literal["yes", "no"]
    said: str = Field(description="Why, in words for them.", examples=["Thank you: we have your referral."])


class MyAct(Shape):
    """What became of what they did."""

    event: str = Field(examples=[EVENT])
    applied: bool = Field(description="False: it is safe, and is decided in a moment.")
    outcomes: list[MyOutcome]


class MyNewLink(MyAct):
    """What became of a link that they asked for."""

    link: MyLink | None


class MySubmission(MyAct):
    """What became of a referral that they submitted."""

    referral: MyReferral | None
