"""The shapes of what acts answer with, and of accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from goodword.api.shapes import EVENT, TIME, AccountRef, Decision, List, Participant, Referral, Reward, Shape


class Act(Shape):
    """What became of an act: it is an event in the log, and these decisions are what the engine made of it."""

    event: str = Field(description="The event that it is.", examples=[EVENT])
    duplicate: bool = Field(description="True: it was there before, and nothing changed.", examples=[False])
    applied: bool = Field(description="False: it is safe in the log, and the engine comes to it.", examples=[True])
    decisions: list[Decision]


class ParticipantAct(Act):
    """An act upon a participant."""

    participant: Participant | None = Field(description="As they are now; null until it is applied.")


class AccountAct(Act):
    """An act upon an account."""

    account: Account | None = Field(description="As it is now; null until it is applied.")


class ReferralAct(Act):
    """An act upon a referral."""

    referral: Referral | None = Field(description="As it is now; null where none came of it.")


class RewardAct(Act):
    """An act upon a reward."""

    reward: Reward | None = Field(description="As it is now.")


class Account(AccountRef):
    """A company or subscription that participants belong to."""

    since: datetime | None = Field(description="When it became a customer.", examples=[None])
    traits: dict[str, Any] = Field(description="What events told about it.", examples=[{"status": "paying"}])
    updated_at: datetime = Field(examples=[TIME])


class AccountList(List[Account]):
    """A page of accounts, newest first."""


AccountAct.model_rebuild()
