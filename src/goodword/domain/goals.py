"""Shared goals: a group's count, the moment it reaches the target, and the rewards of every member.

How far a group is stands in a counter of the group: the program, an account, or an id made of a trait's value. Who
contributed has a counter of their own: `count` is how much, `amount` when first (microseconds since 1970). Reaching
the target sets a timer; each ring gives to a page of members, and sets the next, until all have theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from heapq import nsmallest

from goodword.domain import beside, calendar, ids, rewards, scores
from goodword.domain.draft import Decision, Draft
from goodword.domain.fields import GOAL_REACHED
from goodword.domain.program import GoalSpan, Program
from goodword.domain.rows import ASIDE, Referral, Timer
from goodword.domain.shared import ByTrait, Goal
from goodword.domain.state import State

REACHED: str = GOAL_REACHED
"""The event that gives to a page of members; set as a timer."""
PAGE = 500
"""Members that one event gives to."""
BETWEEN = timedelta(seconds=1)
"""Between two pages, so that other events take their turn."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_THERE = ASIDE | {"disqualified"}


def _name(program: Program, goal: Goal, label: str, prefix: str = "goal") -> str:
    return f"{prefix}:{program.key}:{goal.id}:{label}"


def contributed(program: Program, goal: Goal, label: str, group_id: str) -> str:
    """The name of the counter of what a participant contributed to a group."""
    return f"{_name(program, goal, label)}:{group_id}"


def progress(program: Program, goal: Goal, label: str) -> str:
    """The name of the counter of how far a group is; `amount` is the latest moment of what counted."""
    return _name(program, goal, label, "shared")


def reached_name(program: Program, goal: Goal, label: str) -> str:
    """The name of the counter of a group that says when it reached the goal (`amount`, microseconds since 1970)."""
    return _name(program, goal, label, "reached")


def trait_group(workspace_id: str, trait: str, value: str) -> str:
    """The id of the group of those whose trait has that value."""
    return ids.derive(_EPOCH, workspace_id, "group", trait, value)


def label_at(program: Program, goal: Goal, moment: datetime) -> str:
    """The period of the goal that a moment lies in."""
    return calendar.period(moment, goal.every, program.zone).label if goal.every else "ever"


# Counting


def recount(draft: Draft, before: Referral | None, after: Referral, *, enter: bool) -> None:
    """Brings goals up to what a referral counts for from here on. Only with `enter` it may begin to count, and
    something may be reached or given."""
    for span in draft.program.goals.values():
        if not isinstance(span.goal.metric, str):
            continue
        entered = _entered(draft, span.goal, after)
        if entered is None and enter:
            entered = _enter(draft, span, before, after)
        if entered:
            _recount(draft, span.goal, entered, before, after, enter)


def _recount(
    draft: Draft, goal: Goal, entered: tuple[str, str], before: Referral | None, after: Referral, enter: bool
) -> None:
    program = draft.program
    label, group_id = entered
    own = f"in:{contributed(program, goal, label, group_id)}"
    was, at = draft.counter(after.id, own)
    now, owner = scores.score(draft, goal.metric, after), before.referrer_id if before else after.referrer_id
    moved = owner != after.referrer_id
    if now == was and not (moved and now):
        return
    draft.count(after.id, own, now - was, 0)
    _advance(draft, goal, entered, now - was, at)
    if moved:
        _contribute(draft, owner, contributed(program, goal, label, group_id), -was, 0)
        was = 0
    _contribute(draft, after.referrer_id, contributed(program, goal, label, group_id), now - was, at)
    if enter:
        _heard(draft, goal, entered, after.referrer_id, now - was, at)


def add(draft: Draft, goal: Goal, entered: tuple[str, str], participant_id: str, change: int, at: int) -> None:
    """Changes what a participant contributed to a period's group by a fact of that moment."""
    label, group_id = entered
    _advance(draft, goal, entered, change, at)
    _contribute(draft, participant_id, contributed(draft.program, goal, label, group_id), change, at)
    _heard(draft, goal, entered, participant_id, change, at)


def _advance(draft: Draft, goal: Goal, entered: tuple[str, str], change: int, at: int) -> None:
    """Brings the group's counter on: how far it is, and the latest moment of what counted."""
    label, group_id = entered
    name = progress(draft.program, goal, label)
    latest = draft.counter(group_id, name)[1]
    draft.count(group_id, name, change, max(at - latest, 0) if change > 0 else 0)


