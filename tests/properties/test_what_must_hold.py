"""Over programmes and histories that nobody thought of: the order of independent events does not matter, publishing
without migration changes no running referral's outcome, and a full refund of everything leaves stated debts alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from goodword.domain import ids
from goodword.domain.draft import Decision
from goodword.domain.events import Event
from support.books import balances, check_books
from support.memory import START, WORKSPACE, Memory
from support.random_programs import BEGAN, Document, documents, with_limits
from support.rich_programs import OF_STANDING, apart, loyal, rates, rich, telling

LATER = START + timedelta(days=2_000)
"""After every timer of a history."""
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
Raw = dict[str, Any]
BEGINS = ("participant.signed_up", "referral.submitted")


class Steady(Memory):
    """A memory in which an event's id is made of what it is, not of when it came."""

    def _step(self, event: Event) -> dict[str, Decision]:
        id = ids.derive(event.occurred_at, WORKSPACE, event.type, event.source, event.event_id)
        return super()._step(event._replace(id=id))


def remembered(document: Mapping[str, Any], events: Sequence[Raw]) -> Steady:
    """The events, each once, and everything that was due after them."""
    memory = Steady(document)
    for event in {event["event_id"]: event for event in events}.values():
        memory.send(event)
    memory.ring(LATER)
    return memory


def rows(memory: Memory) -> dict[str, Any]:
    """Everything that is kept, ids included."""
    state = memory.state
    return {
        "participants": state.participants,
        "accounts": state.accounts,
        "links": state.links,
        "referrals": state.referrals,
        "rewards": state.rewards,
        "counters": {(who, name): value for who, named in state.counters.items() for name, value in named.items()},
        "early": {id: fact for kept in state.early.values() for id, fact in kept.items()},
        "transfers": {row.id: row for row in state.changes.transfers},
        "notices": {notice.key: notice for notice in state.changes.notices},
    }


# The order of independent events


NAMED = ("participant", "account", "event_id")
INNER = ("referral", "order_id", "code", "external_id", "email")


def elsewhere(value: Any, prefix: str, key: str = "") -> Any:
    """The same story of other people: every name of somebody or something has the prefix."""
    if isinstance(value, Mapping):
        return {name: elsewhere(inner, prefix, name) for name, inner in value.items()}
    return f"{prefix}{value}" if key in NAMED + INNER and isinstance(value, str) else value


def by_days(events: list[Raw]) -> list[Raw]:
    """In the order of time, all of a day at one moment: nothing says which of them comes first."""
    told = [event | {"occurred_at": _noon(event["occurred_at"])} for event in events]
    return sorted(told, key=lambda event: event["occurred_at"])


def _noon(moment: datetime) -> datetime:
    return moment.replace(hour=12, minute=0, second=0, microsecond=0)


def alone(events: list[Raw]) -> list[Raw]:
    """Without what everybody hears: the rates of exchange."""
    return [event for event in events if event["type"] != "fx.rate_published"]


@st.composite
def two_components(draw: Any) -> tuple[Document, list[Raw], list[Raw], list[int]]:
    document = apart(draw(st.one_of(documents(), rich(together=False), loyal(together=False))))
    told = rates(fixed=True) if document.get("kind") != "loyalty" else st.just([])
    known = draw(told)
    one, other = (by_days([elsewhere(e, prefix) for e in alone(draw(telling(document)))]) for prefix in ("a-", "b-"))
    return document, [*known, *one], other, draw(st.lists(st.integers(0, 1), min_size=len(one), max_size=len(one)))


def interleaved(one: list[Raw], other: list[Raw], turns: list[int]) -> list[Raw]:
    """Both, each in its own order and no day before another; of one day, whose turn it is comes first."""
    found, left, right = [], list(one), list(other)
    turn = iter([*turns, *([0] * len(other))])
    while left and right:
        first, second = left[0]["occurred_at"], right[0]["occurred_at"]
        from_left = first < second or (first == second and next(turn, 0) == 0)
        found.append((left if from_left else right).pop(0))
    return found + left + right


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(told=two_components())
def test_the_order_of_independent_events_does_not_matter(
    told: tuple[Document, list[Raw], list[Raw], list[int]],
) -> None:
    document, one, other, turns = told
    together = rows(remembered(document, interleaved(one, other, turns)))
    the_other_way = rows(remembered(document, interleaved(one, other, [1 - turn for turn in turns])))
    assert together == the_other_way
    known = [event for event in one if event["type"] == "fx.rate_published"]
    mine, theirs = rows(remembered(document, one)), rows(remembered(document, [*known, *other]))
    for name, found in together.items():
        assert found == mine[name] | theirs[name], name


# Publishing

OF_LIVE = ("kind", "registration", "statement", "priority", "exclusive")


SHARED = ("goals", "contests")


def shares(document: Document) -> set[str]:
    """The ids of what goals and contests give."""
    parts = [*document.get("goals", ()), *document.get("contests", ())]
    return {share["id"] for part in parts for share in (*part.get("rewards", ()), *part.get("prizes", ()))}


def of_rules(document: Document) -> Document:
    """With goals or contests, which are of the live version: only the limits that name their rules, so that another
    version's do not bound what those give."""
    return with_limits(document, lambda limit: bool(limit.get("rules"))) if shares(document) else document


