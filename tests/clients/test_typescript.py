"""The TypeScript client: built, packed, and its own tests run by Node.js."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commands import Ran
from support.serving import Served

ROOT = Path(__file__).resolve().parent.parent.parent
CLIENT = ROOT / "clients" / "typescript"
HERE = Path(__file__).parent / "typescript"
RUN_WAIT = 120.0


def _node(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")
    return subprocess.run(
        [node, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=RUN_WAIT
    )


def _node_tests(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a file of tests; Node.js itself ends it in time where it hangs, with whatever it began."""
    return _node("--test", f"--test-timeout={1000 * RUN_WAIT / 2:.0f}", str(HERE / name), **environment)


def test_it_holds_against_a_server_that_fails() -> None:
    ran = _node_tests("faults.test.mjs")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 15" in ran.stdout or "ℹ pass 15" in ran.stdout, ran.stdout


@pytest.fixture
def key(workspace: str, cli: Callable[..., Ran], tmp_path: Path) -> str:
    document = str(tmp_path / "program.yaml")
    cli("program", "new", "--from", "credit-after-threshold", "--out", document)
    cli("program", "publish", document)
    return cli("key", "create", "client").out.strip()


def test_it_works_with_a_running_goodword(server: Served, key: str) -> None:
    ran = _node_tests("server.test.mjs", GOODWORD_URL=server.url, GOODWORD_KEY=key)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 3" in ran.stdout or "ℹ pass 3" in ran.stdout, ran.stdout


def test_the_package_holds_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    packed = subprocess.run(
        [str(ROOT / "tools" / "npm"), "pack", "--json", "--pack-destination", str(tmp_path), str(CLIENT)],
        capture_output=True,
        text=True,
        timeout=RUN_WAIT,
        check=True,
    )
    (made,) = json.loads(packed.stdout)
    names = {each["path"] for each in made["files"]}
    sources = {path.stem for path in (CLIENT / "src").glob("*.ts")}
    built = {f"dist/{name}{kind}" for name in sources for kind in (".js", ".d.ts")}
    assert names == built | {"package.json", "README.md"}
