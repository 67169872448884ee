"""Whoever turns out to be whom, in whatever order: the books balance, each has what is theirs, and taking a
merge back puts everything where it was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from importlib.resources import files
from itertools import count
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from goodword.domain import ids
from goodword.domain.program import read
from goodword.domain.rows import ASIDE, STANDING
from goodword.domain.statements import CLOSED
from goodword.engine import apply, erase, record, replay, worker
from goodword.engine import programs as publishing
from goodword.store import models, tenancy
from goodword.store import workspaces as directory
from support.books import balances, check_books
from support.memory import START, Memory
from support.random_programs import FRIENDS, REFERRERS
from support.rich_programs import told

CREDIT, TIERS, SALES = "credit-after-threshold", "bronze-silver-gold", "b2b-sales"
BEGAN = START - timedelta(days=2_000)
IDS = ("ada", "bob", "cyd", "dee")
MAILS = ("one@x.example", "two@x.example", "tri@x.example")
ACCOUNT = {"status": "paying", "since": "2010-01-01T00:00:00Z", "active_days_30": 5}
_NUMBERS = count()
Fact = tuple[str, Mapping[str, Any] | None, dict[str, Any]]


def documents() -> list[dict[str, Any]]:
    """The recipes, with limits that short histories reach; one counts by account."""
    found = [read((files("goodword") / "recipes" / f"{name}.yaml").read_text())[1] for name in (CREDIT, TIERS, SALES)]
    found[1]["limits"][0]["count"] = 2
    found[2]["limits"] = [{"per": "account", "count": 2, "every": "month"}]
    return found


external = st.sampled_from(IDS)
mail = st.sampled_from(MAILS)
by_id = external.map(lambda id: {"external_id": id})
by_mail = mail.map(lambda address: {"email": address})
by_both = st.builds(lambda id, address: {"external_id": id, "email": address}, external, mail)
anybody = st.one_of(by_id, by_mail)
codes = st.sampled_from(["ada-c", "one-c", "two-b", "ada-b", "none"])
deals = st.integers(0, 3).map(lambda number: f"R{number}")


def fact(kind: str, who: Any = None, **properties: Any) -> st.SearchStrategy[Fact]:
    drawn = {
        key: value if isinstance(value, st.SearchStrategy) else st.just(value) for key, value in properties.items()
    }
    return st.tuples(st.just(kind), st.none() if who is None else who, st.fixed_dictionaries(drawn))


joins = st.one_of(
    fact("participant.identified", by_both),
    fact("order.completed", by_both, value=2_000, currency="USD"),
    fact("participant.identified", by_id, previous_id=external),
    fact("participant.identified", anybody, previous_id=mail),
    fact("participant.signed_up", by_mail, previous_id=external, code=codes),
)
facts = st.one_of(
    joins,
    joins,
    fact("participant.split", previous_id=st.one_of(external, mail)),
    fact("participant.signed_up", anybody, code=codes),
    fact("order.completed", anybody, value=st.integers(0, 6_000), currency="USD"),
    fact("order.refunded", anybody, value=st.integers(0, 3_000), currency="USD"),
    fact("referral.submitted", anybody, referral=deals, referred=mail.map(
        lambda address: {"email": address, "employees": 50, "country": "US"})),
    fact("referral.qualified", referral=deals),
    fact("crm.deal_won", referral=deals, value=1_000_000),
    fact("order.refunded", by_id, referral=deals, value=400_000, currency="USD"),
    fact("reward.approved", referral=deals, rule=st.sampled_from(["qualified", "closed", "welcome"])),
    fact("reward.issued", referral=deals, rule=st.sampled_from(["qualified", "closed", "welcome"])),
)  # fmt: skip
steps = st.sampled_from([-2, 0, 0, 0, 1, 3, 8, 35])
histories = st.lists(st.tuples(facts, steps), min_size=10, max_size=50)


def sent(history: list[tuple[Fact, int]]) -> list[dict[str, Any]]:
    """The history as events, after some that give everybody a link or an account."""
    begin: list[Fact] = [
        ("account.updated", None, {}),
        *(("participant.identified", {"external_id": id}, {}) for id in IDS[:3]),
        ("link.created", {"external_id": "ada"}, {"program": CREDIT, "code": "ada-c"}),
        ("link.created", {"email": MAILS[0]}, {"program": CREDIT, "code": "one-c"}),
        ("link.created", {"email": MAILS[1]}, {"program": TIERS, "code": "two-b"}),
        ("link.created", {"external_id": "ada"}, {"program": TIERS, "code": "ada-b"}),
    ]
    events: list[dict[str, Any]] = []
    day = 0
    for number, ((kind, who, properties), step) in enumerate([*((one, 0) for one in begin), *history]):
        day = max(0, day + step)
        event: dict[str, Any] = {"type": kind, "event_id": f"e{number}", "properties": properties}
        event["occurred_at"] = BEGAN + timedelta(days=day, seconds=number)
        if who:
            event["participant"] = who
        if kind == "account.updated":
            event |= {"account": "acme", "properties": ACCOUNT}
        elif kind == "participant.identified" and who and who.get("external_id") in IDS[:2]:
            event["account"] = "acme"
        events.append(event)
    return events


def named(memory: Memory, event: dict[str, Any]) -> dict[str, Any]:
    """The event with our id of the person where `previous_id` is an address, as somebody would look it up."""
    previous = event["properties"].get("previous_id")
    if previous not in MAILS:
        return event
    rows = [row for row in memory.state.participants.values() if row.email == previous and row.external_id is None]
    id = ids.public("par", rows[0].id) if rows else "par_nobody"
    return {**event, "properties": {**event["properties"], "previous_id": id}}


def check(memory: Memory) -> None:
    """What holds after every event, however people were merged and taken apart."""
    check_books(memory)
    state = memory.state
    held: dict[Any, int] = defaultdict(int)
    for reward in state.rewards.values():
        left = (reward.amount or 0) - reward.reversed
        if reward.state == "pending":
            held[reward.participant_id, "held participant_balance", reward.unit] += left
        if reward.state == "approved":
            held[reward.participant_id, "participant_balance", reward.unit] += left
        referral = state.referrals[reward.referral_id or ""]
        to = state.versions[reward.version_id].rules[reward.rule].to
        assert reward.participant_id == (referral.referrer_id if to == "referrer" else referral.referred_id)
    kinds = ("held participant_balance", "participant_balance")
    found = {key: amount for key, amount in balances(memory).items() if key[1] in kinds}
    assert found == {key: amount for key, amount in held.items() if amount}

    standing = Counter((row.program_id, row.referred_id) for row in state.referrals.values() if row.state in STANDING)
    assert max(standing.values(), default=1) == 1
    for referral in state.referrals.values():
        assert referral.state in ASIDE or referral.referrer_id != referral.referred_id or referral.state != "submitted"
    gone = {row.id for row in state.participants.values() if row.merged_into}
    assert not gone & {row.merged_into for row in state.participants.values()}
    assert not gone & {row.participant_id for row in state.links.values()}
    assert not gone & {id for row in state.referrals.values() for id in (row.referrer_id, row.referred_id)}
    left_behind = {
        (subject, name): figures
        for subject, names in state.counters.items()
        for name, figures in names.items()
        if subject in gone and any(figures)
    }
    assert not left_behind
    assert all(count >= 0 for names in state.counters.values() for count, _ in names.values())


@settings(max_examples=40, deadline=None)
@given(histories)
def test_the_books_and_limits_follow_whoever_turns_out_to_be_whom(history: list[Any]) -> None:
    memory = Memory(*documents())
    for event in sent(history):
        memory.send(named(memory, event))
        check(memory)
    ordered = sum(e["properties"]["value"] for e in sent(history) if e["type"] == "order.completed")
    refunded = sum(
        e["properties"]["value"] for e in sent(history) if e["type"] == "order.refunded" and "participant" in e
    )
    figures = [names["orders:USD"][1] for names in memory.state.counters.values() if "orders:USD" in names]
    assert sum(figures) == ordered - refunded


def picture(memory: Memory) -> dict[str, Any]:
    """Everything that a merge may change."""
    state = memory.state
    return {
        "participants": state.participants.copy(),
        "links": state.links.copy(),
        "referrals": state.referrals.copy(),
        "rewards": {
            row.id: {name: getattr(row, name) for name in ("participant_id", "state", "reason", "amount", "reversed",
                                                           "needs_approval", "hold_until", "ended_at")}
            for row in state.rewards.values()
        },
        "balances": balances(memory),
        "counters": {
            (subject, name): figures
            for subject, names in state.counters.items()
            for name, figures in names.items()
            if any(figures)
        },
        # A timer that is set again goes to the end of those due at its moment.
        "timers": {id: timer._replace(place=0) for id, timer in state.timers.items()},
        "progress": {key: reached for key, reached in state.progress.items() if reached},
    }  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(histories, st.lists(fact("participant.identified", by_both) | fact(
    "participant.identified", by_id, previous_id=st.one_of(external, mail)), min_size=1, max_size=4))  # fmt: skip
def test_a_merge_taken_back_at_once_leaves_everything_as_it_was(history: list[Any], merges: list[Fact]) -> None:
    memory = Memory(*documents())
    events = sent(history)
    for event in events:
        memory.send(named(memory, event))
    at = max(event["occurred_at"] for event in events) + timedelta(seconds=1)
    memory.ring(at)
    for number, (kind, who, properties) in enumerate(merges):
        told = {"type": kind, "participant": who, "properties": properties, "occurred_at": at}
        memory.send({"type": kind, "participant": {"external_id": who["external_id"]}, "event_id": f"k{number}",
                     "occurred_at": at})  # fmt: skip
        before = picture(memory)
        found = memory.send(named(memory, told | {"event_id": f"m{number}"}))
        done = [decision for decision in found.values() if decision.reason == "merged"]
        if not done:
            continue
        [decision] = done
        merged = ids.public("par", decision.trace["merge"]["merged"])
        check(memory)
        properties = {"previous_id": merged}
        back = {"type": "participant.split", "event_id": f"s{number}", "occurred_at": at, "properties": properties}
        assert memory.send(back)["split"].reason == "split"
        check(memory)
        after = picture(memory)
        for part, rows in before.items():
            assert after[part] == rows, part


def _settled(parts: dict[str, Any]) -> dict[str, Any]:
    """The picture without what a partner's statement tells of going over and coming back: how often its balance
    moved, and when the statement of that closes."""
    return parts | {
        "counters": {
            (subject, name): figures
            for (subject, name), figures in parts["counters"].items()
            if not (name.startswith("statement:") and name.endswith((":moved", ":until")))
        },
        "timers": {id: timer for id, timer in parts["timers"].items() if timer.kind != CLOSED},
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(told=told, pairs=st.lists(st.permutations([*REFERRERS, *FRIENDS]), min_size=1, max_size=3))
def test_a_merge_taken_back_at_once_leaves_every_kind_of_programme_as_it_was(told: Any, pairs: list[list[str]]) -> None:
    document, events = told
    # What was given counts at the account that somebody has from now on, also where they have left another meanwhile.
    assume(all(limit["per"] != "account" for limit in document.get("limits", ())))
    memory = Memory(document)
    for event in {event["event_id"]: event for event in events}.values():
        memory.send(event)
    at = max(event["occurred_at"] for event in events) + timedelta(days=1)
    memory.ring(at)
    # A place given back is taken at once: who stands in line has their turn while the two are one, and stays with both.
    assume(not any(timer.kind == "waitlist.reached" for timer in memory.state.timers.values()))
    known = memory.state.participant_by_external

    def say(kind: str, number: int, who: str, **properties: str) -> dict[str, Any]:
        event = {"type": kind, "event_id": f"{kind}-{number}", "occurred_at": at, "properties": properties}
        return memory.send(event | ({"participant": who} if who else {}))

    for number, (who, other, *_) in enumerate(pairs):
        for place, name in enumerate((who, other)):
            say("participant.identified", 10 * number + place, name)
        before, away = _settled(picture(memory)), ids.public("par", known[other])
        done = say("participant.identified", 10 * number + 2, who, previous_id=other)
        assert [decision.reason for decision in done.values()] == ["merged"]
        assert say("participant.split", number, "", previous_id=away)["split"].reason == "split"
        check_books(memory)
        after = _settled(picture(memory))
        for part, rows in before.items():
            assert after[part] == rows, part


def _published(history: list[Any]) -> tuple[str, Memory, list[dict[str, Any]]]:
    """A workspace with the documents, the memory that was sent the history, and its events by name."""
    workspace = str(directory.create(f"w{next(_NUMBERS)}", "W").id)
    for document in documents():
        publishing.publish(workspace, document, by="test")
    memory = Memory(*documents())
    memory.state.workspace_id = workspace
    events = []
    for event in sent(history):
        events.append(named(memory, event))
        memory.send(events[-1])
    return workspace, memory, events


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=histories, chunk=st.integers(1, 30), batch=st.integers(1, 30))
@pytest.mark.usefixtures("db")
def test_live_in_any_batches_is_what_replay_says_and_what_memory_says(
    history: list[Any], chunk: int, batch: int
) -> None:
    workspace, memory, events = _published(history)
    for start in range(0, len(events), chunk):
        record.record(workspace, events[start : start + chunk])
        while apply.apply_pending(workspace, limit=batch, ring=False).more:
            pass
    state = memory.state
    with tenancy.workspace(workspace):
        people = models.Participant.objects.values_list("id", "external_id", "email", "account_id", "merged_into_id")
        assert texts(people) == texts(
            (row.id, row.external_id, row.email, row.account_id, row.merged_into) for row in state.participants.values()
        )
        referrals = models.Referral.objects.values_list("referrer_id", "referred_id", "state", "reason", "submitted_at")
        assert texts(referrals) == texts(
            (row.referrer_id, row.referred_id, row.state, row.reason, row.submitted_at)
            for row in state.referrals.values()
        )
        rewards = models.Reward.objects.values_list("participant_id", "rule", "state", "amount", "reversed")
        assert texts(rewards) == texts(
            (row.participant_id, row.rule, row.state, row.amount, row.reversed) for row in state.rewards.values()
        )
        links = models.Link.objects.values_list("participant_id", "code")
        assert texts(links) == texts((row.participant_id, row.code) for row in state.links.values())
    worker.drain(workspace)
    assert replay.verify(workspace).differences == ()


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    history=histories, leave=st.lists(st.tuples(st.integers(0, 60), st.one_of(external, mail)), min_size=1, max_size=3)
)
@pytest.mark.usefixtures("db")
def test_replay_agrees_whoever_is_erased_with_whomever_they_turned_out_to_be(
    history: list[Any], leave: list[tuple[int, str]]
) -> None:
    workspace, _, events = _published(history)
    start = 0
    for at, who in [*sorted(leave), (len(events), "")]:
        record.record(workspace, events[start : max(start, at)])
        start = max(start, at)
        while apply.apply_pending(workspace, limit=9, ring=False).more:
            pass
        try:
            done = erase.erase(workspace, erase.find(workspace, who), by="test") if who else None
        except erase.UnknownParticipant:
            continue
        if done:
            with tenancy.workspace(workspace):
                rows = models.Participant.objects.filter(Q(id=done.participant_id) | Q(merged_into=done.participant_id))
                assert set(rows.values_list("external_id", "email")) == {(None, "")}
    worker.drain(workspace)
    assert replay.verify(workspace).differences == ()


def texts(rows: Iterable[Any]) -> list[str]:
    """The rows as sorted texts."""
    return sorted(str(tuple(map(str, row))) for row in rows)
