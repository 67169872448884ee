"""Caps and budgets: what they leave of a reward, the places that rewards take in them, and who waits for one.

A limit that says `waitlist` has a line for each of its subjects. Who comes last stands last; nobody is overtaken,
not even by a reward small enough to fit. A counter of the subject keeps the line (`line:` and the limit's counter):
how many ever joined, and how many have left. So the first in line is known without looking for it: its timer's id is
made from its ticket. Only the first one's timer is due, at the next moment at which there may be room; one that
leaves the line wakes the one behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from goodword.domain import calendar, campaigns, own_waiting, places, rolling, timers, waiting
from goodword.domain.bounds import Limit
from goodword.domain.draft import Draft
from goodword.domain.program import Bound, Program
from goodword.domain.rows import BEHIND, Referral, Reward, Timer, Wake, WakeLines
from goodword.domain.rules import Rule
from goodword.domain.state import WAITED


def leave(
    draft: Draft, rule: Rule, occurrence: str, amount: int | None, unit: str, line: dict[str, Any]
) -> tuple[int | None, str]:
    """The amount that the limits leave, and '' or the reason why there is none."""
    referral = draft.referral
    for bound in _bounds(draft.program, rule.id, line.get("campaigns", ())):
        limit = bound.limit
        if limit.budget is not None and (amount is None or unit != bound.unit):
            continue
        subject = _subject(draft, limit, referral)
        number, sum = _used(draft, subject, bound, draft.event.occurred_at)
        used, more, most = (number, 1, limit.count) if limit.count is not None else (sum, amount or 0, limit.budget)
        cap, ahead = most or 0, 0
        if limit.when_reached == "waitlist":
            cap, ahead = _raised(draft, bound, cap), _ahead(draft, subject, bound)
        if draft.program.campaign_spans:
            cap += campaigns.more_room(draft, limit)
        if used + more <= cap and not ahead:
            continue
        line["limit"] = {
            "per": limit.per,
            "period": limit.every or (limit.within.text if limit.within else None),
            "used": used,
            "limit": cap,
            "unit": "" if limit.count is not None else unit,
        }
        if limit.when_reached == "partial" and used < cap:
            amount = cap - used
            continue
        if limit.when_reached == "waitlist":
            if not _wait(draft, rule, occurrence, subject, bound):
                return None, "cap_reached"
            line["place"] = ahead + 1
            return None, "waitlisted"
        return None, "cap_reached"
    return amount, ""


def let_through(draft: Draft, rule: Rule, amount: int, unit: str, changed_by: Iterable[str]) -> int:
    """What budgets that give a part would leave of an amount."""
    for bound in _bounds(draft.program, rule.id, changed_by):
        if bound.limit.when_reached == "partial" and unit == bound.unit:
            subject = _subject(draft, bound.limit, draft.referral)
            cap = (bound.limit.budget or 0) + campaigns.more_room(draft, bound.limit)
            amount = min(amount, max(cap - _used(draft, subject, bound, draft.event.occurred_at)[1], 0))
    return amount


class Use(NamedTuple):
    """How far a limit is used: rewards, or an amount in its unit, and how many stand in line for it."""

    used: int
    cap: int
    waiting: int


def use(draft: Draft, bound: Bound, subject: str) -> Use:
    """How far a limit is used for a subject at the moment of the draft, without what campaigns add to it."""
    limit = bound.limit
    number, sum = _used(draft, subject, bound, draft.event.occurred_at)
    joined, left = _line(draft, subject, bound.counter)
    used, cap = (sum, limit.budget) if limit.count is None else (number, limit.count)
    return Use(used, cap or 0, joined - left)


def count(draft: Draft, reward: Reward, referral: Referral | None, sign: int) -> None:
    """Takes, or gives back, the reward's place in every limit it counts against; who waits first for one that is
    given back has a turn. Limits that differ only in how much they allow share one counter, which counts the reward
    once."""
    program = draft.state.versions[reward.version_id]
    campaigns.count(draft, reward, sign)
    account = ""
    bounds = _bounds(program, reward.rule, reward.gift.get("campaigns", ()))
    for bound in {bound.counter: bound for bound in bounds}.values():
        amount = (reward.amount or 0) if reward.unit == bound.unit else 0
        name = _counter_name(program, bound, reward.granted_at)
        if referral and bound.limit.per == "account":
            subject = account = account or places.account(draft, referral, reward.rule, sign)
        else:
            subject = _subject(draft, bound.limit, referral)
        draft.count(subject, name, sign, sign * amount)
        now = draft.event.occurred_at
        if sign < 0 and (bound.limit.within or name == _counter_name(program, bound, now)):
            _wake(draft, subject, bound.counter, now)


def _bounds(program: Program, rule: str, changed_by: Iterable[str]) -> Iterable[Bound]:
    """The limits that a rule's reward counts against; one per campaign counts apart for each that changed it."""
    return _by_campaign(program, rule, changed_by) if program.limits_campaigns else program.limits_on[rule]


def _by_campaign(program: Program, rule: str, changed_by: Iterable[str]) -> Iterator[Bound]:
    for bound in program.limits_on[rule]:
        if bound.limit.per != "campaign":
            yield bound
            continue
        for id in changed_by:
            if bound.limit.campaigns is None or id in bound.limit.campaigns:
                yield bound._replace(counter=f"{bound.counter}:{id}")


