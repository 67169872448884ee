"""The command line: what it makes, what it refuses and how it says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from django.contrib.auth import authenticate

from goodword.ops import cli as commands
from goodword.ops.cli import _shared
from goodword.store import keys, staff, tenancy, workspaces
from goodword.store.models import Membership
from support.commands import Ran, run
from support.databases import TestServer

Cli = Callable[..., Ran]
PASSWORD = "correct horse battery"


def every_command(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    """The words of every command that a person can type."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from every_command(child, *path, name)


@pytest.mark.parametrize("path", list(every_command(commands.goodword)), ids=" ".join)
def test_every_help_says_what_the_command_does_and_gives_an_example(path: tuple[str, ...]) -> None:
    ran = run(*path, "--help")
    assert ran.code == 0
    assert re.search(r"^ +Examples?:", ran.out, re.MULTILINE)
    assert len(ran.out.splitlines()) > 3


def test_the_help_documents_the_exit_codes() -> None:
    ran = run("--help")
    for code in (commands.OK, commands.PROBLEM, commands.USAGE, commands.UNAVAILABLE, commands.FAILED):
        assert re.search(rf"^ +{code} +\S", ran.out, re.MULTILINE)


def test_a_workspace_is_made_and_listed(cli: Cli) -> None:
    made = cli("workspace", "create", "acme", "--name", "Acme, Inc.", "--json").json()
    assert made["slug"] == "acme"
    assert made["name"] == "Acme, Inc."
    assert made["id"].startswith("ws_")
    assert cli("workspace", "list", "--json").json() == [made]
    assert cli("workspace", "list").out == f"{made['id']}  acme  Acme, Inc.\n"


def test_without_a_workspace_the_list_says_how_to_make_one(cli: Cli) -> None:
    ran = cli("workspace", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "goodword workspace create" in ran.err


@pytest.mark.parametrize("slug", ["Acme", "a b", "-a", "a-", "a_b", "", "x" * 65])
def test_a_short_name_that_cannot_stand_in_an_address_is_refused(cli: Cli, slug: str) -> None:
    ran = cli("workspace", "create", "--", slug)
    assert ran.code == 1
    assert "lower-case letters, digits and hyphens" in ran.err
    assert cli("workspace", "list", "--json").json() == []


def test_a_short_name_of_the_longest_kind_is_taken(cli: Cli) -> None:
    assert cli("workspace", "create", "x" * 64).code == 0


def test_a_name_that_is_too_long_or_empty_is_refused(cli: Cli) -> None:
    assert "this one has 201" in cli("workspace", "create", "acme", "--name", "x" * 201).err
    assert "this one has 0" in cli("workspace", "create", "acme", "--name", "  ").err
    assert cli("workspace", "create", "acme", "--name", "x" * 200).code == 0


def test_a_short_name_is_given_once(cli: Cli) -> None:
    assert cli("workspace", "create", "acme").code == 0
    ran = cli("workspace", "create", "acme")
    assert ran.code == 1
    assert ran.err == "Error: There is a workspace 'acme' already; choose another short name.\n"


def test_the_only_workspace_need_not_be_named(cli: Cli, workspace: str) -> None:
    assert cli("key", "create", "shop").code == 0
    assert len(keys.list_keys(workspace)) == 1


def test_of_several_workspaces_one_must_be_named(cli: Cli) -> None:
    cli("workspace", "create", "one")
    two = cli("workspace", "create", "two", "--json").json()
    ran = cli("key", "list")
    assert ran.code == 1
    assert "choose one with --workspace: one, two" in ran.err
    assert cli("key", "list", "-w", "two").code == 0
    assert cli("key", "list", "-w", two["id"]).code == 0
    unknown = cli("key", "list", "-w", "three")
    assert unknown.code == 1
    assert "There is no workspace 'three'; there is one, two." in unknown.err


def test_a_key_is_shown_once_then_only_its_end(cli: Cli, workspace: str) -> None:
    made = cli("key", "create", "shop", "--json").json()
    assert keys.find_key(made["key"]) is not None
    listed = cli("key", "list", "--json")
    assert made["key"] not in listed.out
    assert [key["hint"] for key in listed.json()] == [made["key"][-4:]]


def test_a_revoked_key_opens_nothing(cli: Cli, workspace: str) -> None:
    made = cli("key", "create", "shop", "--json").json()
    assert cli("key", "revoke", made["id"]).code == 0
    assert keys.find_key(made["key"]) is None
    assert "revoked" in cli("key", "list").out
    assert cli("key", "revoke", made["id"]).code == 0


def test_revoking_what_is_no_key_is_refused(cli: Cli, workspace: str) -> None:
    ran = cli("key", "revoke", "par_01h2xcejqtf2nbrexx3vqjhp41")
    assert ran.code == 1
    assert "begins with key_" in ran.err
    unknown = cli("key", "revoke", "key_01h2xcejqtf2nbrexx3vqjhp41")
    assert unknown.code == 1
    assert "goodword key list" in unknown.err


def test_a_login_is_made_with_a_role(cli: Cli, workspace: str) -> None:
    ran = cli("user", "create", " Ada@Example.com", "--role", "finance", "--password-stdin", stdin=PASSWORD + "\n")
    assert (ran.code, ran.out) == (0, "ada@example.com is finance of test.\n")
    user = staff.find_user("ADA@example.com")
    assert user is not None
    assert user.check_password(PASSWORD)
    with tenancy.workspace(workspace):
        assert [member.role for member in Membership.objects.filter(user=user)] == ["finance"]


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("ada", PASSWORD, "is not an e-mail address"),
        ("x" * 140 + "@example.com", PASSWORD, "at most 150"),
        ("ada@example.com", "short", "too short"),
        ("ada@example.com", "password123", "too common"),
        ("ada.lovelace@example.com", "ada.lovelace1", "too similar"),
    ],
)
def test_a_login_that_is_not_sound_is_refused(
    cli: Cli, workspace: str, email: str, password: str, sentence: str
) -> None:
    ran = cli("user", "create", email, "--password-stdin", stdin=password)
    assert ran.code == 1
    assert sentence in ran.err
    assert staff.find_user(email) is None


