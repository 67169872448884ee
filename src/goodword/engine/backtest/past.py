"""A workspace's history decided again in memory, with one document in the place of one of its programmes.

The same `step` as live. Timers ring by their due times among the events, as they did: before an event those due at
its moment, and where the log says that one rang by the clock, those due by then. What can no longer matter is
dropped on the way: what was told of people once no sign-up or submission that is still to come can be explained by
it, transfers once they are added up by reward, timers that were taken back. What stays is the state: people,
accounts, links, referrals, rewards and counters, each of which a fact of the history's last day may still name.

Whatever version of the tested programme the log publishes or schedules, the tested document is what goes live. That it
was paused, resumed or ended happens again, and an end does what the tested document says of it.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from goodword.domain import calendar, ids, imports, lifecycle, migrating, running
from goodword.domain.decide import TIMERS, step
from goodword.domain.draft import Decision
from goodword.domain.events import Event
from goodword.domain.linking import link_of
from goodword.domain.payloads import IMPORT_REFERRAL
from goodword.domain.program import Program
from goodword.domain.rows import Count
from goodword.domain.state import State
from goodword.engine.backtest.log import Begun, Entry

FORGET_AFTER = 500
"""Steps after which what they changed is added up and forgotten."""
LAST = 2**63
"""Beyond the last position."""
NO_TIME = datetime.max.replace(tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
GOES_LIVE = frozenset({"program.published", "program.scheduled", running.DUE})
"""Types of event by which a version goes live: nothing that its rules decide."""
RUNS = GOES_LIVE | {"program.paused", "program.resumed", "program.ended"}
"""Types of event that hold from their place in the order on, also for what happened earlier and comes later."""
EVERYBODYS = frozenset({running.DUE, migrating.PAGED})
"""Timers that are about a whole programme."""
MIGRATIONS = frozenset({migrating.MIGRATED, migrating.UNDONE})
"""A backtest passes over those of the tested program: every referral is judged by the tested version from its
beginning."""
ITS_OWN = RUNS | MIGRATIONS
"""Types of event about a program as a whole."""


class Verdict(NamedTuple):
    """What one side made of one thing that happened. `key`: the event's id, or the timer's where one rang; `about`:
    the program's id, or None for a decision about who is who."""

    key: str
    event: Event
    about: str | None
    outcome: str
    reason: str
    trace: Mapping[str, Any]


