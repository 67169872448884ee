"""Every route that takes a body, given what is no body for it: a stable code each, and nothing left behind."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator

import jwt
import pytest
from tests.integration.api.conftest import Api
from tests.integration.api.test_access import routes

from goodword.api import access, body, openapi
from goodword.domain import ids
from goodword.store import keys, models, tenancy, workspaces
from support.databases import TestServer

DEEP = b'{"a":' * 2_000 + b"1" + b"}" * 2_000
BAD = [
    (b'{"name": 1, "name": 2}', "application/json", {}, {"malformed_json"}),
    (b'{"a": "\xff"}', "application/json", {}, {"malformed_json"}),
    (b'{"a": ' + b"9" * 5_000 + b"}", "application/json", {}, {"malformed_json"}),
    (DEEP, "application/json", {}, {"invalid_request"}),
    (b'{"a": "\\u0000"}', "application/json", {}, {"invalid_request", "invalid_events"}),
    (b'{"\\ud800": "a"}', "application/json", {}, {"invalid_request", "invalid_events"}),
    (b"[]", "application/json", {}, {"invalid_request", "invalid_events", "invalid_program"}),
    (b'{"no such field": 1}', "application/json", {}, {"invalid_request", "invalid_events", "invalid_program"}),
    (b"{}", "text/plain", {}, {"unsupported_media_type"}),
    (b"{}", "application/json; charset=utf-16", {}, {"unsupported_media_type"}),
    (b"{}", "application/json", {"Content-Encoding": "br"}, {"unsupported_media_type"}),
    (b"{}", "application/json", {"Content-Encoding": "gzip"}, {"malformed_gzip"}),
    (gzip.compress(b"{}")[:-1], "application/json", {"Content-Encoding": "gzip"}, {"malformed_gzip"}),
    (gzip.compress(b" " * 40_000_000, 1), "application/json", {"Content-Encoding": "gzip"}, {"body_too_large"}),
    (gzip.compress(b"["), "application/json", {"Content-Encoding": "gzip"}, {"malformed_json"}),
]


@pytest.fixture(scope="module")
def callers(database_server: TestServer) -> Iterator[tuple[str, Api, Api]]:
    """A workspace, who may everything in it, and a person."""
    with database_server.database():
        workspace = str(workspaces.create("test", "Test").id)
        row, secret = keys.create_key(workspace, "login", kind="token")
        claims = {"sub": "ada", "aud": ids.public("ws", workspace), "exp": int(time.time()) + 3600}
        token = jwt.encode(claims, secret, algorithm="HS256", headers={"kid": ids.public("key", row.id)})
        yield workspace, Api(keys.create_key(workspace, "tests")[1]), Api(token)


def test_no_body_that_is_none_gets_through_anywhere(callers: tuple[str, Api, Api]) -> None:
    workspace, server, person = callers
    taking = {
        operation["operationId"]
        for methods in openapi.document()["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    }
    tried = set()
    for name, method, address, entry in routes():
        if name not in taking:
            continue
        api = person if entry.person else server
        for raw, kind, headers, codes in BAD:
            answer = api.call(method, address, raw, kind, headers)
            assert answer.status in (400, 404, 413, 415, 422), (name, raw[:40], answer)
            # What is not there is told before what is wrong with the body, or after; both are stable.
            assert answer.code in {*codes, "not_found"}, (name, raw[:40], answer)
            if "{" not in openapi_path(name):
                assert answer.code in codes, (name, raw[:40], answer)
        tried.add(name)
    assert tried == taking
    with tenancy.workspace(workspace):
        for model in (models.Event, models.Participant, models.Program, models.ProgramDraft, models.Job):
            assert not model.objects.exists(), model  # type: ignore[attr-defined]
        assert models.ApiKey.objects.count() == 2


def test_a_body_may_be_so_large_and_no_larger(callers: tuple[str, Api, Api]) -> None:
    _, server, person = callers
    for name, method, address, entry in routes():
        limit = openapi.LIMITS.get(name, body.MAX_BODY)
        if method == "GET" or limit > body.MAX_BODY or "{" in openapi_path(name):
            continue
        api = person if entry.person else server
        answer = api.call(method, address, b'{"a": "' + b"x" * limit + b'"}')
        assert (answer.status, answer.code) == (413, "body_too_large"), name


def openapi_path(operation: str) -> str:
    """The address of an operation as the description has it."""
    for path, methods in openapi.document()["paths"].items():
        if any(found["operationId"] == operation for found in methods.values()):
            return str(path)
    raise AssertionError(operation)


def test_a_route_without_an_entry_cannot_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(access.ROUTES, "get_reward")
    openapi.document.cache_clear()
    try:
        with pytest.raises(KeyError, match="get_reward"):
            openapi.document()
    finally:
        monkeypatch.undo()
        openapi.document.cache_clear()
