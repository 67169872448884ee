"""`goodword program`: write, check, publish, show; every fault by its path, and nothing left of a bad one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from tests.integration.cli.conftest import Cli, Write

from goodword.domain.program import json_schema
from goodword.store import staff
from support.cases import NAMES
from support.stories import RECIPES, recipe

Tables = Callable[[], dict[str, int]]

SMALL = """\
program: small
name: Small
currency: USD
lifecycle: {flow: self_serve, closed_won: {on: order.completed}}
rewards:
  - id: thanks
    on: referral.closed_won
    to: referrer
    give: {type: cash, amount: 100}
"""


def changed(**replacements: str) -> str:
    text = SMALL
    for old, new in replacements.items():
        old = {"amount": "amount: 100", "to": "to: referrer", "end": "amount: 100}\n"}[old]
        assert old in text
        text = text.replace(old, new)
    return text


BAD: list[tuple[str, str | bytes, str, str]] = [
    ("a misspelt key", changed(to="tto: referrer"), "rewards.0.tto", "unknown_key"),
    ("a negative amount", changed(amount="amount: -1"), "rewards.0.give.amount", "negative_amount"),
    ("an unknown unit", changed(amount="amount: 1, unit: stars"), "rewards.0.give.unit", "unknown_unit"),
    ("a CEL fault", changed(end="amount: 1}\n    when: 'event.value >'\n"), "rewards.0.when", "cel_syntax"),
    ("an unknown fact", changed(end="amount: 1}\n    when: 'event.valu > 1'\n"), "rewards.0.when", "cel_unknown_name"),
    (
        "tiers in a circle",
        SMALL
        + "tiers:\n  - {id: a, from: 1, metric: closed_won_referrals, after: b}\n"
        + "  - {id: b, from: 2, metric: closed_won_referrals, after: a}\n",
        "tiers.0.after",
        "tier_cycle",
    ),
    ("no YAML", "program: [", "line 2", "not_yaml"),
    ("no text", b"\x00\xff\xfe\x01", "line 1", "not_yaml"),
    ("a list", "- a\n", "", "not_an_object"),
    ("nothing", "", "", "not_an_object"),
    ("too much", SMALL + "#" * 200_000, "", "too_large"),
]


def test_a_bad_document_is_refused_by_path_and_leaves_nothing(
    cli: Cli, workspace: str, write: Write, tables: Tables
) -> None:
    before = tables()
    for what, text, path, code in BAD:
        file = write("program.yaml", text)
        for verb in ("validate", "publish"):
            answer = cli("program", verb, str(file), "--json")
            assert answer.code == 1, what
            assert answer.json()["valid"] is False
            assert (path, code) in {(fault["path"], fault["code"]) for fault in answer.json()["faults"]}, what
            told = cli("program", verb, str(file))
            assert told.code == 1
            assert f"{path or 'document'}: {code}: " in told.err
            assert ("nothing was published" in told.err) == (verb == "publish")
    assert tables() == before


def test_a_document_is_checked_without_a_database(cli: Cli, monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nothing?host=/nonexistent")
    file = write("program.yaml", SMALL)
    assert cli("program", "validate", str(file)).out == f"{file} is a valid program: small, 1 reward.\n"
    assert cli("program", "validate", str(file), "--json").json() == {
        "valid": True,
        "program": "small",
        "rules": ["thanks"],
    }
    contest = write("contest.yaml", recipe("quarter-contest"))
    assert cli("program", "validate", str(contest)).out.endswith("valid program: quarter-contest, 1 contest.\n")
    bad = write("bad.yaml", changed(to="tto: referrer"))
    several = cli("program", "validate", str(file), str(bad), str(contest))
    assert (several.code, several.out.count("is a valid program")) == (1, 2)
    assert f"{bad} has 1 fault.\n" in several.err
    told = cli("program", "validate", str(bad), str(contest), "--json").json()
    assert [(one["file"], one["valid"]) for one in told] == [(str(bad), False), (str(contest), True)]


def test_a_document_is_published_once_shown_and_listed(cli: Cli, workspace: str, write: Write) -> None:
    file = write("program.yaml", SMALL)
    assert cli("program", "publish", str(file), "--by", "Ada").out == "Version 1 of small is live in test.\n"
    assert "says the same and is live in test." in cli("program", "publish", str(file)).out
    write("program.yaml", changed(amount="amount: 200"))
    assert cli("program", "publish", str(file), "--json").json() == {
        "workspace": "test",
        "program": "small",
        "version": 2,
        "new": True,
        "due_at": None,
    }
    shown = cli("program", "show", "small", "--version", "1")
    assert shown.out.startswith("# small v1 (not live), published ")
    assert "by Ada\n" in shown.out
    assert yaml.load(shown.out, yaml.BaseLoader) == yaml.load(SMALL, yaml.BaseLoader)
    live = cli("program", "show", "small", "--json").json()
    assert (live["version"], live["live"], live["document"]["rewards"][0]["give"]["amount"]) == (2, True, 200)
    assert cli("program", "list").out == f"{'small':<32} v2    {'referral':<9} {'live':<9} Small\n"
    assert cli("program", "list", "--json").json() == [
        {"program": "small", "version": 2, "kind": "referral", "name": "Small", "state": "live", "test": False}
    ]


def test_a_program_in_test_mode_is_marked_in_the_list(cli: Cli, workspace: str, write: Write) -> None:
    cli("program", "publish", str(write("small.yaml", SMALL)))
    tested = write("next.yaml", SMALL.replace("program: small", "program: next\ntest: true\nbeside: small"))
    assert cli("program", "publish", str(tested)).out == "Version 1 of next is live in test.\n"
    first, second = cli("program", "list").out.splitlines()
    assert (first.endswith("Small (test mode)"), second.endswith("Small")) == (True, True)
    wrong = cli("program", "publish", str(write("wrong.yaml", SMALL + "test: true\n")))
    assert "test: mode_changed: small is a live program and its rewards are promised" in wrong.err


def test_what_is_shown_can_be_published_again_unchanged(cli: Cli, workspace: str, recipes: None, write: Write) -> None:
    for name in RECIPES:
        file = write("again.yaml", cli("program", "show", name).out)
        assert f"Version 1 of {name} says the same" in cli("program", "publish", str(file)).out


def test_a_program_or_version_that_is_not_there_names_the_ones_that_are(
    cli: Cli, workspace: str, recipes: None
) -> None:
    ran = cli("program", "show", "b2b-sale")
    assert ran.code == 1
    assert "There is no program 'b2b-sale'; there is b2b-sales, bronze-silver-gold, credit-after-threshold." in ran.err
    assert "b2b-sales has no version 7; the newest is 1." in cli("program", "show", "b2b-sales", "--version", "7").err


def test_an_empty_workspace_says_how_to_publish(cli: Cli, workspace: str) -> None:
    assert "publish one with 'goodword program publish FILE'" in cli("program", "list").out
    assert "there is none" in cli("program", "show", "small").err


def test_a_program_begins_with_a_recipe(cli: Cli, tmp_path: Path) -> None:
    for name in NAMES:
        assert cli("program", "new", "--from", name).out == recipe(name)
    out = tmp_path / "mine.yaml"
    assert f"Wrote {out}" in cli("program", "new", "--from", "b2b-sales", "--out", str(out)).out
    assert out.read_text() == recipe("b2b-sales")
    assert cli("program", "validate", str(out)).code == 0
    again = cli("program", "new", "--from", "b2b-sales", "--out", str(out))
    assert again.code == 1
    assert "exists already" in again.err
    assert "cannot be written" in cli("program", "new", "--from", "b2b-sales", "--out", "/nonexistent/a.yaml").err


def test_recipes_are_listed_with_their_use_and_a_wrong_name_gets_the_nearest(cli: Cli) -> None:
    listed = cli("program", "new", "--list").out.splitlines()
    assert [line.split()[0] for line in listed] == sorted(NAMES)
    assert all(len(line) > 40 for line in listed)
    wrong = cli("program", "new", "--from", "b2b-sale")
    assert wrong.code == 1
    assert "did you mean b2b-sales? Recipes: " in wrong.err
    assert cli("program", "new").code == 2


def test_the_schema_is_the_published_one(cli: Cli) -> None:
    assert cli("program", "schema").json() == json_schema()


def test_a_document_that_cannot_be_opened_says_why(cli: Cli, tmp_path: Path) -> None:
    assert "There is no file" in cli("program", "validate", str(tmp_path / "no.yaml")).err
    assert "is a folder" in cli("program", "validate", str(tmp_path)).err


def test_a_document_beside_the_live_one_is_told_in_words(cli: Cli, workspace: str, write: Write) -> None:
    file = write("program.yaml", SMALL)
    assert cli("program", "diff", str(file)).code == 1  # there is none yet: all is new
    cli("program", "publish", str(file))
    same = cli("program", "diff", str(file))
    assert (same.code, same.out) == (0, f"{file} means the same as version 1 of small.\n")
    write("program.yaml", changed(amount="amount: 200"))
    differs = cli("program", "diff", str(file))
    assert (differs.code, differs.out) == (1, "small, beside version 1:\n  reward thanks: 1.00 → 2.00 USD\n")
    assert cli("program", "diff", str(file), "--json").json() == {
        "program": "small",
        "against": 1,
        "changes": [
            {
                "kind": "changed",
                "what": ["reward thanks"],
                "before": "1.00",
                "after": "2.00 USD",
                "text": "reward thanks: 1.00 → 2.00 USD",
            }
        ],
    }
    cli("program", "publish", str(file))
    assert cli("program", "diff", str(file), "--against", "1").code == 1
    for arguments in (["--against", "9"], ["--workspace", "nowhere"]):
        assert cli("program", "diff", str(file), *arguments).code == 2
    write("program.yaml", changed(to="tto: referrer"))
    assert cli("program", "diff", str(file)).code == 2
    assert cli("program", "diff", "no-such-file.yaml").code == 2


def test_files_are_applied_once_and_exported_as_they_were(cli: Cli, workspace: str, write: Write) -> None:
    small, other = write("small.yaml", SMALL), write("other.yaml", SMALL.replace("program: small", "program: other"))
    dry = cli("program", "apply", str(small), str(other), "--dry-run")
    assert (dry.code, "small: would be published." in dry.out) == (0, True)
    assert cli("program", "list").out.startswith("test has no program yet")
    first = cli("program", "apply", str(small), str(other))
    assert "small: version 1 is published." in first.out
    assert cli("program", "apply", str(small), str(other)).out == (
        "small: version 1 means the same.\nother: version 1 means the same.\n"
    )
    write("small.yaml", changed(amount="amount: 200"))
    again = cli("program", "apply", str(small), str(other), "--json").json()["programs"]
    assert [(row["program"], row["version"], row["published"]) for row in again] == [
        ("small", 2, True),
        ("other", 1, False),
    ]
    assert [change["text"] for change in again[0]["changes"]] == ["reward thanks: 1.00 → 2.00 USD"]
    export = cli("program", "export", "small", "--version", "1").out
    assert cli("program", "diff", str(write("out.yaml", export)), "--against", "1").code == 0
    assert cli("program", "export", "small", "--version", "7").code == 1


def test_nothing_is_applied_where_one_file_is_bad_or_two_are_one_program(
    cli: Cli, workspace: str, write: Write
) -> None:
    good, bad = write("good.yaml", SMALL), write("bad.yaml", changed(to="tto: referrer"))
    assert cli("program", "apply", str(good), str(bad)).code == 1
    twice = cli("program", "apply", str(good), str(write("twice.yaml", SMALL)))
    assert (twice.code, "are both small; give one of them" in twice.err) == (1, True)
    assert cli("program", "list", "--json").json() == []


def test_a_program_is_paused_resumed_scheduled_and_ended(cli: Cli, workspace: str, write: Write) -> None:
    file = write("program.yaml", SMALL)
    cli("program", "publish", str(file))
    assert cli("program", "resume", "small").code == 1
    assert "is paused: nothing new begins" in cli("program", "pause", "small", "--by", "Ada").out
    assert cli("program", "list", "--json").json()[0]["state"] == "paused"
    assert cli("program", "pause", "small").code == 1
    assert cli("program", "resume", "small").out == "small runs again.\n"
    write("program.yaml", changed(amount="amount: 200"))
    assert "is not a moment within" in cli("program", "publish", str(file), "--at", "2020-01-01T00:00:00Z").err
    assert cli("program", "publish", str(file), "--at", "soon").code == 1
    soon = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    assert "Version 2 of small goes live in test at 20" in cli("program", "publish", str(file), "--at", soon).out
    told = cli("program", "apply", str(file)).out
    assert told == "small: version 2 means the same.\n", "a pipeline leaves it its moment"
    later = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    moved = cli("program", "publish", str(file), "--at", later.isoformat())
    assert f"Version 2 of small says the same and goes live in test at {later:%Y-%m-%d %H:%M} UTC." in moved.out
    write("program.yaml", changed(amount="amount: 250").replace("name: Small", "name: Smaller"))
    assert cli("program", "publish", str(file), "--at", soon).code == 0
    [listed] = cli("program", "list", "--json").json()
    assert (listed["version"], listed["name"]) == (1, "Small"), "what is not live yet gives it no name"
    assert "at most 200 are kept" in cli("program", "end", "small", "--yes", "--reason", "x" * 201).err
    assert "open referrals may finish" in cli("program", "end", "small", "--yes", "--reason", "Enough.").out
    assert cli("program", "list", "--json").json()[0]["state"] == "ended"
    again = cli("program", "publish", str(write("program.yaml", changed(amount="amount: 300"))))
    assert (again.code, "small has ended; publish under another key." in again.err) == (1, True)


def test_a_draft_is_saved_reviewed_and_published(cli: Cli, workspace: str, write: Write) -> None:
    staff.create_user("grace@example.com", "correct horse battery", workspace, "owner")
    ada, grace = ("--by", "ada"), ("--by", "grace@example.com")
    bad = cli("program", "draft", "save", str(write("program.yaml", changed(amount="amount: -1"))), *ada)
    assert (bad.code, "rewards.0.give.amount: negative_amount" in bad.err) == (0, True)
    assert cli("program", "draft", "submit", "small", *ada).code == 1
    assert cli("program", "list", "--json").json()[0]["state"] == "draft"
    saved = cli("program", "draft", "save", str(write("program.yaml", SMALL)), *ada, "--comment", "A start")
    assert "Changed the draft of small in test.\nNext: 'goodword program draft submit small'." in saved.out
    assert cli("program", "draft", "submit", "small", *ada).out == "The draft of small is in review.\n"
    refused = cli("program", "draft", "approve", "small", *ada)
    assert (refused.code, "ada may not approve" in refused.err) == (1, True)
    assert "Say who does with --by: grace@example.com." in refused.err
    staff.create_user("fay@example.com", "correct horse battery", workspace, "finance")
    assert (
        "fay@example.com may not approve" in cli("program", "draft", "approve", "small", "--by", "fay@example.com").err
    )
    assert "may not approve" in cli("program", "draft", "approve", "small").err
    assert "Say in a comment" in cli("program", "draft", "send-back", "small", *grace).err
    assert cli("program", "draft", "approve", "small", *grace).out == "The draft of small is approved.\n"
    shown = cli("program", "draft", "show", "small").out
    assert "saved by ada: A start" in shown
    assert "# change: new reward thanks: on referral.closed_won" in shown
    assert shown.endswith(SMALL)
    assert "approved   " in cli("program", "draft", "list").out
    done = cli("program", "draft", "publish", "small", *grace)
    assert done.out == "The draft of small is published as version 1.\n"
    assert "has no open draft" in cli("program", "draft", "discard", "small").err
    [row] = cli("program", "draft", "list", "--all", "--json").json()
    assert (row["state"], row["version"], row["by"]) == ("published", 1, "grace@example.com")


def test_a_program_that_asks_for_review_is_not_published_from_a_file(cli: Cli, workspace: str, write: Write) -> None:
    cli("program", "publish", str(write("program.yaml", SMALL + "review: true\n")))
    for words in (("publish",), ("apply",), ("apply", "--dry-run")):
        refused = cli("program", *words, str(write("program.yaml", SMALL)))
        assert (refused.code, "goodword program draft save FILE" in refused.err) == (1, True)
