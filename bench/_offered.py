"""The load from outside, a process of its own: events sent to a server over HTTP at fixed times, and a look at
the database for when each was decided.

`python -m bench._offered`, with one JSON object of `Offer` on its standard input, prints the milliseconds of
every event or request as a JSON list. Requests go out when they are due, whether or not the ones before them
are answered, so a slow server cannot make the load lighter.
"""

from __future__ import annotations

import http.client
import json
import queue
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg

LOOK = 0.002
"""Seconds between two looks for decisions; no figure is finer."""
LONGEST = 180.0
"""Seconds after which what is not decided is given up."""


@dataclass(frozen=True, slots=True)
class Offer:
    """`bodies`: what is sent, each to `path`. `every`: seconds between two requests; 0: the next one only when
    the last one's events are decided, after a pause of `pause` seconds. `database`: whose decisions are looked
    for, as psycopg reads it; empty: a request's own time is measured instead. The first `warm` are not told."""

    url: str
    key: str
    method: str
    path: str
    bodies: list[str]
    every: float
    connections: int
    workspace_id: str
    database: str = ""
    pause: float = 0.0
    warm: int = 0


def offer(what: Offer) -> list[float]:
    """Sends it from a process of its own; gives milliseconds, in no order."""
    ran = subprocess.run(
        [sys.executable, "-m", "bench._offered"],
        input=json.dumps(asdict(what)),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [float(found) for found in json.loads(ran.stdout)]


class _Sender:
    """The connections and what they have sent: when each request was due and answered, and its events."""

    def __init__(self, what: Offer) -> None:
        self._what = what
        self._due: queue.Queue[tuple[int, float] | None] = queue.Queue()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(what.connections)]
        self.answered: dict[str, float] = {}
        self.spent: dict[int, float] = {}
        self.failed: list[str] = []
        for thread in self._threads:
            thread.start()

    def send(self, number: int, due: float) -> None:
        """Sends a body as soon as a connection is free."""
        self._due.put((number, due))

    def finish(self) -> None:
        """Waits for every answer; ends the process where one was no success."""
        for _ in self._threads:
            self._due.put(None)
        for thread in self._threads:
            thread.join(LONGEST)
        if self.failed:
            sys.exit(f"{len(self.failed)} requests failed; the first: {self.failed[0]}")

    def _send(self) -> None:
        what = self._what
        connection = http.client.HTTPConnection(urlsplit(what.url).netloc, timeout=LONGEST)
        headers = {"Authorization": f"Bearer {what.key}", "Content-Type": "application/json"}
        while (job := self._due.get()) is not None:
            number, due = job
            connection.request(what.method, what.path, what.bodies[number] or None, headers)
            answer = connection.getresponse()
            said = answer.read()
            now = time.perf_counter()
            if answer.status >= 300:
                self.failed.append(f"{answer.status} {said[:300]!r}")
            elif what.database:
                self.answered.update(dict.fromkeys(json.loads(said)["inserted"], now))
            self.spent[number] = now - due
        connection.close()


class _Looker:
    """Sees which events of the workspace are decided, and when."""

    def __init__(self, what: Offer) -> None:
        from goodword.domain import ids

        self._public = lambda id: ids.public("evt", id)
        self._connection = psycopg.connect(what.database, autocommit=True)
        self._connection.execute("SELECT set_config('goodword.workspace_id', %s, false)", [what.workspace_id])
        self._last = self._connection.execute("SELECT coalesce(max(position), 0) FROM applied").fetchall()[0][0]
        self.seen: dict[str, float] = {}

    def look(self) -> None:
        """Once."""
        rows = self._connection.execute(
            "SELECT position, event_id FROM applied WHERE position > %s ORDER BY position", [self._last]
        ).fetchall()
        now = time.perf_counter()
        for self._last, event_id in rows:
            self.seen[self._public(event_id)] = now

    def look_until(self, moment: float) -> None:
        """Again and again until a moment."""
        while (left := moment - time.perf_counter()) > 0:
            self.look()
            time.sleep(min(LOOK, max(0.0, left)))


def main() -> None:
    """The process."""
    what = Offer(**json.load(sys.stdin))
    sender = _Sender(what)
    looker = _Looker(what) if what.database else None
    due = time.perf_counter()
    for number in range(len(what.bodies)):
        if looker:
            looker.look_until(due)
        else:
            time.sleep(max(0.0, due - time.perf_counter()))
        sender.send(number, due)
        due += what.every
        if not what.every and looker:
            _wait_for(looker, lambda: len(looker.seen) > number)  # noqa: B023
            looker.look_until(time.perf_counter() + what.pause)
            due = time.perf_counter()
    if looker:
        _wait_for(
            looker, lambda: len(sender.spent) == len(what.bodies) and sender.answered.keys() <= looker.seen.keys()
        )
    sender.finish()
    print(json.dumps(_milliseconds(what, sender, looker)))


def _wait_for(looker: _Looker, done: Any) -> None:
    limit = time.perf_counter() + LONGEST
    while not done():
        if time.perf_counter() > limit:
            sys.exit(f"Not decided within {LONGEST:.0f} seconds.")
        looker.look()
        time.sleep(LOOK)


def _milliseconds(what: Offer, sender: _Sender, looker: _Looker | None) -> list[float]:
    """Of each event from its answer to its decision (0 where that was there before), or of each request."""
    if looker is None:
        return [1e3 * spent for number, spent in sender.spent.items() if number >= what.warm]
    found = [max(0.0, looker.seen[id] - answered) for id, answered in sorted(sender.answered.items())]
    return [1e3 * seconds for seconds in found[what.warm :]]


if __name__ == "__main__":
    main()
