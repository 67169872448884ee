"""Nothing but problem details leaves /v1 when something is wrong, whatever it is."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from tests.integration.api.conftest import Api

from goodword.api import door, problems, workspaces


@pytest.fixture(scope="module")
def api(unmoved: Api) -> Api:
    """What is refused leaves the workspace as it was."""
    return unmoved


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/events/a/b/c", "/v1/participants/", "/v1/%ff"])
def test_an_unknown_address_is_a_problem(api: Api, path: str) -> None:
    answer = Api(None).get(path)
    assert (answer.status, answer.code) == (404, "no_such_route")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/participants", "GET, POST"),
        ("PUT", "/v1/events", "GET, POST"),
        ("PUT", "/v1/programs", "GET, POST"),
        ("OPTIONS", "/v1/rewards", "GET"),
        ("TRACE", "/v1/rewards", "GET"),
        ("POST", "/v1/openapi.json", "GET"),
    ],
)
def test_an_unknown_method_is_told_the_known_ones(api: Api, method: str, path: str, allowed: str) -> None:
    answer = api.call(method, path)
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


def test_head_is_get_without_a_body(api: Api) -> None:
    answer = api.call("HEAD", "/v1/workspace")
    assert (answer.status, answer.data) == (200, None)


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        ("text/plain", {}),
        ("application/x-www-form-urlencoded", {}),
        ("multipart/form-data; boundary=x", {}),
        ("application/json; charset=utf-16", {}),
        ("application/json", {"Content-Encoding": "br"}),
    ],
)
def test_another_media_type_is_refused(api: Api, kind: str, headers: dict[str, str]) -> None:
    answer = api.call("POST", "/v1/events", b"{}", kind, headers)
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_a_body_may_come_as_gzip(api: Api) -> None:
    event = {"type": "ride.finished", "event_id": "r-1", "participant": "u1"}
    packed = gzip.compress(json.dumps(event).encode())
    answer = api.call("POST", "/v1/events", packed, headers={"Content-Encoding": "gzip"})
    assert (answer.status, len(answer.data["inserted"])) == (202, 1)
    again = api.post("/v1/events", event)
    assert again.data["duplicates"] == answer.data["inserted"]


def test_another_encoding_is_told_which_there_is(api: Api) -> None:
    answer = api.call("POST", "/v1/events", b"{}", headers={"Content-Encoding": "zstd"})
    assert answer.headers["Accept-Encoding"] == "gzip"


def test_a_charset_of_utf_8_is_fine(api: Api) -> None:
    answer = api.call("POST", "/v1/events", b"{}", 'application/json; charset="UTF-8"')
    assert answer.code == "invalid_events"


@pytest.mark.parametrize("query", ["external_id=%00", "external_id=%ff", "%00=1", "external_id=a%C3"])
def test_an_address_that_is_not_text_is_refused(api: Api, query: str) -> None:
    answer = api.call("GET", f"/v1/participants?{query}")
    assert (answer.status, answer.code) == (400, "bad_request")


def test_a_long_query_is_refused(api: Api) -> None:
    answer = api.call("GET", "/v1/participants?email=" + "x" * door.MAX_QUERY)
    assert (answer.status, answer.code) == (414, "url_too_long")


def test_a_host_that_is_not_ours_is_refused(api: Api) -> None:
    answer = api.call("GET", "/v1/workspace", headers={"Host": "evil.example"})
    assert (answer.status, answer.code) == (400, "bad_request")


def test_a_content_length_that_is_no_number_is_refused(api: Api) -> None:
    for length in ("-1", "ten", "１"):
        answer = api.client.generic(
            "POST",
            "/v1/events",
            b"{}",
            content_type="application/json",
            headers={"Authorization": f"Bearer {api.key}", "Host": "localhost"},
            CONTENT_LENGTH=length,
        )
        assert json.loads(answer.content)["code"] == "bad_request"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(OperationalError("gone"), 503, "unavailable"), (RuntimeError("secret detail"), 500, "internal_error")],
)
def test_a_fault_of_ours_tells_nothing_of_itself(
    api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def broken(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(workspaces.summary, "summary", broken)
    answer = api.get("/v1/summary")
    assert (answer.status, answer.code) == (status, code)
    assert str(error) not in json.dumps(answer.data)
    assert answer.headers["RateLimit-Limit"]


def test_a_fault_before_the_key_is_known_is_a_problem(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object, *, basic: bool) -> None:
        raise OperationalError("no server")

    monkeypatch.setattr(door.keys, "authenticate", gone)
    answer = api.get("/v1/workspace")
    assert (answer.status, answer.code) == (503, "unavailable")
    assert answer.headers["Retry-After"]


def test_a_surrogate_in_what_we_quote_does_not_break_the_answer(api: Api) -> None:
    answer = api.post("/v1/events/batch", b'{"\\ud800": 1}')
    assert answer.status == 422


def test_no_answer_may_be_shared_by_a_cache_or_sets_a_cookie(api: Api) -> None:
    for answer in (api.get("/v1/workspace"), api.get("/v1/participants"), api.post("/v1/events", {})):
        assert answer.headers["Cache-Control"] in ("no-store", "private, no-cache")
        assert (answer.headers["Cache-Control"] == "no-store") == (answer.status != 200)
        assert "Set-Cookie" not in answer.headers


def test_every_kind_of_problem_says_what_to_do() -> None:
    for code, kind in problems.KINDS.items():
        assert 400 <= kind.status < 600
        assert kind.advice.endswith("."), code
        assert not kind.title.endswith("."), code


def test_too_large_a_body_is_refused_before_it_is_read(api: Api, tables: Callable[[], dict[str, int]]) -> None:
    before = tables()
    answer = api.client.generic(
        "POST",
        "/v1/events/batch",
        b"{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {api.key}", "Host": "localhost"},
        CONTENT_LENGTH="99999999999",
    )
    assert answer.status_code == 413
    assert tables() == before
