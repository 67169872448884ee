"""Clicks become touches of a sign-up; another policy is tried on them; erasure leaves no code, and replay agrees."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from goodword.domain import ids
from goodword.engine import apply, erase, programs, record, replay
from goodword.engine.backtest import job
from goodword.engine.touches import MOST_TOUCHES
from goodword.insight import explain, export
from goodword.store import clicks, tenancy
from goodword.store.models import Click, Decision, Event, Link, Referral
from goodword.store.sql import execute
from support.documents import self_serve, thanks

BEGAN = datetime(2026, 3, 1, 9, tzinfo=UTC)


def document(**attribution: Any) -> dict[str, Any]:
    return self_serve(attribution=attribution, rewards=[thanks(on="referral.submitted")])


def send(workspace: str, *raws: dict[str, Any]) -> list[str]:
    told = [{"occurred_at": BEGAN.isoformat(), **raw} for raw in raws]
    inserted = record.record(workspace, told).inserted
    apply.apply_until(workspace, inserted)
    return inserted


@pytest.fixture
def linked(workspace: str) -> str:
    """A workspace in which Ada and Bob have links."""
    programs.publish(workspace, document(), by="test")
    key = document()["program"]
    send(
        workspace,
        *(
            {
                "type": "link.created",
                "event_id": who,
                "participant": who,
                "properties": {"program": key, "code": f"{who}-1"},
            }
            for who in ("ada", "bob")
        ),
    )
    return workspace


def click(workspace: str, code: str, day: float, visitor: str | None = None, kind: str = "visit") -> str:
    """A click of a link, by the browser that made another click or by a new one. Its internal id."""
    page, ip = "news.example/a", "203.0.113.7"
    at = BEGAN + timedelta(days=day)
    id = ids.derive(at, workspace, "click", code, kind)
    with tenancy.workspace(workspace):
        link = str(Link.objects.get(code=code).id)
        row = clicks.Click(id, link, at, kind, "phone", "", page, "en", {"source": "x"}, "ab" * 16, ip, visitor)
        execute(clicks.INSERT, clicks.values(workspace, [row]))
    return id


def signed_up(click_id: str, who: str = "new", **properties: Any) -> dict[str, Any]:
    return {
        "type": "participant.signed_up",
        "event_id": f"signup-{who}",
        "occurred_at": (BEGAN + timedelta(days=9)).isoformat(),
        "participant": who,
        "properties": {"click_id": ids.public("clk", click_id), **properties},
    }


def referrer(workspace: str, who: str = "new") -> tuple[str, str]:
    with tenancy.workspace(workspace):
        found = Referral.objects.get(referred__external_id=who)
        return str(found.referrer.external_id), found.source


def touches(workspace: str, event_id: str) -> list[tuple[str, str]]:
    with tenancy.workspace(workspace):
        told = Event.objects.get(id=UUID(event_id)).payload["properties"].get("touches", [])
    return [(touch["kind"], touch["code"]) for touch in told]


def test_the_visits_of_the_browser_are_in_the_event_and_the_latest_wins(linked: str) -> None:
    first = click(linked, "ada-1", 1)
    click(linked, "bob-1", 2, first, "preview")
    last = click(linked, "bob-1", 3, first)
    click(linked, "ada-1", 4, first)  # after the click that the page was told
    [event] = send(linked, signed_up(last))
    assert touches(linked, event) == [("link", "ada-1"), ("link", "bob-1")]
    assert referrer(linked) == ("bob", "link")
    text = explain.render_text(explain.explain_many(linked, [event])[0])
    assert f"link bob-1, 2026-03-04 09:00 UTC, {ids.public('clk', last)} won" in text
    assert f"{ids.public('clk', first)} kept as evidence: touch_earlier" in text
    assert replay.verify(linked).differences == ()


def test_a_click_that_is_none_adds_nothing(linked: str) -> None:
    bot = click(linked, "ada-1", 1, kind="bot")
    [event] = send(linked, signed_up(bot))
    assert touches(linked, event) == []
    [event] = send(linked, signed_up(ids.derive(BEGAN, linked, "click", "nobody"), "other", code="ada-1"))
    assert touches(linked, event) == []
    assert referrer(linked, "other") == ("ada", "code")


def test_of_very_many_visits_the_latest_are_taken(linked: str) -> None:
    first = click(linked, "ada-1", 0)
    for minute in range(MOST_TOUCHES):
        last = click(linked, "bob-1", 1 + minute / 1440, first)
    [event] = send(linked, signed_up(last))
    assert touches(linked, event) == [("link", "bob-1")] * MOST_TOUCHES


def test_another_policy_gives_the_credit_to_another(linked: str) -> None:
    first = click(linked, "ada-1", 1)
    send(linked, signed_up(click(linked, "bob-1", 3, first)))
    result = job.run(linked, job.Question(document=document(model="first_touch")), tell=lambda change: None)
    found = {row["name"]: (row["before"]["amount"], row["after"]["amount"]) for row in result["people"]}
    assert found == {"ada": (0, 1_000), "bob": (1_000, 0)}


def test_another_policy_tells_of_the_credit_for_what_has_earned_nothing_yet(linked: str) -> None:
    patient = {**document(), "rewards": [thanks()]}
    programs.publish(linked, patient, by="test")
    first = click(linked, "ada-1", 1)
    send(linked, signed_up(click(linked, "bob-1", 3, first)))
    changed: list[dict[str, Any]] = []
    job.run(linked, job.Question(document=patient), tell=changed.append)
    assert changed == []
    job.run(linked, job.Question(document={**patient, "attribution": {"model": "first_touch"}}), tell=changed.append)
    [change] = changed
    by = [change[side]["trace"]["attribution"]["by"]["link"] for side in ("before", "after")]
    with tenancy.workspace(linked):
        assert [Link.objects.get(id=link).code for link in by] == ["bob-1", "ada-1"]


def test_erasure_leaves_nothing_of_a_code_in_touches(linked: str) -> None:
    [event] = send(linked, signed_up(click(linked, "bob-1", 3), code="ada-1"))
    erase.erase(linked, erase.find(linked, "bob"), by="test")
    with tenancy.workspace(linked):
        kept = json.dumps(Event.objects.get(id=UUID(event)).payload)
    assert "bob-1" not in kept
    assert "ada-1" in kept
    assert replay.verify(linked).differences == ()


def kept(workspace: str) -> list[clicks.Click]:
    with tenancy.workspace(workspace):
        rows = Click.objects.filter(workspace_id=workspace).order_by("clicked_at").values_list("id", flat=True)
        return [one for id in rows if (one := clicks.find(workspace, str(id)))]


def test_erasure_takes_out_whose_the_clicks_were_and_leaves_that_there_were_any(linked: str) -> None:
    first = click(linked, "ada-1", 1)
    last = click(linked, "bob-1", 3, first)
    later = click(linked, "bob-1", 20, first)
    other = click(linked, "ada-1", 5)
    send(linked, signed_up(last), signed_up(other, "other"))
    exported = export.export(linked, erase.find(linked, "new"))["clicks"]
    assert [(one["ip"], one["utm"], "link" in one) for one in exported] == [("203.0.113.7", {"source": "x"}, False)] * 3
    before = kept(linked)
    done = erase.erase(linked, erase.find(linked, "new"), by="test")
    assert done.counts["click"] == 3
    after = kept(linked)
    counted = [(one.link_id, one.clicked_at, one.kind, one.device, one.utm) for one in before]
    assert [(one.link_id, one.clicked_at, one.kind, one.device, one.utm) for one in after] == counted
    mine = [one for one in after if one.id != other]
    assert {(one.ip, one.ip_hash, one.visitor_id, one.language, one.referrer) for one in mine} == {
        (None, None, None, "", "")
    }
    assert not {first, last, later} & {one.id for one in mine}
    assert [one.id[:13] for one in mine] == [id[:13] for id in (first, last, later)], "of the same moment"
    assert after[2] == before[2], "another visitor's"
    with tenancy.workspace(linked):
        told = json.dumps([one.payload for one in Event.objects.all()] + [one.trace for one in Decision.objects.all()])
    assert [id for id in (first, last, later) if ids.public("clk", id) in told] == []
    assert ids.public("clk", other) in told
    assert replay.verify(linked).differences == ()
    assert erase.erase(linked, erase.find(linked, "ada"), by="test").counts.get("click", 0) == 0
    assert kept(linked)[2] == before[2], "a visitor of Ada's link is not Ada"
