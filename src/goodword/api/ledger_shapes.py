"""The shapes of the ledger: accounts, balances, and partners' statements. Amounts are in minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from goodword.api.shapes import PARTICIPANT, TIME, List, Shape


class Sums(Shape):
    """Debits and credits, held (pending) and posted, in `unit`."""

    debits_pending: int = Field(examples=[0])
    debits_posted: int = Field(examples=[150_000])
    credits_pending: int = Field(examples=[0])
    credits_posted: int = Field(examples=[0])


class LedgerAccount(Sums):
    """One account of the ledger. `posted` and `pending` are positive on the account's normal side."""

    id: str = Field(examples=["lac_01jq8x5e4me8k9d3v0h2r6t7wy"])
    kind: Literal["program_cost", "opening", "participant_balance", "fulfilled", "participant_debt"]
    unit: str = Field(examples=["USD"])
    program: str | None = Field(examples=["b2b-sales"])
    participant: str | None = Field(examples=[PARTICIPANT])
    posted: int = Field(examples=[150_000])
    pending: int = Field(examples=[0])


class LedgerAccounts(Shape):
    """Accounts as they stand, or stood at `at`."""

    at: datetime | None
    data: list[LedgerAccount]


class KindSums(Sums):
    """All accounts of one kind."""

    kind: Literal["program_cost", "opening", "participant_balance", "fulfilled", "participant_debt"]


class UnitTrial(Shape):
    """The trial balance of one unit."""

    unit: str = Field(examples=["USD"])
    balanced: bool
    kinds: list[KindSums]
    totals: Sums


class TrialBalance(Shape):
    """Every unit's debits and credits, added up from the transfers."""

    at: datetime | None = Field(description="The instant asked for; null is now.")
    balanced: bool
    drifting_accounts: int | None = Field(
        description="Accounts whose kept balance differs from the sum of their transfers: 0, unless something "
        "is badly wrong. Null for a past instant.",
        examples=[0],
    )
    units: list[UnitTrial]


class Balance(Shape):
    """What a participant has in one unit."""

    unit: str = Field(examples=["USD"])
    reserved: int = Field(description="Held or waiting for approval.", examples=[150_000])
    available: int = Field(description="Approved, not yet issued.", examples=[0])
    issued: int = Field(description="Handed over.", examples=[20_000])
    owed: int = Field(description="Debt that later rewards are netted against.", examples=[0])


class Balances(Shape):
    """A participant's balances as they stand, or stood at `at`."""

    at: datetime | None
    data: list[Balance]


class Movement(Shape):
    """How often something moved a balance, and by how much in all, in minor units."""

    count: int = Field(examples=[3])
    amount: int = Field(examples=[75000])


class Statement(Shape):
    """A partner's statement of one period. Amounts are in minor units of `currency`."""

    id: str = Field(description="The decision that closed it.", examples=["dec_01jq8x5e4me8k9d3v0h2r6t7wy"])
    number: int = Field(description="The partner's first is 1.", examples=[4])
    program: str = Field(examples=["partner-first-year"])
    participant: str = Field(examples=["par_01jq8x5e4me8k9d3v0h2r6t7wy"])
    external_id: str | None = Field(examples=["u1"])
    period: str = Field(examples=["2026-03"])
    begins_at: datetime = Field(examples=[TIME])
    ends_at: datetime = Field(description="The first moment after it.", examples=[TIME])
    timezone: str = Field(
        description="The program's, in which the period begins and ends at midnight.", examples=["Europe/Oslo"]
    )
    currency: str = Field(examples=["USD"])
    opening: int = Field(description="`closing` of the one before.", examples=[3000])
    approved: Movement = Field(description="Commissions that were approved.")
    reversed: Movement = Field(description="What was taken back before it was issued, by refunds or otherwise.")
    netted: Movement = Field(description="What paid a debt.")
    paid: Movement = Field(description="What was issued.")
    moved: Movement = Field(description="What a merge with another participant, or its end, brought or took.")
    owed: Movement = Field(description="What was taken back after it was issued: a debt, which moves no balance.")
    closing: int = Field(
        description="`opening` and `approved` and `moved`, less `reversed`, `netted` and `paid`.", examples=[78000]
    )
    minimum: int = Field(description="The least balance that was payable then.", examples=[5000])
    payable: int = Field(description="What of `closing` became payable: all of it, or nothing.", examples=[78000])
    carried: int = Field(description="What of `closing` was carried over.", examples=[0])
    debt: int = Field(
        description="What the partner owed then; later rewards of any program pay it first.", examples=[0]
    )
    payable_now: int = Field(description="What of it is still to be paid. 0 where a later one exists.", examples=[0])
    state: Literal["payable", "carried"] = Field(examples=["payable"])


class StatementList(List[Statement]):
    """A page of statements, newest first."""


class StatementLine(Shape):
    """One movement on a statement."""

    at: datetime = Field(description="When it took effect.", examples=[TIME])
    kind: Literal["approved", "reversed", "netted", "paid", "moved", "owed"] = Field(
        description="`owed` leaves the balance as it is.", examples=["approved"]
    )
    code: str = Field(description="The code of the transfer in the ledger.", examples=["grant"])
    amount: int = Field(
        description="What it added to the balance; below zero, took from it. Of `owed`: the debt.", examples=[25000]
    )
    rule: str = Field(examples=["commission"])
    reward: str = Field(examples=["rwd_01jq8x5e4me8k9d3v0h2r6t7wy"])
    referral: str | None = Field(examples=["ref_01jq8x5e4me8k9d3v0h2r6t7wy"])
    event: str = Field(examples=["evt_01jq8x5e4me8k9d3v0h2r6t7wy"])


class StatementWhole(Statement):
    """A statement with its movements."""

    lines: list[StatementLine]
