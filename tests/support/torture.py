"""Kill -9 while events come in: a real `goodword serve`, real workers and a PostgreSQL of their own.

One round: writers send events by HTTP, and send again what was not acknowledged; meanwhile the worker, the
web server or PostgreSQL is killed, and started again. Then everything is applied, and `torture_checks`
holds the workspaces to what was promised. Seeds choose events, victims and moments.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import psutil

from goodword.engine import programs
from goodword.ops import database
from goodword.ops.postgres import cluster
from goodword.ops.postgres.errors import StartFailed
from goodword.store import keys, tenancy, workspaces
from goodword.store.sql import fetch
from support.databases import TestServer, private_server
from support.serving import Served, command, environment, free_port, wait_until_healthy
from support.torture_checks import check
from support.torture_story import SELF_SERVE, stories

RECIPES = (*SELF_SERVE, "b2b-sales")
# A commit is answered when it is in the operating system's hands, where a killed process cannot take it back.
# Flushing to the disk is for the loss of power, which is not played here.
SETTINGS = {
    **cluster.DURABLE,
    "fsync": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
}
WORKSPACES = 2
WRITERS = 4
WORKERS = 2
EVENTS = 2_400
"""Events of a round, over all its workspaces, where nothing else is said."""
BATCH = 60
AGAIN = 0.15
"""The share of acknowledged batches that are sent again, as a sender does whose own memory was lost."""
WAITING = 0.1
"""The share of batches sent with ?wait=true, which the web server applies itself."""
STRIKES = 3
VICTIMS = ("worker", "web", "postgres")
PATIENCE = 120.0
"""Seconds in which everything must come to rest after a strike."""


@dataclass
class Round:
    """What one round did."""

    seed: int
    strikes: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        return f"round {self.seed}: killed {' '.join(self.strikes)}; {counts}; {self.seconds:.1f} s"


@dataclass
class Target:
    """One workspace of a round: its key, what is sent there, and what was answered for."""

    id: str
    key: str
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)


class Torture:
    """The processes, kept alive over the rounds."""

    def __init__(self, server: TestServer, name: str, folder: Path) -> None:
        self.server = server
        self._url = server.url(name)
        self._folder = folder
        self._port = free_port()
        self._environment = environment(
            folder,
            self._url,
            {"GOODWORD_URL": self.address, "GOODWORD_API_REQUESTS_PER_MINUTE": "1000000"},
        )
        self._web = self._start("serve", "--port", str(self._port), "--no-worker")
        self._workers = [self._start("worker") for _ in range(WORKERS)]
        self._wait_for_web()

    @property
    def address(self) -> str:
        """Where the web server listens."""
        return f"http://127.0.0.1:{self._port}"

    def said(self) -> str:
        """What its processes printed, for a failure's sake."""
        return "\n".join(log.read_text()[-2_000:] for log in sorted(self._folder.glob("*.log")))

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen(
                command(*arguments),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _wait_for_web(self) -> None:
        wait_until_healthy(Served(self.address, self._web, self._folder / "serve.log"))

    def kill(self, victim: str, choose: random.Random) -> None:
        """Kill -9, and start again."""
        if victim == "worker":
            place = choose.randrange(WORKERS)
            _kill_tree(self._workers[place].pid)
            self._workers[place].wait()
            time.sleep(0.2 * choose.random())
            self._workers[place] = self._start("worker")
        elif victim == "web":
            _kill_tree(self._web.pid)
            self._web.wait()
            self._web = self._start("serve", "--port", str(self._port), "--no-worker")
            self._wait_for_web()
        else:
            self._kill_postgres(choose.random() < 0.5)
        self._revive()

    def _kill_postgres(self, all_at_once: bool) -> None:
        """SIGQUIT, PostgreSQL's immediate stop, or SIGKILL for every process of it."""
        pid = self.server.cluster.pid()
        assert pid is not None
        if all_at_once:
            _kill_tree(pid)
        else:
            os.kill(pid, signal.SIGQUIT)
        _wait_until(lambda: self.server.cluster.pid() != pid)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.server.cluster.ensure_running()
                break
            except StartFailed:
                # A backend of the dead server still holds its shared memory.
                assert time.monotonic() < deadline, "PostgreSQL does not start again"
                time.sleep(0.1)
        database.close()

    def _wait_until(self, what: Callable[[], object]) -> None:
        """Wait, and meanwhile do what a service manager does."""

        def looked() -> object:
            self._revive()
            return what()

        _wait_until(looked)

    def _revive(self) -> None:
        """Start again what ended because it found the database away at its own start."""
        for place, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self._workers[place] = self._start("worker")
        if self._web.poll() is not None:
            self._web = self._start("serve", "--port", str(self._port), "--no-worker")
            self._wait_for_web()

    def round(self, seed: int, events: int = EVENTS) -> Round:
        """One round of about so many events. Raises AssertionError where a promise is broken."""
        began = time.monotonic()
        done = Round(seed)
        try:
            self._round(done, events)
        except AssertionError as error:
            raise AssertionError(f"{done}\n{error}") from error
        done.seconds = time.monotonic() - began
        return done

    def _round(self, done: Round, events: int) -> None:
        seed = done.seed
        choose = random.Random(seed)
        targets = [_target(f"round-{seed}-{number}") for number in range(WORKSPACES)]
        halt, failures = threading.Event(), []
        total = 0
        threads: list[threading.Thread] = []
        for number, target in enumerate(targets):
            for part, share in enumerate(stories(seed * WORKSPACES + number, events // WORKSPACES, WRITERS)):
                target.sent |= {event["event_id"]: event for event in share}
                total += len(share)
                writer = Writer(self.address, target, share, random.Random(f"{seed} {number} {part}"), halt, failures)
                threads.append(threading.Thread(target=writer.run, daemon=True))
        for thread in threads:
            thread.start()
        try:
            # Two strikes while events come in, at moments told by how much is safe; the last as it ends.
            moments = [*sorted(choose.uniform(0.05, 0.9) for _ in range(STRIKES - 1)), 1.0]
            for moment in moments:
                self._wait_until(
                    lambda moment=moment: (
                        failures or sum(len(target.acknowledged) for target in targets) >= moment * total
                    )
                )
                if failures:
                    break
                time.sleep(0.1 * choose.random())
                victim = choose.choice(VICTIMS)
                done.strikes.append(victim)
                self.kill(victim, choose)
            self._wait_until(lambda: failures or not any(thread.is_alive() for thread in threads))
        finally:
            halt.set()
        if failures:
            raise failures[0]
        self._wait_until(lambda: all(_at_rest(target.id) for target in targets))
        for target in targets:
            assert target.acknowledged == target.sent.keys()
            done.counts += check(target.id, target.sent, target.acknowledged)

    def end(self) -> None:
        """End every process."""
        for process in (self._web, *self._workers):
            if process.poll() is None:
                process.terminate()
        for process in (self._web, *self._workers):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            if process.poll() is None:
                _kill_tree(process.pid)
                process.wait()


class Writer:
    """Sends one list of events in batches until each is acknowledged."""

    def __init__(
        self,
        address: str,
        target: Target,
        events: list[dict[str, Any]],
        choose: random.Random,
        halt: threading.Event,
        failures: list[BaseException],
    ) -> None:
        self._address = address
        self._target = target
        self._events = events
        self._choose = choose
        self._halt = halt
        self._failures = failures

    def run(self) -> None:
        """The thread's body; what goes wrong is put among the failures."""
        try:
            with httpx.Client(base_url=self._address, timeout=10, trust_env=False) as client:
                for start in range(0, len(self._events), BATCH):
                    self._send(client, self._events[start : start + BATCH])
        except BaseException as failure:
            self._failures.append(failure)

    def _send(self, client: httpx.Client, batch: list[dict[str, Any]]) -> None:
        path = "/v1/events/batch" + ("?wait=true" if self._choose.random() < WAITING else "")
        again = self._choose.random() < AGAIN
        while not self._halt.is_set():
            try:
                answer = client.post(
                    path, json={"events": batch}, headers={"Authorization": f"Bearer {self._target.key}"}
                )
            except httpx.TransportError:
                self._halt.wait(0.05)
                continue
            if answer.status_code >= 500:
                self._halt.wait(0.05)
                continue
            assert answer.status_code in (200, 202), answer.text
            known = self._target.acknowledged
            ids = {event["event_id"] for event in batch}
            told = answer.json()
            assert len(told["inserted"]) + len(told["duplicates"]) == len(batch)
            assert len(told["inserted"]) in (0, len(batch)), "a batch was recorded in part"
            if ids <= known:
                assert not told["inserted"], "what was acknowledged is new again"
            known |= ids
            if not again:
                return
            again = False


def _target(slug: str) -> Target:
    workspace = str(workspaces.create(slug, slug).id)
    for name in RECIPES:
        programs.publish(workspace, (files("goodword") / "recipes" / f"{name}.yaml").read_text(), by="the torture")
    return Target(workspace, keys.create_key(workspace, "torture")[1])


def _at_rest(workspace_id: str) -> bool:
    """Whether nothing waits: no event, and no timer that is due."""
    with tenancy.workspace(workspace_id):
        aside = fetch("SELECT error FROM inbox WHERE attempts > 0 UNION SELECT error FROM timer WHERE attempts > 0")
        assert not aside, f"the engine failed: {aside}"
        waiting = fetch(
            "SELECT EXISTS (SELECT FROM inbox) OR EXISTS (SELECT FROM timer WHERE due_at <= clock_timestamp())"
        )
    return not waiting[0][0]


def _wait_until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} seconds"
        time.sleep(0.02)


def _kill_tree(pid: int) -> None:
    """SIGKILL for a process and everything it started. It is stopped first, so that it starts nobody meanwhile."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        parent.suspend()
        everybody = [parent, *parent.children(recursive=True)]
        for process in everybody:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(everybody[1:], timeout=30)


# It would tell of every request.
logging.getLogger("httpx").setLevel(logging.WARNING)


@contextlib.contextmanager
def torture() -> Iterator[Torture]:
    """A house of its own to torture; everything is ended and removed afterwards."""
    with private_server(SETTINGS) as server, server.database() as name, tempfile.TemporaryDirectory() as folder:
        victim = Torture(server, name, Path(folder))
        try:
            yield victim
        except BaseException:
            print(victim.said(), file=sys.stderr)
            raise
        finally:
            victim.end()
            server.cluster.ensure_running()
