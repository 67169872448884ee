"""A backup brings everything back after the data is destroyed, and a restoring is whole or nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from goodword.ops import migrations
from goodword.ops.locks import Lock
from goodword.ops.postgres import paths
from goodword.ops.postgres.backup import ASIDE, save
from goodword.ops.postgres.cluster import Cluster
from goodword.ops.postgres.errors import BackupFailed
from support.embedded import Holder, server_of, wait_for
from support.serving import command, environment

EVENTS = """\
{"type": "link.created", "event_id": "l", "participant": "ada", "properties": {"program": "PROGRAM", "code": "ada"}}
{"type": "participant.signed_up", "event_id": "s", "participant": "bob", "properties": {"code": "ada"}}
{"type": "order.completed", "event_id": "o", "participant": "bob", "properties": \
{"order_id": "1", "value": 9000, "currency": "USD"}}
"""
APPLY = """
from goodword.ops.cli._shared import find_workspace, open_database
with open_database():
    from goodword.engine import worker
    assert worker.drain(str(find_workspace(None).id)) >= 3
"""


def goodword(home: Path, *arguments: str, status: int = 0) -> str:
    """Run a command on the embedded server of this home; what it answered (an error, when one is expected)."""
    ran = subprocess.run(
        command(*arguments),
        env=environment(home, None),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == status, ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stdout if status == 0 else ran.stderr


@pytest.fixture(scope="module")
def house() -> Iterator[Path]:
    """A home with a programme, a referral and its rewards, and a file `saved` beside it."""
    folder = Path(tempfile.mkdtemp(prefix="gwt-backup-"))
    home = folder / "home"
    try:
        home.mkdir()
        facts = folder / "facts.jsonl"
        goodword(home, "workspace", "create", "acme")
        recipe = "credit-after-threshold"
        source = folder / "program.yaml"
        from importlib.resources import files

        source.write_text((files("goodword") / "recipes" / f"{recipe}.yaml").read_text())
        goodword(home, "program", "publish", str(source))
        facts.write_text(EVENTS.replace("PROGRAM", recipe))
        goodword(home, "load", str(facts))
        subprocess.run([sys.executable, "-c", APPLY], env=environment(home, None), check=True)
        goodword(home, "backup", str(folder / "saved"))
        yield home
    finally:
        left = server_of(home)
        if left is not None:
            left.send_signal(signal.SIGQUIT)
            wait_for(lambda: server_of(home) is None)
        shutil.rmtree(folder)


def state(home: Path) -> dict[str, object]:
    """What replay, the summary and the books say, with the server started once for all three."""
    holder = Holder(home)
    try:
        replay = json.loads(goodword(home, "replay", "--verify", "--json"))
        replay.pop("seconds")
        return {
            "replay": replay,
            "summary": goodword(home, "summary"),
            "books": goodword(home, "ledger", "trial-balance", "--json"),
        }
    finally:
        holder.leave()


def test_after_the_data_is_destroyed_everything_is_there_again(house: Path) -> None:
    before = state(house)
    assert before["replay"]["same"]  # type: ignore[index]
    assert before["replay"]["events"] >= 3  # type: ignore[index]
    holder = Holder(house)
    server = server_of(house)
    assert server is not None
    server.send_signal(signal.SIGQUIT)
    wait_for(lambda: server_of(house) is None)
    holder.kill()
    shutil.rmtree(paths(house).data)
    said = goodword(house, "restore", str(house.parent / "saved"))
    assert "goodword replay --verify" in said
    assert state(house) == before
    goodword(house, "load", str(house.parent / "facts.jsonl"))
    assert state(house)["replay"] == before["replay"]


def test_it_is_written_while_somebody_works_and_readable_by_the_owner_alone(house: Path) -> None:
    holder = Holder(house)
    try:
        answer = json.loads(goodword(house, "backup", "--json", str(house.parent / "second")))
    finally:
        holder.leave()
    file = Path(answer["file"])
    assert answer["bytes"] == file.stat().st_size > 1000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in house.parent.iterdir() if path.name.startswith(".")] == []


def test_what_a_killed_backup_left_goes_with_the_next_and_nothing_else(house: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    folder = house.parent
    left = folder / f".third.goodword-{gone.pid}"
    others = [
        folder / f".third.goodword-{os.getpid()}",
        folder / ".third.20261121",
        folder / f".fourth.goodword-{gone.pid}",
    ]
    for file in (left, *others):
        file.write_text("half a backup")
    goodword(house, "backup", str(folder / "third"))
    assert sorted(path for path in folder.iterdir() if path.name.startswith(".")) == sorted(others)


def test_a_file_that_exists_is_replaced_only_when_told(house: Path) -> None:
    file = house.parent / "kept"
    file.write_text("mine")
    assert "replace it with --force" in goodword(house, "backup", str(file), status=1)
    assert file.read_text() == "mine"
    goodword(house, "backup", "--force", str(file))
    assert file.read_bytes()[:5] == b"PGDMP"


def test_a_device_or_a_pipe_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    nobody = cast(Cluster, None)  # it is refused before any server is asked
    with pytest.raises(BackupFailed, match="is no ordinary file"):
        save(nobody, pipe, force=True)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_program_that_a_signal_ended_is_named(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\nkill -9 $$\n")
    program.chmod(0o755)
    server = SimpleNamespace(
        paths=paths(tmp_path),
        binaries=SimpleNamespace(program=lambda name: program),
        account=SimpleNamespace(popen_options=dict),
    )
    with pytest.raises(BackupFailed, match=r"The backup was not written: pg_dump was ended by SIGKILL\."):
        save(cast(Cluster, server), tmp_path / "file", force=False)
    assert [left.name for left in tmp_path.iterdir()] == ["pg_dump"]


def test_a_folder_that_is_not_there_is_named(house: Path) -> None:
    assert "choose a folder you may write" in goodword(house, "backup", str(house / "none" / "file"), status=1)


def test_data_is_replaced_only_when_told(house: Path) -> None:
    saved = str(house.parent / "saved")
    before = state(house)
    assert "replace that data with --force" in goodword(house, "restore", saved, status=1)
    goodword(house, "workspace", "create", "later")
    goodword(house, "restore", "--force", saved)
    assert [one["slug"] for one in json.loads(goodword(house, "workspace", "list", "--json"))] == ["acme"]
    assert state(house) == before


def test_a_file_that_is_no_whole_backup_changes_nothing(house: Path) -> None:
    before = state(house)
    whole = (house.parent / "saved").read_bytes()
    middle = len(whole) // 2
    broken = {
        "cut short": whole[:-1],
        "cut short by much": whole[: len(whole) // 3],
        "changed": whole[:middle] + bytes(64) + whole[middle + 64 :],
        "no backup": b"DROP TABLE event;",
        "not there": None,
    }
    file = house.parent / "broken"
    for kind, content in broken.items():
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        assert "file of 'goodword backup'" in goodword(house, "restore", "--force", str(file), status=1), kind
        assert databases(house) == ["goodword"], kind
    assert state(house) == before


def databases(home: Path) -> list[str]:
    """The databases of the embedded server that are Goodword's."""
    holder = Holder(home)
    try:
        from goodword.ops.postgres import account, binaries, cluster

        owner = account.server_account()
        server = cluster.Cluster(
            paths(home), binaries.reachable(home, owner, say=print), owner, cluster.DURABLE, say=print
        )
        with server.connect("postgres", "postgres") as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'goodword%'").fetchall()
    finally:
        holder.leave()
    return sorted(name for (name,) in rows)


