"""A connection of the web server: what is answered at once, in which order, and where a connection ends."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import Server

from goodword.edge.http import Answer, Message, Receive, Send, respond
from goodword.ops.serving import door

HOST = b"Host: here\r\n"


class _Application:
    """Answers links and events at once, the slow ones a moment later; anything else as an application does."""

    def __init__(self) -> None:
        self.at_once_for: list[str] = []
        self.others: list[str] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
            return
        self.others.append(scope["path"])
        parts = b""
        while True:
            message = await receive()
            parts += message.get("body", b"")
            if not message.get("more_body"):
                break
        if "slow" in scope["path"]:
            await asyncio.sleep(0.05)
        content = b"other " + scope["path"].encode() + b" " + parts[:20]
        await respond(send, 200, [(b"content-length", str(len(content)).encode())], content)

    def at_once(self, scope: Message, body: bytes, answer: Answer) -> bool:
        path = scope["path"]
        if not path.startswith(("/r/", "/v1/events")):
            return False
        self.at_once_for.append(path)
        content = b"" if scope["method"] == "HEAD" else b"at once " + path.encode() + b" " + body[:20]
        headers = [(b"content-length", str(len(content)).encode())]
        if path == "/r/broken":
            headers.append((b"location", b"https://a.example/\r\nset-cookie: a=b"))
        if "slow" in path:
            asyncio.get_running_loop().call_later(0.05, answer, 200, headers, content)
        else:
            answer(200, headers, content)
        return True


class _Served:
    """A server of an application, and a connection to it."""

    def __init__(self, application: _Application, port: int) -> None:
        self.application = application
        self._port = port

    async def say(self, *parts: bytes, end: bool = True, pause: float = 0.01) -> bytes:
        """Says some parts one after the other, and hears everything until the connection ends; with `end` the last of
        them says that it does."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            if end:
                writer.write(_get("/end", b"Connection: close\r\n"))
            return await asyncio.wait_for(reader.read(), 20)
        finally:
            writer.close()


