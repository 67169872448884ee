"""Whatever happens, in whatever order: caps hold, each rule pays once, and the books say what the rewards say."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from importlib.resources import files
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.domain import calendar
from goodword.domain.program import read
from goodword.engine import apply, record, replay, worker
from goodword.engine import programs as publishing
from goodword.store import tenancy
from goodword.store import workspaces as directory
from goodword.store.models import Decision, Referral, Reward
from support.books import check_books
from support.memory import START, Memory

RECIPES = ("credit-after-threshold", "bronze-silver-gold", "b2b-sales")
_NUMBERS = count()
NEW = "somebody new"
PEOPLE = ("ada", "bob", "cyd", "dee", "eve", "fay")
Fact = tuple[str, str | None, dict[str, Any]]
BEGAN = START - timedelta(days=2_500)
ACCOUNT = {"status": "paying", "since": "2010-01-01T00:00:00Z", "active_days_30": 5}


def text(name: str) -> str:
    return (files("goodword") / "recipes" / f"{name}.yaml").read_text()


def documents() -> list[dict[str, Any]]:
    """The recipes with caps so low that short histories reach them."""
    found = [read(text(name))[1] for name in RECIPES]
    found[1]["limits"][0]["count"] = 2
    found[1]["limits"][1]["budget"] = 4_000
    found[2]["limits"][0]["count"] = 3
    found[2]["limits"][1]["budget"] = 150_000
    return found


people = st.sampled_from(PEOPLE)
money = st.integers(0, 6_000)
parts = st.sampled_from([333_333, 500_000, 1_000_000])
deals = st.integers(0, 3).map(lambda number: f"R{number}")
rules = st.sampled_from(["qualified", "closed", "welcome"])


def fact(kind: Any, who: Any = None, **properties: Any) -> st.SearchStrategy[list[Fact]]:
    """One event whose parts are drawn."""
    drawn = {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in properties.items()
    }
    kinds = kind if isinstance(kind, st.SearchStrategy) else st.just(kind)
    return st.tuples(kinds, st.none() if who is None else who, st.fixed_dictionaries(drawn)).map(lambda one: [one])


def friend(code: str) -> list[Fact]:
    """Somebody new comes with a code and pays a first order."""
    return [
        ("participant.signed_up", NEW, {"code": code}),
        ("order.completed", NEW, {"value": 3_000, "currency": "USD"}),
    ]


def deal(number: int, won: bool) -> list[Fact]:
    """Ada submits a company, and sales move it along."""
    lead = {"email": f"lead{number}@x.example", "employees": 50, "country": "US"}
    moves: list[Fact] = [
        ("referral.submitted", "ada", {"referral": f"R{number}", "referred": lead}),
        ("referral.qualified", None, {"referral": f"R{number}"}),
    ]
    return moves + ([("crm.deal_won", None, {"referral": f"R{number}", "value": 1_000_000})] if won else [])


stories = st.one_of(
    st.sampled_from(["ada-c", "bob-c", "ada-b", "ada-b", "none"]).map(friend),
    st.builds(deal, st.integers(0, 3), st.just(True)),
    st.builds(deal, st.integers(0, 6), st.booleans()),
    fact("participant.signed_up", people, code=st.sampled_from(["ada-c", "bob-c", "ada-b"])),
    fact("order.completed", people, value=money, currency="USD"),
    fact("order.refunded", people, value=money, currency=st.sampled_from(["USD", "EUR"])),
    fact("order.refunded", people, referral=deals, value=parts, currency="USD"),
    fact("order.refunded", people, referral="R1", value=333_333, currency="USD"),
    fact(st.sampled_from(["referral.closed_lost", "referral.closed_won"]), referral=deals),
    fact(st.sampled_from(["reward.approved", "reward.issued"]), referral=deals, rule=rules),
    fact(
        st.sampled_from(["reward.approved", "reward.rejected", "reward.issued", "reward.redeemed", "reward.failed"]),
        referral=deals,
        rule=rules,
    ),
)
histories = st.lists(st.tuples(stories, st.sampled_from([-2, 0, 0, 0, 1, 3, 8, 35])), min_size=15, max_size=60)


def sent(history: list[Any]) -> list[dict[str, Any]]:
    """The history as events; the step between two may go back in time, as late facts do."""
    events: list[dict[str, Any]] = [
        {"type": "link.created", "participant": code[:3], "properties": {"program": program, "code": code}}
        for code, program in (("ada-c", RECIPES[0]), ("bob-c", RECIPES[0]), ("ada-b", RECIPES[1]))
    ]
    events += [
        {"type": "account.updated", "account": "acme", "properties": ACCOUNT},
        *({"type": "participant.identified", "participant": who, "account": "acme"} for who in PEOPLE),
    ]
    day = 0
    for number, (story, step) in enumerate(history):
        day = max(0, day + step)
        for kind, who, properties in story:
            event: dict[str, Any] = {"type": kind, "properties": properties, "day": day}
            name = f"new-{number}" if who is NEW else who
            events.append(event | ({"participant": name} if name else {}))
    return [
        {"event_id": f"e{number}", "occurred_at": BEGAN + timedelta(days=event.pop("day", 0), seconds=number), **event}
        for number, event in enumerate(events)
    ]


@settings(max_examples=200, deadline=None)
@given(histories)
def test_caps_hold_rules_pay_once_and_the_books_agree(history: list[Any]) -> None:
    memory = Memory(*documents())
    for event in sent(history):
        memory.send(event)
    state = memory.state
    rewards = list(state.rewards.values())

    assert max(Counter((row.referral_id, row.rule) for row in rewards).values(), default=1) == 1
    counted: dict[Any, int] = defaultdict(int)
    for row in rewards:
        if row.state in ("rejected", "cancelled"):
            continue
        referral = state.referrals[row.referral_id or ""]
        key = state.versions[row.version_id].key
        month = calendar.period(row.granted_at, "month", "America/New_York").label
        quarter = calendar.period(row.granted_at, "quarter", "America/New_York").label
        if row.rule == "friend":
            counted["friends a month", referral.referrer_id, month] += 1
        if key == RECIPES[2] and row.participant_id == referral.referrer_id:
            counted["deals a month", referral.referrer_id, month] += 1
        counted["budget", key, quarter] += row.amount or 0
    limits = {"friends a month": 2, "deals a month": 3}
    for (limit, who, _), used in counted.items():
        budget = {RECIPES[0]: used, RECIPES[1]: 4_000, RECIPES[2]: 150_000}.get(who, 0)
        assert used <= limits.get(limit, budget), (limit, who, used)

    check_books(memory)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=histories, chunk=st.integers(1, 30), batch=st.integers(1, 30))
@pytest.mark.usefixtures("db")
def test_live_in_any_batches_is_what_replay_says_and_what_memory_says(
    history: list[Any], chunk: int, batch: int
) -> None:
    events = sent(history)
    workspace = str(directory.create(f"w{next(_NUMBERS)}", "W").id)
    for document in documents():
        publishing.publish(workspace, document, by="test")
    for start in range(0, len(events), chunk):
        record.record(workspace, events[start : start + chunk])
        while apply.apply_pending(workspace, limit=batch, ring=False).more:
            pass
    memory = Memory(*documents())
    for event in events:
        memory.send(event)

    with tenancy.workspace(workspace):
        assert sorted(Referral.objects.values_list("state", "source", "submitted_at")) == sorted(
            (row.state, row.source, row.submitted_at) for row in memory.state.referrals.values()
        )
        assert sorted(
            Reward.objects.values_list("rule", "state", "amount", "reversed", "granted_at"), key=str
        ) == sorted(
            ((row.rule, row.state, row.amount, row.reversed, row.granted_at) for row in memory.state.rewards.values()),
            key=str,
        )
        assert Decision.objects.filter(event__type="order.completed").count() == 2 * sum(
            event["type"] == "order.completed" for event in events
        )
    worker.drain(workspace)
    assert replay.verify(workspace).differences == ()
