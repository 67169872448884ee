"""Events from the edge: requests of the two routes that record events, answered many at a time.

Each is checked as the door checks it and answered as its route answers it, by the same functions; what differs is that
a key is looked up once and counted once for all requests that came with it, and that one transaction records the events
of all requests of a workspace. The edge sends here what needs no more than that; anything else goes through the door.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import orjson
from django.db import Error, InterfaceError, OperationalError, connection

from goodword.api import access, body, events, idempotency, keys, openapi, problems, quick_json, rates
from goodword.api.app import fault_of_ours
from goodword.api.events import Told
from goodword.api.problems import Refusal
from goodword.api.schemas import MAX_BATCH
from goodword.engine import record
from goodword.store import tenancy
from goodword.store.patience import patience
from goodword.store.sql import keeping_plans

ANSWER_SECONDS = 5.0
"""How long the database may take for one statement here."""
AGAIN_WITHIN = 1.0
"""What failed in so short a time is tried once more on another connection: that one may have been broken before."""


Value = TypeVar("Value")


class Asked(NamedTuple):
    """A request: its path, its headers by their names in small letters, its body as it came, and its id."""

    path: str
    headers: Mapping[str, str]
    raw: bytes
    request_id: str


class Answer(NamedTuple):
    """What is answered: the status, the headers, the body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class _Route(NamedTuple):
    operation: str
    limit: int
    at: str
    read: Callable[[Any], Told]


ROUTES = {
    "/v1/events": _Route("record_event", openapi.LIMITS.get("record_event", body.MAX_BODY), "", events.one),
    "/v1/events/batch": _Route("record_events", openapi.LIMITS["record_events"], "/events", events.many),
}
"""By path."""


class _Head:
    """Of a request, what is asked to know who calls."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self.headers = self

    def get(self, name: str, default: str | None = None) -> str | None:
        """A header, by its name in any letters."""
        return self._headers.get(name.lower(), default)


def answer(asked: Sequence[Asked]) -> list[Answer]:
    """The answers to some requests, in their order. Whatever goes wrong is one of them."""
    with patience(ANSWER_SECONDS):
        now = datetime.now(UTC)
        works = [_Work(one) for one in asked]
        for together in _by(works, lambda work: work.asked.headers.get("authorization", "")).values():
            _carry_out(together, _let_in)
        for work in works:
            if work.answer is None:
                _carry_out([work], lambda some: _unpack(some[0], now))
        while waiting := [work for work in works if work.answer is None]:
            for together in _by(waiting, lambda work: _known(work.who).workspace_id).values():
                if plain := [work for work in together if work.key is None]:
                    _carry_out(plain, lambda some: _record(some, now))
                # Of those with the same key, the others are told what the first was.
                if keyed := {work.key: work for work in reversed(together) if work.key is not None}:
                    _carry_out([*keyed.values()], lambda some: _record_once(some, now))
        return [_known(work.answer) for work in works]


def _carry_out(works: Sequence[_Work], what: Callable[[Sequence[_Work]], None]) -> None:
    """Does something for requests of one key or workspace: trouble of these is no others'.

    Once more, where a connection was broken before or two stood in each other's way; each by itself, where something is
    wrong that nobody thought of."""
    began = time.monotonic()
    try:
        what(works)
        return
    except (OperationalError, InterfaceError) as error:
        _leave()
        if time.monotonic() - began > AGAIN_WITHIN and not _undone(error):
            _fail(works, error)
            return
    except Exception as error:
        _leave()
        if len(works) == 1:
            _fail(works, error)
            return
        for work in works:
            _carry_out([work], what)
        return
    try:
        what(works)
    except Exception as error:
        _leave()
        _fail(works, error)


def _undone(error: Exception) -> bool:
    """Whether the database undid the transaction itself, such as that of one of two in each other's way (40…)."""
    return (getattr(error.__cause__, "sqlstate", None) or "").startswith("40")


def _fail(works: Sequence[_Work], error: Exception) -> None:
    refusal = fault_of_ours(error)
    for work in works:
        work.refuse(refusal)


def _leave() -> None:
    """Gives the connection up; the next statement takes another one."""
    with suppress(Error):
        connection.close()