def _subject(draft: Draft, limit: Limit, referral: Referral | None) -> str:
    if limit.per in ("program", "campaign"):
        return draft.program.id
    if referral is None:
        assert draft.participant_id
        return draft.participant_id
    if limit.per == "referred":
        return referral.referred_id
    return places.present_account(draft, referral) if limit.per == "account" else referral.referrer_id


def _counter_name(program: Program, bound: Bound, at: datetime) -> str:
    if not bound.every:
        return f"{bound.counter}:ever"
    return f"{bound.counter}:{calendar.period(at, bound.every, program.zone).label}"


def _used(draft: Draft, subject: str, bound: Bound, at: datetime) -> tuple[int, int]:
    """How many rewards, and how much, count against the limit at the moment."""
    if bound.limit.within is None:
        return draft.counter(subject, _counter_name(draft.program, bound, at))
    today = calendar.local_day(at, draft.program.zone)
    days = rolling.days_of(draft, subject, bound.counter)
    return rolling.most(days, today, bound.limit.within.days)


def _raised(draft: Draft, bound: Bound, own: int) -> int:
    """How much a limit with a line allows: the live version's cap where that was raised since."""
    live = draft.state.programs.get(draft.program.id)
    return max(own, live.caps.get(bound.counter, 0)) if live else own


def raised(before: Program, now: Program, at: datetime) -> WakeLines | None:
    """The lines that a publish gives a turn: of limits that allow more than before."""
    lines = tuple(name for name, cap in now.caps.items() if cap > before.caps.get(name, -1))
    return WakeLines(now.id, lines, at) if lines else None


# The line


def _line(draft: Draft, subject: str, counter: str) -> tuple[int, int]:
    """How many ever joined the line, and how many have left it."""
    return draft.counter(subject, f"line:{counter}")


def _is_turn(draft: Draft, subject: str, bound: Bound) -> bool:
    turn = draft.turn
    return turn is not None and (turn.detail["subject"], turn.detail["line"]) == (subject, bound.counter)


def _ahead(draft: Draft, subject: str, bound: Bound) -> int:
    """How many wait before this reward may have a place."""
    if _is_turn(draft, subject, bound):
        return 0
    joined, left = _line(draft, subject, bound.counter)
    return joined - left


def _wait(draft: Draft, rule: Rule, occurrence: str, subject: str, bound: Bound) -> bool:
    """The reward stands in line: at the end, or still first where this was its turn. Gives whether it does: of one
    referral only so many may wait."""
    if _is_turn(draft, subject, bound):
        assert draft.turn
        draft.effects.append(draft.turn._replace(due_at=_next_chance(draft, subject, bound)))
        draft.stays = True
        return True
    told = _kept(draft, rule)
    if told is None:
        return False
    joined, left = _line(draft, subject, bound.counter)
    first = joined == left
    due_at = _next_chance(draft, subject, bound) if first else BEHIND
    draft.count(subject, f"line:{bound.counter}", 1, 0)
    if draft.referral and draft.past:
        draft.count(draft.referral.id, f"{WAITED}{draft.program.number}", 1, 0)
    draft.effects.append(timers.waitlist(draft, due_at, rule, occurrence, (subject, bound.counter, joined + 1), told))
    draft.waits = True
    return True


def _kept(draft: Draft, rule: Rule) -> dict[str, Any] | None:
    """What the place in line is for, as its timer tells it, with the event that is kept for the turn; None where too
    many wait."""
    own = own_waiting.is_earned(draft, rule)
    fact = own_waiting.keep(draft, rule) if own else ""
    if not own and waiting.is_for_event(draft, rule):
        fact = waiting.keep(draft, rule)
    if fact is None:
        return None
    told = {} if draft.referral else own_waiting.of_turn(draft)
    return {**told, "fact": fact} if fact else told


def _next_chance(draft: Draft, subject: str, bound: Bound) -> datetime:
    """When there may be room next without anybody's doing."""
    now, limit, zone = draft.event.occurred_at, bound.limit, draft.program.zone
    at = timers.NO_TURN_KNOWN
    if limit.every:
        at = calendar.period(now, limit.every, zone).end
    elif limit.within:
        days = rolling.days_of(draft, subject, bound.counter)
        day = rolling.next_room(days, calendar.local_day(now, zone), limit.within.days)
        at = calendar.start_of(day, zone)
    return campaigns.next_extension(draft, limit, at)


def _wake(draft: Draft, subject: str, counter: str, at: datetime) -> None:
    """The first in line, if anybody is, has a turn."""
    joined, left = _line(draft, subject, counter)
    if joined > left:
        draft.effects.append(Wake(timers.waitlist_id(draft.state.workspace_id, subject, counter, left + 1), at))


def step_out(draft: Draft, turn: Timer) -> None:
    """Who had a turn leaves the line, and the one behind has theirs."""
    subject, counter = turn.detail["subject"], turn.detail["line"]
    draft.count(subject, f"line:{counter}", 0, 1)
    _wake(draft, subject, counter, draft.event.occurred_at)


def behind(workspace_id: str, turn: Timer, most: int) -> list[str]:
    """The ids that the timers of the next ones behind in the same line have, if there are so many."""
    if "ticket" not in turn.detail:
        return []
    subject, counter, ticket = (turn.detail[name] for name in ("subject", "line", "ticket"))
    return [timers.waitlist_id(workspace_id, subject, counter, ticket + step) for step in range(1, most + 1)]
