"""The two clients: `Goodword` in the calling thread, `AsyncGoodword` in an event loop."""

from __future__ import annotations

import asyncio
import re
import time
from types import TracebackType
from typing import Self

import httpx

from goodword_client._async import AsyncOperations
from goodword_client._call import Call, Memory, Wait, exchange
from goodword_client._sync import SyncOperations

TIMEOUT = 10.0
"""Seconds for one attempt."""
RETRIES = 4
"""Attempts after the first."""


def _headers(key: str | None, token: str | None) -> dict[str, str]:
    """Who asks: a key, a participant's token, or a publishable key with a token beside it."""
    if key is None and token is None:
        raise ValueError("give a key (gw_sk_… or gw_pk_…), a participant's token, or both")
    key, token = _told(key, "key"), _told(token, "token")
    headers = {"Authorization": f"Bearer {key or token}", "Accept": "application/json"}
    if key is not None and token is not None:
        headers["Goodword-Token"] = token
    return headers


def _told(secret: str | None, what: str) -> str | None:
    """A key or token without the line end of its file. What no header can say is refused here, and not quoted: the
    message of an error ends in logs."""
    if secret is not None and not re.fullmatch(r"[!-~]+", secret := secret.strip()):
        raise ValueError(f"the {what} is empty, or has a space or a character that none has")
    return secret


class Goodword(SyncOperations):
    """The API of one server, for one key. Close it, or use it in a `with`; it may be shared by threads.

    `url` is the server's, such as `http://127.0.0.1:8000`. `timeout` is in seconds for each attempt, `retries` is how
    often a call is sent again after no answer or 429, 502, 503 and 504. `http` brings your own `httpx.Client`.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        token: str | None = None,
        timeout: float = TIMEOUT,
        retries: int = RETRIES,
        http: httpx.Client | None = None,
    ) -> None:
        self._headers = _headers(key, token)
        self._url = url.rstrip("/")
        self._retries = retries
        self._memory = Memory()
        self._timeout = timeout
        self._http = http or httpx.Client()

    def _answer(self, call: Call) -> httpx.Response:
        steps = exchange(call, self._headers, self._retries, self._memory)
        result: httpx.Response | httpx.TransportError | None = None
        while True:
            try:
                step = steps.send(result)
            except StopIteration as stop:
                answer: httpx.Response = stop.value
                return answer
            if isinstance(step, Wait):
                time.sleep(step.seconds)
                result = None
                continue
            try:
                result = self._http.request(
                    step.method,
                    self._url + step.url,
                    params=step.params,
                    content=step.content,
                    headers=step.headers,
                    timeout=self._timeout,
                )
            except httpx.TransportError as error:
                result = error

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncGoodword(AsyncOperations):
    """As `Goodword`, awaited."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        token: str | None = None,
        timeout: float = TIMEOUT,
        retries: int = RETRIES,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._headers = _headers(key, token)
        self._url = url.rstrip("/")
        self._retries = retries
        self._memory = Memory()
        self._timeout = timeout
        self._http = http or httpx.AsyncClient()

    async def _answer(self, call: Call) -> httpx.Response:
        steps = exchange(call, self._headers, self._retries, self._memory)
        result: httpx.Response | httpx.TransportError | None = None
        while True:
            try:
                step = steps.send(result)
            except StopIteration as stop:
                answer: httpx.Response = stop.value
                return answer
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
                result = None
                continue
            try:
                result = await self._http.request(
                    step.method,
                    self._url + step.url,
                    params=step.params,
                    content=step.content,
                    headers=step.headers,
                    timeout=self._timeout,
                )
            except httpx.TransportError as error:
                result = error

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()
