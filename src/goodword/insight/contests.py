"""How a contest stands, at any time: provisional until its result is final. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goodword.domain import contests, ids, scores
from goodword.domain.program import compile_program
from goodword.domain.rules import Rule
from goodword.domain.shared import EventMetric, is_money, metric_text
from goodword.store import standings, tenancy
from goodword.store.models import Participant, Program
from goodword.store.sql import fetch

SHOWN = 100
"""Places that are shown."""


@dataclass(frozen=True, slots=True)
class Winning:
    """A prize of somebody: the gift, and how much, in the unit, of one that has an amount."""

    rule: str
    gift: Mapping[str, Any]
    amount: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Prize:
    """What is won by the places from `first` to `last`."""

    first: int
    last: int
    winning: Winning

    @property
    def places(self) -> int:
        """How many places win it."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Line:
    """One place. `participant` is None where the person is unknown by now."""

    place: int
    participant: Participant | None
    participant_id: str
    score: int
    at: datetime
    tied: int
    prizes: tuple[str, ...]
    wins: tuple[Winning, ...]

    @property
    def last(self) -> int:
        """The last of the places that the tied hold together."""
        return self.place + self.tied - 1

    @property
    def public_id(self) -> str:
        """The participant's id as others see it."""
        return ids.public("par", self.participant_id)

    @property
    def label(self) -> str:
        """What people call the participant."""
        person = self.participant
        return (person and (person.name or person.external_id or person.email)) or self.public_id


@dataclass(frozen=True, slots=True)
class ContestView:
    """A contest and its first places. `state` is upcoming, running, review (over, not final) or final; `counted`
    is the metric itself, and `unit` that of the scores, '' where they are counts."""

    program: str
    id: str
    name: str
    metric: str
    counted: str | EventMetric
    unit: str
    currency: str
    ties: str
    state: str
    zone: str
    prizes: tuple[Prize, ...]
    start: datetime
    end: datetime
    final_at: datetime
    entries: int
    lines: tuple[Line, ...]


def of_program(workspace_id: str, program: Program, now: datetime) -> list[ContestView]:
    """The contests of a program's live version, in the order of the document."""
    if program.live_version is None:
        return []
    compiled = _compiled(program)
    return [_view(workspace_id, compiled, id, now) for id in compiled.contests]


def contest(workspace_id: str, program: Program, id: str, now: datetime) -> ContestView | None:
    """One contest of a program's live version."""
    if program.live_version is None:
        return None
    compiled = _compiled(program)
    return _view(workspace_id, compiled, id, now) if id in compiled.contests else None


def _compiled(program: Program) -> Any:
    version = program.live_version
    return compile_program(str(program.id), str(version.id), version.number, version.document)


def _view(workspace_id: str, program: Any, id: str, now: datetime) -> ContestView:
    span = program.contests[id]
    held = span.contest
    name = contests.counter(program, held)
    with tenancy.workspace(workspace_id):
        rows = standings.best(workspace_id, name, contests.MAX_RANKED)
        counted = _counted(workspace_id, program.id, name)
        ranked = contests.ranking((contests.Score(*row) for row in rows), held.ties)
        wanted = [row.participant_id for row in ranked[:SHOWN]]
        people = {str(row.id): row for row in Participant.objects.filter(workspace_id=workspace_id, id__in=wanted)}
    wins: dict[str, list[Winning]] = {}
    for won in contests.won(program, held, ranked):
        wins.setdefault(won.standing.participant_id, []).append(_winning(program, won.rule, won.amount))
    final = counted.get(f"final:{name}", 0) > 0
    state = "final" if final else "upcoming" if now < span.start else "running" if now < span.end else "review"
    return ContestView(
        program=program.key,
        id=id,
        name=held.name,
        metric=metric_text(held.metric),
        counted=held.metric,
        unit=program.document.currency if is_money(held.metric) else "",
        currency=program.document.currency,
        ties=held.ties,
        state=state,
        zone=program.zone,
        prizes=tuple(
            Prize(one.span[0], one.span[1], _winning(program, program.rules[one.id], None))
            for one in sorted(held.prizes, key=lambda one: one.span)
        ),
        start=span.start,
        end=span.end,
        final_at=span.final_at,
        entries=counted.get(f"all:{name}", 0),
        lines=tuple(
            Line(
                row.place,
                people.get(row.participant_id),
                row.participant_id,
                row.score,
                scores.from_micros(row.at),
                row.tied,
                tuple(one.rule for one in wins.get(row.participant_id, ())),
                tuple(wins.get(row.participant_id, ())),
            )
            for row in ranked[:SHOWN]
        ),
    )


def _winning(program: Any, rule: Rule, amount: int | None) -> Winning:
    whole = rule.give.amount if isinstance(rule.give.amount, int) else None
    unit = rule.give.unit or program.document.currency
    return Winning(rule.id, program.gifts[rule.id], whole if amount is None else amount, unit)


def _counted(workspace_id: str, program_id: str, name: str) -> Mapping[str, int]:
    """How many referrals were entered, and whether the result is final."""
    rows = fetch(
        "SELECT name, count FROM counter WHERE workspace_id = %s AND subject_id = %s::uuid AND name = ANY(%s::text[])",
        [workspace_id, program_id, [f"all:{name}", f"final:{name}"]],
    )
    return dict(rows)
