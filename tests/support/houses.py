"""Two houses in which a worked case can happen: the pure domain in memory, and the engine on a database.

Both answer in the words of the cases, so that one comparison serves both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from goodword.domain import ids
from goodword.domain.program import read
from goodword.domain.statements import Account
from support.cases import DOMAIN, Case, Row, moment, source
from support.memory import Memory


@dataclass(frozen=True)
class Said:
    """What was decided about one event: the reason and, by rule, `ok` or the reason why not."""

    reason: str | None
    rules: Mapping[str, str]


@dataclass(frozen=True)
class Given:
    """One reward as it stands."""

    rule: str
    to: str
    friend: str
    state: str
    amount: int | None
    reversed: int
    hold_until: datetime | None
    notify_by: datetime | None
    fulfil_by: datetime | None


@dataclass(frozen=True)
class Moved:
    """One transfer, by the kinds of its accounts and the person whose reward it moves."""

    id: str
    debit: str
    credit: str
    amount: int
    phase: str
    pending_id: str | None
    person: str


class House(Protocol):
    """Where a case happens."""

    def send(self, rows: Sequence[Row]) -> list[Said]: ...
    def rings(self) -> list[str]: ...
    def referrals(self) -> list[tuple[str, str, str]]: ...
    def rewards(self) -> list[Given]: ...
    def transfers(self) -> list[Moved]: ...
    def entitlements(self, at: datetime) -> dict[str, dict[str, datetime | None]] | None: ...
    def statements(self) -> dict[str, list[str]]: ...
    def payable(self) -> dict[str, int]: ...


def play(house: House, case: Case) -> None:
    """Lets the case happen and holds the house to each of its stages."""
    for rows, then in case.stages:
        said = house.send(rows)
        for row, heard in zip(rows, said, strict=True):
            assert (row.raw["event_id"], heard.reason) == (row.raw["event_id"], row.says), (row.raw, heard.rules)
            assert dict(heard.rules) | dict(row.rules) == dict(heard.rules), row.raw
        compare(house, then, rows[-1].at)


def compare(house: House, then: Mapping[str, Any], at: datetime) -> None:
    """Holds the house to one `then` at a moment; what it does not mention is not looked at."""
    for word, expected in then.items():
        if word == "rings":
            assert house.rings() == expected
        elif word == "referrals":
            found: dict[str, list[str]] = {}
            for friend, state, _ in house.referrals():
                found.setdefault(friend, []).append(state)
            assert found == expected
        elif word == "reasons":
            assert {friend: reason for friend, _, reason in house.referrals()} == expected
        elif word == "rewards":
            assert _rewards(house, expected) == sorted(map(_key, expected))
        elif word == "tally":
            assert Counter(f"{reward.rule} {reward.state}" for reward in house.rewards()) == expected
        elif word == "balances":
            assert balances(house.transfers()) == expected
        elif word == "statements":
            assert house.statements() == expected
        elif word == "payable":
            assert house.payable() == expected
        elif word == "entitlements":
            found_rights = house.entitlements(at)
            wanted = {
                who: {name: moment(until) if until else None for name, until in rights.items()}
                for who, rights in expected.items()
            }
            assert found_rights is None or found_rights == wanted
        else:
            assert word == "cost", f"{word} means nothing in a then"
            assert cost(house.transfers()) == expected


def _key(expected: Mapping[str, Any]) -> str:
    times = {name: moment(expected[name]) for name in ("hold_until", "notify_by", "fulfil_by") if name in expected}
    return repr(sorted({**expected, **times}.items()))


def _rewards(house: House, expected: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rewards there are, each told in the words that the expectation of it uses."""
    told = []
    for reward in house.rewards():
        facts: dict[str, Any] = {
            "rule": reward.rule, "to": reward.to, "for": reward.friend, "state": reward.state
        }  # fmt: skip
        if reward.amount is not None:
            facts["amount"] = reward.amount
        if reward.reversed:
            facts["reversed"] = reward.reversed
        for wanted in expected:
            if (wanted["rule"], wanted["for"]) == (reward.rule, reward.friend):
                times = ("hold_until", "notify_by", "fulfil_by")
                facts |= {name: getattr(reward, name) for name in times if name in wanted}
        told.append(repr(sorted(facts.items())))
    return sorted(told)


def _live(transfers: Sequence[Moved]) -> list[tuple[Moved, bool]]:
    """The transfers that count, and whether each is only held."""
    settled = {transfer.pending_id for transfer in transfers}
    return [
        (transfer, transfer.phase == "pending")
        for transfer in transfers
        if transfer.phase in ("posted", "post") or (transfer.phase == "pending" and transfer.id not in settled)
    ]


