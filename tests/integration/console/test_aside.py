"""The page of what the engine could not apply: each with its error, tried again by those who may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from goodword.console import aside
from goodword.domain import ids
from goodword.engine import apply, record
from goodword.store import tenancy
from goodword.store.models import Inbox
from support.browsing import logged_in


@pytest.fixture
def poisoned(workspace: str) -> list[str]:
    """The public ids of two events that are set aside, the older first."""
    raws = [
        {"type": "quiz.done", "event_id": f"q{day}", "participant": "ada", "occurred_at": f"2026-03-0{day}T10:00:00Z"}
        for day in (1, 2)
    ]
    inserted = record.record(workspace, raws).inserted
    with tenancy.workspace(workspace):
        Inbox.objects.filter(workspace_id=workspace).update(attempts=apply.MAX_ATTEMPTS, error="KeyError('<b>')")
    return [ids.public("evt", id) for id in inserted]


def attempts(workspace: str) -> list[int]:
    with tenancy.workspace(workspace):
        return list(Inbox.objects.filter(workspace_id=workspace).order_by("seq").values_list("attempts", flat=True))


def test_what_is_set_aside_is_shown_with_its_error_as_text(visit: Client, poisoned: list[str]) -> None:
    page = visit.get("/w/test/aside/").content.decode()
    assert "KeyError(&#x27;&lt;b&gt;&#x27;)" in page
    assert 0 < page.index(poisoned[0]) < page.index(poisoned[1])
    overview = visit.get("/w/test/").content.decode()
    assert "2 are set aside" in overview
    assert "wait for the engine" not in overview
    assert "Every event is applied" not in overview


def test_one_or_all_are_tried_again(visit: Client, poisoned: list[str], workspace: str) -> None:
    answer = visit.post("/w/test/aside/retry/", {"id": poisoned[1]}, follow=True)
    assert "1 is tried again" in answer.content.decode()
    assert attempts(workspace) == [apply.MAX_ATTEMPTS, 0]
    again = visit.post("/w/test/aside/retry/", {"id": poisoned[1]}, follow=True)
    assert "Nothing of this is set aside any more" in again.content.decode()
    assert "1 is tried again" in visit.post("/w/test/aside/retry/", follow=True).content.decode()
    assert attempts(workspace) == [0, 0]
    assert "Nothing is set aside" in visit.get("/w/test/aside/").content.decode()
    assert visit.post("/w/test/aside/retry/", {"id": "ord-1"}).status_code == 404


def test_finance_sees_it_and_changes_nothing(hire: Callable[..., User], poisoned: list[str], workspace: str) -> None:
    finance = logged_in(hire("finance"))
    page = finance.get("/w/test/aside/").content.decode()
    assert poisoned[0] in page
    assert "Try again" not in page
    assert finance.post("/w/test/aside/retry/", {"id": poisoned[0]}).status_code == 403
    assert attempts(workspace) == [apply.MAX_ATTEMPTS] * 2


def test_so_many_are_shown(visit: Client, poisoned: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "SHOWN", 1)
    page = visit.get("/w/test/aside/").content.decode()
    assert poisoned[0] in page
    assert poisoned[1] not in page
    assert "The oldest 1 are shown." in page