def test_nothing_is_restored_under_a_server_or_a_command_at_work(house: Path) -> None:
    saved = str(house.parent / "saved")
    (house / "serve.lock").touch()
    with Lock(house / "serve.lock").held():
        assert f"Process {os.getpid()} already serves" in goodword(house, "restore", "--force", saved, status=1)
    holder = Holder(house)
    try:
        import psycopg

        with psycopg.connect(host=str(paths(house).sockets), user="goodword", dbname="goodword"):
            refused = goodword(house, "restore", "--force", saved, status=1)
    finally:
        holder.leave()
    assert "Another Goodword command works with the database" in refused
    assert databases(house) == ["goodword"]


def test_what_a_killed_restoring_left_is_removed(house: Path) -> None:
    import psycopg

    holder = Holder(house)
    try:
        with psycopg.connect(
            host=str(paths(house).sockets), user="postgres", dbname="postgres", autocommit=True
        ) as superuser:
            superuser.execute(f"CREATE DATABASE {ASIDE}left")
    finally:
        holder.leave()
    goodword(house, "restore", "--force", str(house.parent / "saved"))
    assert databases(house) == ["goodword"]


def test_a_server_of_the_operators_own_is_left_to_its_own_tools(database_url: str, tmp_path: Path) -> None:
    for word in ("backup", "restore"):
        ran = subprocess.run(
            command(word, str(tmp_path / "file")),
            env=environment(tmp_path, database_url),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 1
        assert "its own tools" in ran.stderr


def test_a_backup_of_a_newer_version_or_of_something_else_is_refused() -> None:
    assert migrations.refusal({("store", "0001_initial")}) is None
    newer = migrations.refusal({("store", "0001_initial"), ("store", "9999_later")})
    assert newer == "it was made by a newer Goodword (it has store.9999_later); restore it with that version."
    assert "no database of Goodword" in str(migrations.refusal({("auth", "0001_initial")}))