def _heard(draft: Draft, goal: Goal, entered: tuple[str, str], participant_id: str, change: int, at: int) -> None:
    """What a change means: the goal may be reached, or what was reached is theirs too."""
    label, group_id = entered
    _show(draft, goal, label, group_id, change)
    reached = _reached(draft, goal, label, group_id)
    if reached and change > 0:
        _offer(draft, goal, label, reached, participant_id, scores.from_micros(at))
    elif not reached and draft.counter(group_id, progress(draft.program, goal, label))[0] >= goal.target:
        _reach(draft, goal, label, group_id)


def _show(draft: Draft, goal: Goal, label: str, group_id: str, change: int) -> None:
    count = draft.counter(group_id, progress(draft.program, goal, label))[0]
    line = {"goal": goal.id, "change": change, "count": count, "target": goal.target}
    draft.trace["goals"] = [*draft.trace.get("goals", ()), line]


def _entered(draft: Draft, goal: Goal, row: Referral) -> tuple[str, str] | None:
    """The period and group that a referral counts for, if it was entered before."""
    prefix = f"in:{_name(draft.program, goal, '')}"
    for name in draft.state.counters.get(row.id, ()):
        if name.startswith(prefix):
            label, _, group_id = name.removeprefix(prefix).partition(":")
            return label, group_id
    return None


def _enter(draft: Draft, span: GoalSpan, before: Referral | None, after: Referral) -> tuple[str, str] | None:
    goal = span.goal
    moment = scores.arrived(draft, before, after, span.start, span.end, goal)
    if moment is None:
        return None
    group_id = group_of(draft, goal, after.referrer_id)
    if not group_id:
        return None
    label = label_at(draft.program, goal, moment)
    draft.count(after.id, f"in:{contributed(draft.program, goal, label, group_id)}", 0, scores.micros(moment))
    return label, group_id


def group_of(draft: Draft, goal: Goal, participant_id: str) -> str:
    """The group that a participant is in now; '' for none."""
    if goal.group == "program":
        return draft.program.id
    person = draft.person(participant_id)
    if goal.group == "account":
        return (person.account_id if person else None) or ""
    assert isinstance(goal.group, ByTrait)
    if known := draft.concluded(goal.id):
        return str(known["read"]["group"])
    value = person.traits.get(goal.group.trait) if person else None
    if not isinstance(value, str) or not value:
        return ""
    found = trait_group(draft.state.workspace_id, goal.group.trait, value)
    root = "referrer" if isinstance(goal.metric, str) else "participant"
    read = {f"{root}.traits.{goal.group.trait}": value, "group": found}
    draft.trace["checks"] = [*draft.trace.get("checks", ()), {"code": goal.id, "ok": True, "read": read}]
    return found


def _contribute(draft: Draft, participant_id: str, name: str, change: int, at: int) -> None:
    first = draft.counter(participant_id, name)[1]
    draft.count(participant_id, name, change, at - first if at and (not first or at < first) else 0)


def _reached(draft: Draft, goal: Goal, label: str, group_id: str) -> datetime | None:
    """When the group reached the goal, if it did before this event."""
    times, at = draft.state.counter(group_id, reached_name(draft.program, goal, label))
    return scores.from_micros(at) if times else None


def _reach(draft: Draft, goal: Goal, label: str, group_id: str) -> None:
    """The goal is reached: at the moment of this fact, or of a later one that counted and was heard of before, so
    that nobody who brought it there came after it."""
    now = draft.event.occurred_at
    latest = draft.counter(group_id, progress(draft.program, goal, label))[1]
    at = max(now, scores.from_micros(latest))
    draft.count(group_id, reached_name(draft.program, goal, label), 1, scores.micros(at))
    draft.trace["goals"][-1]["reached"] = True
    detail = {"goal": goal.id, "period": label, "group": group_id, "reached_at": at.isoformat(), "after": ""}
    draft.effects.append(_timer(draft, now, detail))
    payload = {"program": draft.program.key, "goal": goal.id, "period": label}
    draft.notify(REACHED, f"{draft.program.id}:{goal.id}:{label}:{group_id}", payload)


