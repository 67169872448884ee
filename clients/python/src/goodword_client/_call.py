"""One call of the API: what is sent, when it is sent again, and what its answer means. No network here: `exchange`
says what to do, and the two drivers in `client` do it, one in the calling thread, one in an event loop."""

from __future__ import annotations

import email.utils
import json
import random
import time
import uuid
from collections import OrderedDict
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote

import httpx

from goodword_client.errors import ApiError, Unreachable

AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which the same request is sent again."""
FIRST_WAIT = 0.25
"""Seconds before the second attempt at most; doubled for each one after it."""
LONGEST_WAIT = 30.0
"""Seconds between two attempts at most. A server that asks for more gets no further attempt."""
KEPT = 256
"""Answers kept for their ETag."""


@dataclass(frozen=True)
class Call:
    """A request as the API's description has it. `body` is None for no body, a mapping or list for JSON, text or bytes
    for what `media` says (text without one is YAML)."""

    method: str
    address: str
    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    key: str | None = None
    media: str | None = None

    def url(self) -> str:
        """The path with its parameters in it."""
        return self.address.format_map({name: quote(str(value), safe="") for name, value in self.path.items()})

    def parameters(self) -> dict[str, str]:
        """The query, without what was not given."""
        return {name: _text(value) for name, value in self.query.items() if value is not None}

    def content(self) -> tuple[bytes | None, str]:
        """The body and its media type."""
        if self.body is None:
            return None, ""
        if isinstance(self.body, bytes | str):
            raw = self.body if isinstance(self.body, bytes) else self.body.encode()
            return raw, self.media or ("application/yaml" if isinstance(self.body, str) else "application/octet-stream")
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode(), "application/json"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Send:
    """Send this request; the driver answers with the response, or the error of the attempt."""

    method: str
    url: str
    params: dict[str, str]
    content: bytes | None
    headers: dict[str, str]


@dataclass(frozen=True)
class Wait:
    """Wait so many seconds."""

    seconds: float


Steps: TypeAlias = "Generator[Send | Wait, httpx.Response | httpx.TransportError | None, httpx.Response]"


class Memory:
    """The last answers that had an ETag, by address."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, httpx.Response] = OrderedDict()

    def get(self, address: str) -> httpx.Response | None:
        """The answer kept for an address."""
        return self._kept.get(address)

    def keep(self, address: str, answer: httpx.Response) -> None:
        """Keep an answer in place of the oldest."""
        self._kept[address] = answer
        self._kept.move_to_end(address)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def exchange(call: Call, headers: Mapping[str, str], retries: int, memory: Memory) -> Steps:
    """The steps from a call to its answer. Every write has an idempotency key, the same in all its attempts, so what is
    sent twice is done once.

    Raises `ApiError` for a refusal, `Unreachable` where no attempt was answered.
    """
    content, media = call.content()
    sent = dict(headers)
    if content is not None:
        sent["Content-Type"] = media
    if call.method != "GET":
        sent["Idempotency-Key"] = call.key or str(uuid.uuid4())
    address = f"{call.url()}?{sorted(call.parameters().items())}"
    known = memory.get(address) if call.method == "GET" else None
    if known is not None:
        sent["If-None-Match"] = known.headers["ETag"]
    for attempt in range(retries + 1):
        answer = yield Send(call.method, call.url(), call.parameters(), content, sent)
        wait = random.uniform(0.5, 1) * min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)  # noqa: S311  not a secret
        if isinstance(answer, httpx.Response):
            if answer.status_code == 304 and known is not None:
                return known
            if answer.status_code < 400:
                if call.method == "GET" and "ETag" in answer.headers:
                    memory.keep(address, answer)
                return answer
            refusal = _refusal(answer)
            if not _again(refusal) or attempt == retries or (refusal.retry_after or 0) > LONGEST_WAIT:
                raise refusal
            wait = max(wait, refusal.retry_after or 0)
        elif attempt == retries:
            raise Unreachable(f"no answer after {retries + 1} attempts: {answer}") from answer
        yield Wait(wait)
    raise AssertionError("the last attempt returns or raises")


def _again(refusal: ApiError) -> bool:
    return refusal.status in AGAIN or refusal.code == "idempotency_in_progress"


def _refusal(answer: httpx.Response) -> ApiError:
    try:
        said = answer.json()
    except ValueError:
        said = None
    found = said if isinstance(said, dict) else {}
    return ApiError(
        answer.status_code,
        str(found.get("code", "no_problem_details")),
        str(found.get("title", answer.reason_phrase)),
        str(found.get("detail", answer.text[:200])),
        found.get("errors") or (),
        answer.headers.get("X-Request-ID"),
        _seconds(answer.headers.get("Retry-After")),
    )


def _seconds(given: str | None) -> float | None:
    """What Retry-After says: seconds, or a date."""
    if given is None:
        return None
    if given.strip().isdigit():
        return float(given)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(given).timestamp() - time.time())
    except ValueError:
        return None


class SyncCaller:
    """What the generated methods call, in the calling thread."""

    def _answer(self, call: Call) -> httpx.Response:
        raise NotImplementedError

    def _json(self, call: Call) -> Any:
        return self._answer(call).json()

    def _bytes(self, call: Call) -> bytes:
        return self._answer(call).content

    def _pages(self, call: Call) -> Iterator[Any]:
        while True:
            page = self._json(call)
            yield from page["data"]
            if page["next_cursor"] is None:
                return
            call = _next(call, page["next_cursor"])


class AsyncCaller:
    """What the generated methods call, awaited."""

    async def _answer(self, call: Call) -> httpx.Response:
        raise NotImplementedError

    async def _json(self, call: Call) -> Any:
        return (await self._answer(call)).json()

    async def _bytes(self, call: Call) -> bytes:
        return (await self._answer(call)).content

    async def _pages(self, call: Call) -> AsyncIterator[Any]:
        while True:
            page = await self._json(call)
            for each in page["data"]:
                yield each
            if page["next_cursor"] is None:
                return
            call = _next(call, page["next_cursor"])


def _next(call: Call, cursor: str) -> Call:
    return Call(call.method, call.address, call.path, {**call.query, "cursor": cursor})
