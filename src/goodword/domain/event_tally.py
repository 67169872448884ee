"""What events about people count for in shared goals and contests, where the metric names a type of event.

What an order counted for stands in counters of the order, under the name that a refund gives it too: of each goal or
contest how much (`in:…`: `count`) and when (`amount`, microseconds since 1970), and how much it would be without any
refund, beside what the order was worth in its own currency (`worth:…`). What was paid back is noted as well, so that an
order may be heard of after its refund. What names no order counts for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from goodword.domain import contests, goals, money, scores, values
from goodword.domain.draft import Decision, Draft
from goodword.domain.events import Event
from goodword.domain.orders import REFUNDED, order_id
from goodword.domain.program import ContestSpan, GoalSpan, Program
from goodword.domain.rows import Count, Merge
from goodword.domain.shared import Contest, EventMetric, Goal
from goodword.domain.state import State

Span = GoalSpan | ContestSpan


class _Place(NamedTuple):
    """Where something counts: a contest, or a goal's period and group; `name` is the counter of a participant."""

    span: Span
    name: str
    label: str = ""
    group_id: str = ""


def counted(
    state: State, event: Event, program: Program, participant_id: str | None, decision: Decision | None
) -> Decision | None:
    """The program's decision about an event, or none as yet, with what the event counts for in its live version."""
    if participant_id is None or (event.simulated and not program.document.test):
        return decision
    draft = _draft(state, event, program, participant_id, decision)
    again = event.type == REFUNDED and _give_back(draft)
    refused = [_enter(draft, span, metric) for span, metric in _spans(program) if metric.event == event.type]
    refused = [reason for reason in refused if reason]
    if not (draft.effects or refused):
        return decision
    if event.type == REFUNDED:
        nothing = "nothing_to_reverse" if again else "kept_for_later"
    else:
        nothing = refused[-1] if refused else "reversed_while_waiting"
    return _concluded(draft, decision, nothing)


def _concluded(draft: Draft, decision: Decision | None, nothing: str) -> Decision:
    """The decision with what the draft counted; `nothing` is the reason where that came to nothing."""
    shown = any(name in draft.trace for name in ("goals", "contests"))
    if nothing == "nothing_to_reverse" and not draft.trace:
        draft.trace["reversal"] = []
    found = decision or draft.no(nothing)
    found = found._replace(effects=(*(decision.effects if decision else ()), *draft.effects), trace=draft.trace)
    if any(line["ok"] and line.get("participant") for line in draft.trace.get("rewards", ())):
        return found._replace(outcome="yes", reason="rewarded")
    return found._replace(outcome="yes", reason="tallied") if shown and found.outcome == "no" else found


def _draft(
    state: State, event: Event, program: Program, participant_id: str | None, decision: Decision | None
) -> Draft:
    """A draft that knows what the decision has counted so far."""
    draft = Draft(state, event, program, participant_id, trace=dict(decision.trace) if decision else {})
    for effect in decision.effects if decision else ():
        if isinstance(effect, Count):
            draft.count(effect.subject_id, effect.name, effect.number, effect.amount)
    draft.effects = []
    return draft


def _spans(program: Program) -> Iterator[tuple[Span, EventMetric]]:
    for contest in program.contests.values():
        if isinstance(contest.contest.metric, EventMetric):
            yield contest, contest.contest.metric
    for goal in program.goals.values():
        if isinstance(goal.goal.metric, EventMetric):
            yield goal, goal.goal.metric


# Counting


def _enter(draft: Draft, span: Span, metric: EventMetric) -> str:
    """Counts the event, where it is within the time. Gives the reason why it did not count though it was."""
    moment = draft.event.occurred_at
    if (span.start and moment < span.start) or (span.end and moment >= span.end) or _closed(draft, span):
        return ""
    part = _part(span)
    if part.when and draft.check(part.id, part.when):
        return "condition_not_met"
    amount = _worth(draft, metric)
    place = _place(draft, span)
    if not amount or place is None:
        return ""
    if stopped := _stopped(draft, place):
        return stopped
    at = scores.micros(moment)
    if isinstance(span, ContestSpan):
        contests.entered(draft, span)
    if order := _order(draft):
        amount, at = _of_order(draft, order, place, amount, at)
    _change(draft, place, amount, at)
    return ""


