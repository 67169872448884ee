"""What must hold of a workspace once everything that was sent is applied, whoever was killed meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from goodword.domain import ids
from goodword.engine import replay
from goodword.insight import ledger
from goodword.store import tenancy
from goodword.store.sql import fetch

STAGES = ("submitted", "qualified", "opportunity", "closed_won")
OPEN = STAGES[:3]


def check(workspace_id: str, sent: Mapping[str, Mapping[str, Any]], acknowledged: Collection[str]) -> Counter[str]:
    """Holds a drained workspace to the engine's promises. `sent` are all events by id, `acknowledged` the
    ids that an answer said are safe. Gives how many there are of what. Raises AssertionError."""
    with tenancy.workspace(workspace_id):
        _log(sent, acknowledged)
        _order()
        _orders_are_counted_once(sent)
        _rewards_are_what_was_decided()
        _outbox_is_what_was_decided()
        _books_are_what_the_rewards_say()
        counts = _counts()
    trial = ledger.trial_balance(workspace_id)
    assert trial.drifting_accounts == 0, "the balances kept on the accounts are not the sums of their transfers"
    assert trial.balanced, trial
    found = replay.verify(workspace_id)
    assert found.differences == (), found.differences
    assert found.events == counts["applied"]
    return counts


def _log(sent: Mapping[str, Mapping[str, Any]], acknowledged: Collection[str]) -> None:
    rows = fetch("SELECT event_id, type FROM event WHERE source = 'api'")
    logged = dict(rows)
    assert len(logged) == len(rows), "an event is in the log twice"
    assert not (lost := set(acknowledged) - logged.keys()), f"{len(lost)} acknowledged events are lost: {lost}"
    assert logged == {id: sent[id]["type"] for id in logged}


def _order() -> None:
    positions = [position for (position,) in fetch("SELECT position FROM applied ORDER BY position")]
    assert positions == list(range(1, len(positions) + 1)), "the order has a gap or a repeat"
    unapplied = fetch("SELECT event_id FROM event WHERE id NOT IN (SELECT event_id FROM applied)")
    assert not unapplied, f"{len(unapplied)} events are in the log and were never applied"
    assert fetch("SELECT count(*), count(DISTINCT event_id) FROM applied")[0] == (len(positions), len(positions))
    assert fetch("SELECT count(*) FROM inbox") == [(0,)]
    twice = fetch("SELECT event_id, program_id FROM decision GROUP BY 1, 2 HAVING count(*) > 1")
    assert not twice, f"decided twice: {twice}"


def _orders_are_counted_once(sent: Mapping[str, Mapping[str, Any]]) -> None:
    logged = {id for (id,) in fetch("SELECT event_id FROM event WHERE source = 'api'")}
    expected: dict[str, list[int]] = {}
    for id in logged:
        event = sent[id]
        who = event.get("participant")
        if event["type"] in ("order.completed", "order.refunded") and who:
            mine = expected.setdefault(who["email"] if isinstance(who, dict) else who, [0, 0])
            completed = event["type"] == "order.completed"
            mine[0] += completed
            mine[1] += event["properties"]["value"] * (1 if completed else -1)
    rows = fetch(
        """
        SELECT coalesce(participant.external_id, participant.email), counter.count, counter.amount
        FROM counter JOIN participant ON participant.id = counter.subject_id
        WHERE counter.name = 'orders:USD'
        """
    )
    assert {who: [count, amount] for who, count, amount in rows} == expected


def _rewards_are_what_was_decided() -> None:
    twice = fetch("SELECT subject_id, program_id, rule, occurrence FROM reward GROUP BY 1, 2, 3, 4 HAVING count(*) > 1")
    assert not twice, f"paid twice: {twice}"
    granted = Counter(
        line["reward"]
        for (trace,) in fetch("SELECT trace FROM decision WHERE trace ? 'rewards'")
        for line in trace["rewards"]
        if line["ok"] and "from" not in line
    )
    assert granted == Counter(id for (id,) in fetch("SELECT id::text FROM reward"))


def _outbox_is_what_was_decided() -> None:
    """Every effect that the decisions tell has one row, and no row stands for anything else."""
    rows = fetch(
        """
        SELECT applied.event_id::text, decision.trace, version.document -> 'lifecycle'
        FROM decision
        JOIN applied ON applied.event_id = decision.event_id
        JOIN program_version AS version ON version.id = decision.version_id
        WHERE decision.trace IS NOT NULL
        ORDER BY applied.position, decision.id
        """
    )
    expected: Counter[str] = Counter()
    reached: dict[str, str] = {}
    for event_id, trace, lifecycle in rows:
        if "referral" in trace:
            id = trace["referral"]["id"]
            for state in _states(trace["referral"], lifecycle, reached.get(id)):
                expected[f"referral.{state}:{id}:{event_id}"] += 1
                if state in OPEN:
                    reached[id] = state
        for line in trace.get("rewards", ()):
            if line["ok"]:
                held = "pending" if "hold_until" in line or "approval" in line else "approved"
                expected[f"reward.{line.get('state', held)}:{line['reward']}:{event_id}"] += 1
    found: Counter[str] = Counter()
    for topic, event_id, payload in fetch("SELECT topic, event_id::text, payload FROM outbox"):
        noun = topic.partition(".")[0]
        found[f"{topic}:{ids.internal(ids.PREFIXES[noun], payload[noun])}:{event_id}"] += 1
    assert found == expected, (found - expected, expected - found)


def _states(move: Mapping[str, Any], lifecycle: Mapping[str, Any], reached: str | None) -> list[str]:
    """The states a referral came to in one decision: those in between are passed at the same moment. One
    that had expired goes on from where it was."""
    before = reached if move["from"] == "expired" else move["from"]
    if before is None or move["to"] not in STAGES:
        return [move["to"]]
    passed = list(STAGES[STAGES.index(before) + 1 : STAGES.index(move["to"]) + 1])
    if lifecycle["flow"] != "sales" and not lifecycle.get("opportunity") and move["to"] != "opportunity":
        passed = [state for state in passed if state != "opportunity"]
    return passed


def _books_are_what_the_rewards_say() -> None:
    """What is held is what pending rewards are worth; what is owed is what approved ones are worth."""
    rows = fetch(
        """
        SELECT reward.state, sum(reward.amount - reward.reversed)::bigint
        FROM reward WHERE reward.amount IS NOT NULL GROUP BY 1
        """
    )
    worth = dict(rows)
    held, owed = fetch(
        """
        SELECT coalesce(sum(credits_pending), 0)::bigint, coalesce(sum(credits_posted - debits_posted), 0)::bigint
        FROM ledger_account WHERE kind = 'participant_balance'
        """
    )[0]
    assert held == worth.get("pending", 0)
    assert owed == worth.get("approved", 0)


def _counts() -> Counter[str]:
    tables = ("applied", "referral", "reward", "transfer", "outbox", "decision")
    return Counter({table: fetch(f"SELECT count(*) FROM {table}")[0][0] for table in tables})