@st.composite
def republished(draw: Any) -> tuple[Document, Document, list[Raw], int]:
    """A programme, another text for it, a history, and a place after which no further referral begins."""
    document = of_rules(draw(st.one_of(documents(), rich())))
    flow = document["lifecycle"]["flow"]
    other = draw(st.one_of(documents(flow=flow), rich(flow=flow)))
    other = {name: part for name, part in other.items() if name not in SHARED}
    other = of_rules(other | {name: document[name] for name in SHARED if name in document})
    # Who waits has the cap of the live version, and a partner's statement its periods: the version is to have the same.
    other = with_limits(other, lambda limit: limit.get("when_reached") != "waitlist")
    other = {name: part for name, part in other.items() if name not in OF_LIVE}
    other |= {name: part for name, part in document.items() if name in OF_LIVE}
    if "statement" in document or shares(document):  # their periods are of the live version's zone
        other["timezone"] = document["timezone"]
    events = draw(telling(document))
    place = draw(st.integers(len(events) // 2, len(events) - 1))
    after = [event for event in events[place:] if event["type"] not in BEGINS]
    return document, other, [*events[:place], *after], place


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(told=republished())
def test_publishing_without_migration_changes_no_running_referrals_outcome(
    told: tuple[Document, Document, list[Raw], int],
) -> None:
    document, other, events, place = told
    before = remembered(document, events)
    memory = Steady(document)
    for number, event in enumerate(events):
        if number == place:
            memory.publish(other, 2)
        if event["event_id"] not in {earlier["event_id"] for earlier in events[:number]}:
            memory.send(event)
    memory.ring(LATER)
    kept, now = rows(before), rows(memory)
    for found in (kept, now):  # what goals and contests give is of the version that is live then
        of_live = {
            id: row._replace(version_id="") for id, row in found["rewards"].items() if row.rule in shares(document)
        }
        found["rewards"] = found["rewards"] | of_live
    for name in ("referrals", "rewards", "transfers", "counters"):
        assert now[name] == kept[name], name


# Refunds

LAST_DAY = (BEGAN + timedelta(days=3_000)).date().isoformat()
"""When contests end whose points are to be taken back first."""


@st.composite
def refundable(draw: Any) -> tuple[Document, list[Raw]]:
    """A programme that takes back every reward when all is refunded, and a history."""
    document = draw(st.one_of(documents(), rich()))
    for part in (*document.get("goals", ()), *document.get("contests", ())):
        for share in (*part.get("rewards", ()), *part.get("prizes", ())):  # is for no order, and stays
            share["give"] = {"type": "feature", "name": share["id"]}
    for contest in document.get("contests", ()):  # is decided after everything was given back
        contest |= {"metric": draw(st.sampled_from(["revenue", "closed_won"])), "to": LAST_DAY}
    document["rewards"] = [rule for rule in document["rewards"] if rule["id"] not in OF_STANDING]
    for rule in document["rewards"]:
        everything = [] if rule["on"].startswith("referral.") else ["all.returned"]
        how = draw(st.sampled_from(["full", "proportional"]))
        rule["reverse"] = {"on": ["order.refunded", *everything], "how": how}
    return document, draw(telling(document))


def hand_over(memory: Steady, at: datetime, kept: set[int]) -> None:
    """All rewards reach their people, but for some that stay as they are."""
    for number, reward in enumerate(sorted(memory.state.rewards.values(), key=lambda row: row.id)):
        for verb in () if number in kept else ("approved", "issued"):
            name = {"reward": ids.public("rwd", reward.id)}
            event_id = f"{verb}-{reward.id}"
            memory.send({"type": f"reward.{verb}", "event_id": event_id, "occurred_at": at, "properties": name})


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(told=refundable(), parts=st.integers(1, 3), kept=st.sets(st.integers(0, 5)))
def test_a_full_refund_of_everything_leaves_nothing_but_stated_debts(
    told: tuple[Document, list[Raw]], parts: int, kept: set[int]
) -> None:
    document, events = told
    memory = Steady(document)
    for event in {event["event_id"]: event for event in events}.values():
        memory.send(event)
    assume(memory.state.rewards)
    at = max(BEGAN, *(event["occurred_at"] for event in events)) + timedelta(days=10)
    hand_over(memory, at, kept)
    for referral in list(memory.state.referrals.values()):
        for part in range(parts):
            whole = referral.value or 0
            value = whole // parts if part < parts - 1 else whole - whole // parts * (parts - 1)
            refund = {"referral": ids.public("ref", referral.id), "value": value, "currency": "USD"}
            event_id = f"refund-{referral.id}-{part}"
            memory.send({"type": "order.refunded", "event_id": event_id, "occurred_at": at, "participant": "till",
                         "properties": refund})  # fmt: skip
        returned = {"referral": ids.public("ref", referral.id)}  # also of payments that did not win it
        event_id = f"returned-{referral.id}"
        memory.send({"type": "all.returned", "event_id": event_id, "occurred_at": at, "properties": returned})
    memory.ring(LATER)
    check_books(memory)
    found: dict[tuple[str | None, str], dict[str, int]] = defaultdict(dict)
    for (owner, kind, unit), amount in balances(memory).items():
        found[owner, unit][kind] = amount
    for (_owner, unit), kinds in found.items():
        assert set(kinds) == {"participant_debt", "fulfilled"}, (unit, kinds)
        assert kinds["participant_debt"] == kinds["fulfilled"]
    rewards = [row for row in memory.state.rewards.values() if row.rule not in shares(document)]
    assert {row.state for row in rewards} <= {"cancelled", "reversed", "rejected", "failed", "expired"}
    winners = {row.participant_id for row in memory.state.rewards.values() if row.rule in ("first", "others")}
    worthless = {
        row.referrer_id for row in memory.state.referrals.values() if row.state == "closed_won" and not row.value
    }
    revenue = any(contest["metric"] == "revenue" for contest in document.get("contests", ()))
    assert winners <= (set() if revenue else worthless)