class _Work:
    """One request on its way."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.route = ROUTES[asked.path]
        self.headers: dict[str, str] = {}
        self.who: keys.Caller | None = None
        self.media_type = asked.headers.get("content-type", "")
        self.raw = b""
        self.key: str | None = None
        self.told: Told | None = None
        self.sent: record.Sent | None = None
        self.answer: Answer | None = None

    def refuse(self, refusal: Refusal) -> None:
        self.answer = _refusal(refusal, self.headers)

    def digest(self) -> bytes:
        return idempotency.digest_of("POST", self.asked.path, self.media_type, self.raw)

    def repeat(self, first: idempotency.First | Refusal) -> None:
        """Answers as its first request was answered, or why it cannot be."""
        if isinstance(first, Refusal):
            self.refuse(first)
        else:
            headers = {"Content-Type": body.JSON, **idempotency.REPLAYED, "Cache-Control": "no-store", **self.headers}
            self.answer = Answer(first.status, headers, first.content)


def _by(works: Sequence[_Work], of: Callable[[_Work], str]) -> dict[str, list[_Work]]:
    found: dict[str, list[_Work]] = {}
    for work in works:
        found.setdefault(of(work), []).append(work)
    return found


def _let_in(works: Sequence[_Work]) -> None:
    """Requests that came with the same key: who sends them, and whether they may."""
    head: Any = _Head(works[0].asked.headers)
    try:
        who = keys.authenticate(head, times=len(works))
        window = _known(who.window)
    except Refusal as refusal:
        for work in works:
            work.refuse(refusal)
        return
    for number, work in enumerate(works, window.requests - len(works) + 1):
        try:
            work.headers = rates.allowance(window._replace(requests=number)).headers()
            keys.admit(who, access.of(work.route.operation))
        except Refusal as refusal:
            work.refuse(refusal)
        work.who = who


def _record(works: Sequence[_Work], now: datetime) -> None:
    """Requests of one workspace."""
    workspace_id = _known(works[0].who).workspace_id
    outcomes = record.record_each(workspace_id, [_known(work.sent) for work in works], now)
    for work, outcome in zip(works, outcomes, strict=True):
        if isinstance(outcome, record.RejectedEvents):
            work.refuse(events.rejected(outcome, _known(work.told).at))
        else:
            work.answer = _recorded(workspace_id, work, outcome)


def _record_once(works: Sequence[_Work], now: datetime) -> None:
    """Requests of one workspace, each with an Idempotency-Key of its own. The keys, the events and what is answered to
    them are kept together, or nothing is."""
    workspace_id = _known(works[0].who).workspace_id
    by_key = {_known(work.key): work for work in works}
    for work in works:
        work.answer = None  # a try before this one came to nothing
    with tenancy.workspace(workspace_id), keeping_plans():
        started, others = idempotency.claim(workspace_id, {key: work.digest() for key, work in by_key.items()})
        for key, first in others.items():
            by_key[key].repeat(first)
        own = {key: work for key, work in by_key.items() if key not in others}
        for work in own.values():
            _read(work, now)
        if good := [work for work in own.values() if work.answer is None]:
            _record(good, now)
        answers = {key: _known(work.answer) for key, work in own.items()}
        done = {key: idempotency.First(told.status, told.content) for key, told in answers.items() if told.status < 300}
        if done:
            idempotency.keep(workspace_id, started, done)
        if refused := answers.keys() - done:
            idempotency.set_free(workspace_id, started, refused)


def _unpack(work: _Work, now: datetime) -> None:
    headers = work.asked.headers
    try:
        work.raw = body.plain(work.asked.raw, headers.get("content-encoding", ""), work.route.limit)
        given = headers.get(idempotency.HEADER.lower())
        work.key = None if given is None else idempotency.key_of(_known(work.who), given)
    except Refusal as refusal:
        work.refuse(refusal)
        return
    if work.key is None:
        _read(work, now)


def _read(work: _Work, now: datetime) -> None:
    try:
        work.told = _told(work.route, work.raw, work.media_type)
        events.check_scopes(_known(work.who), work.told)
    except Refusal as refusal:
        work.refuse(refusal)
        return
    raws = work.told.raws
    work.sent = record.Sent(
        *record.read(raws, now, events.SOURCE, fine=work.told.fine), len(raws), work.asked.request_id
    )


def _told(route: _Route, raw: bytes, header: str) -> Told:
    """The events of a body. Raises `Refusal`."""
    if header == body.JSON or body.media_type_of(header) == body.JSON:
        found = quick_json.events(raw, batch=bool(route.at), values=body.MAX_VALUES)
        if found is not None and len(found) <= MAX_BATCH:
            return Told(found, route.at, fine=True)
    return route.read(body.json_of(raw, header))


def _known(value: Value | None) -> Value:
    assert value is not None, "an earlier step found it, or answered"
    return value


def _recorded(workspace_id: str, work: _Work, recorded: record.Recorded) -> Answer:
    warnings = events.warnings(workspace_id, _known(work.told).raws)
    content = orjson.dumps({**events.names(recorded), "events": None, "warnings": warnings})
    return Answer(202, {"Content-Type": body.JSON, "Cache-Control": "no-store", **work.headers}, content)


def _refusal(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Answer:
    told = problems.answer(refusal)
    return Answer(told.status_code, {"Cache-Control": "no-store", **told.headers, **(headers or {})}, told.content)
