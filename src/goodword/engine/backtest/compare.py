"""Two sides of a history put beside each other, entry by entry: what happened, or what another version would have
made of it, and what the tested document would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from goodword.domain import ids, migrating
from goodword.domain.events import Event
from goodword.domain.program import Program
from goodword.domain.state import State
from goodword.engine.backtest import books, log, owed, reach
from goodword.engine.backtest.books import Books, Sums
from goodword.engine.backtest.past import GOES_LIVE, INSTANT, MIGRATIONS, RUNS, Past, Verdict

TRACED = ("rewards", "referral", "voided")
"""What of a trace makes a decision another one, beside its outcome and reason."""
Change = dict[str, Any]
"""A changed decision: position in the log (None: a timer that did not ring then), event {id, type, occurred_at,
participant}, before and after, each None or outcome, reason and trace."""


class Span(NamedTuple):
    """The stretch that is looked at, by when things happened: from the first moment on, and before the second."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Found:
    """What a comparison found, of a history or of a part of it. `kinds`: how often a decision changed, by outcome and
    reason before and after; `budgets` see `Past`; `people`: the external id or address of each who has more or less
    (those of `before` and `after`: a person is of one part); `held`: how many people, referrals and rewards were in
    memory at the end; `owing`, `paid`: see `reach`."""

    events: int = 0
    rings: int = 0
    decisions: int = 0
    before: Sums = field(default_factory=Sums)
    after: Sums = field(default_factory=Sums)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    budgets: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    held: Counter[str] = field(default_factory=Counter)
    owing: set[reach.Holding] = field(default_factory=set)
    paid: set[reach.Holding] = field(default_factory=set)

    def add(self, other: Found) -> None:
        """Takes in another part's."""
        self.events += other.events
        self.rings += other.rings
        self.decisions += other.decisions
        self.before.add(other.before)
        self.after.add(other.after)
        self.kinds.update(other.kinds)
        self.held.update(other.held)
        self.people.update(other.people)
        self.owing |= other.owing
        self.paid |= other.paid
        for key, (number, amount) in other.budgets.items():
            mine = self.budgets.get(key, (0, 0))
            self.budgets[key] = (mine[0] + number, mine[1] + amount)


class Comparison:
    """Takes the log page by page. `other`: the history under the version to compare with; without one, the decisions
    as they were made. `tell` is given every changed decision, in the order of the log. Of a history in parts, what is
    everybody's is in every part and counts in the `first`. `debtors`: who owes because of programmes that are not
    decided again."""

    def __init__(
        self,
        past: Past,
        other: Past | None,
        span: Span,
        tell: Callable[[Change], None],
        *,
        debtors: Collection[reach.Holding] = (),
        first: bool = True,
    ) -> None:
        self.found = Found()
        self._debtors = debtors
        self._first = first
        self._past = past
        self._other = other
        self._span = span
        self._tell = tell
        zone = past.tested.zone
        self._before, self._after = Books(zone, span.since), Books(zone, span.since)
        self._of_after = _told_by(past)
        self._of_other = _told_by(other) if other else None
        self.position = 0
        """The place of the entry in hand: where a change is found, though its timer may have none of its own."""

    def take(
        self, page: log.Page, clock: Sequence[datetime | None] = (), everybodys: Collection[int] = frozenset()
    ) -> None:
        """Moves on by a page. `clock`: for each entry, how far time had gone by entries of other parts; `everybodys`:
        the positions of those that are in every part."""
        until = self._span.until
        for past in (self._past, self._other):
            if past is not None:
                past.state.concluded = page.concluded
        for place, entry in enumerate(page.entries):
            if clock and (moment := clock[place]) is not None:
                self.ring(moment, entry.position)
            if until is not None and entry.event.occurred_at >= until:
                if entry.event.type not in RUNS:
                    continue
                entry = entry._replace(event=entry.event._replace(occurred_at=until - INSTANT))
            after = self._past.take(entry)
            before = self._other.take(entry) if self._other is not None else self._as_stored(entry)
            if self._first or entry.position not in everybodys:
                self.found.events += 1
            else:  # what rang before it is this part's all the same
                before, after = _without(entry.event, before), _without(entry.event, after)
            if before or after:
                self._compare(entry.position, before, after, page)

    def ring(self, moment: datetime, position: int) -> None:
        """Time goes on to a moment, without an entry."""
        if self._span.until is not None:
            moment = min(moment, self._span.until - INSTANT)
        after: list[Verdict] = []
        before: list[Verdict] = []
        self._past.ring(moment, after)
        if self._other is not None:
            self._other.ring(moment, before)
        if after or before:
            self._compare(position, before, after, None)

    def close(self, moment: datetime, position: int) -> Found:
        """Time goes on to the end, and everything is added up."""
        self.ring(moment, position)
        found, past, state = self.found, self._past, self._past.state
        found.rings = past.rings
        found.after = self._after.close(lambda id: _survivor(state, id))
        found.before = self._before.close(lambda id: _survivor(state, id))
        found.budgets = {key: (used[0], used[1]) for key, used in past.budgets.items()}
        books.keep_changed(found.before, found.after)
        known = {id for sums in (found.before, found.after) for id, _ in sums.people_given}
        found.people = {id: _name(state, id) for id in known}
        for one, sums in ((past, found.after), (self._other, found.before)):
            if one is not None:
                sums.owed.update(owed.in_memory(one.state, one.tested))
                found.owing |= reach.owing(one.state)
                found.paid |= reach.paid(one.state, self._debtors)
        found.held = Counter(people=len(state.participants), referrals=len(state.referrals), rewards=len(state.rewards))
        return found

    def _as_stored(self, entry: log.Entry) -> list[Verdict]:
        event = entry.event
        if not entry.stored or event.type in GOES_LIVE or event.type in MIGRATIONS or event.type == migrating.PAGED:
            return []
        key = event.properties["timer"] if event.source == "timer" else event.id
        return [Verdict(key, event, *stored) for stored in entry.stored]

    def _compare(self, position: int, before: list[Verdict], after: list[Verdict], page: log.Page | None) -> None:
        if len(before) == len(after) == 1 and before[0] == after[0] and not after[0].trace:
            self._both_said_so(after[0])
            return
        theirs: dict[str, Verdict] = {}
        owner, value = self._of_before(page)
        for verdict in before:
            self._before.see(verdict, owner, value)
            if self._counts(verdict):
                theirs[verdict.key] = verdict
        owner, value = self._of_after
        for verdict in after:
            self._after.see(verdict, owner, value)
            if self._counts(verdict):
                self.found.decisions += 1
                was = theirs.pop(verdict.key, None)
                if was is None or not _same(was, verdict):
                    self._changed(position, was, verdict)
        for was in theirs.values():
            self._changed(position, was, None)

    def _both_said_so(self, verdict: Verdict) -> None:
        """Both sides made the same of an event, and nothing came of it: so it is with most."""
        if self._counts(verdict):
            self.found.decisions += 1
            said = verdict.outcome, verdict.reason
            self._before.sums.reasons[said] += 1
            self._after.sums.reasons[said] += 1

    def _counts(self, verdict: Verdict) -> bool:
        """Whether it is a decision of the programme, of the span."""
        since = self._span.since
        return verdict.about is not None and (since is None or verdict.event.occurred_at >= since)

    def _of_before(self, page: log.Page | None) -> _Told:
        if self._of_other is not None or page is None:
            return self._of_other or self._of_after
        owners, values = page.owners, page.values
        return lambda id: owners.get(id, ""), values.get

    def _changed(self, position: int, before: Verdict | None, after: Verdict | None) -> None:
        self.found.kinds[_in_short(before), _in_short(after)] += 1
        either = before or after
        assert either
        event = either.event
        self.position = position
        logged = before is not None and self._other is None
        self._tell(
            {
                "position": position if event.source != "timer" or logged else None,
                "event": _event(event),
                "before": _in_full(before),
                "after": _in_full(after),
            }
        )


