"""What a shared goal or a contest makes people do: groups, nearness to a target, and the chance of a prize.

People do more as their group comes near the target, and as before once it is reached. In a contest they do more while
a prize is within reach; how much of that is left falls with how far behind the last prize they are.
"""

from __future__ import annotations

from datetime import date, datetime
from heapq import nlargest

from goodword.domain import contests, goals
from goodword.domain.program import ContestSpan, GoalSpan, Program
from goodword.domain.shared import ByTrait, EventMetric, is_money
from goodword.domain.state import State
from goodword.insight.simulation.parameters import Settings
from goodword.insight.simulation.people import Chance


class Together:
    """The goals and contests of one run. `customers` are those who join by themselves, `typical` is an average order
    or deal in minor units."""

    def __init__(self, program: Program, state: State, p: Settings, chance: Chance, customers: int) -> None:
        self._program, self._state, self._p, self._chance = program, state, p, chance
        self._groups = max(1, round(customers / p["group_size"]))
        self._traits = [
            span.goal.group.trait for span in program.goals.values() if isinstance(span.goal.group, ByTrait)
        ]
        self.by_account = any(span.goal.group == "account" for span in program.goals.values())
        self.typical = 1.0
        self._bars: dict[str, tuple[date, int]] = {}

    def group(self, name: str) -> int:
        """The number of the group that somebody is in."""
        return int(self._chance.share(name, "group") * self._groups) + 1

    def traits(self, name: str) -> dict[str, object]:
        """What the host tells of somebody's groups."""
        return {trait: f"{trait} {self.group(name)}" for trait in self._traits}

    def pull(self, name: str, at: datetime, *, events: bool = False) -> float:
        """The factor by which somebody does more of what is counted: refers, or, with `events`, orders."""
        id = self._state.participant_by_external.get(name)
        pulls = [1.0]
        for goal in self._program.goals.values():
            if id and _of(goal, events) and _runs(goal, at):
                pulls.append(1 + self._p["goal_pull"] * self._nearness(goal, id, at))
        for contest in self._program.contests.values():
            if id and _of(contest, events) and _runs(contest, at):
                pulls.append(1 + self._p["contest_pull"] * self._reach(contest, id, at))
        return max(pulls)

    def _nearness(self, span: GoalSpan, id: str, at: datetime) -> float:
        """How much of the way to the target is done, 0 to 1; 0 for who is in no group, and once it is reached."""
        program, goal = self._program, span.goal
        label, group_id = goals.label_at(program, goal, at), self._group_id(span, id)
        if not group_id or self._state.counter(group_id, goals.reached_name(program, goal, label))[0]:
            return 0.0
        return max(0, self._state.counter(group_id, goals.progress(program, goal, label))[0]) / goal.target

    def _group_id(self, span: GoalSpan, id: str) -> str:
        group, person = span.goal.group, self._state.participants[id]
        if group == "program":
            return self._program.id
        if group == "account":
            return person.account_id or ""
        value = person.traits.get(group.trait)
        return goals.trait_group(self._state.workspace_id, group.trait, value) if isinstance(value, str) else ""

    def _reach(self, span: ContestSpan, id: str, at: datetime) -> float:
        """1 where a prize would be theirs, less the farther behind they are."""
        name = contests.counter(self._program, span.contest)
        behind = max(0, self._bar(span, name, at) - self._state.counter(id, name)[0])
        step = self.typical if is_money(span.contest.metric) else 1.0
        return 1 / (1 + behind / step / self._p["contest_gap"])

    def _bar(self, span: ContestSpan, name: str, at: datetime) -> int:
        """The score of the last place that wins something, as of the first time that it is asked on a day."""
        if span.contest.id not in self._bars or self._bars[span.contest.id][0] != at.date():
            last = max(prize.span[1] for prize in span.contest.prizes)
            best = nlargest(last, (named[name][0] for named in self._state.counters.values() if name in named))
            self._bars[span.contest.id] = at.date(), best[-1] if len(best) == last else 0
        return self._bars[span.contest.id][1]


def _of(span: GoalSpan | ContestSpan, events: bool) -> bool:
    metric = span.goal.metric if isinstance(span, GoalSpan) else span.contest.metric
    return isinstance(metric, EventMetric) == events


def _runs(span: GoalSpan | ContestSpan, at: datetime) -> bool:
    return not (span.start and at < span.start) and not (span.end and at >= span.end)
