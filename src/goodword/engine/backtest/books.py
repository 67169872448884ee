"""One side of a backtest added up: what each reward came to, who has it, what is still owed, which caps were hit.

Both sides, what happened and what would have, are read from the traces of decisions in the same way, so that a
difference between them is one between decisions. Amounts are in minor units beside their unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from goodword.engine.backtest.past import Verdict, month

COSTS = frozenset({"pending", "approved", "issued", "redeemed"})
"""States in which what is left of a reward costs the program."""

WAITS = ("hold_until", "approval", "release_on")
"""What a trace says of a reward that is held when it is given."""


class _Held(NamedTuple):
    rule: str
    month: str
    owner: str
    counted: bool
    state: str
    unit: str
    left: int


@dataclass(slots=True)
class Sums:
    """What one side came to; of parts of a history, they add up. `cost`: by rule, month of the grant and unit, how
    many rewards and how much of them still costs. `people`: the same by participant and unit. `owed`: by unit, what is
    `pending`, what is `approved` and not handed over, and what people owe back (`debt`); see `owed`. `caps`: by rule,
    limit and what it led to, how often. `lapsed`: by rule, how many rewards lapsed unused, which cost nothing."""

    cost: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    given: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    people: Counter[tuple[str, str]] = field(default_factory=Counter)
    people_given: Counter[tuple[str, str]] = field(default_factory=Counter)
    owed: Counter[tuple[str, str]] = field(default_factory=Counter)
    caps: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    won: Counter[str] = field(default_factory=Counter)
    lapsed: Counter[str] = field(default_factory=Counter)

    def add(self, other: Sums) -> None:
        """Takes in another part's."""
        for name in self.__slots__:
            mine: Counter[Any] = getattr(self, name)
            for key, value in getattr(other, name).items():
                mine[key] += value


class Books:
    """Adds up one side. `since`: only what was decided and granted from then on counts, but for what is owed."""

    def __init__(self, zone: str, since: datetime | None = None) -> None:
        self.sums = Sums()
        self._zone = zone
        self._since = since
        self._rewards: dict[str, _Held] = {}
        self._won: dict[str, int] = {}

    def see(self, verdict: Verdict, owner: Callable[[str], str], value: Callable[[str], int | None]) -> None:
        """Takes in one decision. `owner` says whose a reward is, `value` what a referral of the program is worth,
        None for another program's."""
        at = verdict.event.occurred_at
        counted = self._since is None or at >= self._since
        if counted and verdict.about:
            self.sums.reasons[verdict.outcome, verdict.reason] += 1
        trace = verdict.trace
        if not trace:
            return
        if "voided" in trace and verdict.about:
            self._void()
        for line in trace.get("rewards", ()):
            if verdict.about and "limit" in line and counted:
                self._cap(line)
            if line["ok"]:
                self._reward(line, at, counted, owner)
        moves = [trace["referral"]] if "referral" in trace else trace.get("merge", {}).get("moves", ())
        for move in moves:
            id = move.get("id") or move["referral"]
            if move["to"] == "closed_won" and counted:
                if (worth := value(id)) is not None:  # else another program's, in a merge
                    self._won[id] = worth
            elif id in self._won and move["to"] != "closed_won":
                del self._won[id]

    def _void(self) -> None:
        """The programme ended and cancelled what was held."""
        for id, held in self._rewards.items():
            if held.state == "pending":
                self._rewards[id] = held._replace(state="cancelled", left=0)

    def _cap(self, line: Mapping[str, Any]) -> None:
        limit = line["limit"]
        led_to = "partial" if line["ok"] else line["reason"]
        self.sums.caps[line["rule"], limit["per"], limit["period"] or "ever", led_to] += 1

    def _reward(self, line: Mapping[str, Any], at: datetime, counted: bool, owner: Callable[[str], str]) -> None:
        id = line["reward"]
        held = self._rewards.get(id)
        if "from" in line:
            if held is not None:  # else another program's, in a merge
                left = line.get("amount", held.left) - line.get("lapsed", 0)
                # Of points that lapsed, those that were spent before have cost something.
                state = "redeemed" if "lapsed" in line and left else line["state"]
                self._rewards[id] = held._replace(state=state, left=left)
            return
        counted = counted and line.get("reason") != "imported"  # the other system's books bore it
        amount, netted = line.get("amount", 0), line.get("netted", 0)
        used_up = bool(netted) and netted == amount
        state = "pending" if any(name in line for name in WAITS) else "issued" if used_up else "approved"
        self._rewards[id] = _Held(
            line["rule"], month(at, self._zone), owner(id), counted, state, line.get("unit", ""), amount
        )

    def close(self, survivor: Callable[[str], str]) -> Sums:
        """The sums; `survivor` says who stands for a participant by now."""
        sums = self.sums
        for held in self._rewards.values():
            if held.state == "pending" and held.unit:
                sums.owed[held.unit, "pending"] += held.left
            if held.counted and held.state == "expired":
                sums.lapsed[held.rule] += 1
            if held.counted and held.state in COSTS:
                key, person = (held.rule, held.month, held.unit), (survivor(held.owner), held.unit)
                sums.given[key] += 1
                sums.cost[key] += held.left
                sums.people_given[person] += 1
                sums.people[person] += held.left
        sums.won["referrals"] = len(self._won)
        sums.won["value"] = sum(self._won.values())
        return sums


def keep_changed(before: Sums, after: Sums) -> None:
    """Forgets the people who have the same on both sides: they are most, and no table shows them."""
    for key in before.people_given.keys() & after.people_given.keys():
        if all(getattr(before, name)[key] == getattr(after, name)[key] for name in ("people", "people_given")):
            for sums in (before, after):
                del sums.people[key], sums.people_given[key]
