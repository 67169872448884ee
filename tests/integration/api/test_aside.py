"""What the engine could not apply, over the API: listed with its error, and tried again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.integration.api.conftest import Api

from goodword.api.aside import MAX_IDS
from goodword.domain import ids
from goodword.engine import apply, programs, worker
from goodword.store import keys, tenancy, workspaces
from goodword.store.models import Inbox, Timer
from support.documents import self_serve


def poisoned(workspace: str, *names: str) -> None:
    """Events of these ids that were tried as often as the engine tries, in this order of time."""
    with tenancy.workspace(workspace):
        inbox = Inbox.objects.filter(workspace_id=workspace, event__event_id__in=names)
        inbox.update(attempts=apply.MAX_ATTEMPTS, error="RuntimeError('cannot be')")


def events(*names: str) -> list[dict[str, object]]:
    return [
        {"type": "quiz.done", "event_id": name, "participant": "ada", "occurred_at": f"2026-03-{day:02}T10:00:00Z"}
        for day, name in enumerate(names, start=1)
    ]


def test_what_is_set_aside_is_listed_in_pages_with_its_error_and_tried_again(api: Api, workspace: str) -> None:
    names = [f"q{number}" for number in range(3)]
    api.send(*events(*names), {"type": "quiz.done", "event_id": "fine", "participant": "bo"}, wait=False)
    poisoned(workspace, *names)
    worker.drain(workspace)

    numbers = api.get("/v1/summary").data
    assert (numbers["events_waiting"], numbers["set_aside"]) == (0, 3)
    first = api.get("/v1/aside", limit=2).data
    second = api.get("/v1/aside", limit=2, cursor=first["next_cursor"]).data
    assert second["next_cursor"] is None
    listed = [*first["data"], *second["data"]]
    assert [row["event_id"] for row in listed] == names
    one = listed[0]
    assert (one["kind"], one["type"], one["at"]) == ("event", "quiz.done", "2026-03-01T10:00:00Z")
    assert (one["attempts"], one["error"]) == (apply.MAX_ATTEMPTS, "RuntimeError('cannot be')")
    assert one["source"]
    assert api.get(f"/v1/events/{one['id']}").data["status"] == "failed"

    assert api.post("/v1/aside/retry", {"ids": [one["id"]]}).data == {"retried": 1}
    assert api.post("/v1/aside/retry", {"ids": [one["id"]]}).data == {"retried": 0}
    worker.drain(workspace)
    assert api.get(f"/v1/events/{one['id']}").data["status"] == "applied"
    assert api.post("/v1/aside/retry", {"all": True}).data == {"retried": 2}
    worker.drain(workspace)
    assert api.get("/v1/aside").data == {"data": [], "next_cursor": None}


def test_a_timer_that_is_set_aside_is_one_of_them(api: Api, workspace: str) -> None:
    program = programs.publish(workspace, self_serve(), by="test").program_id
    due = datetime(2126, 1, 1, tzinfo=UTC)
    id, told = ids.derive(due, workspace, "timer", "x"), {"attempts": apply.MAX_ATTEMPTS, "error": "KeyError(1)"}
    with tenancy.workspace(workspace):
        Timer.objects.create(
            id=id, workspace_id=workspace, program_id=program, kind="hold.ended", due_at=due, detail={}, **told
        )
    [row] = api.get("/v1/aside").data["data"]
    assert (row["kind"], row["event_id"], row["source"], row["request"]) == ("timer", None, None, None)
    assert row["id"] == ids.public("tmr", id)
    assert api.get("/v1/summary").data["set_aside"] == 1
    assert api.post("/v1/aside/retry", {"ids": [row["id"]]}).data == {"retried": 1}
    with tenancy.workspace(workspace):
        assert Timer.objects.get(workspace_id=workspace, id=id).attempts == 0


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "/ids"),
        ({"ids": ["evt_x"], "all": True}, "/ids"),
        ({"ids": []}, "/ids"),
        ({"ids": ["ord-1"]}, "/ids/0"),
        ({"all": "yes"}, "/all"),
        ({"everything": True}, "/everything"),
    ],
)
def test_a_bad_question_says_where(api: Api, body: object, at: str) -> None:
    answer = api.post("/v1/aside/retry", body)
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert [place for place, _ in answer.errors] == [at]


def test_another_workspace_and_a_key_without_the_scope_see_and_change_nothing(api: Api, workspace: str) -> None:
    api.send(*events("mine"), wait=False)
    poisoned(workspace, "mine")
    [mine] = api.get("/v1/aside").data["data"]
    elsewhere = str(workspaces.create("other", "Other").id)
    other = Api(keys.create_key(elsewhere, "other")[1])
    assert other.get("/v1/aside").data["data"] == []
    assert other.post("/v1/aside/retry", {"ids": [mine["id"]]}).data == {"retried": 0}
    assert other.post("/v1/aside/retry", {"all": True}).data == {"retried": 0}
    reader = Api(keys.create_key(workspace, "reader", scope=["events:read"])[1])
    assert reader.get("/v1/aside").status == 200
    assert reader.post("/v1/aside/retry", {"all": True}).code == "missing_scope"
    assert len(api.get("/v1/aside").data["data"]) == 1


def test_so_many_are_named_in_one_call(api: Api) -> None:
    known = ids.public("evt", "01a20433-4a46-72e7-9a0c-0d9eb086f96b")
    assert api.post("/v1/aside/retry", {"ids": [known] * MAX_IDS}).data == {"retried": 0}
    assert api.post("/v1/aside/retry", {"ids": [known] * (MAX_IDS + 1)}).errors == [("/ids", "out_of_range")]
