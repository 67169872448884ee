"""A backtest in parts over people who became known late: claims, anonymous visitors, checkouts, merges. It comes to the
same as in one piece."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import ids
from goodword.engine.backtest import compare, job, log, parts
from goodword.store import tenancy
from goodword.store.models import Claim
from integration.engine.test_attribution import click, document, linked, send
from integration.engine.test_claims import claimed
from integration.engine.test_evidence import fact

__all__ = ["linked"]
MONEY = {"value": 900, "currency": "USD"}
FAMILIES = 2


def test_claims_and_visitors_who_become_known_come_to_the_same_in_parts(
    linked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(FAMILIES):
        family(linked, number)
    monkeypatch.setattr(job, "WORTH_CUTTING", 0)
    gained = []
    for attribution in ({}, {"model": "first_touch"}, {"evidence": ["code", "link"]}):
        whole, one = asked(linked, document(**attribution), entries=10**9)
        cut, many = asked(linked, document(**attribution), entries=20)
        assert (whole["whole"], cut["whole"]) == ("one process", None)
        for name in whole.keys() - {"seconds", "processes", "whole"}:
            assert whole[name] == cut[name], name
        assert many == one
        gained.append(sorted(row["change"] for row in whole["people"]))
    live, first, without = gained
    assert live == []
    assert first == [-2_000] * FAMILIES + [2_000] * FAMILIES, "the visitor and the claimed friend"
    assert without == [-2_000] * FAMILIES + [-1_000] * FAMILIES, "no claims, no coupon"


def asked(workspace: str, tried: dict[str, Any], *, entries: int) -> tuple[dict[str, Any], list[compare.Change]]:
    """The answer with so many entries to a part, and every change."""
    changes: list[compare.Change] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "ENTRIES", entries)
        return job.run(workspace, job.Question(document=tried), tell=changes.append), changes


def family(workspace: str, number: int) -> None:
    """Two referrers and those who came by them; of the next family time begins anew. Each fact in its own batch."""
    ada, bob, new, guest, later, one, two, phone, tab = (
        f"{name}{number}" for name in ("ada", "bob", "new", "guest", "later", "one", "two", "phone", "tab")
    )
    browser, mail = f"browser-{number}", f"guest{number}@x.example"
    for who in (ada, bob):
        send(workspace, fact("link.created", who, 0, program=document()["program"], code=f"{who}-1"))
    seen = ids.public("clk", click(workspace, f"{ada}-1", 1))
    other = ids.public("clk", click(workspace, f"{bob}-1", 2))
    send(workspace, touched(browser, 1, seen))
    send(workspace, claimed(ada, 1, mail))
    send(workspace, touched(browser, 2, other))
    send(workspace, claimed(bob, 2, mail))
    for day in (3, 3.5):
        decide(workspace, "approved", day)
    send(workspace, fact("participant.identified", new, 3.7, anonymous_id=browser))
    send(workspace, fact("participant.identified", phone, 3.8, code=f"{ada}-1"))
    send(workspace, fact("participant.signed_up", new, 4))
    send(workspace, fact("participant.signed_up", later, 4))
    send(workspace, fact("participant.signed_up", guest, 5) | {"participant": {"external_id": guest, "email": mail}})
    send(workspace, claimed(ada, 5, later))
    decide(workspace, "approved", 6)
    send(workspace, claimed(bob, 6, f"nobody{number}"))
    decide(workspace, "rejected", 7, reason="not_proven")
    send(workspace, fact("participant.identified", tab, 7, previous_id=phone))
    send(workspace, fact("order.completed", one, 7, client_reference_id=seen, **MONEY))
    send(workspace, fact("order.completed", two, 7.5, coupon=f"{bob}-1", **MONEY))
    send(workspace, fact("participant.signed_up", tab, 8))


def touched(browser: str, day: float, seen: str) -> dict[str, Any]:
    told = fact("visitor.touched", None, day, anonymous_id=browser, click_id=seen)
    return told | {"event_id": f"{browser}-{day}"}


def decide(workspace: str, verb: str, day: float, **told: Any) -> None:
    """Staff decide the claim that has waited longest."""
    with tenancy.workspace(workspace):
        [row, *_] = Claim.objects.filter(workspace_id=workspace, state="waiting").order_by("claimed_at", "id")
    named = {"claim": ids.public("clm", row.id), "by": "Eva", "note": "", **told}
    send(workspace, fact(f"claim.{verb}", None, day, **named) | {"event_id": f"{row.id}-{verb}"})


def test_of_those_who_come_late_on_one_day_there_is_one_row(linked: str) -> None:
    """However many they are, what is kept of them does not grow beyond the days."""
    for number in range(3):
        send(linked, fact("participant.signed_up", f"first{number}", 5))
        send(linked, *(fact("participant.signed_up", f"{number}-{one}", 2 * number + one / 10) for one in range(3)))
    with log.snapshot(linked):
        late = log.late_beginnings(linked)
    assert len(late) == 3
    assert [moment for _, moment in late] == sorted(moment for _, moment in late)