def _stopped(draft: Draft, place: _Place) -> str:
    """Why nothing counts now, or ''. In a pause those count on who were in the contest, or in the goal's period,
    before."""
    stopped = draft.stopped(begun=False)
    was_in = stopped == "program_paused" and draft.counter(draft.participant_id or "", place.name) != (0, 0)
    return "" if was_in else stopped


def _order(draft: Draft) -> str | None:
    """Our id of the order that the event names."""
    return order_id(draft.state.workspace_id, draft.event)


def _closed(draft: Draft, span: Span) -> bool:
    return isinstance(span, ContestSpan) and contests.is_final(draft, span.contest)


def _worth(draft: Draft, metric: EventMetric) -> int:
    """What the event counts for: 1, or a property of it; its value in the program's currency. 0 where that is not
    known."""
    if metric.count:
        return 1
    if metric.of == "value":
        return values.of_event(draft).amount or 0
    told = draft.event.properties.get(metric.of)
    return told if type(told) is int and 0 <= told <= money.MAX_AMOUNT else 0


def _place(draft: Draft, span: Span) -> _Place | None:
    """Where the event counts; of an order that counted before, where it did then."""
    if isinstance(span, ContestSpan):
        return _Place(span, contests.counter(draft.program, span.contest))
    known = next(_known(draft, span), None)
    if known:
        return known
    assert draft.participant_id
    group_id = goals.group_of(draft, span.goal, draft.participant_id)
    label = goals.label_at(draft.program, span.goal, draft.event.occurred_at)
    if not group_id:
        return None
    return _Place(span, goals.contributed(draft.program, span.goal, label, group_id), label, group_id)


def _known(draft: Draft, span: Span) -> Iterator[_Place]:
    """Where the draft's order counted before, in this contest or goal."""
    order = _order(draft)
    if order is None:
        return
    if isinstance(span, ContestSpan):
        name = contests.counter(draft.program, span.contest)
        if draft.counter(order, f"in:{name}")[1]:
            yield _Place(span, name)
        return
    prefix = f"in:{goals.contributed(draft.program, span.goal, '', '')}".removesuffix(":").removesuffix(":") + ":"
    for name in sorted(draft.state.counters.get(order, ())):
        if name.startswith(prefix):
            label, _, group_id = name.removeprefix(prefix).partition(":")
            yield _Place(span, name.removeprefix("in:"), label, group_id)


def _of_order(draft: Draft, order: str, place: _Place, amount: int, at: int) -> tuple[int, int]:
    """Adds to what the order counts for. Gives the change of its score, less what was paid back of it, and when."""
    value, currency = _money(draft)
    draft.count(order, f"worth:{currency}:{place.name}", amount, value)
    was, first = draft.counter(order, f"in:{place.name}")
    change = _left(draft, order, place, currency) - was
    draft.count(order, f"in:{place.name}", change, 0 if first else at)
    return change, first or at


def _money(draft: Draft) -> tuple[int, str]:
    """What the event says of money, in its own currency: minor units."""
    value, currency = draft.event.properties.get("value"), draft.event.properties.get("currency")
    return value if type(value) is int else 0, currency if isinstance(currency, str) else ""


def _left(draft: Draft, order: str, place: _Place, currency: str) -> int:
    """What the order still counts for: of a sum the share that was not paid back, rounded half to even; of a count
    all, until all of it was paid back."""
    whole, value = draft.counter(order, f"worth:{currency}:{place.name}")
    back = min(draft.counter(order, _back(draft, currency))[1], value)
    if not value or not back:
        return whole
    part = _part(place.span)
    assert isinstance(part.metric, EventMetric)
    if part.metric.count:
        return 0 if back == value else whole
    return whole - money.share(whole, back, value)


def _back(draft: Draft, currency: str) -> str:
    """The counter of an order that knows what was paid back of it; tiers by revenue have one of their own (`back:`)."""
    return f"given_back:{draft.program.key}:{currency}"


def _give_back(draft: Draft) -> bool:
    """A refund: what its order counted for becomes less, while a contest is not final. Gives whether the order is
    known."""
    order, known = _order(draft), False
    if order is None:
        return False
    value, currency = _money(draft)
    draft.count(order, _back(draft, currency), 1, value)
    for span, _ in _spans(draft.program):
        for place in () if _closed(draft, span) else list(_known(draft, span)):
            known = True
            was, at = draft.counter(order, f"in:{place.name}")
            if not draft.counter(order, f"worth:{currency}:{place.name}")[0]:
                continue  # another currency than the order's
            change = _left(draft, order, place, currency) - was
            if change and draft.counter(draft.participant_id or "", place.name)[0] + change >= 0:
                draft.count(order, f"in:{place.name}", change, 0)
                _change(draft, place, change, at)
    return known


