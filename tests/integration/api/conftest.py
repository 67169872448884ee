"""A caller of the API, and a small story that fills a workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from goodword.domain.events import parse_time
from goodword.engine import apply, programs, record
from goodword.store import keys, workspaces
from support.databases import TestServer
from support.story import RECIPES
from support.story import STORY as LONG_STORY


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    data: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The problem's code; fails on anything that is not problem details."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        assert {"type", "title", "status", "code", "detail"} <= self.data.keys()
        assert self.data["status"] == self.status
        assert self.data["detail"]
        return str(self.data["code"])

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Where and what, of each fault."""
        return [(fault.get("pointer", fault.get("parameter")), fault["code"]) for fault in self.data["errors"]]


class Api:
    """Calls the API in this process with one key."""

    def __init__(self, key: str | None) -> None:
        self.key = key
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> Answer:
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        """Send a JSON value, or bytes as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = headers.pop("content_type", "application/json")
        return self.call("POST", path, raw, kind, headers)

    def send(self, *events: Mapping[str, Any], wait: bool = True) -> Answer:
        """Send events, and let them be applied."""
        return self.post(f"/v1/events/batch{'?wait=true' if wait else ''}", {"events": list(events)})

    def call(
        self,
        method: str,
        path: str,
        raw: bytes = b"",
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Any request. A header of None is left out."""
        sent = {"Host": "localhost"} | {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        response = self.client.generic(
            method, path, raw, content_type=content_type, headers=sent, query_params=query or None
        )
        shown = dict(response.headers)
        raw_answer = b"".join(response.streaming_content) if response.streaming else response.content
        text = raw_answer.decode()
        plain = shown.get("Content-Type", "").startswith(("text/csv", "application/jsonl"))
        return Answer(response.status_code, text if plain else json.loads(text) if text else None, shown)


@pytest.fixture
def api(workspace: str) -> Api:
    """A caller of the workspace."""
    return Api(keys.create_key(workspace, "tests")[1])


@pytest.fixture(scope="module")
def unmoved(database_server: TestServer) -> Iterator[Api]:
    """A caller of a workspace that a module's tests share, because they leave it as it is."""
    with database_server.database():
        yield Api(keys.create_key(str(workspaces.create("test", "Test").id), "tests")[1])


@pytest.fixture
def other(db: str) -> Api:
    """A caller of another workspace."""
    return Api(keys.create_key(str(workspaces.create("other", "Other").id), "tests")[1])


@pytest.fixture
def nobody(db: str) -> Api:
    """A caller without a key."""
    return Api(None)


@pytest.fixture
def recipes(workspace: str) -> None:
    """The three programmes of the demo, published."""
    from importlib.resources import files

    for name in RECIPES:
        text = (files("goodword") / "recipes" / f"{name}.yaml").read_text()
        programs.publish(workspace, text, by="tests")


STORY: list[dict[str, Any]] = [
    *LONG_STORY[:4],
    LONG_STORY[4] | {"properties": {"order_id": "1", "value": 3000, "currency": "USD"}},
    LONG_STORY[5],
    LONG_STORY[7],
]
"""Ada's link brings Grace, whose order pays Ada 25 USD (held) and Grace 200 USD; Ada submits a lead, which
is qualified: 200 USD."""


@pytest.fixture
def story(workspace: str, recipes: None) -> list[str]:
    """The story, recorded and applied; the ids of its events."""
    now = parse_time("2026-01-08T00:00:00Z")
    recorded = record.record(workspace, STORY, now=now)
    while apply.apply_pending(workspace, now=now, ring=False).events:
        pass
    return recorded.inserted


@pytest.fixture
def tables() -> Callable[[], dict[str, int]]:
    """Counts the rows of every table that a request could leave something in, as nobody's wall hides them."""
    from django.db import connection

    from goodword.store import tenancy
    from goodword.store.models import Workspace

    names = ("event", "inbox", "participant", "account", "program", "program_version", "referral", "reward", "transfer")

    def count() -> dict[str, int]:
        found = dict.fromkeys(names, 0)
        with tenancy.directory():
            each = [str(id_) for id_ in Workspace.objects.values_list("id", flat=True)]
        for workspace_id in each:
            with tenancy.workspace(workspace_id), connection.cursor() as cursor:
                for name in names:
                    cursor.execute(f"SELECT count(*) FROM {name}")
                    found[name] += cursor.fetchone()[0]
        return found

    return count
