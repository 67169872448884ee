"""Which tier a person holds, and what it is worth.

A tier is held by counts alone: of referrals by their moments, of points and revenue by counters for each calendar
period. So nothing is kept that could contradict them, and what policy makes of an earlier period is read from its
count. A tier is lost when a period ends without anybody doing anything; a timer tells of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from goodword.domain import calendar, rolling
from goodword.domain.document import Tier
from goodword.domain.draft import Draft
from goodword.domain.gifts import ByTier, Share
from goodword.domain.program import Program

_METRIC = {"submitted_referrals": 0, "qualified_referrals": 1, "closed_won_referrals": 2}
COUNTED = "tier:"
"""Counters of a participant, by program, metric and period: points earned, or what their orders were worth."""
EVER = "ever"
"""Stands for the label of a period where there is none."""
_INSTANT = timedelta(microseconds=1)
_Moments = Mapping[str, tuple[datetime | None, datetime | None, datetime | None]]
_NO_MOMENTS: _Moments = {}


def amount(program: Program, tier: Tier | None, given: ByTier) -> int | Share | None:
    """The tier's amount or percentage; a tier that is not named has that of the nearest named one below it."""
    if tier is None:
        return None
    reached = program.document.tiers[: program.document.tiers.index(tier) + 1]
    return next((given.by_tier[held.id] for held in reversed(reached) if held.id in given.by_tier), None)


def rank(program: Program, tier: Tier | None) -> int:
    """The tier's place from below, from 1; 0 for none."""
    return program.document.tiers.index(tier) + 1 if tier else 0


def count(draft: Draft, metric: str, amount: int, at: datetime) -> None:
    """Adds to what tiers count of the draft's participant, in each calendar period that a tier names."""
    assert draft.participant_id
    for every in draft.program.tiers_every.get(metric, ()):
        draft.count(draft.participant_id, _name(draft.program, metric, every, at), 1, amount)


def _name(program: Program, metric: str, every: str, at: datetime) -> str:
    return _labelled(program, metric, calendar.period(at, every, program.zone).label if every else EVER)


def _labelled(program: Program, metric: str, label: str) -> str:
    return f"{COUNTED}{program.key}:{metric}:{label}"


def paid_name(program: Program, tier: Tier, at: datetime) -> str:
    """The name of the counter that says whether reaching the tier was paid in the period."""
    return _name(program, f"reached:{tier.id}", tier.every or "", at)


def was_paid(draft: Draft, whose: str, tier: Tier) -> bool:
    """Whether reaching the tier was paid already: in its period, within the length of its window, or ever."""
    now = draft.event.occurred_at
    if tier.window is None:
        return bool(draft.counter(whose, paid_name(draft.program, tier, now))[0])
    zone = draft.program.zone
    since, until = (calendar.local_day(moment, zone) for moment in (tier.window.before(now, zone), now))
    return any(since < day <= until for day in rolling.days_of(draft, whose, _paid_on(draft.program, tier)))


def note_paid(draft: Draft, whose: str, tier: Tier) -> None:
    """Reaching the tier is paid now, or tried at least."""
    now = draft.event.occurred_at
    name = paid_name(draft.program, tier, now)
    if tier.window:
        name = f"{_paid_on(draft.program, tier)}:{calendar.local_day(now, draft.program.zone)}"
    draft.count(whose, name, 1, int(now.timestamp()))


def _paid_on(program: Program, tier: Tier) -> str:
    return f"{COUNTED}{program.key}:paid:{tier.id}"


def before(moment: datetime) -> datetime:
    """The last instant before a moment."""
    return moment - _INSTANT


def tier_of(draft: Draft, at: datetime | None = None) -> tuple[Tier | None, int]:
    """The highest tier the person holds as the draft stands, at its event's moment or another, and the count that
    decided.

    Counts the referrer's referrals in the program that reached the tier's metric within its window
    before the event, this referral included; or the participant's points or orders.
    """
    referral, document = draft.referral, draft.program.document
    whose = referral.referrer_id if referral else draft.participant_id or ""
    moments: _Moments = draft.state.progress.get((draft.program.id, whose), _NO_MOMENTS)
    if referral:
        won_at = referral.closed_at if referral.state == "closed_won" else None
        moments = {**moments, referral.id: (referral.submitted_at, referral.qualified_at, won_at)}
    at = at or draft.event.occurred_at
    held: dict[str, Tier] = {}
    reached = 0
    best: Tier | None = None
    for place, tier in enumerate(document.tiers):
        reached = _count(draft, tier, whose, moments, at, 0)
        if reached >= tier.from_ or _kept(draft, place, whose, moments, at):
            held[tier.id] = tier
    for tier in document.tiers:
        if tier.id in held and _prerequisites_held(tier, held):
            best = tier
    return best, reached


def _kept(draft: Draft, place: int, whose: str, moments: _Moments, at: datetime) -> bool:
    """Whether the tier is held although its count is not reached, for what was reached in an earlier period: the
    tier itself in the one before, or, falling by one with each, a higher one further back."""
    tiers = draft.program.document.tiers
    tier = tiers[place]
    if tier.downgrade == "keep_until_period_end":
        return _before(draft, tier, whose, moments, at, 1) >= tier.from_
    if tier.downgrade == "one_down":
        higher = enumerate(tiers[place + 1 :], 1)
        return any(_before(draft, one, whose, moments, at, back) >= one.from_ for back, one in higher)
    return False