def balances(transfers: Sequence[Moved]) -> dict[str, dict[str, int]]:
    """By person: reserved, available, issued and debt, where they are not zero."""
    found: dict[str, Counter[str]] = {}
    words = {"participant_balance": "available", "fulfilled": "issued", "participant_debt": "debt"}
    for transfer, held in _live(transfers):
        mine = found.setdefault(transfer.person, Counter())
        for kind, sign in ((transfer.credit, 1), (transfer.debit, -1)):
            if kind in words:
                word = "reserved" if held else words[kind]
                mine[word] += -sign * transfer.amount if kind == "participant_debt" else sign * transfer.amount
    kept = {person: {word: sum for word, sum in sums.items() if sum} for person, sums in found.items()}
    return {person: sums for person, sums in kept.items() if sums}


def cost(transfers: Sequence[Moved]) -> dict[str, int]:
    """What the programme has held and spent, where it is not zero."""
    found: Counter[str] = Counter()
    for transfer, held in _live(transfers):
        word = "held" if held else "spent"
        found[word] += transfer.amount * ((transfer.debit == "program_cost") - (transfer.credit == "program_cost"))
    return {word: sum for word, sum in found.items() if sum}


def as_sum(told: Mapping[str, Any], state: str) -> str:
    """A statement in the words of the cases."""
    parts = (("+", "approved", ""), ("-", "reversed", " back"), ("-", "netted", " netted"), ("-", "paid", " paid"))
    moved = "".join(
        f" {sign} {told[name]['amount']}{word}" for sign, name, word in parts if told.get(name, {}).get("amount")
    )
    return f"{told['period']}: {told['opening']}{moved} = {told['closing']}, {state}"


def label(external_id: str | None, email: str) -> str:
    """A person's name in the cases."""
    return external_id or email.removesuffix(f"@{DOMAIN}")


def rules_of(trace: Mapping[str, Any]) -> dict[str, str]:
    """By rule, `ok` or the reason why not."""
    return {line["rule"]: "ok" if line["ok"] else line["reason"] for line in trace.get("rewards", ())}


class DomainHouse:
    """The pure domain in memory: a state, `step`, and timers that ring by the events' own times. It has no log, which
    keeps repeats out, and no insight, which knows entitlements."""

    def __init__(self, recipe: str) -> None:
        self.memory = Memory(read(source(recipe))[1])

    def send(self, rows: Sequence[Row]) -> list[Said]:
        return [self._send(row) for row in rows]

    def _send(self, row: Row) -> Said:
        raw = dict(row.raw)
        if row.reward:
            raw["properties"] = {"reward": self._reward(row.reward)}
        decisions = list(self.memory.send(raw).values())
        assert len(decisions) <= 1
        if not decisions:
            return Said(None, {})
        return Said(decisions[0].reason, rules_of(decisions[0].trace))

    def _reward(self, wanted: Mapping[str, str]) -> str:
        for reward in self.memory.state.rewards.values():
            if reward.rule == wanted["rule"] and self._friend(reward) == wanted["for"]:
                return ids.public("rwd", reward.id)
        raise AssertionError(f"there is no such reward: {wanted}")

    def _friend(self, reward: Any) -> str:
        return self._label(self.memory.state.referrals[reward.referral_id].referred_id) if reward.referral_id else ""

    def _label(self, id: str) -> str:
        person = self.memory.state.participants[id]
        return label(person.external_id, person.email)

    def rings(self) -> list[str]:
        return self.memory.rung

    def referrals(self) -> list[tuple[str, str, str]]:
        rows = sorted(self.memory.state.referrals.values(), key=lambda row: row.submitted_at)
        return [(self._label(row.referred_id), row.state, row.reason) for row in rows]

    def rewards(self) -> list[Given]:
        return [
            Given(
                row.rule,
                self._label(row.participant_id),
                self._friend(row),
                row.state,
                row.amount,
                row.reversed,
                row.hold_until,
                row.notify_by,
                row.fulfil_by,
            )
            for row in self.memory.state.rewards.values()
        ]

    def transfers(self) -> list[Moved]:
        state = self.memory.state
        return [
            Moved(
                row.id,
                row.debit.kind,
                row.credit.kind,
                row.amount,
                row.phase,
                row.pending_id,
                self._label(state.rewards[row.reward_id].participant_id),
            )
            for row in state.changes.transfers
        ]

    def entitlements(self, at: datetime) -> None:
        return None

    def statements(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for notice in self.memory.state.changes.notices:
            if notice.topic == "statement.closed":
                told = notice.payload
                who = self._label(ids.internal("par", told["participant"]))
                found.setdefault(who, []).append(as_sum(told, "payable" if told["payable"] else "carried"))
        return found

    def payable(self) -> dict[str, int]:
        state = self.memory.state
        [program] = state.programs.values()
        found = {self._label(id): Account(state, program, id, "USD").payable for id in state.participants}
        return {who: amount for who, amount in found.items() if amount}
