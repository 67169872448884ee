"""The shapes of a workspace: its settings and their changes, and its numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from goodword.api.ledger_shapes import TrialBalance
from goodword.api.shapes import TIME, List, Shape


class Clicks(Shape):
    """How the links of a workspace answer, and what is kept of a click."""

    fallback: str | None = Field(description="Where an unknown code leads.", examples=["https://www.example.com/"])
    cookie: Literal["never", "consent", "always"] = Field(description="Whether a click sets a cookie.")
    privacy_signals: Literal["respect", "ignore"] = Field(description="What `DNT` and `Sec-GPC` lead to.")
    ip_hash_days: int = Field(description="How long hashes of IP addresses can be compared.", examples=[30])
    raw_ip_days: int = Field(description="For how many days the IP address itself is kept.", examples=[0])
    clicks_days: int = Field(description="For how many days clicks are kept.", examples=[730])


class Workspace(Shape):
    """The workspace of the key that asks."""

    id: str = Field(examples=["ws_01jq8x5e4me8k9d3v0h2r6t7wy"])
    slug: str = Field(examples=["demo"])
    name: str = Field(examples=["Demo"])
    short_domain: str | None = Field(description="The host of its links.", examples=["go.example.com"])
    clicks: Clicks
    key: str = Field(description="The name of the key.", examples=["server"])
    scopes: list[str] = Field(description="What the key may do; `all` is everything.", examples=[["all"]])


class SettingChanged(Shape):
    """One setting that changed."""

    setting: str = Field(description="`name`, `short_domain`, or one of `clicks`.", examples=["raw_ip_days"])
    before: str | int | None = Field(description="What it was.", examples=[0])
    after: str | int | None = Field(description="What it became.", examples=[7])


class SettingChange(Shape):
    """One change of the workspace's settings."""

    id: str = Field(examples=["chg_01jq8x5e4me8k9d3v0h2r6t7wy"])
    at: datetime = Field(examples=[TIME])
    by: str = Field(
        description="Who: a member's address, `key` and its name, or who was at the command line.",
        examples=["key server"],
    )
    door: Literal["console", "api", "cli"] = Field(description="Through which door it came.", examples=["api"])
    changes: list[SettingChanged]


class SettingChangeList(List[SettingChange]):
    pass


class ReferralCount(Shape):
    program: str = Field(examples=["b2b-sales"])
    state: str = Field(examples=["submitted"])
    count: int
    simulated: int


class RewardCount(Shape):
    program: str = Field(examples=["b2b-sales"])
    rule: str = Field(examples=["closed"])
    state: str = Field(examples=["pending"])
    count: int
    simulated: int
    unit: str = Field(examples=["USD"])
    amount: int | None
    reversed: int


class DecisionCount(Shape):
    program: str | None = Field(description="Null for decisions about who is who.", examples=["b2b-sales"])
    outcome: str = Field(examples=["no"])
    reason: str = Field(examples=["cap_reached"])
    count: int


class Summary(Shape):
    """The workspace in numbers."""

    participants: int
    events_applied: int
    events_waiting: int
    set_aside: int = Field(description="Events and timers that made the engine fail: see `GET /v1/aside`.")
    referrals: list[ReferralCount]
    rewards: list[RewardCount]
    tested: list[RewardCount] = Field(
        description="What programs in test mode would have given; all else is of live ones."
    )
    decisions: list[DecisionCount]
    trial_balance: TrialBalance
