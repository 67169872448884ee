"""Visitors become known, and orders bring evidence, through the log: replay, backtests and erasure agree."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from goodword.domain import ids
from goodword.engine import erase, replay
from goodword.engine.backtest import job
from goodword.insight import export
from goodword.store import tenancy
from goodword.store.models import EarlyFact, Event
from integration.engine.test_attribution import BEGAN, click, document, linked, referrer, send

__all__ = ["linked"]


def fact(kind: str, who: str | None = None, day: float = 0, **properties: Any) -> dict[str, Any]:
    raw = {
        "type": kind,
        "event_id": f"{kind}-{who}-{day}",
        "occurred_at": (BEGAN + timedelta(days=day)).isoformat(),
        "properties": properties,
    }
    return raw | ({"participant": who} if who else {})


def test_a_visitors_clicks_count_once_they_are_known(linked: str) -> None:
    """Each in a batch of its own: what was kept is read from the database."""
    seen = ids.public("clk", click(linked, "ada-1", 1))
    other = ids.public("clk", click(linked, "bob-1", 2))
    send(linked, fact("visitor.touched", None, 1, anonymous_id="browser-1", click_id=seen))
    send(linked, fact("participant.identified", "new", 3, anonymous_id="browser-1", click_id=other))
    send(linked, fact("participant.signed_up", "new", 4))
    assert referrer(linked) == ("bob", "link")
    assert replay.verify(linked).differences == ()
    result = job.run(linked, job.Question(document=document(model="first_touch")), tell=lambda change: None)
    found = {row["name"]: (row["before"]["amount"], row["after"]["amount"]) for row in result["people"]}
    assert found == {"ada": (0, 1_000), "bob": (1_000, 0)}


def test_a_checkout_brings_evidence_of_somebody_who_never_signed_up(linked: str) -> None:
    seen = ids.public("clk", click(linked, "ada-1", 1))
    money = {"value": 900, "currency": "USD"}
    send(linked, fact("order.completed", "one", 2, client_reference_id=seen, **money))
    send(linked, fact("order.completed", "two", 3, client_reference_id="basket 9", coupon="Bob-1", **money))
    assert (referrer(linked, "one"), referrer(linked, "two")) == (("ada", "link"), ("bob", "coupon"))
    assert replay.verify(linked).differences == ()
    result = job.run(linked, job.Question(document=document(evidence=["link"])), tell=lambda change: None)
    found = {row["name"]: (row["before"]["amount"], row["after"]["amount"]) for row in result["people"]}
    assert found == {"bob": (1_000, 0)}


def test_what_was_kept_of_one_who_was_merged_counts_for_who_stands_for_both(linked: str) -> None:
    send(linked, fact("participant.identified", "phone", 1, code="ada-1"))
    send(linked, fact("participant.identified", "new", 2, previous_id="phone"))
    send(linked, fact("participant.signed_up", "new", 3))
    assert referrer(linked) == ("ada", "code")
    assert replay.verify(linked).differences == ()


def test_what_a_person_did_as_a_visitor_is_part_of_everything_held_about_them(linked: str) -> None:
    first, other = (ids.public("clk", click(linked, code, day)) for code, day in (("ada-1", 1), ("bob-1", 2)))
    send(linked, fact("visitor.touched", None, 1, anonymous_id="browser-1", click_id=first))
    send(linked, fact("visitor.touched", None, 2, anonymous_id="browser-2", click_id=other))
    send(linked, fact("participant.signed_up", "new", 3))
    who = erase.find(linked, "new")
    assert export.export(linked, who)["clicks"] == [], "nobody has said yet that they are that visitor"
    send(linked, fact("order.completed", "new", 4, value=1, currency="USD"))
    send(linked, fact("participant.identified", "new", 5, anonymous_id="browser-1"))
    held = export.export(linked, who)
    [mine] = held["clicks"]
    assert (mine["kind"], mine["ip"]) == ("visit", "203.0.113.7")
    assert [one["type"] for one in held["events"]].count("visitor.touched") == 1, "and not the other visitor's"
    assert erase.erase(linked, who, by="test").counts["click"] == 1
    assert export.export(linked, who)["clicks"] == []


def test_an_erasure_takes_the_visitor_too_and_replay_agrees(linked: str) -> None:
    seen = ids.public("clk", click(linked, "ada-1", 1))
    told = {"kind": "crm", "code": "bob-1", "proof": "heard it at the fair"}
    [first] = send(linked, fact("visitor.touched", None, 1, anonymous_id="browser-1", click_id=seen, touches=[told]))
    send(linked, fact("participant.identified", "new", 3, anonymous_id="browser-1"))
    send(linked, fact("participant.signed_up", "new", 4, anonymous_id="browser-1"))
    assert referrer(linked) == ("ada", "link")
    who = erase.find(linked, "new")
    mine = json.dumps(export.export(linked, who)["events"], default=str)
    assert "heard it at the fair" in mine
    erase.erase(linked, who, by="test")
    with tenancy.workspace(linked):
        kept = json.dumps([row.payload for row in Event.objects.all()])
        subjects = sorted(EarlyFact.objects.values_list("subject", flat=True))
        assert Event.objects.get(id=UUID(first)).payload["properties"]["touches"]
    for text in ("browser-1", "heard it", seen):
        assert text not in kept
    assert not any("browser-1" in subject for subject in subjects)
    assert replay.verify(linked).differences == ()
    send(linked, fact("participant.signed_up", "again", 5, anonymous_id="browser-1"))
    with tenancy.workspace(linked):
        assert Event.objects.filter(type="participant.signed_up").count() == 2