class Past:
    """One history under one version. `versions`: of the programs that are decided again, which are all that can
    matter to it (`reach`); of others, entries say what they began. `begins`: from the first entry on; else from where
    the program was first published. `budgets`: by counter of a limit per program and month, how much its use grew:
    number, amount."""

    def __init__(
        self,
        workspace_id: str,
        versions: Iterable[Program],
        tested: Program,
        late: Sequence[tuple[int, datetime]] = (),
        *,
        begins: bool,
    ) -> None:
        self.tested = tested
        known = {row.version_id: tested if row.id == tested.id else row for row in versions}
        self.state = State(workspace_id, {}, known | {tested.version_id: tested})
        self.state.tell_from = NO_TIME
        self.state.unheard = True
        self._keys = {row.key for row in self.state.versions.values()}
        self._begins = begins
        self.budgets: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self.rings = 0
        self._rung_at = NO_TIME
        self._rung: Counter[str] = Counter()
        """How often each timer rang at that moment."""
        self._late = late
        self._next_late = 0
        self._next_late_at = 0
        """The position from which on another of the late ones is next."""
        self._heap: list[tuple[datetime, int, str]] = []
        self._steps = 0

    def take(self, entry: Entry) -> list[Verdict]:
        """Moves on by one entry of the log: what was made of it, and of the timers that rang before it."""
        event = entry.event
        made: list[Verdict] = []
        if self._begins:
            self._begin(event)
        if entry.position >= self._next_late_at:
            self._mind_late(entry.position)
        if event.type in TIMERS:
            self._ring_again(event, made)
            return made
        self.ring(event.occurred_at, made)
        if event.type in ITS_OWN and not self._minds(event):
            return made
        participant_id = self._step(event.id, event, made)
        for begun in entry.begun:
            self._note(event, begun, participant_id)
        return made

    def _minds(self, event: Event) -> bool:
        """Whether what becomes of the program that the event names is decided again."""
        key = event.properties["program"]
        return key in self._keys and not (event.type in MIGRATIONS and key == self.tested.key)

    def _note(self, event: Event, begun: Begun, participant_id: str | None) -> None:
        """A program that is not decided again made something of the event that others can read."""
        state = self.state
        if begun.referral_id is None:
            assert participant_id
            state.load(link_of(state.workspace_id, event, begun.program_id, participant_id))
            return
        state.elsewhere.add(begun.referral_id)
        if "referred" in event.properties and not begun.test:
            state.elsewhere.add(str(event.properties["referral"]))
            imported = event.type == IMPORT_REFERRAL
            state.load(imports.person(state, event) if imported else lifecycle.submitted(state, event))

    def _begin(self, first: Event) -> None:
        """A programme that the log does not know goes live with its first event."""
        self._begins = False
        named = {"program": self.tested.key, "version": self.tested.version_id}
        moment = first.occurred_at
        self._step("", Event("program.published", "backtest", "", moment, moment, named, id=self.tested.version_id), [])

    def ring(self, until: datetime, made: list[Verdict]) -> None:
        """Rings what is due at or before a moment, in order, also what a ring itself sets."""
        heap, timers = self._heap, self.state.timers
        while heap and heap[0][0] <= until:
            due_at, _, id = heapq.heappop(heap)
            timer = timers.get(id)
            if timer is None or timer.due_at != due_at:
                continue
            self.rings += 1
            event_id = ids.derive(due_at, self.state.workspace_id, "event", "backtest", id, self._time_of(id, due_at))
            self._step(id, Event(timer.kind, "timer", id, due_at, due_at, {"timer": id}, id=event_id), made)

    def _time_of(self, id: str, moment: datetime) -> str:
        """Which time it is that the timer rings at the moment: a ring is named by that, not by how many others rang,
        so that it is the same in a part of the history."""
        if moment != self._rung_at:
            self._rung_at = moment
            self._rung.clear()
        self._rung[id] += 1
        return str(self._rung[id])

    def _ring_again(self, event: Event, made: list[Verdict]) -> None:
        """Where the log says that a timer rang: those due before it ring, and that one if it is set here. Others of
        its very moment wait for their own place in the log."""
        self.ring(event.occurred_at - INSTANT, made)
        id = event.properties["timer"]
        timer = self.state.timers.get(id)
        if timer is not None and (timer.due_at == event.occurred_at or event.type == running.DUE):
            self.rings += 1
            self._step(id, event, made)

    def _mind_late(self, position: int) -> None:
        late = self._late
        while self._next_late < len(late) and late[self._next_late][0] <= position:
            self._next_late += 1
        self._next_late_at, self.state.tell_from = (
            late[self._next_late] if self._next_late < len(late) else (LAST, NO_TIME)
        )

    def _step(self, key: str, event: Event, made: list[Verdict]) -> str | None:
        """One event or ring; gives whom it is about."""
        state = self.state
        participant_id, decisions = step(state, event)
        for decision in decisions:
            if (decision.program_id is None or decision.program_id == self.tested.id) and event.type not in GOES_LIVE:
                about, trace = decision.program_id, decision.trace
                made.append(Verdict(key, event, about, decision.outcome, decision.reason, trace))
                if "rewards" in trace:
                    self._count(decision, event)
        if state.new_timers:
            for timer in state.new_timers:
                heapq.heappush(self._heap, (timer.due_at, timer.place, timer.id))
            state.new_timers.clear()
        state.unseen.clear()  # everything is in memory
        self._steps += 1
        if self._steps % FORGET_AFTER == 0:
            state.forget_changes()
            if len(self._heap) > 2 * len(state.timers) + FORGET_AFTER:
                self._heap = [(timer.due_at, timer.place, timer.id) for timer in state.timers.values()]
                heapq.heapify(self._heap)
        return participant_id

    def _count(self, decision: Decision, event: Event) -> None:
        for effect in decision.effects:
            if isinstance(effect, Count) and effect.subject_id == self.tested.id and effect.name.startswith("limit:"):
                used = self.budgets[effect.name, month(event.occurred_at, self.tested.zone)]
                used[0] += effect.number
                used[1] += effect.amount


def month(moment: datetime, zone: str) -> str:
    """The calendar month by the wall clock of a zone: 2026-03."""
    return calendar.period(moment, "month", zone).label
