"""Participants as staff look them up: a searchable list, and one person with all that hangs on them.

Reads only. Lists are bounded by the sizes named here; a longer one says so by its `more`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Count, Q

from goodword.domain import ids
from goodword.insight import ledger
from goodword.insight.explain import person
from goodword.insight.explained import Person
from goodword.insight.merged import Merged, merged
from goodword.store import tenancy
from goodword.store.models import Account, Link, Participant, Referral, Reward

PAGE = 25
SEARCH_LENGTH = 100
LINKS = 20
REFERRALS = 50
REWARDS = 50
SIMULATED = "simulated"
"""The trait that marks a made-up person."""

T = TypeVar("T")


class ParticipantNotFound(LookupError):
    """No such participant in the workspace."""

    code = "participant_not_found"


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """One line of the list. The counts are of all live programs."""

    person: Person
    first_seen_at: datetime
    referrals: int
    rewards: int
    simulated: bool


@dataclass(frozen=True, slots=True)
class ParticipantPage:
    """A page of the list, newest first. `next` is the cursor of the page after it, or empty."""

    rows: tuple[ParticipantRow, ...]
    next: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The company or subscription a participant belongs to. `traits` are as the host product sent them."""

    id: str
    external_id: str
    name: str
    since: datetime | None
    traits: Mapping[str, Any]

    @property
    def public_id(self) -> str:
        return ids.public("acc", self.id)


@dataclass(frozen=True, slots=True)
class LinkLine:
    code: str
    channel: str
    program: str
    program_name: str
    created_at: datetime
    simulated: bool


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """A referral seen from one of its sides: `other` is the person on the other one."""

    id: str
    program: str
    program_name: str
    version: int
    other: Person
    state: str
    reason: str
    source: str
    submitted_at: datetime
    updated_at: datetime
    simulated: bool
    test: bool

    @property
    def public_id(self) -> str:
        return ids.public("ref", self.id)


@dataclass(frozen=True, slots=True)
class RewardLine:
    """One reward. `amount` is in `unit` (minor units for a currency), None for a gift without one;
    `reversed` is the part of it that was taken back, `netted` the part that paid what its owner owed."""

    id: str
    program: str
    program_name: str
    rule: str
    gift: Mapping[str, Any]
    amount: int | None
    reversed: int
    unit: str
    state: str
    reason: str
    needs_approval: str
    granted_at: datetime
    hold_until: datetime | None
    simulated: bool
    test: bool
    netted: int = 0

    @property
    def public_id(self) -> str:
        return ids.public("rwd", self.id)


