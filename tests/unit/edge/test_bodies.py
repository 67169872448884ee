"""How large the body of a request may be, before its route is known."""

from __future__ import annotations

import asyncio
import json

import pytest

from goodword.api.body import MAX_BATCH_BODY, MAX_IMPORT_BODY
from goodword.edge import bodies
from goodword.edge.bodies import MAX_BODY, MAX_FILES_BODY, bounded, most
from goodword.edge.http import Message, Receive, Send

EVENTS: Message = {"type": "http", "method": "POST", "path": "/v1/events", "headers": []}


@pytest.mark.parametrize("path", ["/v1/imports", "/v1/imports/", "/w/my-company/imports/"])
def test_files_to_be_imported_may_be_as_large_as_their_route_takes(path: str) -> None:
    assert most({"path": path}) == MAX_FILES_BODY > MAX_IMPORT_BODY


@pytest.mark.parametrize(
    "path", ["/v1/events", "/v1/imports/imp_1/run", "/w/a/imports/imp_1/", "/x/v1/imports", "/v1/imports\n", "/"]
)
def test_nothing_else_is_larger_than_a_batch(path: str) -> None:
    assert most({"path": path}) == MAX_BODY >= MAX_BATCH_BODY


def test_a_body_that_is_cut_off_is_told_so() -> None:
    told: list[Message] = []
    parts = [{"type": "http.request", "body": b'{"type"', "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return parts.pop(0)

    async def send(message: Message) -> None:
        told.append(message)

    async def read(scope: Message, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass

    asyncio.run(bounded(read)(EVENTS, receive, send))
    assert (told[0]["status"], json.loads(told[1]["body"])["code"]) == (400, "bad_request")


def test_a_long_answer_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PART_SECONDS", 0.0)
    monkeypatch.setattr(bodies, "WATCH_SECONDS", 0.0)
    told: list[str] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        if message.get("more_body", False):
            await asyncio.Event().wait()  # nobody takes it

    async def export(scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        except asyncio.CancelledError:
            told.append("let go")

    asyncio.run(bounded(export)(EVENTS, receive, send))
    assert told == ["let go"]
