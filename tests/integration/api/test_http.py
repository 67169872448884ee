"""The real server on the wire: what no client library would send, and floods of bytes."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import connection
from tests.integration.api.conftest import Api

from goodword.api import body
from goodword.edge.bodies import MAX_BODY
from goodword.ops.serving.door import HEAD_SECONDS
from support.databases import TestServer
from support.serving import Served, served


@pytest.fixture(scope="module")
def standing(database_server: TestServer, unmoved: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for all tests here, which leave what it serves as it is."""
    url = database_server.url(str(connection.settings_dict["NAME"]))
    with served(tmp_path_factory.mktemp("served"), url, worker=False) as running:
        yield running


@pytest.fixture
def client(standing: Served, unmoved: Api) -> Iterator[httpx.Client]:
    with _client(standing, unmoved) as client:
        yield client


def _client(server: Served, api: Api) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {api.key}"})


def _raw(server: Served, request: bytes) -> tuple[int, bytes]:
    """Send bytes as they are; the status and the body of the answer."""
    where = urlsplit(server.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=10) as wire:
        wire.sendall(request)
        answer = b""
        while chunk := wire.recv(65_536):
            answer += chunk
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), content


def test_a_first_call_works(client: httpx.Client) -> None:
    answer = client.get("/v1/workspace")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json()["slug"] == "test"


def test_the_docs_examples_work_as_written(server: Served, api: Api, recipes: None) -> None:
    from goodword.api import schemas

    client = _client(server, api)
    for name in ("order", "submission", "approval"):
        answer = client.post("/v1/events?wait=true", json=schemas.EXAMPLES[name]["value"])
        assert answer.status_code == 200, answer.text
        [event] = answer.json()["events"]
        assert event["status"] == "applied"
        assert event["decisions"], f"{name} is decided about"
    answer = client.post("/v1/programs", json=schemas.PROGRAM_EXAMPLE)
    assert answer.status_code == 201


def test_an_empty_body_is_not_json(client: httpx.Client) -> None:
    for path in ("/v1/events", "/v1/events/batch", "/v1/programs"):
        answer = client.post(path, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    answer = client.post("/v1/programs", headers={"Content-Type": "application/yaml"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_program")


def test_a_body_in_chunks_is_measured_as_it_comes(client: httpx.Client) -> None:
    def chunks(size: int) -> Iterator[bytes]:
        for _ in range(size // 65_536 + 1):
            yield b" " * 65_536

    kind = {"Content-Type": "application/json"}
    for size in (body.MAX_BODY, MAX_BODY, 3 * MAX_BODY):
        answer = client.post("/v1/events", content=chunks(size), headers=kind)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), size
    assert client.get("/v1/workspace").status_code == 200


def test_a_body_that_says_it_is_too_large_is_not_waited_for(standing: Served, unmoved: Api) -> None:
    status, content = _raw(
        standing,
        f"POST /v1/events/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {unmoved.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n".encode(),
    )
    assert status == 413
    assert json.loads(content)["code"] == "body_too_large"


def test_an_answer_says_its_length(client: httpx.Client) -> None:
    for path in ("/healthz", "/v1/workspace", "/v1/nothing", "/accounts/login/", "/docs"):
        answer = client.get(path)
        assert int(answer.headers["Content-Length"]) >= len(answer.content) > 0 or "Content-Encoding" in answer.headers
        assert "Transfer-Encoding" not in answer.headers, path


def test_a_page_of_the_console_is_behind_the_same_limit(client: httpx.Client) -> None:
    answer = client.post("/accounts/login/", content=b"x" * (MAX_BODY + 1))
    assert answer.status_code == 413


STRANGE_LINES = [
    b"GET /v1/participants?email=\xff HTTP/1.1",
    b"GET /v1/participants?email=%ff HTTP/1.1",
    b"GET /v1/participants/\xff HTTP/1.1",
    b"GET /v1/participants/%00 HTTP/1.1",
    b"GET /v1/events/..%2f..%2fetc HTTP/1.1",
    b"GET /v1/" + b"a" * 9_000 + b" HTTP/1.1",
    b"FROB /v1/participants HTTP/1.1",
]


def test_a_strange_request_line_is_a_problem_too(standing: Served, unmoved: Api) -> None:
    rest = f"\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {unmoved.key}\r\n\r\n".encode()
    for line in STRANGE_LINES:
        status, content = _raw(standing, line + rest)
        assert status in (400, 404, 405, 414), line
        if content:  # what is not HTTP at all is refused by the server itself, without a body
            code = json.loads(content)["code"]
            assert code in ("bad_request", "no_such_route", "not_found", "method_not_allowed"), line


def test_a_body_cut_short_harms_nobody(standing: Served, client: httpx.Client, unmoved: Api) -> None:
    where = urlsplit(standing.url)
    for _ in range(5):
        with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=10) as wire:
            wire.sendall(
                f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {unmoved.key}\r\n"
                'Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"type":'.encode()
            )
    assert client.get("/v1/workspace").status_code == 200
    assert client.get("/v1/summary").json()["events_waiting"] == 0


def test_who_says_nothing_is_not_waited_for(standing: Served) -> None:
    where = urlsplit(standing.url)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=HEAD_SECONDS + 10) as wire:
        assert wire.recv(1) == b""  # the server has closed it


CUT = [
    b"Content-Length: 500\r\n\r\n{",
    b"Transfer-Encoding: chunked\r\n\r\n10\r\n{",
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
]


def test_who_ends_a_body_too_early_and_listens_is_told(standing: Served, unmoved: Api) -> None:
    where = urlsplit(standing.url)
    for path, rest in [("/v1/events", CUT[0]), *(("/v1/participants", rest) for rest in CUT)]:
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {unmoved.key}\r\n".encode()
        with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=60) as wire:
            wire.sendall(head + b"Content-Type: application/json\r\n" + rest)
            wire.shutdown(socket.SHUT_WR)
            answer = b""
            while part := wire.recv(65_536):
                answer += part
        assert answer.startswith(b"HTTP/1.1 400 "), (rest, answer)
        assert b'"code": "bad_request"' in answer
