"""What an explained event is made of: frozen views that pages, the API and the terminal render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from goodword.domain import ids


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as a decision shows them."""

    id: str
    external_id: str | None
    email: str
    name: str
    account: str

    @property
    def public_id(self) -> str:
        return ids.public("par", self.id)

    @property
    def label(self) -> str:
        """The best name there is: name, e-mail, the host's id, ours."""
        return self.name or self.email or self.external_id or self.public_id


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """The referral a decision is about. `state` is the present one; `moved` is what this event did."""

    id: str
    referrer: Person
    referred: Person
    state: str
    source: str
    submitted_at: datetime
    version: int
    simulated: bool

    @property
    def public_id(self) -> str:
        return ids.public("ref", self.id)


@dataclass(frozen=True, slots=True)
class RewardFacts:
    """A granted reward as it stands now. `gift` is as its rule words it; `amount` is in minor units or the
    declared unit."""

    id: str
    participant: Person
    gift: Mapping[str, Any]
    state: str
    amount: int | None
    unit: str
    granted_at: datetime
    hold_until: datetime | None
    simulated: bool

    @property
    def public_id(self) -> str:
        return ids.public("rwd", self.id)


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of the program: the values it read and whether it held."""

    code: str
    ok: bool
    read: Mapping[str, Any]
    error: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as it stood when the rule was decided: `used` of `limit` in `period` (`month`, …; empty: for
    ever), in `unit` or, without one, a count of rewards, for each `per` (`referrer`, `program`, …)."""

    used: int
    limit: int
    per: str
    period: str
    unit: str


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one reward rule concluded. `reward` is the reward it granted (or had granted before), and
    `moved_from` and `moved_to` are its states where the event moved it. Where the event took `reversed`
    of it back, `amount` is what is left. `place` is that in the line for a limit, `waited_since` when it joined the
    line it had a turn in, `by` the program that gave instead of this one. `amount_from` and `exchange` say how the
    amount came about (`reckoned.told`). So much of it was `netted` against what its receiver owed, who has `owed` still
    to be netted after it."""

    rule: str
    ok: bool
    reason: str
    to: str
    amount: int | None
    reversed: int
    unit: str
    tier: str
    tier_count: int | None
    hold_until: datetime | None
    approval: str
    limit: Limit | None
    campaign: str
    moved_from: str
    moved_to: str
    reward: RewardFacts | None
    place: int | None = None
    waited_since: datetime | None = None
    by: str = ""
    amount_from: Mapping[str, Any] = field(default_factory=dict)
    exchange: Mapping[str, Any] = field(default_factory=dict)
    currency: str = ""
    netted: int = 0
    owed: int = 0

    @property
    def amount_unit(self) -> str:
        """The unit of the reward, also of one that a budget in it refused; '' where nothing tells it."""
        return self.unit or (self.limit.unit if self.limit else "")


@dataclass(frozen=True, slots=True)
class TouchView:
    """One touch: its kind, and where the decision tells them, its link's code, its time, the click that it was (clk_…),
    and why it did not win."""

    kind: str
    code: str = ""
    at: datetime | None = None
    click: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Which touch won, None where none did; and which were kept as evidence."""

    won: TouchView | None
    kept: tuple[TouchView, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What a merge moved in one unit: held, available, issued and owed back."""

    unit: str
    reserved: int
    available: int
    issued: int
    owed: int


@dataclass(frozen=True, slots=True)
class Aside:
    """A referral that stopped counting in a merge, or counts again since it was taken back."""

    referral: str
    moved_from: str
    moved_to: str
    reason: str


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """What was decided about who is who. `how` says what claimed it: email, previous_id or split. `event` is the
    event (evt_…) of the merge that was taken back. The numbers say what moved: from the merged to the survivor,
    or back."""

    how: str
    merged: Person | None
    survivor: Person | None
    event: str
    links: int
    made: int
    received: int
    rewards: int
    counters: int
    balances: tuple[Moved, ...]
    aside: tuple[Aside, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """What an event meant for a goal or contest: by how much it changed what a group or participant has, and how much
    that is then, of `target`. Sums in `unit`, the minor units of a currency; '' where something else is counted."""

    kind: str
    id: str
    change: int
    now: int
    target: int | None
    reached: bool
    unit: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision. `version` is the one it was made under, `live_version` the newest published. Of one about
    who is who, `merge` is told, and program and version are empty and None. `shared` has the unit of the scores of each
    contest that the trace names; `timezone` is the version's, UTC where there is none."""

    id: str
    program: str
    program_name: str
    test: bool
    version: int | None
    timezone: str
    outcome: str
    reason: str
    occurred_at: datetime
    kept_version: bool
    participant_id: str | None
    referral: ReferralFacts | None
    moved_from: str
    moved_to: str
    checks: tuple[Check, ...]
    rules: tuple[RuleOutcome, ...]
    attribution: Attribution | None
    merge: MergeFacts | None
    together: tuple[Together, ...]
    shared: Mapping[str, str]
    trace: Mapping[str, Any]

    @property
    def public_id(self) -> str:
        return ids.public("dec", self.id)

    @property
    def yes(self) -> bool:
        return self.outcome == "yes"


@dataclass(frozen=True, slots=True)
class Explanation:
    """An event with everything that was decided about it. `status` is `applied`, `waiting` (recorded,
    the engine has not come to it yet) or `failed` (the engine could not apply it, and sets it aside after
    a few tries; `error` says why)."""

    id: str
    type: str
    event_id: str
    source: str
    occurred_at: datetime
    received_at: datetime
    payload: Mapping[str, Any]
    participant: Person | None
    status: str
    error: str
    position: int | None
    applied_at: datetime | None
    decisions: tuple[DecisionView, ...]

    @property
    def public_id(self) -> str:
        return ids.public("evt", self.id)

    @property
    def properties(self) -> Mapping[str, Any]:
        found = self.payload.get("properties")
        return found if isinstance(found, Mapping) else {}
