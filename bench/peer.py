"""Redirects with a durable click, beside an open peer's on the same server of PostgreSQL: the one package of referral
links with recorded clicks that can be installed from the package index and runs beside Goodword,
django-affiliate-system 0.1.0.

Each is one process, asked by wrk with 64 connections for one link, in turn, three times; the middle run counts. The
peer writes a row for each click before it answers, as Goodword does. The floor of this figure is the peer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.serving import free_port, served

from bench import _house, _wrk, redirects
from bench._figures import Figure
from bench._options import Options
from goodword.ops.postgres import ROLE
from goodword.ops.postgres.cluster import SUPERUSER, Cluster
from goodword.ops.postgres.paths import PORT

PACKAGES = Path(sys.executable).parents[1] / "peer"
"""Where `make bench` installs the peer."""
DATABASE = "peer"
START_SECONDS = 60


def run(options: Options) -> Iterator[Figure]:
    """Serves both, asks, and counts what each kept."""
    _wrk.need("peer")
    if not PACKAGES.is_dir():
        sys.exit(f"peer needs the peer's packages in {PACKAGES}; make bench installs them.")
    seconds, runs = (2, 1) if options.quick else (redirects.SECONDS, redirects.RUNS)
    with _house.house() as server:
        workspace_id = redirects.fill(1)
        with served(Path(os.environ["GOODWORD_HOME"]), None, worker=False) as serving, _served(server) as (url, pid):
            redirects.ask(serving.url, serving.process.pid, 1, 1)
            _ask_peer(url, pid, 1)
            before = redirects.kept(workspace_id), _kept_by_peer(server)
            ours, theirs = [], []
            for _ in range(runs):
                theirs.append(_ask_peer(url, pid, seconds))
                ours.append(redirects.ask(serving.url, serving.process.pid, seconds, 1))
            kept = redirects.kept(workspace_id) - before[0], _kept_by_peer(server) - before[1]
            for number, found in zip(kept, (ours, theirs), strict=True):
                assert number >= sum(one.rate for one in found) * seconds * 0.98, "an answer without a click"
    we, they = _wrk.middle(ours), _wrk.middle(theirs)
    yield Figure("redirects with a durable click, beside an open peer's", we.rate, "/s", they.rate, "× ≥ 5")
    yield Figure("redirects, p99, beside an open peer's", we.p99, "ms", they.p99, "")


def _ask_peer(url: str, pid: int, seconds: int) -> _wrk.Run:
    return _wrk.ask(f"{url}/r/bench/", pid, seconds, redirects.CONNECTIONS, redirects.AS_A_BROWSER)


@contextmanager
def _served(server: Cluster) -> Iterator[tuple[str, int]]:
    """The peer's address and process, in a database of its own."""
    with server.connect(SUPERUSER, SUPERUSER) as administrator:
        administrator.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    port = free_port()
    where = {"NAME": DATABASE, "USER": ROLE, "HOST": str(server.paths.sockets), "PORT": PORT}
    path = os.pathsep.join(filter(None, [os.getcwd(), str(PACKAGES), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen(
        [sys.executable, "-m", "bench._peer", str(port)],
        env={**os.environ, "PYTHONPATH": path, "PEER_DATABASE": json.dumps(where), "DJANGO_SETTINGS_MODULE": ""},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _await(url, process)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/nothing"):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("the peer did not start")


def _kept_by_peer(server: Cluster) -> int:
    with server.connect(SUPERUSER, DATABASE) as connection:
        row = connection.execute(
            "SELECT count(*) FROM affiliates_referralaction WHERE action_type = 'click'"
        ).fetchone()
    assert row
    return int(row[0])
