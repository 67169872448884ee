"""A workspace in memory: one programme, a state, `step`, and timers that ring by the events' own times."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from goodword.domain import ids
from goodword.domain.decide import step
from goodword.domain.draft import Decision
from goodword.domain.events import Event, from_log, parse_event
from goodword.domain.program import Program, compile_program
from goodword.domain.state import State

WORKSPACE = ids.derive(datetime(1970, 1, 1, tzinfo=UTC), "simulation")


def compiled(source: Mapping[str, Any]) -> Program:
    """The programme of a document that is valid, as if it were published as version 1."""
    at = datetime(1970, 1, 1, tzinfo=UTC)
    return compile_program(ids.derive(at, "program"), ids.derive(at, "version"), 1, source)


class House:
    """Where the events of one run go. Events are sent in the order of their times.

    Made-up facts never count in goals and contests. So a programme that has some hears of them here without their mark;
    what a file of events holds has it always.
    """

    def __init__(self, program: Program) -> None:
        self._unmarked = program.shared
        self.state = State(WORKSPACE, {program.id: program}, {program.version_id: program})
        self.sent = 0
        self._due: list[tuple[datetime, int, str]] = []

    def send(self, raw: Mapping[str, Any], at: datetime) -> list[Decision]:
        """One event as it would be sent at that moment: what the timers due by then and the event led to."""
        event = parse_event(raw, at)
        found = self.ring(at)
        self.sent += 1
        id = ids.derive(at, WORKSPACE, "event", event.event_id)
        payload = event.payload()
        if self._unmarked:
            payload["properties"] = {name: value for name, value in event.properties.items() if name != "simulated"}
        kept = from_log(id, event.type, event.source, event.event_id, at, at, payload)
        found += self._step(kept)
        return found

    def ring(self, until: datetime) -> list[Decision]:
        """Rings what is due, in order, also what a ring itself sets: what came of it."""
        found: list[Decision] = []
        while self._due and self._due[0][0] <= until:
            due_at, _, timer_id = heapq.heappop(self._due)
            timer = self.state.timers.get(timer_id)
            if timer is None or timer.due_at != due_at:
                continue  # dropped, or set anew
            id = ids.derive(due_at, WORKSPACE, "ring", timer_id)
            found += self._step(Event(timer.kind, "timer", timer_id, due_at, due_at, {"timer": timer_id}, id=id))
        return found

    def _step(self, event: Event) -> tuple[Decision, ...]:
        decisions = step(self.state, event).decisions
        for timer in self.state.new_timers:
            heapq.heappush(self._due, (timer.due_at, timer.place, timer.id))
        self.state.new_timers.clear()
        self.state.changes.notices.clear()
        return decisions
