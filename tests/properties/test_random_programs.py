"""Over programmes and histories that nobody thought of: caps hold exactly, the books balance, repeats change
nothing, live in any batches is what memory says, and replay equals live."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.domain.draft import Decision
from goodword.domain.events import Event
from goodword.engine import apply, record, replay, worker
from goodword.engine import programs as publishing
from goodword.insight import ledger
from goodword.store import tenancy
from goodword.store import workspaces as directory
from goodword.store.models import Applied, EarlyFact, Referral, Reward
from properties.test_random_histories import check_books
from support.memory import Memory
from support.random_programs import Document, documents, histories

_NUMBERS = count()
Told = tuple[Document, list[dict[str, Any]]]
told = documents().flatmap(lambda document: st.tuples(st.just(document), histories(document)))


class Watched(Memory):
    """Keeps every decision, with the moment it was made at."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.decided: list[tuple[datetime, Decision, dict[str, str]]] = []
        super().__init__(document)

    def _step(self, event: Event) -> dict[str, Decision]:
        found = super()._step(event)
        for decision in found.values():
            late = decision.trace.get("counted_at")
            at = datetime.fromisoformat(late) if late else event.occurred_at
            self.decided.append((at, decision, self._who(decision)))
        return found

    def _who(self, decision: Decision) -> dict[str, str]:
        """The people of the decision's referral, and the referrer's account on that day."""
        referral = self.state.referrals.get(decision.referral_id or "")
        if referral is None:
            return {}
        account = self.state.participants[referral.referrer_id].account_id
        people = {"referrer": referral.referrer_id, "referred": referral.referred_id}
        return people | {"account": account or referral.referrer_id}


def period(moment: datetime, every: str | None, zone: str) -> Any:
    """The calendar period by the wall clock, worked out anew."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    return {
        None: "ever",
        "day": day,
        "week": day.isocalendar()[:2],
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": day.year,
    }[every]


class Caps:
    """The limits as a person with a list would keep them: every reward given, each with its limits' subjects."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.rules = {rule["id"]: rule for rule in document["rewards"]}
        self.given: dict[str, dict[str, Any]] = {}
        self.tried = 0

    def wanted(self, line: Mapping[str, Any]) -> int:
        """The amount before the limits, in the programme's words."""
        amount = self.rules[line["rule"]]["give"]["amount"]
        if isinstance(amount, dict):
            amount = amount["by_tier"][line["tier"]]
        if "campaign" in line:
            change = self.document["campaigns"][0]["rewards"][line["rule"]]
            amount = int((amount * Decimal(str(change["multiply"]))).to_integral_value(ROUND_HALF_EVEN))
            amount += change.get("add", 0)
        return int(amount)

    def subjects(self, limit: Mapping[str, Any], rule: str, at: datetime, who: Mapping[str, str]) -> Any:
        """What the limit counts a reward under, or None where it does not."""
        per = limit["per"]
        if limit.get("rules") and rule not in limit["rules"]:
            return None
        if per in ("referrer", "referred") and self.rules[rule]["to"] != per:
            return None
        return (per, who.get(per), period(at, limit.get("every"), self.document["timezone"]))

    def decided(self, rule: str, wanted: int, at: datetime, who: Mapping[str, str]) -> tuple[int | None, str]:
        """What may be given, or why nothing."""
        points = "unit" in self.rules[rule]["give"]
        for limit in self.document["limits"]:
            subject = self.subjects(limit, rule, at, who)
            if subject is None:
                continue
            same = [
                row
                for row in self.given.values()
                if self.subjects(limit, row["rule"], row["at"], row["who"]) == subject
            ]
            if "count" in limit:
                if len(same) < limit["count"]:
                    continue
            elif points:
                continue
            else:
                left = limit["budget"] - sum(row["amount"] for row in same if not row["points"])
                if wanted <= left:
                    continue
                if limit["when_reached"] == "partial" and left > 0:
                    wanted = left
                    continue
            return None, "waitlisted" if limit["when_reached"] == "waitlist" else "cap_reached"
        return wanted, ""

    def see(self, at: datetime, decision: Decision, who: Mapping[str, str]) -> None:
        """Holds one decision to the list, and brings the list up to date."""
        for line in decision.trace.get("rewards", ()):
            if "from" in line:
                if line["state"] in ("rejected", "cancelled"):
                    del self.given[line["reward"]]
                continue
            if line["ok"] or line["reason"] in ("cap_reached", "waitlisted"):
                self.tried += 1
                amount, reason = self.decided(line["rule"], self.wanted(line), at, who)
                assert (line["ok"], line.get("reason", "")) == (amount is not None, reason), line
                if amount is None:
                    continue
                assert line["amount"] + line.get("reversed", 0) == amount, line
                points = "unit" in self.rules[line["rule"]]["give"]
                self.given[line["reward"]] = {
                    "rule": line["rule"], "amount": amount, "at": at, "who": who, "points": points,
                }  # fmt: skip


