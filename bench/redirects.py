"""Redirects with a durable click, from outside: `goodword serve` as everybody runs it, asked by wrk with 64
connections.

Three runs of each, taken in turn, and the middle one counts: one link; 1,000,000 links asked for at random, so that
nearly none is remembered; and the floor, the same web server answering an empty 302. An answer that is no redirect, or
that has no click, ends the benchmark.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.serving import free_port, served

from bench import _house, _wrk
from bench._figures import Figure
from bench._options import Options
from bench._wrk import Run

CONNECTIONS = 64
SECONDS = 10
RUNS = 3
LINKS = 1_000_000
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
AS_A_BROWSER = f'wrk.headers["User-Agent"] = "{AGENT}"\nwrk.headers["Accept-Language"] = "nb-NO,nb;q=0.9"\n'
"""How a script for wrk begins, so that each request counts as a visit."""
PROGRAM = {
    "program": "friends",
    "name": "Friends",
    "currency": "EUR",
    "lifecycle": {"flow": "self_serve", "qualified": {"on": "order.completed"}},
    "links": {"destination": "https://www.example.com/welcome"},
    "rewards": [
        {"id": "credit", "on": "referral.qualified", "to": "referrer", "give": {"type": "cash", "amount": 500}}
    ],
}


def run(options: Options) -> Iterator[Figure]:
    """Serves, asks, and counts what was kept."""
    _wrk.need("redirects")
    seconds, links = (2, 10_000) if options.quick else (SECONDS, LINKS)
    with _house.house():
        workspace_id = fill(links)
        port = free_port()
        empty = subprocess.Popen([sys.executable, "-m", "bench._empty", str(port)])
        try:
            with served(Path(os.environ["GOODWORD_HOME"]), None, worker=False) as serving:
                floor_url = f"http://127.0.0.1:{port}/r/bench-1"
                one, many, bare = [], [], []
                ask(serving.url, serving.process.pid, 1, 1)
                ask(floor_url, empty.pid, 1, 0)
                before = kept(workspace_id)
                for _ in range(1 if options.quick else RUNS):
                    bare.append(ask(floor_url, empty.pid, seconds, 0))
                    one.append(ask(serving.url, serving.process.pid, seconds, 1))
                    many.append(ask(serving.url, serving.process.pid, seconds, links))
                asked = sum(run.rate for run in one + many) * seconds
                assert kept(workspace_id) - before >= asked * 0.98, "an answer without a click"
        finally:
            empty.terminate()
            empty.wait()
    floor = _wrk.middle(bare)
    for name, found in (("one link", _wrk.middle(one)), (f"{links:,} links", _wrk.middle(many))):
        yield Figure(f"redirects with a durable click, {name}", found.rate, "/s", floor.rate, "≥ 8000, × ≥ 0.35")
        yield Figure(f"redirects, {name}, p99", found.p99, "ms", floor.p99, "≤ 15")
        yield Figure(f"redirects, {name}, processor of the web server", found.own, "µs", floor.own, "")


def ask(url: str, pid: int, seconds: int, links: int) -> Run:
    """One run of wrk; of `links` links, each at random (0: the address as it is)."""
    script = AS_A_BROWSER
    if links:
        script += f'function request() return wrk.format("GET", "/r/bench-" .. math.random({links})) end\n'
    return _wrk.ask(url, pid, seconds, CONNECTIONS, script)


def fill(links: int) -> str:
    """A workspace with so many links, its id."""
    from goodword.engine import apply, programs, record
    from goodword.store import tenancy, workspaces
    from goodword.store.sql import execute, fetch

    workspace_id = str(workspaces.create("bench", "Bench").id)
    programs.publish(workspace_id, PROGRAM, by="bench")
    properties = {"program": "friends", "code": "bench-0"}
    sent = {"type": "link.created", "event_id": "0", "participant": "ada", "properties": properties}
    apply.apply_until(workspace_id, record.record(workspace_id, [sent]).inserted)
    with tenancy.workspace(workspace_id):
        execute(
            """
            INSERT INTO link (workspace_id, id, program_id, participant_id, code, typed, channel, simulated, created_at)
            SELECT workspace_id, gen_random_uuid(), program_id, participant_id, 'bench-' || number,
                   'bench' || number, 'email', false, created_at
            FROM link CROSS JOIN generate_series(1, %s) AS number
            WHERE workspace_id = %s
            """,
            [links, workspace_id],
        )
    with tenancy.workspace(workspace_id):
        assert fetch("SELECT count(*) FROM link WHERE workspace_id = %s", [workspace_id])[0][0] == links + 1
    return workspace_id


def kept(workspace_id: str) -> int:
    """How many clicks it has."""
    from goodword.store import tenancy
    from goodword.store.sql import fetch

    with tenancy.workspace(workspace_id):
        return int(fetch("SELECT count(*) FROM click WHERE workspace_id = %s", [workspace_id])[0][0])
