"""The newcomer's way: `goodword demo` on a home that does not exist yet, killed half way, run again, and
served. Real processes, the embedded server, all 69,659 orders."""

from __future__ import annotations

import http.cookiejar
import json
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from goodword.ops.demo import stream
from support.embedded import server_of, wait_for
from support.serving import command, environment, free_port

MOST_MEGABYTES = 500


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gwt-"))
    yield folder
    left = server_of(folder)
    if left is not None:
        left.send_signal(signal.SIGQUIT)
        wait_for(lambda: server_of(folder) is None)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def first(home: Path) -> subprocess.CompletedProcess[str]:
    """A load that was killed half way and then finished."""
    broken_off = subprocess.Popen(
        command("demo", "--load-only"), env=environment(home, None), stderr=subprocess.PIPE, text=True
    )
    assert broken_off.stderr is not None
    said = ""
    while "events applied" not in said:
        said = broken_off.stderr.readline()
        assert said or broken_off.poll() is None
    children = psutil.Process(broken_off.pid).children(recursive=True)
    assert children
    broken_off.kill()
    broken_off.wait()
    wait_for(lambda: not any(child.is_running() for child in children if "applier" in _words(child)))
    return _goodword(home, "demo", "--load-only")


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _goodword(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), env=environment(home, None), capture_output=True, text=True, timeout=300)


def _json(home: Path, *arguments: str) -> Any:
    return json.loads(_goodword(home, *arguments, "--json").stdout)


def test_a_load_that_was_killed_is_finished_by_the_next(home: Path, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stderr
    sent, there = re.search(r"Loaded ([\d,]+) events \(([\d,]+) were there already\)", first.stderr).groups()  # type: ignore[union-attr]
    assert int(sent.replace(",", "")) == stream.EVENTS
    assert 0 < int(there.replace(",", "")) < stream.EVENTS
    assert int(re.search(r"the worker needed (\d+) MB", first.stderr)[1]) < MOST_MEGABYTES  # type: ignore[index]
    numbers = _json(home, "summary", "--workspace", "demo")
    assert numbers["participants"] >= 23_570
    assert numbers["events_applied"] >= stream.EVENTS
    assert numbers["events_waiting"] == 0
    assert numbers["trial_balance"]["balanced"] is True
    assert {row["program"] for row in numbers["rewards"]} == {
        "credit-after-threshold",
        "bronze-silver-gold",
        "b2b-sales",
    }
    assert {row["outcome"] for row in numbers["decisions"]} == {"yes", "no"}


def test_a_second_run_loads_nothing(home: Path, first: subprocess.CompletedProcess[str]) -> None:
    second = _goodword(home, "demo", "--load-only")
    assert second.returncode == 0
    assert second.stdout == first.stdout
    assert "Everything is loaded already." in second.stderr
    for part in ("participants", "events applied", "events/s", "referrals", "rewards", "decisions"):
        assert part in first.stdout
    assert "The ledger balances." in first.stdout


def test_an_order_of_the_demo_is_explained(home: Path, first: subprocess.CompletedProcess[str]) -> None:
    told = _goodword(home, "explain", "cdnow-2").stdout
    assert "order.completed" in told
    assert "not_referred" in told
    assert "(simulated)" in _goodword(home, "explain", "submit-sub-000").stdout


def test_it_serves_with_a_login_that_works_and_ends_whole(home: Path, first: subprocess.CompletedProcess[str]) -> None:
    port = free_port()
    served = subprocess.Popen(
        command("demo", "--port", str(port)), env=environment(home, None), stdout=subprocess.PIPE, text=True
    )
    assert served.stdout is not None
    try:
        login = None
        while login is None:
            line = served.stdout.readline()
            assert line or served.poll() is None
            login = re.search(r"Log in at (\S+) as (\S+) with the password (\S+)", line)
        address, email, password = login.groups()
        assert address == f"http://127.0.0.1:{port}"
        page = _log_in(address, email, password)
        assert "demo@goodword.example" in page or "CDNOW" in page
        children = psutil.Process(served.pid).children(recursive=True)
        busy = _goodword(home, "demo", "--load-only")
        assert busy.returncode == 1
        assert f"Process {served.pid} already runs the worker" in busy.stderr
    finally:
        served.send_signal(signal.SIGINT)
        served.wait(60)
    assert served.returncode == 0
    wait_for(lambda: not any(child.is_running() for child in children))
    assert server_of(home) is None


def _log_in(address: str, email: str, password: str) -> str:
    """The first page after logging in."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(address, timeout=30) as answer:
        form, where = answer.read().decode(), answer.url
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token, where
    sent = urllib.parse.urlencode({"login": email, "password": password, "csrfmiddlewaretoken": token[1]}).encode()
    with browser.open(urllib.request.Request(where, sent, {"Referer": where}), timeout=30) as answer:
        assert answer.status == 200
        assert "login" not in answer.url
        return str(answer.read().decode())
