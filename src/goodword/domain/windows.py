"""What people did within a time, as a document counts it under `history`: events of a type, or the sum of a property.

Each day of a person has a counter of its own (`done:`), for the days of the live version's time zone, so that a window
of any length is a sum of days. What an order counted for, and on which day, is kept under the order: a refund takes it
back on that very day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from goodword.domain import calendar, fx, money
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.history import HistoryCount
from goodword.domain.orders import REFUNDED, order_id
from goodword.domain.program import Program
from goodword.domain.rows import Count
from goodword.domain.state import DONE, State

ORDER = "order.completed"
_DAY = len("2026-01-31")


class _Done(NamedTuple):
    """What a person did on a day: how often, and how much it adds up to."""

    number: int
    amount: int


def noted(state: State, event: Event, participant_id: str) -> list[Count]:
    """What the event adds to the counts of live programs about the participant, or takes back."""
    found: list[Count] = []
    for program in state.programs.values():
        for entry in program.counts.get(event.type, ()):
            if entry.event == event.type:
                found += _add(state, event, program, entry, participant_id)
            else:
                found += _take_back(state, event, program, entry, participant_id)
    return found


def read(draft: Draft) -> Mapping[str, int]:
    """By its id, each count of the draft's program, for the person it is about at the moment of the event."""
    return {entry.id: _counted(draft, entry) for entry in draft.program.document.history}


def _add(state: State, event: Event, program: Program, entry: HistoryCount, participant_id: str) -> Iterable[Count]:
    day = calendar.local_day(event.occurred_at, program.zone)
    worth = _worth(state, event, program, entry.of, day)
    if entry.sum and not worth:
        return
    yield Count(participant_id, _name(program, entry, day), 1, worth if entry.sum else 0)
    order = order_id(state.workspace_id, event) if event.type == ORDER and entry.of == "value" else None
    if order and worth:
        name = _name(program, entry)
        yield Count(order, name, 0 if state.counter(order, name)[0] else day.toordinal(), worth)


def _take_back(
    state: State, event: Event, program: Program, entry: HistoryCount, participant_id: str
) -> Iterable[Count]:
    """A refund: off the day of its order, no more than that gave; one whose order nobody knows is off its own day."""
    order, name = order_id(state.workspace_id, event), _name(program, entry)
    ordinal, left = state.counter(order, name) if order else (0, 0)
    day = date.fromordinal(ordinal) if ordinal else calendar.local_day(event.occurred_at, program.zone)
    back = _worth(state, event, program, "value", day)
    if order and ordinal:
        back = min(back, left)
        yield Count(order, name, 0, -back)
    number = -1 if ordinal and entry.count and back and back == left else 0
    amount = -back if entry.sum else 0
    if number or amount:
        yield Count(participant_id, _name(program, entry, day), number, amount)


def _counted(draft: Draft, entry: HistoryCount) -> int:
    referral = draft.referral
    subject_id = draft.participant_id
    if referral:
        subject_id = referral.referrer_id if entry.whose == "referrer" else referral.referred_id
    today = calendar.local_day(draft.event.occurred_at, draft.program.zone)
    first = _first_day(draft, entry, today)
    days = [counted for day, counted in _days(draft, entry, subject_id or "") if first <= day <= today]
    days += [day for event in draft.later(subject_id) for day in _not_yet(draft, entry, event, today)]
    if draft.opening and entry.event == draft.event.type:
        days += _less(draft, entry, draft.event, today)
    return max(sum(day.amount if entry.sum else day.number for day in days), 0)


def _first_day(draft: Draft, entry: HistoryCount, today: date) -> date:
    if entry.within:
        return today - timedelta(days=entry.within.days - 1)
    if entry.every:
        zone = draft.program.zone
        return calendar.local_day(calendar.period(draft.event.occurred_at, entry.every, zone).start, zone)
    return date.min


def _days(draft: Draft, entry: HistoryCount, subject_id: str) -> Iterable[tuple[date, _Done]]:
    prefix = f"{_name(draft.program, entry)}:"
    for name, used in draft.state.counters.get(subject_id, {}).items():
        if name.startswith(prefix) and len(name) == len(prefix) + _DAY:
            yield date.fromisoformat(name.removeprefix(prefix)), _Done(*used)


def _not_yet(draft: Draft, entry: HistoryCount, event: Event, today: date) -> Iterable[_Done]:
    """What is counted already of an event that happened only after the moment of the draft, and must not be seen."""
    if event.type == entry.event and calendar.local_day(event.occurred_at, draft.program.zone) == today:
        yield from _less(draft, entry, event, today)
    elif event.type == REFUNDED and entry.event == ORDER and entry.sum and entry.of == "value":
        yield _Done(0, _worth(draft.state, event, draft.program, "value", today))


def _less(draft: Draft, entry: HistoryCount, event: Event, today: date) -> Iterable[_Done]:
    yield _Done(-1, -_worth(draft.state, event, draft.program, entry.of, today))


def _name(program: Program, entry: HistoryCount, day: date | None = None) -> str:
    """The counter of a person's day, or, without one, of an order. Windows of any length share it."""
    name = f"{DONE}{program.key}:{entry.event}:{entry.of if entry.sum else ''}"
    return f"{name}:{day}" if day else name


def _worth(state: State, event: Event, program: Program, of: str, day: date) -> int:
    """A property of the event; its `value` in the program's currency at the day's rate. 0 where that is not known."""
    told = event.properties.get(of)
    if type(told) is not int or not 0 <= told <= money.MAX_AMOUNT:
        return 0
    ours = program.document.currency
    currency = event.properties.get("currency") or ours
    if of != "value" or currency == ours:
        return told
    exchange: fx.Exchange | None = state.rates.between(currency, ours, day) if isinstance(currency, str) else None
    return min(exchange.into(told), money.MAX_AMOUNT) if exchange else 0