def _timer(draft: Draft, due_at: datetime, detail: dict[str, str]) -> Timer:
    parts = (detail["goal"], detail["period"], detail["group"], detail["after"])
    id = ids.derive(due_at, draft.state.workspace_id, "timer", REACHED, draft.program.id, *parts)
    return Timer(id, REACHED, due_at, draft.program.id, None, None, detail)


# Giving


def join(draft: Draft, participant_id: str, moment: datetime) -> None:
    """Somebody got a link or submitted a referral: what was reached before is theirs too, where that is the rule."""
    for span in draft.program.goals.values():
        goal = span.goal
        if goal.members != "participants" or (draft.event.simulated and not draft.program.document.test):
            continue
        group_id = group_of(draft, goal, participant_id)
        label = label_at(draft.program, goal, draft.event.occurred_at)
        reached = _reached(draft, goal, label, group_id) if group_id else None
        if reached and (stopped := draft.stopped(begun=False)):
            _withhold(draft, goal, label, participant_id, stopped)
        elif reached:
            _offer(draft, goal, label, reached, participant_id, moment)


def _withhold(draft: Draft, goal: Goal, label: str, participant_id: str, reason: str) -> None:
    """Who comes while the program does not run gets nothing that others have reached."""
    if goal.late == "give" and not draft.counter(participant_id, _name(draft.program, goal, label, "given"))[0]:
        refused = {"ok": False, "to": "participant", "reason": reason, "participant": participant_id}
        lines = [{"rule": share.id, **refused} for share in goal.rewards]
        draft.trace["rewards"] = [*draft.trace.get("rewards", ()), *lines]


def _offer(draft: Draft, goal: Goal, label: str, reached: datetime, participant_id: str, moment: datetime) -> None:
    """Gives what was reached to who became a member at that moment."""
    if goal.late == "give" or moment <= reached:
        _give(draft, goal, label, participant_id)


def _give(draft: Draft, goal: Goal, label: str, participant_id: str) -> bool:
    """Gives a member the rewards, once for the period. Gives whether they had none yet."""
    given = _name(draft.program, goal, label, "given")
    if draft.counter(participant_id, given)[0]:
        return False
    draft.count(participant_id, given, 1, 0)
    for share in goal.rewards:
        rewards.give(draft, draft.program.rules[share.id], participant_id, label)
    return True


def hand_out(draft: Draft, ring: Timer) -> Decision:
    """Gives to a page of members, in the order of their ids, and sets a timer for the next page."""
    detail = dict(ring.detail)
    span = draft.program.goals.get(detail["goal"])
    draft.trace["goal"] = {"id": detail["goal"]}
    if span is None:
        return draft.no("superseded")
    page = draft.state.rolls.get(ring.id)
    if page is None:
        page = members(draft.state, draft.program, span.goal, ring)
    number = sum(_give(draft, span.goal, detail["period"], id) for id in page)
    draft.trace["goal"] = {"id": detail["goal"], "period": detail["period"], "members": number}
    if len(page) == PAGE:
        draft.effects.append(_timer(draft, ring.due_at + BETWEEN, {**detail, "after": page[-1]}))
    return draft.yes("goal_reached")


def members(state: State, program: Program, goal: Goal, ring: Timer) -> Sequence[str]:
    """The next page of who was a member when the goal was reached, from a state that knows everybody. The engine
    reads the same from its tables (`engine.rolls`)."""
    group_id, after = ring.detail["group"], ring.detail["after"]
    reached_at = datetime.fromisoformat(ring.detail["reached_at"])
    name = contributed(program, goal, ring.detail["period"], group_id)
    found = set(_contributors(state, name, scores.micros(reached_at)))
    if goal.members == "participants":
        found |= {
            id
            for id in _participants(state, program, reached_at)
            if goal.group == "program" or state.participants[id].account_id == group_id
        }
    return nsmallest(PAGE, (id for id in found if id > after))


def _contributors(state: State, name: str, by: int) -> Iterable[str]:
    for id in state.participants:
        count, first = state.counter(id, name)
        if count > 0 and first <= by:
            yield id


def _participants(state: State, program: Program, by: datetime) -> Iterable[str]:
    for link in state.links.values():
        if beside.shares(state, program, link.program_id) and link.created_at <= by:
            yield link.participant_id
    for row in state.referrals.values():
        if row.program_id == program.id and row.submitted_at <= by and row.state not in _NOT_THERE:
            yield row.referrer_id
