"""Loads the demo's events: one process records while another applies.

Recording is idempotent, so a load that was broken off is finished by loading again. Whether everything
is there already is seen from a hash of the ids, without sending anything.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from django.db import connection

from goodword.engine import history, record
from goodword.ops.demo import stream
from goodword.ops.demo.facts import REAL, SIMULATED
from goodword.ops.serving.family import PARENT
from goodword.store import tenancy

CHUNK = 2_000
STATISTICS_AFTER = (3, 12)
"""Chunks after which the database looks at its tables: they were empty a moment ago, and what is planned
for empty tables takes a quarter longer on full ones. Autovacuum would look too, but only after a minute."""
PAUSE = 0.1
END_WAIT = 10.0

Show = Callable[[int, int], None]
"""Is told how many events are recorded and how many are applied so far."""


class LoadFailed(Exception):
    """The process that applies the events has ended; the message says what to do."""

    code = "demo_load_failed"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: events sent, which of them were there already, events applied and timers rung,
    seconds from start to end, and the peak memory of the process that applied them, in bytes."""

    sent: int
    duplicates: int
    applied: int
    rings: int
    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the log was filled: its events, from the first one's receipt to the last one's application."""

    events: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds if self.seconds else 0.0


def is_loaded(workspace_id: str) -> bool:
    """Whether every event of the demo is in the log and nothing waits to be applied."""
    with tenancy.workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT md5(string_agg(id, E'\\n' ORDER BY id COLLATE "C")),
                   EXISTS (SELECT 1 FROM inbox WHERE workspace_id = %(workspace)s)
              FROM (
                SELECT source || '/' || event_id AS id
                  FROM event
                 WHERE workspace_id = %(workspace)s AND source IN (%(real)s, %(simulated)s)
              ) AS ids
            """,
            {"workspace": workspace_id, "real": REAL, "simulated": SIMULATED},
        )
        [found, waiting] = cursor.fetchone()
    return found == stream.FINGERPRINT and not waiting


def pace(workspace_id: str) -> Pace:
    """How fast the workspace's log was filled, as the log itself tells it."""
    with tenancy.workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM applied WHERE workspace_id = %(workspace)s),
                   EXTRACT(EPOCH FROM
                     (SELECT max(applied_at) FROM applied WHERE workspace_id = %(workspace)s)
                     - (SELECT min(received_at) FROM event WHERE workspace_id = %(workspace)s))
            """,
            {"workspace": workspace_id},
        )
        [events, seconds] = cursor.fetchone()
    return Pace(int(events), float(seconds or 0))


def load(workspace_id: str, show: Show = lambda _recorded, _applied: None) -> Loaded:
    """Records and applies every event of the demo, then rings the timers that are due.

    Raises `LoadFailed`; what was recorded until then stays, and the next load goes on from there.
    """
    began = time.monotonic()
    sent = duplicates = 0
    with _applier(workspace_id) as applier:
        with history.loading(workspace_id):
            for number, chunk in enumerate(_chunks(stream.events()), start=1):
                done = record.record(workspace_id, chunk)
                if number in STATISTICS_AFTER:
                    _gather_statistics()
                sent += len(chunk)
                duplicates += len(done.duplicates)
                applier.check()
                show(sent, applier.events)
            applier.drain(lambda: show(sent, applier.events))
        applier.finish()
    return Loaded(sent, duplicates, applier.events, applier.rings, time.monotonic() - began, applier.peak_bytes)


def _gather_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _chunks(events: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    rest = iter(events)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


class _Applier:
    """The process that applies, and what it last said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self.process = process
        self.events = self.rings = self.peak_bytes = 0
        self._drained = False
        self._input = process.stdin
        self._listener = threading.Thread(target=self._listen, args=(process.stdout,), daemon=True)
        self._listener.start()

    def _listen(self, said: IO[str]) -> None:
        for line in said:
            facts = json.loads(line)
            self.events, self.rings = facts["events"], facts["rings"]
            self.peak_bytes = facts.get("peak_bytes", 0)
            self._drained = "drained" in facts

    def check(self) -> None:
        """Raises `LoadFailed` when the process has ended too early."""
        if self.process.poll() is not None:
            raise LoadFailed(
                f"The process that applies events ended (exit code {self.process.returncode}); its reason is "
                "above. Run the same command again: it goes on from there."
            )

    def drain(self, waiting: Callable[[], None]) -> None:
        """Says that everything is recorded, and waits until all of it is applied. Raises `LoadFailed`."""
        with contextlib.suppress(BrokenPipeError):
            self._input.write("recorded\n")
            self._input.flush()
        while not self._drained:
            waiting()
            self.check()
            time.sleep(PAUSE)
        waiting()

    def finish(self) -> None:
        """Lets the timers ring that are due by the clock, and waits for the end. Raises `LoadFailed`."""
        self._input.close()
        if self.process.wait():
            self.check()
        self._listener.join(END_WAIT)


@contextlib.contextmanager
def _applier(workspace_id: str) -> Iterator[_Applier]:
    """Runs the process for a block, and leaves none behind. It has a session of its own: Ctrl-C reaches only
    this process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "goodword.ops.demo.applier", workspace_id],
        env={**os.environ, PARENT: str(os.getpid())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield _Applier(process)
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(END_WAIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
