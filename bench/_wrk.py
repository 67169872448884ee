"""Asked from outside: one run of wrk against a server, with what it took of the server's processor."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import psutil

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}


class Run(NamedTuple):
    """Answers per second, the slowest hundredth in ms, and microseconds of the server's processor for each answer."""

    rate: float
    p99: float
    own: float


def need(name: str) -> None:
    """Ends the process where wrk is not there."""
    if shutil.which("wrk") is None:
        sys.exit(f"{name} needs wrk, the HTTP benchmarking tool; Debian has it: apt-get install wrk")


def ask(url: str, pid: int, seconds: int, connections: int, script: str) -> Run:
    """One run; `pid` is the server's. An answer that is refused or lost ends the benchmark."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        before, began = used(pid), time.perf_counter()
        told = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", file.name, url],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        took = time.perf_counter() - began
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
    answers = re.search(r"Requests/sec:\s+([\d.]+)", told)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", told)
    assert answers, told
    assert slow, told
    rate, value, unit = float(answers[1]), slow[1], slow[2]
    return Run(rate, float(value) * _UNITS[unit], (used(pid) - before) / (rate * took) * 1e6)


def middle(runs: list[Run]) -> Run:
    """The middle one in each respect."""
    return Run(*(statistics.median(values) for values in zip(*runs, strict=True)))


def family(pid: int) -> list[psutil.Process]:
    """A process and its children; the database is not among them."""
    every = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return [process for process in every if "postgres" not in process.name()]


def used(pid: int) -> float:
    """Seconds of the processor that a process and its children took."""
    times = [process.cpu_times() for process in family(pid)]
    return sum(one.user + one.system for one in times)


def memory(pid: int) -> float:
    """MB that a process and its children hold."""
    return sum(process.memory_info().rss for process in family(pid)) / 1e6
