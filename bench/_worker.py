"""A worker in a process of its own, which says what its work cost: time, processor, memory.

`python -m bench._worker WORKSPACE_ID WARM MEASURED PROFILED` applies so many batches of each kind, one after
another, and prints one JSON object. Processor time is its own and that of its session at the database.
"""

from __future__ import annotations

import cProfile
import io
import json
import os
import pstats
import re
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench._meter import Meter

TOP = 10


@dataclass(frozen=True, slots=True)
class Work:
    """What the measured batches were and cost: seconds of the clock, of the processor by the worker itself (`own`) and
    by its session at the database."""

    events: int
    seconds: float
    own: float
    session: float
    peak_bytes: int
    profile: str

    @property
    def processor(self) -> float:
        """Seconds of the processors in all."""
        return self.own + self.session


def work(workspace_id: str, *, warm: int, measured: int, profiled: int = 0) -> Work:
    """Applies what waits, in a process of its own."""
    counts = [str(count) for count in (warm, measured, profiled)]
    ran = subprocess.run(
        [sys.executable, "-m", "bench._worker", workspace_id, *counts],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Work(**json.loads(ran.stdout))


def main(workspace_id: str, warm: int, measured: int, profiled: int) -> None:
    """The process."""
    import django

    django.setup()
    from goodword.engine import apply

    def batches(count: int) -> int:
        return sum(apply.apply_pending(workspace_id, ring=False).events for _ in range(count))

    batches(warm)
    meter = Meter(workspace_id)
    meter.start()
    events = batches(measured)
    meter.stop()
    peak = _peak_bytes()
    answer = {
        "events": events,
        "seconds": meter.seconds,
        "own": meter.own,
        "session": meter.session,
        "peak_bytes": peak,
        "profile": _profiled(lambda: batches(profiled)) if profiled else "",
    }
    print(json.dumps(answer))


def _peak_bytes() -> int:
    """The most memory that this process had. (What `getrusage` says begins with its parent's.)"""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        if found:
            return int(found[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def _profiled(run: object) -> str:
    """The top ten functions by their own time, and the top ten statements by the time that was waited for them."""
    import psycopg

    waited: dict[str, float] = defaultdict(float)
    times: dict[str, int] = defaultdict(int)
    execute = psycopg.Cursor.execute

    def timed(cursor: psycopg.Cursor, query: object, *arguments: object, **options: object) -> object:
        began = time.perf_counter()
        try:
            return execute(cursor, query, *arguments, **options)  # type: ignore[arg-type]
        finally:
            statement = " ".join(str(query).split())
            waited[statement] += time.perf_counter() - began
            times[statement] += 1

    profile = cProfile.Profile()
    psycopg.Cursor.execute = timed  # type: ignore[assignment,method-assign]
    began = time.perf_counter()
    events = profile.runcall(run)  # type: ignore[arg-type]
    seconds = time.perf_counter() - began
    psycopg.Cursor.execute = execute  # type: ignore[method-assign]
    told = io.StringIO()
    for order in ("tottime", "cumulative"):
        pstats.Stats(profile, stream=told).strip_dirs().sort_stats(order).print_stats(TOP)
    lines = [line for line in told.getvalue().splitlines() if line.strip()]
    lines.append(
        f"The statements that were waited for the longest, in {events} events of {seconds:.2f} s under the profiler:"
    )
    for statement in sorted(waited, key=lambda name: -waited[name])[:TOP]:
        lines.append(f"{waited[statement] * 1e3:8.0f} ms {times[statement]:5} times  {statement[:110]}")
    return "\n".join(lines)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")
    main(sys.argv[1], *map(int, sys.argv[2:]))
