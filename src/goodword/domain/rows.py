"""The rows that decisions read and give, as frozen values, and the effects on them that are no rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from goodword.domain.events import Event
from goodword.domain.fx import Rate

OPEN = frozenset({"submitted", "qualified", "opportunity", "nurture"})
"""Referral states in which it can still come to something."""
STANDING = OPEN | {"closed_won"}
"""Referral states that take the place of the referred person in the program."""
BEHIND = datetime(9999, 1, 1, tzinfo=UTC)
"""When those behind the first of a line are due: never, until they are first."""
ASIDE = frozenset({"duplicate", "voided"})
"""Referral states in which it never counted."""


class Participant(NamedTuple):
    """A person known to the workspace. `merged_into` is the participant who stands for this one since they
    turned out to be the same person; that one is merged into nobody."""

    id: str
    external_id: str | None
    email: str
    name: str
    account_id: str | None
    traits: Mapping[str, Any]
    first_seen_at: datetime
    merged_into: str | None = None


class Account(NamedTuple):
    """A company or subscription that participants belong to."""

    id: str
    external_id: str
    name: str
    since: datetime | None
    traits: Mapping[str, Any]


class Link(NamedTuple):
    """What a participant shares for one program; `code` is in lower case. `state` is `off` where it leads nowhere any
    more; `destination` is its own, '' for the program's."""

    id: str
    program_id: str
    participant_id: str
    code: str
    channel: str
    simulated: bool
    created_at: datetime
    state: str = ""
    expires_at: datetime | None = None
    destination: str = ""
    typed: str = ""
    """The code without what people leave out (`codes.plain`); '' where the link is older than that."""


class Referral(NamedTuple):
    """One referrer, one referred, one program, one version. `value` is in minor units of its currency."""

    id: str
    program_id: str
    version_id: str
    referrer_id: str
    referred_id: str
    external_id: str | None
    source: str
    state: str
    reason: str
    submitted_at: datetime
    qualified_at: datetime | None
    opportunity_at: datetime | None
    closed_at: datetime | None
    expires_at: datetime | None
    value: int | None
    properties: Mapping[str, Any]
    simulated: bool


_NO_DETAIL: Mapping[str, Any] = {}


class Claim(NamedTuple):
    """A participant's word that they brought somebody: `waiting`, `approved` or `rejected`. Its id is that of its
    event, which has the proof. `at` is when they told them, as they say; `decision_id` the event by which staff
    decided; `referral_id` the referral that it began or won."""

    id: str
    program_id: str
    participant_id: str
    referred_id: str
    state: str
    reason: str
    at: datetime
    claimed_at: datetime
    decided_at: datetime | None
    decision_id: str | None
    referral_id: str | None


class Reward(NamedTuple):
    """One promised benefit. `amount` and `reversed` are in minor units of `unit`. `basis` is of a reward for an event:
    the `order_id`, `value` and `currency` of the payment, and how much of that value was `refunded`."""

    id: str
    program_id: str
    version_id: str
    rule: str
    subject_id: str
    occurrence: str
    referral_id: str | None
    participant_id: str
    gift: Mapping[str, Any]
    amount: int | None
    unit: str
    reversed: int
    state: str
    reason: str
    needs_approval: str
    hold_until: datetime | None
    pending_transfer_id: str | None
    granted_at: datetime
    approved_at: datetime | None
    issued_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime | None
    notify_by: datetime | None
    fulfil_by: datetime | None
    simulated: bool
    basis: Mapping[str, Any] = _NO_DETAIL

    def held_by(self, transfer_id: str) -> Reward:
        """The reward with the transfer that holds its amount. (Of so many fields `_replace` takes several times as
        long.)"""
        return Reward(*self[:16], transfer_id, *self[17:])


class Timer(NamedTuple):
    """A moment at which something becomes an event; `kind` is that event's type. Of those due at one moment the
    one that was set first rings first: `place` grows with each that is set, and stays when it is set again."""

    id: str
    kind: str
    due_at: datetime
    program_id: str
    referral_id: str | None
    reward_id: str | None
    detail: Mapping[str, Any] = _NO_DETAIL
    place: int = 0


class DropTimer(NamedTuple):
    """Effect: a timer is no longer wanted."""

    id: str


class DropLink(NamedTuple):
    """Effect: the link of that code was never there."""

    code: str


class DropParticipant(NamedTuple):
    """Effect: the participant was never there; where it is `kept`, nothing but the id is left."""

    id: str
    kept: bool


class Wake(NamedTuple):
    """Effect: a timer that waits in a line is due at that moment, unless it is due sooner."""

    id: str
    at: datetime


class WakeLines(NamedTuple):
    """Effect: the first in each of these lines of a program is due at that moment, unless it is due sooner."""

    program_id: str
    lines: tuple[str, ...]
    at: datetime


class EarlyFact(NamedTuple):
    """A fact that came before what it builds on. `subject` is the referral's id, or the name it will have;
    `recall_at` is when it is told again, where that is known."""

    id: str
    program_id: str
    subject: str
    event: Event
    recall_at: datetime | None


class DropEarly(NamedTuple):
    """Effect: an early fact is kept no longer under that subject."""

    id: str
    subject: str


class LedgerAccount(NamedTuple):
    """One side of transfers, in one unit."""

    id: str
    kind: str
    unit: str
    program_id: str | None
    participant_id: str | None


class Transfer(NamedTuple):
    """One double-entry movement of `amount` minor units; `phase` is pending, posted, post or void."""

    id: str
    debit: LedgerAccount
    credit: LedgerAccount
    amount: int
    phase: str
    pending_id: str | None
    code: str
    reward_id: str
    event_id: str
    effective_at: datetime


class Count(NamedTuple):
    """Effect: a running count and amount grow (or shrink)."""

    subject_id: str
    name: str
    number: int
    amount: int


class Notice(NamedTuple):
    """Effect: something the world must hear; `key` names the effect once and for all."""

    topic: str
    key: str
    event_id: str
    at: datetime
    payload: Mapping[str, Any]


class Merge(NamedTuple):
    """One participant merged into another. `moved` says what came over, as far as taking them apart again
    needs it (`domain.merging`); `split_at` says when that was done."""

    id: str
    merged_id: str
    survivor_id: str
    event_id: str
    merged_at: datetime
    moved: Mapping[str, Any]
    split_event_id: str | None = None
    split_at: datetime | None = None


class Publish(NamedTuple):
    """Effect: a version goes live."""

    program_id: str
    version_id: str


class Stop(NamedTuple):
    """Effect: a program is `paused`, `settling` (ended, what runs may finish) or `ended`; '' runs again."""

    program_id: str
    how: str


Effect = (
    Participant
    | Account
    | Link
    | Referral
    | Claim
    | Reward
    | Timer
    | DropTimer
    | DropLink
    | DropParticipant
    | Wake
    | WakeLines
    | EarlyFact
    | DropEarly
    | Transfer
    | Count
    | Notice
    | Merge
    | Publish
    | Rate
    | Stop
)