def _without(event: Event, verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.key != event.id]


def _same(one: Verdict, other: Verdict) -> bool:
    if one.outcome != other.outcome or one.reason != other.reason:
        return False
    mine, theirs = one.trace, other.trace
    if not (mine or theirs):
        return True
    return _credit(mine) == _credit(theirs) and all(mine.get(name) == theirs.get(name) for name in TRACED)


def _credit(trace: Mapping[str, Any]) -> Any:
    """The touch that won, and by it whose the referral is."""
    return (trace.get("attribution") or {}).get("by")


def _in_short(verdict: Verdict | None) -> str:
    return f"{verdict.outcome} {verdict.reason}" if verdict else "none"


def _in_full(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {"outcome": verdict.outcome, "reason": verdict.reason, "trace": dict(verdict.trace)}


def _event(event: Event) -> dict[str, Any]:
    who = event.participant
    return {
        "id": ids.public("evt", event.id) if event.source != "timer" else None,
        "type": event.type,
        "occurred_at": event.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "participant": (who.external_id or who.email or None) if who else None,
    }


_Told = tuple[Callable[[str], str], Callable[[str], int | None]]
"""Whose a reward is, and what a referral of the programme is worth (None: of another one), by their ids."""


def _told_by(past: Past) -> _Told:
    rewards, referrals, own = past.state.rewards, past.state.referrals, past.tested.id
    return (
        lambda id: rewards[id].participant_id,
        lambda id: (referrals[id].value or 0) if referrals[id].program_id == own else None,
    )


def _survivor(state: State, id: str) -> str:
    return state.survivor(id).id if id in state.participants else id


def _name(state: State, id: str) -> str:
    row = state.participants.get(id)
    return (row.external_id or row.email) if row else ""


def run(
    workspace_id: str,
    tested: Program,
    cast: reach.Cast,
    *,
    begins: bool,
    span: Span,
    tell: Callable[[Change], None],
    other: Program | None = None,
    progress: Callable[[int], None] | None = None,
) -> Found:
    """Compares over the whole log, inside a transaction of `log.snapshot`. See `Past` and `Comparison`."""
    late = log.late_beginnings(workspace_id)
    past = Past(workspace_id, cast.versions, tested, late, begins=begins)
    against = Past(workspace_id, cast.versions, other, late, begins=begins) if other else None
    comparison, position = Comparison(past, against, span, tell, debtors=cast.debtors), 0
    erased = log.was_erased(workspace_id)
    for page in log.pages(workspace_id, tested.id, decisions=other is None, erased=erased, others=cast.others):
        comparison.take(page)
        position = page.entries[-1].position
        if progress:
            progress(position)
    return comparison.close(end(workspace_id), position)


def end(workspace_id: str) -> datetime:
    """How far time has gone for timers at the end of the log: to now, or to just before the first that has not rung."""
    now = datetime.now(UTC)
    due = log.first_due(workspace_id)
    return now if due is None or due > now else due - INSTANT