def _change(draft: Draft, place: _Place, change: int, at: int) -> None:
    assert draft.participant_id
    if not change:
        return
    if isinstance(place.span, ContestSpan):
        contests.add(draft, place.span.contest, draft.participant_id, change, at)
    else:
        goals.add(draft, place.span.goal, (place.label, place.group_id), draft.participant_id, change, at)


# Who is who


def moved(state: State, event: Event, program: Program, decision: Decision) -> Decision:
    """The same decision about who is who, with what events counted for going where their person goes; and with the
    moments of all scores, as far as a referral that goes over does not bring its own."""
    draft = _draft(state, event, program, None, decision)
    merges = [effect for effect in decision.effects if isinstance(effect, Merge)]
    spans: list[Span] = [*program.contests.values(), *program.goals.values()]
    for merge in merges:
        for span in spans:
            if _closed(draft, span):
                continue
            by_event = isinstance(_part(span).metric, EventMetric)
            for name in _names(draft, span, merge) if by_event or len(merges) == 1 else ():
                (_take_apart if merge.split_at else _bring_over)(draft, merge, name, by_event)
    return decision._replace(effects=(*decision.effects, *draft.effects))


def _part(span: Span) -> Goal | Contest:
    return span.goal if isinstance(span, GoalSpan) else span.contest


def _names(draft: Draft, span: Span, merge: Merge) -> list[str]:
    """The counters of the merged participant in a contest or goal."""
    if isinstance(span, ContestSpan):
        return [contests.counter(draft.program, span.contest)]
    prefix = goals.contributed(draft.program, span.goal, "", "").removesuffix(":").removesuffix(":") + ":"
    known: Mapping[str, Any] = draft.state.counters.get(merge.merged_id, {})
    return sorted({name.removeprefix("gone:") for name in known if name.removeprefix("gone:").startswith(prefix)})


def _bring_over(draft: Draft, merge: Merge, name: str, by_event: bool) -> None:
    """What is needed to take it apart again stands in counters of the merged one: `gone:` score and moment, `met:` the
    survivor's moment as it became (`count`) and as it was (`amount`)."""
    know = draft.counter if by_event else draft.state.counter
    score, at = know(merge.merged_id, name)
    if not (score or at):
        return
    own = know(merge.survivor_id, name)[1]
    _put(draft, merge.merged_id, name, 0, 0)
    _put(draft, merge.merged_id, f"gone:{name}", score if by_event else 0, at)
    if by_event:
        draft.count(merge.survivor_id, name, score, _of_both(name, own, at) - own)
    _put(draft, merge.merged_id, f"met:{name}", draft.counter(merge.survivor_id, name)[1], own)


def _take_apart(draft: Draft, merge: Merge, name: str, by_event: bool) -> None:
    """The moments are again what they were, unless more counted since."""
    score, at = draft.counter(merge.merged_id, f"gone:{name}")
    if not (score or at):
        return
    became, own = draft.counter(merge.merged_id, f"met:{name}")
    theirs, moment = draft.counter(merge.survivor_id, name)
    back = min(score, theirs)
    keeps = moment != became or (theirs > back and not own)
    _put(draft, merge.survivor_id, name, theirs - back, moment if keeps else own)
    mine, came = draft.counter(merge.merged_id, name)
    _put(draft, merge.merged_id, name, mine + back, at if by_event else _of_both(name, came, at))
    _put(draft, merge.merged_id, f"gone:{name}", 0, 0)
    _put(draft, merge.merged_id, f"met:{name}", 0, 0)


def _put(draft: Draft, subject_id: str, name: str, count: int, amount: int) -> None:
    """A counter becomes this."""
    before = draft.counter(subject_id, name)
    if before != (count, amount):
        draft.count(subject_id, name, count - before[0], amount - before[1])


def _of_both(name: str, one: int, other: int) -> int:
    """The moment of two scores together: of a contest reached when the later of both was, of a goal begun with the
    first. 0 is none."""
    if not (one and other):
        return one or other
    return max(one, other) if name.startswith("contest:") else min(one, other)
