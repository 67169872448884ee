"""Too many requests at once: who waits, who is refused, and that what one leaves the next one gets."""

from __future__ import annotations

import asyncio
import threading

import pytest

from goodword.edge import bodies, refusals
from goodword.edge.crowd import Overloaded, Room, Seats
from goodword.edge.http import Message


def test_those_beyond_the_seats_wait_in_their_order_and_those_beyond_the_line_are_refused() -> None:
    async def story() -> None:
        seats = Seats(2, waiting=2, seconds=60)
        first, second = await seats.take(), await seats.take()
        line = [asyncio.create_task(seats.take()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await seats.take()
        seats.leave(second)
        assert await line[0] is second
        assert not line[1].done()
        seats.leave(first)
        assert await line[1] is first

    asyncio.run(story())


def test_who_waits_too_long_is_refused_and_takes_no_seat_afterwards() -> None:
    async def story() -> None:
        seats = Seats(1, waiting=1, seconds=0.01)
        seat = await seats.take()
        with pytest.raises(Overloaded):
            await seats.take()
        seats.leave(seat)
        assert await seats.take() is seat

    asyncio.run(story())


def test_who_leaves_while_waiting_keeps_no_place() -> None:
    async def story() -> None:
        seats = Seats(1, waiting=1, seconds=60)
        seat = await seats.take()
        gone = asyncio.create_task(seats.take())
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        follows = asyncio.create_task(seats.take())
        await asyncio.sleep(0)
        seats.leave(seat)
        assert await follows is seat

    asyncio.run(story())


def test_a_seat_that_comes_as_its_caller_leaves_is_the_next_ones() -> None:
    async def story() -> None:
        seats = Seats(1, waiting=2, seconds=60)
        seat = await seats.take()
        gone, follows = (asyncio.create_task(seats.take()) for _ in range(2))
        await asyncio.sleep(0)
        seats._next(seat)  # it is the first one's, who has not woken yet
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert await follows is seat

    asyncio.run(story())


def test_a_seat_whose_thread_still_works_is_nobodys() -> None:
    async def story() -> None:
        seats, busy = Seats(1, waiting=1, seconds=60), threading.Event()
        seat = await seats.take()
        seat.submit(busy.wait)
        seats.leave(seat)
        follows = asyncio.create_task(seats.take())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not follows.done()
        busy.set()
        assert await follows is seat

    asyncio.run(story())


def test_memory_is_shared_out_and_comes_back() -> None:
    room = Room(100)
    with room.share() as mine, room.share() as other:
        mine.take(60)
        other.take(40)
        with pytest.raises(Overloaded):
            mine.take(1)
        assert room.held == 100
    assert room.held == 0


SCOPE: Message = {"type": "http", "path": "/v1/events", "headers": []}


def _asked(parts: list[Message | None], room: Room | None = None, scope: Message = SCOPE) -> list[Message]:
    """What is answered to a request whose body comes in these parts; after None nothing comes any more."""
    sent: list[Message] = []

    async def reads(scope: Message, receive: object, send: object) -> None:
        while (await receive()).get("more_body"):  # type: ignore[operator]
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    async def receive() -> Message:
        part = parts.pop(0)
        if part is None:
            await asyncio.Event().wait()
        assert part is not None
        return part

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(bodies.bounded(reads, room)(scope, receive, send))
    return sent


def _part(size: int, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


def test_a_body_that_stops_coming_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)
    monkeypatch.setattr(bodies, "WATCH_SECONDS", 0.01)
    start, body = _asked([_part(10), None])
    assert start["status"] == 408
    assert b"slow_body" in body["body"]
    assert (b"connection", b"close") in start["headers"]


def test_a_body_for_which_no_memory_is_left_is_refused_with_when_to_come_again() -> None:
    room = Room(100)
    start, body = _asked([_part(60), _part(60, more=False)], room)
    assert start["status"] == 503
    assert b"overloaded" in body["body"]
    assert (b"retry-after", str(refusals.RETRY_SECONDS).encode()) in start["headers"]
    assert room.held == 0
    [start] = _asked([_part(60, more=False)], room)
    assert start["status"] == 200


def test_a_browser_gets_words() -> None:
    start, body = _asked([_part(60)], Room(10), {**SCOPE, "path": "/accounts/login/"})
    assert start["status"] == 503
    assert body["body"].startswith(b"Too many requests at once.")


def test_what_the_edge_refuses_the_description_of_the_api_knows() -> None:
    from goodword.api.problems import KINDS

    for refused in (refusals.OVERLOADED, refusals.SLOW_BODY, refusals.too_large(1)):
        kind = KINDS[refused.code]
        assert (refused.status, refused.title) == (kind.status, kind.title)