def remember(document: Document, events: list[dict[str, Any]]) -> Watched:
    """The events, each once, in memory."""
    memory = Watched(document)
    for event in {event["event_id"]: event for event in events}.values():
        memory.send(event)
    return memory


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(told=told)
def test_caps_hold_exactly_and_the_books_agree(told: Told) -> None:
    document, events = told
    memory = remember(document, events)
    caps = Caps(document)
    for at, decision, who in memory.decided:
        caps.see(at, decision, who)
    check_books(memory)
    standing: dict[str, int] = defaultdict(int)
    for row in memory.state.referrals.values():
        standing[row.referred_id] += row.state in ("submitted", "qualified", "opportunity", "closed_won")
    assert max(standing.values(), default=0) <= 1
    assert all(len(kept) <= 100 for kept in memory.state.early.values())


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    told=told,
    second=documents("q", "sales"),
    chunk=st.integers(1, 40),
    batch=st.integers(1, 30),
    change=st.booleans(),
)
@pytest.mark.usefixtures("db")
def test_replay_equals_live_and_live_is_what_memory_says(
    told: Told, second: Document, chunk: int, batch: int, change: bool
) -> None:
    document, events = told
    workspace = str(directory.create(f"w{next(_NUMBERS)}", "W").id)
    publishing.publish(workspace, document, by="test")
    if change:  # another programme besides, and another version of the first half-way
        publishing.publish(workspace, second, by="test")
    for start in range(0, len(events), chunk):
        piece = list({event["event_id"]: event for event in events[start : start + chunk]}.values())
        record.record(workspace, piece)
        while apply.apply_pending(workspace, limit=batch, ring=False).more:
            pass
        if change and start <= len(events) // 2 < start + chunk:
            publishing.publish(workspace, document | {"rewards": second["rewards"], "limits": [], "campaigns": [],
                "tiers": second.get("tiers", [])}, by="test")  # fmt: skip
    if not change:
        agrees_with_memory(workspace, remember(document, events))
    for _ in range(3):
        worker.drain(workspace)
    assert replay.verify(workspace).differences == ()
    trial = ledger.trial_balance(workspace)
    assert (all(unit.balanced for unit in trial.units), trial.drifting_accounts) == (True, 0)
    with tenancy.workspace(workspace):
        positions = list(Applied.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(1, len(positions) + 1))


def agrees_with_memory(workspace: str, memory: Watched) -> None:
    """Referrals, rewards and early facts are the same, however the events were cut into batches."""
    state = memory.state
    with tenancy.workspace(workspace):
        found = Referral.objects.values_list("state", "reason", "submitted_at", "closed_at", "value")
        assert sorted(found, key=str) == sorted(
            ((row.state, row.reason, row.submitted_at, row.closed_at, row.value) for row in state.referrals.values()),
            key=str,
        )
        fields = ("rule", "state", "amount", "reversed", "granted_at", "approved_at", "ended_at")
        rewards = Reward.objects.values_list(*fields)
        assert sorted(rewards, key=str) == sorted(
            (tuple(getattr(row, field) for field in fields) for row in state.rewards.values()), key=str
        )
        assert EarlyFact.objects.count() == sum(map(len, state.early.values()))
