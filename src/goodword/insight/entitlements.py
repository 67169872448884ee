"""What a person has a right to at a moment: the perks of the tiers they hold, and gifts that last. Reads only: the
live programmes with perks, the person's counters, their referrals where a tier counts those, and their rewards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from goodword.domain import calendar, ids, tiers
from goodword.domain.calendar import Duration
from goodword.domain.document import Tier
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.program import Program, compile_program
from goodword.domain.state import State
from goodword.store import tenancy
from goodword.store.models import Counter, ProgramVersion, Referral, Reward

GIFTS = ("discount", "feature", "access", "free_period")
"""Types of gift that are a right for a while."""
PAGE = 500
"""Gifts in one answer, the newest."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One right. `kind` is perk or the gift's type; `since` and `until` are None where that is not known, or has no
    end; `tier` or `reward` (its public id) says why, and `gift` what the reward gives, as its rule words it."""

    kind: str
    name: str
    program: str
    since: datetime | None
    until: datetime | None
    tier: str | None = None
    reward: str | None = None
    gift: Mapping[str, Any] | None = None


def entitlements(workspace_id: str, participant_id: str, at: datetime | None = None) -> tuple[Entitlement, ...]:
    """What the participant, merged into nobody, has a right to now, or by what is known now at another moment."""
    now = at or datetime.now(UTC)
    with tenancy.workspace(workspace_id):
        return (*_perks(workspace_id, participant_id, now), *_gifts(workspace_id, participant_id, now))


def _gifts(workspace_id: str, participant_id: str, now: datetime) -> Iterator[Entitlement]:
    """Of their rewards (reward_participant), those that are given, last, and have not lapsed. One that lasts for a time
    does so from when it was handed over; until then it has no end."""
    rows = (
        Reward.objects.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now),
            workspace_id=workspace_id,
            participant_id=participant_id,
            program__test=False,
            gift__type__in=GIFTS,
            state__in=("approved", "issued"),
            granted_at__lte=now,
        )
        .select_related("program", "version")
        .order_by("-granted_at", "id")[:PAGE]
    )
    for row in rows:
        since = row.issued_at or row.approved_at or row.granted_at
        name = row.gift.get("name") or row.rule
        ends = [row.expires_at] if row.expires_at else []
        if row.issued_at and (length := row.gift.get("duration")):
            ends.append(Duration.parse(length).after(row.issued_at, row.version.document.get("timezone", "UTC")))
        until = min(ends, default=None)
        if until is None or until > now:
            reward = ids.public("rwd", str(row.id))
            yield Entitlement(row.gift["type"], name, row.program.key, since, until, reward=reward, gift=row.gift)


def _perks(workspace_id: str, participant_id: str, now: datetime) -> Iterator[Entitlement]:
    live = ProgramVersion.objects.filter(
        workspace_id=workspace_id, program__live_version_id=F("id"), program__test=False
    )
    programs = [
        compile_program(str(row.program_id), str(row.id), row.number, row.document)
        for row in live.order_by("program__key")
        if any(tier.get("perks") for tier in row.document.get("tiers", ()))
    ]
    if not programs:
        return
    state = State(workspace_id, {program.id: program for program in programs}, {})
    counters = Counter.objects.filter(
        workspace_id=workspace_id, subject_id=participant_id, name__startswith=tiers.COUNTED
    )
    for name, count, amount in counters.values_list("name", "count", "amount"):
        state.load_counter(participant_id, name, count, amount)
    counting = [program.id for program in programs if not program.is_loyalty]
    if counting:
        made = Referral.objects.filter(
            workspace_id=workspace_id, referrer_id=UUID(participant_id), program_id__in=counting
        ).exclude(state__in=("duplicate", "disqualified", "voided"))
        for row in made:
            won_at = row.closed_at if row.state == "closed_won" else None
            moments = (row.submitted_at, row.qualified_at, won_at)
            state.load_progress(str(row.program_id), participant_id, str(row.id), *moments)
            state.worth[str(row.id)] = row.value or 0
        if any(program.counts_deals for program in programs):
            back = Counter.objects.filter(
                workspace_id=workspace_id, subject_id__in=[UUID(id) for id in state.worth], name="refunded"
            )
            for referral_id, amount in back.values_list("subject_id", "amount"):
                value = state.worth[str(referral_id)]
                state.worth[str(referral_id)] = value - min(amount, value)
    event = Event("insight.asked", "insight", "now", now, now, {})
    for program in programs:
        draft = Draft(state, event, program, participant_id)
        tier, _ = tiers.tier_of(draft)
        if tier:
            yield from _of_tier(draft, program, tier, now)


def _of_tier(draft: Draft, program: Program, tier: Tier, now: datetime) -> Iterator[Entitlement]:
    assert draft.participant_id
    times, reached = draft.counter(draft.participant_id, tiers.paid_name(program, tier, now))
    since = datetime.fromtimestamp(reached, UTC) if times == 1 else None
    until = calendar.period(now, tier.every, program.zone).end if tier.every else None
    for perk in tier.perks:
        yield Entitlement("perk", perk, program.key, since, until, tier=tier.id)