@dataclass(frozen=True, slots=True)
class Lines(Generic[T]):
    """The newest lines of a list; `more` says that there are older ones that are not in it."""

    rows: tuple[T, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """One participant with all that hangs on them. `traits` are as the host product sent them."""

    person: Person
    merged: tuple[Merged, ...]
    simulated: bool
    traits: Mapping[str, Any]
    first_seen_at: datetime
    account: AccountFacts | None
    links: Lines[LinkLine]
    made: Lines[ReferralLine]
    received: Lines[ReferralLine]
    rewards: Lines[RewardLine]
    balances: tuple[ledger.Balance, ...]


def search(workspace_id: str, text: str = "", after: str = "") -> ParticipantPage:
    """A page of participants, newest first and each person once, whose name, e-mail, external id or public id
    holds `text`.

    `after` is the cursor of the page before. Raises `ids.BadId` for a cursor that is none.
    """
    text = text.replace("\x00", "").strip()[:SEARCH_LENGTH]
    everybody = Participant.objects.filter(workspace_id=workspace_id)
    query = everybody.filter(merged_into__isnull=True)
    if text:
        # Somebody merged is found by what they were known by, as who stands for them (participant_merged_into).
        through = everybody.filter(_matches(text), merged_into__isnull=False).values("merged_into_id")
        query = query.filter(_matches(text) | Q(id__in=through))
    if after:
        query = query.filter(id__lt=ids.internal("par", after))
    with tenancy.workspace(workspace_id):
        found = list(query.select_related("account").order_by("-id")[: PAGE + 1])  # the primary key
        page = found[:PAGE]
        made = _counts(Referral, workspace_id, "referrer_id", page)
        earned = _counts(Reward, workspace_id, "participant_id", page)
    rows = tuple(
        ParticipantRow(
            person(row), row.first_seen_at, made.get(row.id, 0), earned.get(row.id, 0), bool(row.traits.get(SIMULATED))
        )
        for row in page
    )
    return ParticipantPage(rows, rows[-1].person.public_id if len(found) > PAGE else "")


def profile(workspace_id: str, participant_id: str) -> Profile:
    """One participant with links, referrals, rewards and balances, the newest of each first.

    Raises `ParticipantNotFound`.
    """
    with tenancy.workspace(workspace_id):
        row = Participant.objects.filter(workspace_id=workspace_id, id=participant_id).select_related("account").first()
        if row is None:
            raise ParticipantNotFound(f"There is no participant {ids.public('par', participant_id)} here.")
        return Profile(
            person=person(row),
            merged=merged(workspace_id, participant_id),
            simulated=bool(row.traits.get(SIMULATED)),
            traits=_without_mark(row.traits),
            first_seen_at=row.first_seen_at,
            account=_account(row.account),
            links=_links(workspace_id, participant_id),
            made=_referrals(workspace_id, referrer=participant_id),
            received=_referrals(workspace_id, referred=participant_id),
            rewards=_rewards(workspace_id, participant_id),
            balances=tuple(ledger.balances(workspace_id, participant_id)),
        )


def _matches(text: str) -> Q:
    found = Q(name__icontains=text) | Q(email__icontains=text) | Q(external_id__icontains=text)
    try:
        return found | Q(id=ids.internal("par", text))
    except ids.BadId:
        return found


def _counts(model: Any, workspace_id: str, column: str, rows: Sequence[Participant]) -> dict[Any, int]:
    people = {f"{column}__in": [row.id for row in rows]}
    query = model.objects.filter(workspace_id=workspace_id, program__test=False, **people)
    return dict(query.values_list(column).annotate(n=Count("id")).order_by())


def _first(rows: Sequence[T], limit: int) -> Lines[T]:
    return Lines(tuple(rows[:limit]), more=len(rows) > limit)


def _account(row: Account | None) -> AccountFacts | None:
    if row is None:
        return None
    return AccountFacts(str(row.id), row.external_id, row.name, row.since, _without_mark(row.traits))


def _without_mark(traits: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in traits.items() if name != SIMULATED}


def _links(workspace_id: str, participant_id: str) -> Lines[LinkLine]:
    rows = (
        Link.objects.filter(workspace_id=workspace_id, participant_id=participant_id)
        .order_by("-created_at", "-id")
        .values_list("code", "channel", "program__key", "program__name", "created_at", "simulated")
    )
    return _first([LinkLine(*row) for row in rows[: LINKS + 1]], LINKS)


def _referrals(workspace_id: str, **side: str) -> Lines[ReferralLine]:
    other = "referred" if "referrer" in side else "referrer"
    rows = (
        Referral.objects.filter(workspace_id=workspace_id, **{f"{key}_id": value for key, value in side.items()})
        .select_related("program", "version", f"{other}__account")
        .order_by("-submitted_at", "-id")[: REFERRALS + 1]
    )
    lines = [
        ReferralLine(
            id=str(row.id),
            program=row.program.key,
            program_name=row.program.name,
            version=row.version.number,
            other=person(getattr(row, other)),
            state=row.state,
            reason=row.reason,
            source=row.source,
            submitted_at=row.submitted_at,
            updated_at=row.updated_at,
            simulated=row.simulated,
            test=row.program.test,
        )
        for row in rows
    ]
    return _first(lines, REFERRALS)


def _rewards(workspace_id: str, participant_id: str) -> Lines[RewardLine]:
    rows = (
        Reward.objects.filter(workspace_id=workspace_id, participant_id=participant_id)
        .select_related("program")
        .order_by("-granted_at", "-id")[: REWARDS + 1]
    )
    lines = [
        RewardLine(
            id=str(row.id),
            program=row.program.key,
            program_name=row.program.name,
            rule=row.rule,
            gift=row.gift,
            amount=row.amount,
            reversed=row.reversed,
            unit=row.unit,
            state=row.state,
            reason=row.reason,
            needs_approval=row.needs_approval,
            granted_at=row.granted_at,
            hold_until=row.hold_until,
            simulated=row.simulated,
            test=row.program.test,
            netted=row.basis.get("netted", 0),
        )
        for row in rows
    ]
    return _first(lines, REWARDS)
