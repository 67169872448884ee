"""A workspace with a programme that leads somewhere, a link in it, and a browser that follows no redirect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from goodword.edge import known
from goodword.edge.http import Message, Receive, Send, respond
from goodword.edge.redirects import Redirects
from goodword.engine import apply, programs, record
from goodword.ops import database
from goodword.store import tenancy, workspaces
from goodword.store.models import Click as Row

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
PROGRAM: dict[str, Any] = {
    "program": "friends",
    "name": "Friends",
    "currency": "EUR",
    "lifecycle": {"flow": "self_serve", "qualified": {"on": "order.completed"}},
    "links": {
        "destination": "https://www.example.com/welcome?lang=en#top",
        "hosts": ["shop.example.com", "*.example.org"],
        "fallback": "https://www.example.com/over",
    },
    "rewards": [
        {"id": "credit", "on": "referral.qualified", "to": "referrer", "give": {"type": "cash", "amount": 500}}
    ],
}


def publish(workspace: str, **parts: Any) -> None:
    programs.publish(workspace, {**PROGRAM, **parts}, by="test")


def link(workspace: str, code: str, **more: Any) -> None:
    """Gives Ada a link of the programme."""
    properties = {"program": "friends", "code": code, **more}
    raw = {"type": "link.created", "event_id": f"link-{code}", "participant": "ada", "properties": properties}
    recorded = record.record(workspace, [raw])
    apply.apply_until(workspace, recorded.inserted)


def configure(workspace: str, domain: str | None = None, **settings: Any) -> None:
    workspaces.configure(workspace, {"short_domain": domain, **settings}, by="test", door="cli")


def clicks(workspace: str) -> list[Row]:
    with tenancy.workspace(workspace):
        return list(Row.objects.filter(workspace_id=workspace).order_by("id"))


@pytest.fixture
def house(workspace: str) -> str:
    """The workspace with the programme, and the link ADA-4711."""
    publish(workspace)
    link(workspace, "ADA-4711", channel="email")
    return workspace


class Browser:
    """Asks the edge in this process, and follows no redirect. What is behind the edge answers 418."""

    def __init__(self, edge: Redirects) -> None:
        self.edge = edge
        self.runner = asyncio.Runner()
        self.behind: list[str] = []
        headers = {"User-Agent": CHROME, "Accept-Language": "nb-NO,nb;q=0.9"}
        transport = httpx.ASGITransport(edge.before(self._behind), raise_app_exceptions=True)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)

    async def _behind(self, scope: Message, receive: Receive, send: Send) -> None:
        self.behind.append(scope["path"])
        await respond(send, 418, [])

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self.client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def head(self, path: str) -> httpx.Response:
        return self.ask("HEAD", path)

    def close(self) -> None:
        self.runner.run(self.edge.close())
        self.runner.close()


@pytest.fixture
def edge(db: str, monkeypatch: pytest.MonkeyPatch) -> Redirects:
    """The links of this test's database, read anew at each request."""
    monkeypatch.setattr(known, "FRESH", 0.0)
    return Redirects(database.parameters)


@pytest.fixture
def browser(edge: Redirects, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    one = Browser(edge)
    yield one
    one.close()
