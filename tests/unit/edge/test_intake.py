"""Events in front of Django: who is taken together, who goes elsewhere, who is refused."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence

import pytest

from goodword.edge import intake
from goodword.edge.crowd import Overloaded
from goodword.edge.http import Message, Receive, Send, respond
from goodword.edge.intake import Answered, Intake

Asked = tuple[str, Mapping[str, str], bytes, str]
Work = Callable[[Sequence[Asked]], Sequence[Answered]]


def _intake(work: Work) -> Intake:
    return Intake(
        lambda *asked: asked,
        work,
        may_ask=lambda host: host == "ours",
        always={"X-Always": "here"},
    )


async def _ask(edge: Intake, raw: bytes = b"{}", *more: tuple[bytes, bytes], **scope: object) -> tuple[int, bytes]:
    """The status and body that are answered; 418 is that of what is behind the edge."""
    sent: list[Message] = []

    async def behind(scope: Message, receive: Receive, send: Send) -> None:
        await respond(send, 418, [])

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asked = {"type": "http", "method": "POST", "path": "/v1/events", "query_string": b"", **scope}
    await edge.before(behind)({**asked, "headers": [(b"host", b"ours"), *more]}, receive, send)
    return sent[0]["status"], sent[1]["body"]


def test_those_who_wait_are_taken_together_and_batches_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CREW", 1)
    free, taken = threading.Event(), []

    def work(asked: Sequence[Asked]) -> list[Answered]:
        taken.append([raw for _, _, raw, _ in asked])
        free.wait()
        return [Answered(202, {}, raw) for _, _, raw, _ in asked]

    async def story() -> None:
        edge = _intake(work)
        first = asyncio.create_task(_ask(edge, b"first"))
        while not taken:
            await asyncio.sleep(0.001)
        raws = [b"a", b"b", b"batch", b"c"]
        paths = ["/v1/events" + "/batch" * (raw == b"batch") for raw in raws]
        rest = [asyncio.create_task(_ask(edge, raw, path=path)) for raw, path in zip(raws, paths, strict=True)]
        await asyncio.sleep(0)
        free.set()
        assert await asyncio.gather(first, *rest) == [(202, raw) for raw in (b"first", *raws)]
        edge.close()

    asyncio.run(story())
    assert taken == [[b"first"], [b"a", b"b"], [b"batch"], [b"c"]]


def test_those_beyond_the_line_are_refused_and_who_waited_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CREW", 1)
    monkeypatch.setattr(intake, "MOST_WAITING", 1)
    free, taken = threading.Event(), []

    def work(asked: Sequence[Asked]) -> list[Answered]:
        taken.extend(asked)
        free.wait()
        return [Answered(202, {}, b"") for _ in asked]

    async def story() -> None:
        edge = _intake(work)
        first = asyncio.create_task(_ask(edge))
        while not taken:
            await asyncio.sleep(0.001)
        late = asyncio.create_task(_ask(edge))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await _ask(edge)
        monkeypatch.setattr(intake, "WAIT_SECONDS", -1.0)
        free.set()
        assert (await first)[0] == 202
        with pytest.raises(Overloaded):
            await late
        edge.close()

    asyncio.run(story())
    assert len(taken) == 1


def test_what_is_out_of_the_ordinary_goes_elsewhere() -> None:
    edge = _intake(lambda asked: [Answered(202, {}, b"") for _ in asked])

    async def story() -> None:
        for more in (
            [(b"goodword-token", b"x")],
            [(b"Origin", b"x")],
            [(b"host", b"twice")],
            [(b"content-length", b"x")],
        ):
            assert (await _ask(edge, b"{}", *more))[0] == 418, more
        for scope in ({"method": "GET"}, {"query_string": b"wait=true"}, {"path": "/v1/events/evt_1"}):
            assert (await _ask(edge, b"{}", **scope))[0] == 418, scope
        assert (await _ask(edge))[0] == 202
        edge.close()

    asyncio.run(story())
