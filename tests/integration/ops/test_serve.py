"""`goodword serve`: one process tree that starts together, is alone on its home, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from goodword.engine import record
from goodword.ops.locks import Lock
from goodword.store import tenancy
from goodword.store.models import Applied
from support.embedded import server_of, wait_for
from support.serving import Served, command, environment, free_port, served, wait_until_healthy

ORDER = {"order_id": "1", "value": 1000, "currency": "USD"}


@pytest.fixture
def home() -> Iterator[Path]:
    """A home folder with a short path; the embedded server on it is ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gwt-serve-"))
    yield folder
    left = server_of(folder)
    if left is not None:
        left.send_signal(signal.SIGQUIT)
        wait_for(lambda: server_of(folder) is None)
    shutil.rmtree(folder)


def goodword(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the embedded server of this home to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(home, None),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def family(server: Served) -> list[psutil.Process]:
    """The process of `goodword serve` and everything it started, the database server too."""
    return [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]


def name_of(process: psutil.Process) -> str:
    """The name of a process; that of the database where it is over by now, as one of the server's own may be."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return "postgres"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_every_process_it_started(home: Path, sign: signal.Signals) -> None:
    with served(home, None, worker=False) as server:
        tree = family(server)
        assert any(name_of(process) == "postgres" for process in tree)
        server.process.send_signal(sign)
        assert server.process.wait(30) == 0
        _gone, alive = psutil.wait_procs(tree, timeout=30)
        assert alive == []
    assert server_of(home) is None


def test_it_prints_its_address(home: Path) -> None:
    with served(home, None, worker=False) as server:
        wait_for(lambda: f"Goodword serves at {server.url}" in server.said())


def test_a_second_one_on_the_same_home_is_told_which_process_serves(home: Path) -> None:
    with served(home, None, worker=False) as server:
        second = goodword(home, "serve", "--port", str(free_port()))
    assert second.returncode == 1
    assert second.stderr == (
        f"Error: Process {server.process.pid} already serves from {home}; end it (kill {server.process.pid}), "
        "or give this one a folder of its own with GOODWORD_HOME.\n"
    )


def test_a_second_worker_on_the_same_home_is_told_which_process_works(home: Path) -> None:
    home.joinpath("worker.lock").touch()
    with Lock(home / "worker.lock").held():
        second = goodword(home, "worker")
    assert second.returncode == 1
    assert f"Process {os.getpid()} already runs the worker of {home}" in second.stderr


def test_a_short_command_works_beside_it_and_leaves_its_database_running(home: Path) -> None:
    with served(home, None, worker=False) as server:
        assert goodword(home, "migrate").stdout == "The database is up to date.\n"
        wait_until_healthy(server)


def test_after_a_kill_its_children_end_and_the_next_one_serves_on_the_same_port(home: Path) -> None:
    with served(home, None, worker=False) as first:
        tree = family(first)
        web = [process for process in tree[1:] if name_of(process) != "postgres"]
        database = server_of(home)
        assert database is not None
        first.process.kill()
        first.process.wait()
        again = subprocess.Popen(
            command("serve", "--no-worker", "--port", first.url.rpartition(":")[2]),
            env=environment(home, None),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert psutil.wait_procs(web, timeout=30)[1] == []
            wait_until_healthy(Served(first.url, again, first.log))
            adopted = server_of(home)
            assert adopted is not None
            assert adopted.pid == database.pid
        finally:
            again.send_signal(signal.SIGTERM)
            assert again.wait(30) == 0
    assert server_of(home) is None


def test_a_taken_port_is_named_and_nothing_is_left_running(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = goodword(home, "serve", "--no-worker", "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert "choose another with --port" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert server_of(home) is None


def test_a_server_of_the_operators_own_may_be_served_by_many(database_url: str, tmp_path: Path) -> None:
    with (
        served(tmp_path / "one", database_url, worker=False) as one,
        served(tmp_path / "two", database_url, worker=False) as two,
    ):
        assert one.url != two.url


def test_a_style_sheet_is_served_without_a_word_in_the_terminal(server: Served) -> None:
    with urllib.request.urlopen(f"{server.url}/accounts/login/") as page:
        [style, *_] = re.findall(r'href="([^"]+\.css)"', page.read().decode())
    with urllib.request.urlopen(f"{server.url}{style}") as answer:
        assert answer.read()
    assert "Warning" not in server.said()


def test_every_page_forbids_scripts_from_elsewhere_and_frames(server: Served) -> None:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=5) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def workers(server: Served) -> list[psutil.Process]:
    """The living engine's worker among its children."""
    found = []
    for child in psutil.Process(server.process.pid).children():
        with suppress(psutil.NoSuchProcess):  # it ended while it was looked at
            if child.status() != psutil.STATUS_ZOMBIE and "goodword.ops.serving.engine" in child.cmdline():
                found.append(child)
    return found


def recorded_and_applied(workspace: str, event_id: str) -> bool:
    """Whether a worker has applied the event, which is recorded at the first call."""
    record.record(
        workspace, [{"type": "order.completed", "event_id": event_id, "participant": "ada", "properties": ORDER}]
    )
    with tenancy.workspace(workspace):
        return Applied.objects.filter(event__event_id=event_id).exists()


def test_its_worker_applies_what_is_recorded_and_is_started_again_when_it_dies(
    serve: Callable[..., Served], workspace: str
) -> None:
    server = serve(worker=True)
    wait_for(lambda: recorded_and_applied(workspace, "before"))
    (first,) = workers(server)
    first.kill()
    wait_for(lambda: [worker.pid for worker in workers(server)] not in ([], [first.pid]))
    wait_for(lambda: recorded_and_applied(workspace, "after"))
    assert server.process.poll() is None


def test_a_worker_of_its_own_applies_what_is_recorded_until_it_is_told_to_end(
    database_url: str, workspace: str, tmp_path: Path
) -> None:
    worker = subprocess.Popen(command("worker"), env=environment(tmp_path, database_url), stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: recorded_and_applied(workspace, "one"))
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