def _get(path: str, more: bytes = b"", method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\n".encode() + HOST + more + b"\r\n"


def _post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\n".encode() + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _contents(answer: bytes) -> list[bytes]:
    """The bodies that were answered, in their order."""
    found = []
    while answer:
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        found.append(rest[:length])
        answer = rest[length:]
    return found


async def _serving(application: _Application) -> tuple[Server, asyncio.Task[None]]:
    config = Config(
        application, host="127.0.0.1", port=0, http=door.Door, ws="none", lifespan="on", interface="asgi3",
        proxy_headers=False, log_config=None, log_level="error",
    )  # fmt: skip
    server = Server(config)
    running = asyncio.create_task(server._serve([config.bind_socket()]))
    while not server.started:
        await asyncio.sleep(0.01)
    return server, running


def _port(server: Server) -> int:
    return int(server.servers[0].sockets[0].getsockname()[1])


def _story(told: Callable[[_Served], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        application = _Application()
        server, running = await _serving(application)
        try:
            return await told(_Served(application, _port(server)))
        finally:
            server.should_exit = True
            await running

    return asyncio.run(whole())


def test_links_and_events_are_answered_at_once_and_everything_else_is_not() -> None:
    async def told(served: _Served) -> None:
        answer = await served.say(_get("/r/a"), _post("/v1/events", b"{}"), _get("/w/"), _post("/v1/links", b"{}"))
        assert _contents(answer) == [
            b"at once /r/a ", b"at once /v1/events {}", b"other /w/ ", b"other /v1/links {}", b"other /end ",
        ]  # fmt: skip
        assert served.application.at_once_for == ["/r/a", "/v1/events"]

    _story(told)


def test_a_request_in_pieces_is_answered_the_same() -> None:
    async def told(served: _Served) -> None:
        whole = _post("/v1/events", b'{"type":"order.completed"}')
        for cut in (1, 10, len(whole) - 30, len(whole) - 1):
            answer = await served.say(whole[:cut], whole[cut:])
            assert _contents(answer)[0].endswith(b'/v1/events {"type":"order.compl'), cut
        bytewise = _get("/r/a")
        answer = await served.say(*(bytewise[place : place + 1] for place in range(len(bytewise))), pause=0)
        assert _contents(answer)[0].endswith(b" /r/a ")

    _story(told)


@pytest.mark.parametrize("together", [True, False])
def test_requests_behind_one_another_are_answered_in_their_order(together: bool) -> None:
    async def told(served: _Served) -> None:
        asked = [
            _get("/w/slow-0"),
            _get("/r/0"),
            _get("/r/slow-1"),
            _get("/r/2"),
            _get("/w/slow-3"),
            _post("/v1/events", b"4"),
            _get("/r/slow-5"),
        ]
        answer = await served.say(*([b"".join(asked)] if together else asked), pause=0.002)
        ends = [content.split(b" /")[1] for content in _contents(answer)]
        assert ends == [
            b"w/slow-0 ",
            b"r/0 ",
            b"r/slow-1 ",
            b"r/2 ",
            b"w/slow-3 ",
            b"v1/events 4",
            b"r/slow-5 ",
            b"end ",
        ]

    _story(told)


def test_so_many_requests_wait_behind_one_and_no_more() -> None:
    async def told(served: _Served) -> None:
        answer = await served.say(_get("/w/") * (door.MOST_BEHIND + 1))
        assert len(_contents(answer)) == door.MOST_BEHIND + 2
        answer = await served.say(_get("/w/") * (door.MOST_BEHIND + 3), end=False)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert len(_contents(await served.say(_get("/w/")))) == 2

    _story(told)


def test_who_leaves_before_the_answer_harms_nobody() -> None:
    async def told(served: _Served) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", served._port)
        writer.write(_get("/r/slow"))
        await writer.drain()
        writer.transport.abort()
        await asyncio.sleep(0.1)
        assert _contents(await served.say(_get("/r/a")))[0] == b"at once /r/a "

    _story(told)


def test_who_says_no_more_still_hears_what_is_answered() -> None:
    async def told(served: _Served) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", served._port)
        writer.write(_post("/v1/events/slow", b"1"))
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        assert answer.endswith(b"at once /v1/events/slow 1")
        assert b"connection: close" in answer
        writer.close()

    _story(told)


def test_no_part_of_an_answer_waits_for_the_one_before() -> None:
    async def whole() -> list[int]:
        server, running = await _serving(_Application())
        _, writer = await asyncio.open_connection("127.0.0.1", _port(server))
        await asyncio.sleep(0.05)
        told = [
            one.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for one in server.server_state.connections
        ]
        writer.close()
        server.should_exit = True
        await running
        return told

    assert asyncio.run(whole()) == [1]


def test_a_connection_ends_where_one_of_the_two_says_so() -> None:
    async def told(served: _Served) -> None:
        answer = await served.say(_get("/r/a", b"Connection: close\r\n"), end=False)
        assert b"connection: close" in answer
        answer = await served.say(b"GET /r/a HTTP/1.0\r\n\r\n", end=False)
        assert _contents(answer) == [b"other /r/a "]  # an old one goes the old way
        answer = await served.say(_get("/r/a", b"Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"), end=False)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in answer

    _story(told)


def test_a_head_has_no_body_and_an_answer_no_lines_of_others() -> None:
    async def told(served: _Served) -> None:
        assert _contents(await served.say(_get("/r/a", method="HEAD")))[0] == b""
        assert await served.say(_get("/r/broken"), end=False) == b""

    _story(told)


@pytest.mark.parametrize("behind", [False, True], ids=["before the body", "behind it"])
def test_a_head_of_64_kb_is_read_and_no_more(behind: bool) -> None:
    async def told(served: _Served) -> None:
        chunked = b"POST /v1/links HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
        start = chunked if behind else b"GET /w/ HTTP/1.1\r\n" + HOST
        around = len(start) + len(b"\r\n") if not behind else len(b"\r\n") + 2 * len(b": ")
        line = b"x" * 1_000 + b": " + b"y" * 1_000 + b"\r\n"
        for over, status in ((-200, 200), (2_000, 431)):
            room = door.MAX_HEAD - around + over
            lines = line * (room // len(line))
            rest = room - len(lines)
            lines += b"z: " + b"y" * max(0, rest - 5) + b"\r\n"
            answer = await served.say(start + lines[:30_000], lines[30_000:] + b"\r\n", end=over < 0)
            assert answer.startswith(b"HTTP/1.1 %d " % status), (over, answer[:200])
            assert (b"head_too_large" in answer) == (status == 431)

    _story(told)


def test_what_is_not_http_is_refused_as_a_problem() -> None:
    async def told(served: _Served) -> None:
        for line in (b"\x16\x03\x01\x02\x00\x01\x00", b"FROB / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
            answer = await served.say(line, b"\r\n\r\n", end=False)
            assert answer.startswith(b"HTTP/1.1 400 "), line
            assert b'"code": "bad_request"' in answer

    _story(told)


def test_beyond_so_many_connections_one_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "most_connections", lambda: 2)

    async def told(served: _Served) -> None:
        held = [await asyncio.open_connection("127.0.0.1", served._port) for _ in range(2)]
        await asyncio.sleep(0.05)
        answer = await served.say(end=False)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: " in answer
        held.pop()[1].close()
        await asyncio.sleep(0.05)
        assert _contents(await served.say(_get("/r/a")))[0] == b"at once /r/a "
        held.pop()[1].close()

    _story(told)


def test_a_process_holds_no_more_connections_than_it_may_open_files() -> None:
    told = (
        "import resource; from goodword.ops.serving import door; hard = {hard};"
        "resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, hard));"
        "print(door.most_connections(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )

    def held(soft: int, hard: int) -> list[int]:
        code = told.format(soft=soft, hard=hard)
        return [int(word) for word in subprocess.check_output([sys.executable, "-c", code]).split()]

    assert held(100, 400) == [200, 400]
    assert held(500, 4_000) == [4_000 - door.KEPT_BACK, 4_000]
    assert held(1_000, 10_000) == [door.CONNECTIONS, door.CONNECTIONS + door.KEPT_BACK]
    assert held(9_600, 10_000) == [door.CONNECTIONS, 9_600]


def test_who_is_late_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(door, "LOOK_SECONDS", 0.05)

    async def told(served: _Served) -> None:
        assert await served.say(end=False) == b""
        assert await served.say(b"GET /r/a HT", b"T", b"P", pause=0.1, end=False) == b""
        answer = await served.say(_get("/r/a"), end=False)
        assert _contents(answer) == [b"at once /r/a "]  # and then nothing was asked
        answer = await served.say(_get("/w/"), end=False)
        assert _contents(answer) == [b"other /w/ "]

    _story(told)


def test_a_server_that_is_to_end_answers_what_it_has_in_hand() -> None:
    async def whole() -> bytes:
        application = _Application()
        server, running = await _serving(application)
        asking = asyncio.create_task(_Served(application, _port(server)).say(_get("/r/slow"), end=False, pause=0))
        await asyncio.sleep(0.02)
        server.should_exit = True
        await running
        return await asking

    assert _contents(asyncio.run(whole())) == [b"at once /r/slow "]
