"""An event is followed from its request to its batch by one id, and the log names nobody."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from goodword.domain.events import Event
from goodword.engine import apply, record
from goodword.store import keys, tenancy
from goodword.store.models import Inbox
from support.embedded import wait_for
from support.serving import Served

PERSON = "ada.lovelace@example.com"
NAME = "Ada Lovelace"


def send(server: Served, key: str, path: str = "/v1/events", **headers: str) -> tuple[int, str]:
    """POST an event of a person; status and the request's id."""
    body = {
        "type": "order.completed",
        "event_id": "one",
        "participant": {"external_id": "u-ada-1", "email": PERSON, "name": NAME},
        "properties": {"order_id": "1", "value": 1000, "currency": "USD"},
    }
    request = urllib.request.Request(
        server.url + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers["X-Request-Id"]
    except urllib.error.HTTPError as error:
        return error.code, error.headers["X-Request-Id"]


def lines(server: Served, event: str) -> list[dict[str, Any]]:
    """The lines of one kind in the server's log."""
    said = [json.loads(line) for line in server.said().splitlines() if line.startswith("{")]
    return [line for line in said if line["event"] == event]


def test_one_id_leads_from_the_request_to_the_batch_and_no_line_names_the_person(
    serve: Callable[..., Served], workspace: str
) -> None:
    key = keys.create_key(workspace, "test")[1]
    server = serve(worker=True)
    status, known = send(server, key, **{"X-Request-Id": "from-the-shop.1"})
    assert (status, known) == (202, "from-the-shop.1")
    wait_for(lambda: lines(server, "batch_applied"))
    (batch,) = lines(server, "batch_applied")
    assert batch["requests"] == ["from-the-shop.1"]
    assert batch["workspace"] == workspace
    assert (batch["events"], batch["rings"]) == (1, 0)
    assert batch["seconds"] > 0
    assert re.fullmatch(r"[0-9a-f-]{36}", batch["batch"])
    (request,) = [line for line in lines(server, "request") if line["request_id"] == "from-the-shop.1"]
    assert (request["method"], request["route"], request["pattern"]) == ("POST", "intake", "v1/events")
    assert request["status"] == 202
    urllib.request.urlopen(f"{server.url}/?email={PERSON}", timeout=20).close()
    send(server, key, path=f"/v1/participants/{PERSON}")
    send(server, "gw_sk_wrong")
    wait_for(lambda: len(lines(server, "request")) >= 3)
    for secret in (PERSON, NAME, "u-ada-1", "lovelace", key, "gw_sk_"):
        assert secret not in server.said()


def test_events_applied_while_the_caller_waits_are_told_under_the_request(
    serve: Callable[..., Served], workspace: str
) -> None:
    server = serve()
    status, known = send(server, keys.create_key(workspace, "test")[1], "/v1/events?wait=true")
    assert status == 200
    wait_for(lambda: lines(server, "batch_applied"))
    assert lines(server, "batch_applied")[0]["request_id"] == known


def test_every_answer_has_an_id_of_ours_where_none_that_is_well_formed_was_given(server: Served) -> None:
    for given in ("", "short", "x" * 65, PERSON, "a b c d e f g h", "-begins-wrong", "ünï-cödé-12"):
        asked = urllib.request.Request(
            f"{server.url}/healthz", headers={"X-Request-Id": given.encode("latin-1", "replace")}
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", answer.headers["X-Request-Id"]), given
    # And a refusal before Django.
    request = urllib.request.Request(f"{server.url}/v1/events", method="POST", headers={"Content-Length": "99999999"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code == 413
    assert len(refused.value.headers["X-Request-Id"]) == 36


def test_a_failure_is_told_by_the_errors_name_and_its_request(
    workspace: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import structlog

    from goodword.ops import logs

    def fail(_state: Any, _event: Event) -> None:
        raise ValueError(f"cannot read {NAME}")

    with structlog.contextvars.bound_contextvars(request_id="from-the-shop.2"):
        record.record(workspace, [{"type": "order.completed", "event_id": "bad", "participant": {"external_id": "u1"},
                                   "properties": {"order_id": "1", "value": 1, "currency": "USD"}}])  # fmt: skip
    monkeypatch.setattr(apply, "step", fail)
    logs.configure("INFO", as_json=True)
    try:
        for _ in range(apply.MAX_ATTEMPTS):
            assert apply.apply_pending(workspace).more
        said = capsys.readouterr().err
    finally:
        logs.configure()
    failed = [json.loads(line) for line in said.splitlines() if '"event_failed"' in line]
    assert [line["attempts"] for line in failed] == [1, 2, 3]
    assert [line["set_aside"] for line in failed] == [False, False, True]
    assert failed[0]["request"] == "from-the-shop.2"
    assert re.fullmatch(r"ValueError at test_requests\.py:\d+", failed[0]["error"])
    assert NAME not in said
    with tenancy.workspace(workspace):
        (kept,) = Inbox.objects.values_list("error", flat=True)
    assert NAME in kept