def _before(draft: Draft, tier: Tier, whose: str, moments: _Moments, at: datetime, back: int) -> int:
    """The tier's count in the calendar period so many before the moment; or the most that its rolling window held at
    any time in the last so many windows."""
    if not tier.window:
        return _count(draft, tier, whose, moments, at, back)
    zone = draft.program.zone
    since = at
    for _ in range(back):
        since = tier.window.before(since, zone)
    steps = sorted([*_counted(draft, tier, moments, at), (since, 0)])
    inside = total = most = 0
    for moment, worth in steps:
        total += worth
        if moment >= since:
            while steps[inside][0] <= tier.window.before(moment, zone):
                total -= steps[inside][1]
                inside += 1
            most = max(most, total)
    return most


def _counted(draft: Draft, tier: Tier, moments: _Moments, until: datetime) -> list[tuple[datetime, int]]:
    """When each of these referrals was counted by then, and for how much, in order."""
    place = _METRIC.get(tier.metric, _METRIC["closed_won_referrals"])
    numbers = tier.metric in _METRIC
    found = ((at, id) for id, row in moments.items() if (at := row[place]) and at <= until)
    return sorted((at, 1 if numbers else _worth(draft, id)) for at, id in found)


def _count(draft: Draft, tier: Tier, whose: str, moments: _Moments, at: datetime, back: int) -> int:
    """The tier's count in the window up to the moment, or in the calendar period around it or so many before."""
    zone = draft.program.zone
    since: datetime | None = None
    until = at
    found = _period_of(tier, at, zone, back)
    of_deals = tier.metric == "revenue" and not draft.program.is_loyalty
    if tier.metric not in _METRIC and not of_deals:
        return draft.counter(whose, _labelled(draft.program, tier.metric, found.label if found else EVER))[1]
    if found:
        since, until = found.start - _INSTANT, min(at, found.end - _INSTANT)
    elif tier.window:
        since = tier.window.before(until, zone)
    if of_deals:
        won = ((id, at) for id, (_, _, at) in moments.items() if at)
        return sum(_worth(draft, id) for id, at in won if at <= until and (since is None or at > since))
    reached = [moment for entry in moments.values() if (moment := entry[_METRIC[tier.metric]])]
    return sum(1 for moment in reached if moment <= until and (since is None or moment > since))


def _period_of(tier: Tier, at: datetime, zone: str, back: int) -> calendar.Period | None:
    """The calendar period around the moment, or so many before, where the tier is counted in such."""
    if not tier.every:
        return None
    found = calendar.period(at, tier.every, zone)
    for _ in range(back):
        found = calendar.preceding(found, tier.every, zone)
    return found


def _worth(draft: Draft, referral_id: str) -> int:
    """What the deal of a won referral was worth, less what was paid back of it, in minor units."""
    mine = draft.referral
    row = mine if mine and mine.id == referral_id else draft.state.referrals.get(referral_id)
    if row is None:
        return draft.state.worth.get(referral_id, 0)
    value = row.value or 0
    return value - min(draft.counter(referral_id, "refunded")[1], value)


def reached_at(draft: Draft, tier: Tier) -> datetime | None:
    """When the draft's participant reached a tier that they hold: in the calendar period for which they hold it, or, of
    a window, since when there was always enough in it. None where that is not known: two participants who both had
    reached it are one now."""
    if draft.program.is_loyalty:
        return _noted_at(draft, tier)
    if tier.every:
        return _reached_in_period(draft, tier)
    zone = draft.program.zone
    steps = _steps(draft, tier)
    inside = total = 0
    since = last = None
    for moment, worth in steps:
        while tier.window and steps[inside][0] <= tier.window.before(moment, zone):
            total -= steps[inside][1]
            inside += 1
        since = since if total >= tier.from_ else None
        total += worth
        if since is None and total >= tier.from_:
            since = last = moment
    return since or last


def _steps(draft: Draft, tier: Tier) -> list[tuple[datetime, int]]:
    """When each of the participant's referrals was counted so far, and for how much, in order."""
    moments = draft.state.progress.get((draft.program.id, draft.participant_id or ""), {})
    return _counted(draft, tier, moments, draft.event.occurred_at)


def _reached_in_period(draft: Draft, tier: Tier) -> datetime | None:
    assert tier.every
    steps = _steps(draft, tier)
    found = calendar.period(draft.event.occurred_at, tier.every, draft.program.zone)
    for _ in range(len(draft.program.document.tiers) + 1):
        total = 0
        for moment, worth in steps:
            total += worth if found.start <= moment < found.end else 0
            if total >= tier.from_:
                return moment
        found = calendar.period(before(found.start), tier.every, draft.program.zone)
    return None


def _noted_at(draft: Draft, tier: Tier) -> datetime | None:
    """The moment that was noted when the tier was reached, in its period or one of those before."""
    assert draft.participant_id
    at = draft.event.occurred_at
    for _ in range(len(draft.program.document.tiers) + 1 if tier.every else 1):
        times, noted = draft.counter(draft.participant_id, paid_name(draft.program, tier, at))
        if times:
            return datetime.fromtimestamp(noted, UTC) if times == 1 else None
        at = before(calendar.period(at, tier.every, draft.program.zone).start) if tier.every else at
    return None


def period_end(draft: Draft) -> datetime | None:
    """When the first calendar period ends in which a tier of the programme is counted."""
    everies = {tier.every for tier in draft.program.document.tiers if tier.every}
    now, zone = draft.event.occurred_at, draft.program.zone
    return min((calendar.period(now, every, zone).end for every in everies), default=None)


def _prerequisites_held(tier: Tier, held: Mapping[str, Tier]) -> bool:
    needed = tier.after
    while needed:
        if needed not in held:
            return False
        needed = held[needed].after
    return True
