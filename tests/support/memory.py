"""A workspace in memory: programmes, a state, `step`, and timers that ring by the events' own times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from goodword.domain.decide import step
from goodword.domain.draft import Decision
from goodword.domain.events import Event, from_log, parse_event
from goodword.domain.program import compile_program
from goodword.domain.rows import Referral, Reward
from goodword.domain.state import State

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
WORKSPACE = "0190a000-0000-7000-8000-000000000000"


def uuid(kind: int, number: int) -> str:
    """An id that tests can foresee."""
    return f"0190{kind:04x}-0000-7000-8000-{number:012}"


class Memory:
    """Holds any number of programmes; each document given is published as version 1 of its own."""

    def __init__(self, *documents: Mapping[str, Any]) -> None:
        programs = [
            compile_program(uuid(1, number), uuid(2, number), 1, document)
            for number, document in enumerate(documents, 1)
        ]
        self.state = State(
            WORKSPACE,
            {program.id: program for program in programs},
            {program.version_id: program for program in programs},
        )
        self.rung: list[str] = []
        self.sent = 0

    def send(self, raw: Mapping[str, Any]) -> dict[str, Decision]:
        """One event as it is sent, after the timers that are due by then: the decisions by program, and those
        that concern none by what they are about."""
        event = parse_event(raw, NOW)
        self.ring(event.occurred_at)
        self.sent += 1
        kept = (event.type, event.source, event.event_id, event.occurred_at, event.received_at, event.payload())
        return self._step(from_log(uuid(3, self.sent), *kept))

    def say(self, kind: str, who: str | None = None, day: float = 0, **properties: Any) -> str | None:
        """An event `day` days after the start: the reason, where one program decides."""
        return self.tell(kind, who, day, **properties)[0]

    def tell(
        self, kind: str, who: str | None = None, day: float = 0, **properties: Any
    ) -> tuple[str | None, dict[str, Any]]:
        """The same, with the trace."""
        raw: dict[str, Any] = {"type": kind, "event_id": f"e{self.sent}", "properties": properties}
        raw["occurred_at"] = START + timedelta(days=day)
        if who is not None:
            raw["participant"] = {"external_id": who, "email": f"{who}@x.example"}
        found = list(self.send(raw).values())
        assert len(found) <= 1
        return (found[0].reason, dict(found[0].trace)) if found else (None, {})

    def ring(self, until: datetime) -> None:
        """Rings what is due, in order, also what a ring itself sets."""
        while due := sorted((t.due_at, t.place, t.id) for t in self.state.timers.values() if t.due_at <= until):
            timer = self.state.timers[due[0][2]]
            event = Event(
                timer.kind,
                "timer",
                timer.id,
                timer.due_at,
                timer.due_at,
                {"timer": timer.id},
                id=uuid(4, len(self.rung)),
            )
            [decision] = self._step(event).values()
            self.rung.append(f"{timer.kind} {decision.reason}")

    def publish(self, document: Mapping[str, Any], number: int) -> str | None:
        """Makes a further version of the only program live, by the engine's own event."""
        [program] = self.state.programs.values()
        version = compile_program(program.id, uuid(2, 100 + number), number, document)
        self.state.versions[version.version_id] = version
        properties = {"program": version.key, "version": version.version_id}
        self.sent += 1
        event = Event("program.published", "goodword", f"p{number}", START, START, properties, id=uuid(3, self.sent))
        return self._step(event)[version.key].reason

    def referral(self, number: int = 0) -> Referral:
        """A referral, by age."""
        return sorted(self.state.referrals.values(), key=lambda row: row.submitted_at)[number]

    def reward(self, rule: str, number: int = 0) -> Reward:
        """A reward under a rule, by age."""
        rows = [row for row in self.state.rewards.values() if row.rule == rule]
        return sorted(rows, key=lambda row: row.granted_at)[number]

    def rewards(self) -> list[tuple[str, str, int | None]]:
        """Every reward: rule, state, amount."""
        return [(row.rule, row.state, row.amount) for row in self.state.rewards.values()]

    def _step(self, event: Event) -> dict[str, Decision]:
        decisions = step(self.state, event).decisions
        keys = {program.id: program.key for program in self.state.programs.values()}
        return {keys.get(decision.program_id or "", decision.about): decision for decision in decisions}