def test_a_login_is_made_once_and_then_granted_other_workspaces(cli: Cli, workspace: str) -> None:
    cli("user", "create", "ada@example.com", "--password-stdin", stdin=PASSWORD)
    again = cli("user", "create", "ada@example.com", "--password-stdin", stdin="another good one")
    assert again.code == 1
    assert "goodword user grant" in again.err
    other = workspaces.create("other", "Other")
    granted = cli("user", "grant", "ada@example.com", "-w", "other", "--role", "support", "--json")
    assert granted.json() == {"email": "ada@example.com", "workspace": "other", "role": "support"}
    assert cli("user", "grant", "ada@example.com", "-w", "other", "--role", "manager").code == 0
    with tenancy.workspace(other.id):
        assert [member.role for member in Membership.objects.all()] == ["manager"]
    unknown = cli("user", "grant", "grace@example.com", "-w", "other")
    assert unknown.code == 1
    assert "There is no login for grace@example.com" in unknown.err


def test_a_password_is_changed(cli: Cli, workspace: str) -> None:
    cli("user", "create", "ada@example.com", "--password-stdin", stdin=PASSWORD)
    assert cli("user", "password", "ada@example.com", "--password-stdin", stdin="another good one").code == 0
    assert authenticate(username="ada@example.com", password=PASSWORD) is None
    assert cli("user", "password", "ada@example.com", "--password-stdin", stdin="123").code == 1
    assert cli("user", "password", "grace@example.com", "--password-stdin", stdin=PASSWORD).code == 1


def test_without_a_terminal_a_password_must_come_from_standard_input(cli: Cli, workspace: str) -> None:
    ran = cli("user", "create", "ada@example.com")
    assert ran.code == 2
    assert "--password-stdin" in ran.err


def test_an_unknown_command_or_option_is_wrong_usage() -> None:
    assert run("dance").code == 2
    assert run("workspace", "create").code == 2
    assert run("workspace", "list", "--loud").code == 2


def test_a_database_that_is_not_there_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:hush@127.0.0.1:1/goodword")
    ran = run("workspace", "list")
    assert ran.code == 3
    assert len(ran.err.splitlines()) == 1
    assert "goodword check" in ran.err
    assert "hush" not in ran.err


@pytest.mark.parametrize("url", ["mysql://x", "postgresql://host", "postgresql://[", "postgresql:///x?nonsense=1"])
def test_a_database_url_that_cannot_be_read_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    ran = run("workspace", "list")
    assert ran.code == 3
    assert "DATABASE_URL" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_home_that_cannot_be_made_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GOODWORD_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.delenv("DATABASE_URL")
    ran = run("workspace", "list")
    assert ran.code == 3
    assert "set GOODWORD_HOME to a folder you may write" in ran.err


def test_a_role_that_row_level_security_does_not_bind_is_refused(
    cli: Cli, db: str, database_server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database_server.as_superuser(db) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        ran = run("workspace", "list")
    assert ran.code == 3
    assert "superuser" in ran.err


def test_a_database_of_the_operators_own_is_not_migrated_by_the_way(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from goodword.ops import migrations

    monkeypatch.setattr(migrations, "pending", lambda: ["store.0009_later"])
    ran = cli("workspace", "list")
    assert ran.code == 3
    assert "store.0009_later" in ran.err
    assert "goodword migrate" in ran.err


def test_an_error_of_goodword_itself_is_told_apart_and_its_traceback_kept_for_debug(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("the bottom is out")

    monkeypatch.setattr(workspaces, "everything", broken)
    ran = cli("workspace", "list")
    assert ran.code == 4
    assert "RuntimeError: the bottom is out" in ran.err
    assert "Traceback" not in ran.err
    assert "Traceback" in cli("--debug", "workspace", "list").err


def test_an_interrupted_command_says_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workspaces, "everything", interrupted)
    ran = cli("workspace", "list")
    assert ran.code == 130
    assert ran.err.strip() == "Interrupted."


def test_the_terminal_is_asked_for_a_password_twice(cli: Cli, workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def prompt(*arguments: object, **options: object) -> str:
        asked.append(options)
        return PASSWORD

    monkeypatch.setattr(click, "prompt", prompt)
    assert cli("user", "create", "ada@example.com", terminal=True).code == 0
    assert asked == [{"hide_input": True, "confirmation_prompt": "Once more"}]


def test_more_workspaces_than_fit_in_a_sentence_are_cut(cli: Cli) -> None:
    for number in range(11):
        workspaces.create(f"w{number:02}", "W")
    with pytest.raises(_shared.Refused, match=r"w00, .*w09 and more\."):
        _shared.find_workspace(None)
