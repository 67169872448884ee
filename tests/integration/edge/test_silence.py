"""A database that is stopped while events are sent: who was told that theirs are recorded finds them, everybody else is
told to come again, and the process serves on when it is back."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from goodword.ops import database
from goodword.store import keys, tenancy, workspaces
from goodword.store.sql import fetch
from support.databases import FAST, TestServer, private_server
from support.serving import Served, served

KEPT = {**FAST, "synchronous_commit": "on"}
"""What is acknowledged outlives the server's processes."""


@pytest.fixture(scope="module")
def own() -> Iterator[TestServer]:
    """A server that the tests may stop."""
    with private_server(KEPT) as server:
        yield server


@pytest.fixture
def house(own: TestServer, tmp_path: Path) -> Iterator[tuple[Served, str, str]]:
    """A Goodword on it, a workspace, and its key."""
    with own.database() as name:
        workspace = str(workspaces.create("test", "Test").id)
        key = keys.create_key(workspace, "test")[1]
        with served(tmp_path / "served", own.url(name), worker=False) as server:
            yield server, workspace, key


def _processes(server: TestServer) -> list[psutil.Process]:
    pid = int((server.cluster.paths.data / "postmaster.pid").read_text().split()[0])
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def _signal(processes: list[psutil.Process], sign: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # one of the server's own may just have left
            process.send_signal(sign)


class Senders:
    """Some who send one event after another, and remember what they were told of each."""

    def __init__(self, server: Served, key: str, number: int = 6) -> None:
        self.told: dict[str, int] = {}
        self.refusals: list[httpx.Response] = []
        self._server, self._key = server, key
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(who,)) for who in range(number)]

    def __enter__(self) -> Senders:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def until(self, enough: Callable[[], bool]) -> None:
        """Waits; a test that waits for ever is ended by its runner."""
        while not enough():
            self._end.wait(0.05)

    def taken(self) -> set[str]:
        """The events that were acknowledged."""
        return {name for name, status in list(self.told.items()) if status == 202}

    def _send(self, who: int) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {self._key}"}, timeout=120) as client:
            number = 0
            while not self._end.is_set():
                number += 1
                name = f"{who}-{number}"
                raw = {"type": "ride.finished", "event_id": name, "participant": "ada"}
                answer = client.post(f"{self._server.url}/v1/events", json=raw)
                self.told[name] = answer.status_code
                if answer.status_code != 202:
                    self.refusals.append(answer)


def _logged(workspace: str) -> set[str]:
    with tenancy.workspace(workspace):
        rows = fetch("SELECT event_id FROM event WHERE workspace_id = %s", [workspace])
    return {name for (name,) in rows}


def _refused_well(refusals: list[httpx.Response]) -> None:
    for refusal in refusals:
        assert (refusal.status_code, refusal.json()["code"]) in ((503, "unavailable"), (503, "overloaded"))
        assert int(refusal.headers["retry-after"]) > 0


def test_a_database_that_stands_still_is_waited_for_and_then_refused(
    own: TestServer, house: tuple[Served, str, str]
) -> None:
    server, workspace, key = house
    with Senders(server, key) as senders:
        senders.until(lambda: len(senders.taken()) > 10)
        stopped = _processes(own)
        _signal(stopped, signal.SIGSTOP)
        try:
            senders.until(lambda: len(senders.refusals) >= 6)
            assert httpx.get(f"{server.url}/healthz", timeout=60).status_code == 200
        finally:
            _signal(stopped, signal.SIGCONT)
        before = len(senders.taken())
        senders.until(lambda: len(senders.taken()) > before + 10)
    _refused_well(senders.refusals)
    assert senders.taken() <= _logged(workspace)


def test_a_database_that_dies_loses_nothing_that_was_acknowledged(
    own: TestServer, house: tuple[Served, str, str]
) -> None:
    server, workspace, key = house
    with Senders(server, key) as senders:
        senders.until(lambda: len(senders.taken()) > 10)
        _signal(_processes(own), signal.SIGKILL)
        senders.until(lambda: len(senders.refusals) >= 6)
        own.cluster.ensure_running()
        before = len(senders.taken())
        senders.until(lambda: len(senders.taken()) > before + 10)
    database.close()
    _refused_well(senders.refusals)
    assert senders.taken() <= _logged(workspace)
