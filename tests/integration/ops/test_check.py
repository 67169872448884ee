"""`goodword check`: names each thing that is wrong and what mends it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from goodword.ops import checks, home, migrations, walls
from support.commands import Ran, run
from support.databases import TestServer

Cli = Callable[..., Ran]


def findings(ran: Ran) -> dict[str, Any]:
    """The findings by name."""
    return {finding["name"]: finding for finding in ran.json()["findings"]}


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation in which everything is built, whatever this working copy has; its package folder."""
    package = tmp_path / "package"
    dist = package / "console" / "static" / "console" / "dist"
    dist.mkdir(parents=True)
    (dist / "app-1.css").touch()
    (dist / "app-1.js").touch()
    monkeypatch.setattr(checks, "PACKAGE", package)
    return package


def test_a_sound_installation_has_no_problem(cli: Cli, sound: Path) -> None:
    ran = cli("check", "--json")
    assert ran.code == 0
    assert ran.json()["ok"] is True
    names = ["python", "home", "disk", "secret key", "pages", "languages", "database"]
    names += ["server", "role", "encoding", "migrations", "tenant wall", "ledger", "settings"]
    assert list(findings(ran)) == names
    assert all(finding["mend"] == "" for finding in findings(ran).values())


def test_each_line_begins_with_ok_or_problem(cli: Cli, sound: Path) -> None:
    shutil.rmtree(sound / "console")
    ran = cli("check")
    assert ran.code == 1
    assert "ok       python: Python 3." in ran.out
    assert (
        "problem  pages: the styles and scripts of the pages are not built\n         → Run 'make build'.\n" in ran.out
    )


def test_a_superuser_is_a_problem(
    cli: Cli, sound: Path, db: str, database_server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database_server.as_superuser(db) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        ran = run("check", "--json")
    assert ran.code == 1
    assert "is a superuser" in findings(ran)["role"]["message"]
    assert "NOSUPERUSER NOBYPASSRLS" in findings(ran)["role"]["mend"]


@pytest.mark.parametrize(
    "hole",
    [
        "ALTER TABLE participant NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE participant DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own ON participant",
        "CREATE POLICY everybody ON participant USING (true)",
        "ALTER POLICY own ON participant USING (true)",
        "ALTER POLICY own ON participant WITH CHECK (true)",
        "ALTER POLICY own ON participant USING "
        "(name <> '' OR workspace_id = current_setting('goodword.workspace_id')::uuid)",
    ],
)
def test_a_hole_in_the_tenant_wall_is_a_problem(cli: Cli, sound: Path, hole: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(hole)
    wall = findings(cli("check", "--json"))["tenant wall"]
    assert wall["ok"] is False
    assert "participant" in wall["message"]


@pytest.mark.parametrize(
    ("hole", "named"),
    [
        ("ALTER TABLE transfer DISABLE TRIGGER transfer_append_only", "transfer_append_only"),
        ("ALTER TABLE ledger_account DISABLE TRIGGER ALL", "ledger_account_by_transfers_only"),
        ("DROP TRIGGER ledger_post ON transfer", "ledger_post"),
        ("ALTER TABLE ledger_account DROP CONSTRAINT ledger_not_below_zero", "ledger_not_below_zero"),
    ],
)
def test_a_ledger_that_the_database_does_not_keep_is_a_problem(cli: Cli, sound: Path, hole: str, named: str) -> None:
    assert findings(cli("check", "--json"))["ledger"]["ok"] is True
    with connection.cursor() as cursor:
        cursor.execute(hole)
    found = findings(cli("check", "--json"))["ledger"]
    assert found["ok"] is False
    assert named in found["message"]
    assert "trial-balance" in found["mend"]


@pytest.mark.parametrize("hole", ["DROP TRIGGER {} ON {}", "ALTER TABLE {1} DISABLE TRIGGER {0}"])
def test_a_history_of_settings_that_the_database_does_not_keep_is_a_problem(cli: Cli, sound: Path, hole: str) -> None:
    assert findings(cli("check", "--json"))["settings"]["ok"] is True
    with connection.cursor() as cursor:
        cursor.execute(hole.format("setting_change_append_only", "setting_change"))
    found = findings(cli("check", "--json"))["settings"]
    assert found["ok"] is False
    assert "setting_change_append_only" in found["message"]


def test_a_new_table_with_a_workspace_but_no_wall_is_a_problem(cli: Cli, sound: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (workspace_id uuid)")
    assert walls.open_tables() == ["forgotten"]


def test_a_database_without_tables_is_a_problem(database_server: TestServer, sound: Path) -> None:
    with database_server.pointed_at("postgres"):
        assert [finding.name for finding in checks.in_database() if not finding.ok] == [
            "migrations",
            "tenant wall",
            "ledger",
            "settings",
        ]


def test_a_database_that_lacks_migrations_is_a_problem(cli: Cli, sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "pending", lambda: ["store.0009_later"])
    found = findings(cli("check", "--json"))["migrations"]
    assert (found["ok"], found["mend"]) == (False, "Run 'goodword migrate'.")


def test_a_database_that_does_not_answer_is_a_problem(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1:1/x")
    ran = run("check", "--json")
    assert ran.code == 1
    assert findings(ran)["database"]["ok"] is False
    assert "DATABASE_URL" in findings(ran)["database"]["mend"]


def test_a_server_that_is_too_old_or_not_utf8_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_rows", lambda _statement: [(140005,)])
    assert checks._server().message == "PostgreSQL 14.5"
    assert not checks._server().ok
    monkeypatch.setattr(checks, "_rows", lambda _statement: [("LATIN1",)])
    assert "LATIN1" in checks._encoding().message


def test_a_home_that_cannot_be_written_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GOODWORD_HOME", str(tmp_path / "file"))
    monkeypatch.delenv("GOODWORD_SECRET_KEY")
    problems = {finding.name: finding for finding in checks.installation() if not finding.ok}
    assert "GOODWORD_HOME" in problems["home"].mend
    assert "GOODWORD_SECRET_KEY" in problems["secret key"].mend


def test_a_full_disk_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "DISK_LEAST", 2**62)
    assert [finding.name for finding in checks._home() if not finding.ok] == ["disk"]


def test_a_secret_key_that_is_short_or_readable_by_others_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOODWORD_SECRET_KEY", "short")
    assert not checks._secret_key().ok
    monkeypatch.delenv("GOODWORD_SECRET_KEY")
    monkeypatch.setenv("GOODWORD_HOME", str(tmp_path))
    assert checks._secret_key().ok
    (tmp_path / home.SECRET_KEY_FILE).chmod(0o644)
    assert "chmod 600" in checks._secret_key().mend


def test_an_old_python_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PYTHON", (99, 0))
    assert not checks._python().ok


def test_a_translation_that_is_not_compiled_is_a_problem(sound: Path) -> None:
    source = sound / "locale" / "nb" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.touch()
    assert checks._translations().message == "not compiled: nb"
    source.with_suffix(".mo").touch()
    assert checks._translations().ok
