"""Fixtures for every test: a private database server, a database each, a workspace, a running Goodword."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.environment import isolate

isolate()

from support.clustered import ClusterServer
from support.commands import Ran, run
from support.databases import TestServer, private_server
from support.serving import Served, served


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a server that was asked for (`make test-pg15`) run what uses it; the rest would only be the same again."""
    if "GOODWORD_TEST_PG" in os.environ:
        rest = [item for item in items if "database_server" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=rest)
        skipped = set(rest)
        items[:] = [item for item in items if item not in skipped]


@pytest.fixture(scope="session")
def database_server() -> Iterator[TestServer]:
    """The private PostgreSQL server of this test run, or the cluster that GOODWORD_TEST_CITUS_URL names."""
    if url := os.environ.get("GOODWORD_TEST_CITUS_URL"):
        cluster = ClusterServer(url)
        cluster.prepare()
        yield cluster
        return
    with private_server() as server:
        yield server


@pytest.fixture
def db(database_server: TestServer) -> Iterator[str]:
    """A migrated database for this test alone, on which transactions really commit. Its name."""
    with database_server.database() as name:
        yield name


@pytest.fixture
def database_url(database_server: TestServer, db: str) -> str:
    """DATABASE_URL of this test's database, for other processes."""
    return database_server.url(db)


@pytest.fixture
def workspace(db: str) -> str:
    """A workspace in this test's database; its id."""
    from goodword.store import workspaces

    return str(workspaces.create("test", "Test").id)


@pytest.fixture
def serve(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts the real `goodword serve` on this test's database: `serve(worker=True)`."""
    with ExitStack() as stack:

        def start(*, worker: bool = False, env: dict[str, str] | None = None) -> Served:
            return stack.enter_context(served(tmp_path / "served", database_url, worker=worker, env=env))

        yield start


@pytest.fixture
def server(serve: Callable[..., Served]) -> Served:
    """The real `goodword serve --no-worker` on this test's database."""
    return serve()


@pytest.fixture
def cli(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs a command on this test's database: `cli("workspace", "list", "--json").json()`."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return run
