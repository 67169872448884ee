"""A backtest's parts on the nodes of a Ray cluster. Imported only where one is asked for; needs `goodword[ray]`.

Nodes read events from the database themselves, at the moment that this process holds open. What is sent to them is the
question and the places in the log of a part's entries; what comes back, word by word, is changed decisions and sums. No
password is sent: a node has a DATABASE_URL of its own, and only the path of a socket, which has none, is told to it.
"""

from __future__ import annotations

import os
import re
import socket
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would tell its makers that it is used

import ray
from django.core.exceptions import ImproperlyConfigured
from django.db import Error
from ray.exceptions import RayError, RayTaskError

from goodword import __version__
from goodword.engine.backtest import compare, parts
from goodword.engine.backtest.parts import Part, Word

PARTS_A_PROCESSOR = 4
"""So many, that what a lost node had in hand is little, and that no node waits long for the last one."""
ATTEMPTS = 5
"""How often a part is begun before the backtest is given up."""
AHEAD = 4
"""Words that a node may be ahead of this process."""
LOOK = 2.0
"""Seconds without a word after which the nodes are looked at."""
PROBE_SECONDS = 5
ADDRESS = re.compile(r"(?P<host>[^\s:/]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")


class ClusterProblem(Exception):
    """The cluster, or a node of it, cannot do the work. The message says what to do."""


@contextmanager
def joined(address: str) -> Iterator[Cluster]:
    """The cluster whose head is at HOST:PORT. Raises `ClusterProblem`."""
    _probe(address)
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
    except (RayError, OSError, RuntimeError, ValueError) as error:
        raise ClusterProblem(
            f"the Ray cluster at {address} cannot be joined ({_first_line(error)}); "
            f"this machine must be a node of it: run 'ray start --address {address} --num-cpus 0'"
        ) from None
    try:
        yield Cluster()
    finally:
        ray.shutdown()


def _probe(address: str) -> None:
    """Says at once what Ray would say after a minute."""
    found = ADDRESS.fullmatch(address)
    if not found or int(found["port"]) > 65535:
        raise ClusterProblem(f"{address!r} is not the address of a Ray head; give HOST:PORT, such as 10.0.0.5:6379")
    try:
        socket.create_connection((found["host"].strip("[]"), int(found["port"])), PROBE_SECONDS).close()
    except OSError as error:
        raise ClusterProblem(
            f"no Ray head answers at {address} ({error.strerror or error}); start one with 'ray start --head'"
        ) from None


@dataclass(slots=True)
class _Run:
    """A part that a node has in hand, and the file where its changed decisions go."""

    part: Part
    file: IO[bytes]


class Cluster:
    """The nodes of the cluster that this process has joined; see `parts.Workers`."""

    def __init__(self) -> None:
        self._nodes = self._processors = 0
        self._look()
        self.count = PARTS_A_PROCESSOR * self._processors
        self._parts = 0
        self._recomputed = 0
        self._begun: Counter[str] = Counter()
        there = ray.remote(
            num_cpus=1, max_retries=0, num_returns="streaming", _generator_backpressure_num_objects=AHEAD
        )
        self._remote = there(decided)

    def work(self, parts: Sequence[Part], progress: Callable[[int], None]) -> Iterator[compare.Found]:
        """See `parts.Workers`. A part whose node is lost is begun again on another."""
        self._parts = len(parts)
        waiting = deque(parts)
        running: dict[Any, _Run] = {}
        done: Counter[str] = Counter()
        try:
            while waiting or running:
                while waiting and len(running) < 2 * self._processors:
                    words, run = self._begin(waiting.popleft())
                    running[words] = run
                ready, _ = ray.wait(list(running), timeout=LOOK)
                if not ready:
                    self._look()
                for words in ready:
                    run = running[words]
                    word = _next(words)
                    if word is None:
                        running.pop(words).file.close()
                        done[run.part.steps.name] = 0
                        self._recomputed += 1
                        waiting.append(run.part)
                        continue
                    run.file.write(word.changes)
                    done[run.part.steps.name] = word.done
                    progress(done.total())
                    if word.found is not None:
                        running.pop(words).file.close()
                        yield word.found
        finally:
            for run in running.values():
                run.file.close()

    def _look(self) -> None:
        """Sees which nodes can work: some may have come, some gone."""
        processors = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        self._processors = sum(processors)
        self._nodes = max(self._nodes, sum(number > 0 for number in processors))
        if not self._processors:
            raise ClusterProblem("no node of the Ray cluster has a processor; start one with 'ray start --address …'")

    def _begin(self, part: Part) -> tuple[Any, _Run]:
        name = part.steps.name
        self._begun[name] += 1
        if self._begun[name] > ATTEMPTS:
            raise ClusterProblem(
                f"a part of the history was begun {ATTEMPTS} times and its node was lost each time; "
                "look at the nodes' memory and logs, then run it again"
            )
        sent = replace(part, database=_without_secrets(part.database))
        words = self._remote.remote(sent, part.steps.read_bytes(), __version__)
        return words, _Run(part, parts.changes_of(part).open("wb"))

    def told(self) -> dict[str, Any]:
        """See `parts.Workers`."""
        return {"nodes": self._nodes, "parts": self._parts, "recomputed": self._recomputed}


def _next(words: Any) -> Word | None:
    """The next word of a part; None where its node was lost."""
    try:
        word: Word = ray.get(next(words))
    except RayTaskError as error:
        if isinstance(error.cause, ClusterProblem):
            raise ClusterProblem(str(error.cause)) from None
        raise
    except RayError:
        return None
    return word


def _without_secrets(database: dict[str, Any]) -> dict[str, Any]:
    """What a node is told of the database: where its socket is, or nothing."""
    if not str(database["HOST"]).startswith("/"):
        return {}
    return {name: database[name] for name in ("NAME", "USER", "HOST", "PORT") if name in database}


def decided(part: Part, steps: bytes, version: str) -> Iterator[Word]:
    """One part, on a node."""
    here = f"the node {ray.util.get_node_ip_address()}"
    if version != __version__:
        raise ClusterProblem(f"{here} has Goodword {__version__}, and this is {version}; install the same everywhere")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")
    with tempfile.TemporaryDirectory(prefix="goodword-backtest-") as folder:
        file = Path(folder) / part.steps.name
        file.write_bytes(steps)
        try:
            yield from parts.decided(replace(part, steps=file))
        except (Error, ImproperlyConfigured) as error:
            raise ClusterProblem(
                f"{here} cannot read this database ({_first_line(error)}); start it with the DATABASE_URL used here"
            ) from None


def _first_line(error: BaseException) -> str:
    with suppress(IndexError):
        return str(error).strip().splitlines()[0].rstrip(".")
    return type(error).__name__
