"""`goodword load`: what goes in, what is refused and why, and that a refused file leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.cli.conftest import Cli, Write

from goodword.domain.events import Problem
from goodword.engine import record
from goodword.ops.intake import load
from goodword.ops.intake.rows import MAX_LINE
from goodword.store import tenancy, workspaces
from goodword.store.models import Event
from support.serving import command, environment
from support.stories import order

Tables = Callable[[], dict[str, int]]
HEADER = "event_id,type,occurred_at,participant,properties.value,properties.currency\n"
ROW = "o-{0},order.completed,2026-01-05T10:00:00Z,grace,{1},USD\n"


def events(workspace: str) -> dict[str, Event]:
    with tenancy.workspace(workspace):
        return {event.event_id: event for event in Event.objects.filter(workspace_id=workspace)}


def test_a_csv_file_is_loaded_once_however_often_it_is_sent(cli: Cli, workspace: str, write: Write) -> None:
    path = write("orders.csv", HEADER + "".join(ROW.format(number, 100) for number in range(3)))
    assert cli("load", str(path)).out == "Inserted 3 events, 0 duplicates.\n"
    assert cli("load", str(path)).out == "Inserted 0 events, 3 duplicates.\n"
    assert sorted(events(workspace)) == ["o-0", "o-1", "o-2"]
    assert {event.source for event in events(workspace).values()} == {"file"}


def test_json_lines_are_the_events_of_the_api(cli: Cli, workspace: str, write: Write) -> None:
    path = write("orders.jsonl", [order("a", source="shop"), order("b")])
    answer = cli("load", str(path), "--json").json()
    assert answer == {
        "file": str(path),
        "workspace": "test",
        "dry_run": False,
        "loaded": True,
        "rows": 2,
        "inserted": 2,
        "duplicates": 0,
        "bad": 0,
        "problems": [],
        "bad_not_shown": 0,
        "warnings": [],
    }
    assert {name: event.source for name, event in events(workspace).items()} == {"a": "shop", "b": "file"}


def test_a_type_that_may_be_a_slip_is_asked_about(cli: Cli, workspace: str, write: Write) -> None:
    path = write("o.jsonl", [order("a"), order("b", type="order.refundd"), order("c", type="ride.finished")])
    for more, said in (["--dry-run"], "Would insert 3 events"), ([], "Inserted 3 events"):
        ran = cli("load", str(path), *more)
        assert (ran.code, said in ran.out) == (0, True)
        assert "did you mean order.refunded?" in ran.err
    [warned] = cli("load", str(path), "--json").json()["warnings"]
    assert (warned["type"], warned["nearest"]) == ("order.refundd", "order.refunded")


def test_cells_become_what_their_property_is(cli: Cli, workspace: str, write: Write) -> None:
    header = "event_id,type,participant,email,account,properties.value,properties.currency,properties."
    header += ",properties.".join(["order_id", "zip", "score", "share", "vip", "big", "size.width", "note"])
    row = 'o,order.completed,007,grace@example.org,acme,100,USD,12,0123,12,0.5,true,1e5,3,"two\nlines, ""quoted"""'
    assert cli("load", str(write("o.csv", f"{header}\r\n{row}\r\n"))).code == 0
    payload = events(workspace)["o"].payload
    assert payload["participant"] == {"external_id": "007", "email": "grace@example.org"}
    assert payload["account"] == {"external_id": "acme"}
    assert payload["properties"] == {
        "value": 100,
        "currency": "USD",
        "order_id": "12",
        "zip": "0123",
        "score": 12,
        "share": 0.5,
        "vip": True,
        "big": "1e5",
        "size": {"width": 3},
        "note": 'two\nlines, "quoted"',
    }


def test_empty_cells_and_blank_lines_say_nothing(cli: Cli, workspace: str, write: Write) -> None:
    text = "event_id,type,participant,name,properties.code\n\na,participant.signed_up,grace,,\n,,,,\n"
    assert cli("load", str(write("o.csv", text))).code == 0
    assert events(workspace)["a"].payload == {"participant": {"external_id": "grace"}, "properties": {}}


def test_a_submission_fits_into_a_csv_row(cli: Cli, workspace: str, recipes: None, write: Write) -> None:
    header = "event_id,type,participant,properties.program,properties.referral,properties.referred.email"
    text = f"{header},properties.referred.employees\ns,referral.submitted,ada,b2b-sales,r-1,edith@example.net,120\n"
    assert cli("load", str(write("s.csv", text))).code == 0
    assert events(workspace)["s"].payload["properties"]["referred"] == {"email": "edith@example.net", "employees": 120}


def test_a_byte_order_mark_is_no_part_of_the_first_column(cli: Cli, workspace: str, write: Write) -> None:
    assert cli("load", str(write("o.csv", b"\xef\xbb\xbf" + (HEADER + ROW.format(1, 5)).encode()))).code == 0
    assert cli("load", str(write("o.jsonl", b"\xef\xbb\xbf" + json.dumps(order("a")).encode()))).code == 0
    assert sorted(events(workspace)) == ["a", "o-1"]


def test_with_a_bad_row_nothing_is_loaded(cli: Cli, workspace: str, write: Write, tables: Tables) -> None:
    before = tables()
    path = write("o.csv", HEADER + ROW.format(1, 100) + ROW.format(2, "1.50") + ROW.format(3, 100))
    ran = cli("load", str(path))
    assert ran.code == 1
    assert "line 3: /properties/value: wrong_type: expected a whole number" in ran.err
    assert "Nothing was loaded: 1 bad row of 3." in ran.err
    assert tables() == before


def test_on_request_the_good_rows_are_loaded(cli: Cli, workspace: str, write: Write) -> None:
    path = write("o.csv", HEADER + ROW.format(1, 100) + ROW.format(2, "1.50") + ROW.format(3, 100))
    ran = cli("load", str(path), "--on-error", "skip")
    assert (ran.code, ran.out) == (0, "Inserted 2 events, 0 duplicates, 1 bad row left out.\n")
    assert "line 3:" in ran.err
    assert sorted(events(workspace)) == ["o-1", "o-3"]


def test_a_dry_run_writes_nothing_and_counts_what_would_happen(
    cli: Cli, workspace: str, write: Write, tables: Tables
) -> None:
    cli("load", str(write("before.jsonl", [order("a"), order("b")])))
    before = tables()
    path = write("o.jsonl", [order("b"), order("c"), order("c"), order("d"), order("e", value=-1)])
    answer = cli("load", str(path), "--dry-run", "--json")
    assert answer.code == 1
    assert {key: answer.json()[key] for key in ("loaded", "rows", "inserted", "duplicates", "bad")} == {
        "loaded": False,
        "rows": 5,
        "inserted": 2,
        "duplicates": 2,
        "bad": 1,
    }
    assert answer.json()["problems"][0]["line"] == 5
    ran = cli("load", str(path), "--dry-run", "--on-error", "skip")
    assert (ran.code, ran.out) == (0, "Would insert 2 events, 2 duplicates, 1 bad row left out.\n")
    assert tables() == before
    assert cli("load", str(path), "--on-error", "skip").out.startswith("Inserted 2 events, 2 duplicates, 1 bad row")


def test_only_the_first_bad_rows_are_shown(cli: Cli, workspace: str, write: Write) -> None:
    path = write("o.jsonl", [order(str(number), value=-1) for number in range(load.MAX_SHOWN + 7)])
    ran = cli("load", str(path))
    assert sum(text.startswith("line ") for text in ran.err.splitlines()) == load.MAX_SHOWN
    assert "… and 7 more bad rows." in ran.err
    assert cli("load", str(path), "--json").json()["bad_not_shown"] == 7


def test_files_longer_than_a_batch_are_read_to_the_end(cli: Cli, workspace: str, write: Write) -> None:
    count = load.BATCH * 2 + 1
    path = write("o.csv", HEADER + "".join(ROW.format(number, number) for number in range(count)))
    assert cli("load", str(path), "--dry-run").out == f"Would insert {count:,} events, 0 duplicates.\n"
    assert cli("load", str(path)).out == f"Inserted {count:,} events, 0 duplicates.\n"
    assert events(workspace)[f"o-{count - 1}"].payload["properties"]["value"] == count - 1


def test_the_standard_input_is_a_file_too(database_url: str, workspace: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        command("load", "-", "--format", "jsonl"),
        input=json.dumps(order("a")),
        env=environment(tmp_path, database_url),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (0, "Inserted 1 event, 0 duplicates.\n"), ran.stderr


def test_the_standard_input_needs_a_format(cli: Cli, workspace: str) -> None:
    ran = cli("load", "-")
    assert ran.code == 2
    assert "--format csv or --format jsonl" in ran.err


NO_EVENTS: list[tuple[str, str | bytes, str]] = [
    ("o.csv", "", "The file is empty; its first line must name the columns."),
    ("o.csv", "\n\n", "The file is empty; its first line must name the columns."),
    ("o.csv", HEADER, "o.csv has no events."),
    ("o.jsonl", "", "o.jsonl has no events."),
    ("o.jsonl", "\n \n", "o.jsonl has no events."),
    ("o.txt", HEADER, "say --format csv or --format jsonl"),
    ("o.csv", "event_id,participant\na,b\n", "column 'type' is missing"),
    ("o.csv", "event_id,type,occured_at\n", "unknown column 'occured_at'; did you mean 'occurred_at'?"),
    ("o.csv", "event_id,type,value\n", "unknown column 'value'; did you mean 'properties.value'?"),
    ("o.csv", "event_id,type,Loyalty Score\n", "a fact of your own is called 'properties.loyalty_score'"),
    ("o.csv", "event_id,type,\n", "column 3 has no name"),
    ("o.csv", "event_id,type,type\n", "column 'type' stands 2 times"),
    ("o.csv", "event_id,type,properties.a,properties.a.b\n", "column 'properties.a' is both a value and a group"),
    ("o.csv", "event_id;type\n", "part the columns by commas"),
    ("o.csv", "event_id,type," + ",".join(f"properties.p{n}" for n in range(200)), "at most 200 are allowed"),
    ("o.csv", "event_id,type," + "x" * MAX_LINE, f"The first line has over {MAX_LINE:,} bytes"),
    ("o.csv", "event_id,type\næ,order.completed\n".encode("latin-1"), "Line 2 is not UTF-8 (byte 0xE6 at place 1)"),
    ("o.csv", "event_id,type\n".encode("utf-16"), "The file is UTF-16; save it as UTF-8."),
    ("o.jsonl", b"\xff\xfe{}", "The file is UTF-16; save it as UTF-8."),
    ("o.csv", 'event_id,type\n"a,b\n', "Line 2 cannot be read as CSV"),
    ("o.csv", 'event_id,type\n"a"b,c\n', "Line 2 cannot be read as CSV"),
    ("o.csv", 'event_id,type\n"a\n' + "x" * (MAX_LINE + 1), "is a quote missing before it?"),
    ("o.csv", 'event_id,type\n"' + "x" * 999 + "\n" + ("x" * 999 + "\n") * 1001, "cannot be read as CSV"),
]


def test_a_file_that_is_no_events_says_why(cli: Cli, workspace: str, write: Write, tables: Tables) -> None:
    before = tables()
    for name, content, said in NO_EVENTS:
        for more in ((), ("--on-error", "skip"), ("--dry-run",)):
            ran = cli("load", str(write(name, content)), *more)
            assert (ran.code, ran.out) == (1, ""), said
            assert said in ran.err
    assert tables() == before


def test_every_fault_of_a_header_is_named(cli: Cli, workspace: str, write: Write) -> None:
    said = cli("load", str(write("o.csv", "id,typ,participants\n"))).err
    for part in ("'event_id' is missing", "'type' is missing", "'id'", "mean 'type'?", "mean 'participant'?"):
        assert part in said


def test_a_file_that_cannot_be_opened_says_why(cli: Cli, workspace: str, tmp_path: Path) -> None:
    assert "There is no file" in cli("load", str(tmp_path / "no.csv")).err
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert "is a folder" in cli("load", str(folder)).err


BAD_EVENTS: list[tuple[dict[str, Any], str, str]] = [
    (order("x", value=-1), "/properties/value", "out_of_range"),
    (order("x", properties={"value": "100", "currency": "USD"}), "/properties/value", "wrong_type"),
    (order("x", properties={"value": 100, "currency": "ZZZ"}), "/properties/currency", "unknown_currency"),
    (order("x", occurred_at="0000-01-01T00:00:00Z"), "/occurred_at", "bad_time"),
    (order("x", occurred_at="2999-01-01T00:00:00Z"), "/occurred_at", "time_in_future"),
    (order("x", participant=None), "/participant", "no_identity"),
    (order("x", participant={"name": "Grace"}), "/participant", "no_identity"),
    (order("x", type="reward.aproved"), "/type", "unknown_type"),
    (order("x", type="hold.ended"), "/type", "unknown_type"),
    (order("x", note="n"), "/note", "unknown_field"),
    (order("x", properties={"value": 1, "currency": "USD", "n": "x" * 900_000}), "/properties/n", "text_too_long"),
    (
        {
            "type": "link.created",
            "event_id": "x",
            "participant": "ada",
            "properties": {"program": "no-such", "code": "abc"},
        },
        "/properties/program",
        "unknown_program",
    ),
]


def test_a_bad_event_is_refused_as_at_the_other_doors(cli: Cli, workspace: str, write: Write, tables: Tables) -> None:
    before = tables()
    for event, pointer, code in BAD_EVENTS:
        with pytest.raises(record.RejectedEvents) as refused:
            record.record(workspace, [event])
        expected = [(problem.pointer, problem.code) for problem in refused.value.problems[0]]
        assert expected == [(pointer, code)]
        answer = cli("load", str(write("o.jsonl", [order("good"), event])), "--json")
        assert answer.code == 1
        found = answer.json()["problems"]
        assert [(problem["line"], problem["pointer"], problem["code"]) for problem in found] == [(2, pointer, code)]
    assert tables() == before


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{'type': 1}", "not_json"),
        ('{"type": "order.completed", "participant": "u1", "participant": "u2"}', "not_json"),
        ("[1]", "not_an_object"),
        ("7", "not_an_object"),
        ('"' + "x" * MAX_LINE + '"', "line_too_long"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_line_that_is_no_event_is_a_bad_row(cli: Cli, workspace: str, write: Write, line: str, code: str) -> None:
    path = write("o.jsonl", "\n".join([json.dumps(order("a")), line, json.dumps(order("b"))]))
    answer = cli("load", str(path), "--on-error", "skip", "--json")
    assert answer.code == 0
    assert [(problem["line"], problem["code"]) for problem in answer.json()["problems"]] == [(2, code)]
    assert sorted(events(workspace)) == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a,order.completed", "wrong_number_of_cells"),
        (ROW.format(9, 1).strip() + ",more", "wrong_number_of_cells"),
        ("a,order.completed,,grace," + "x" * MAX_LINE + ",USD", "line_too_long"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_csv_row_of_another_shape_is_a_bad_row(cli: Cli, workspace: str, write: Write, line: str, code: str) -> None:
    text = HEADER + '"o\n1",order.completed,,grace,1,USD\n' + line + "\n" + ROW.format(2, 1)
    answer = cli("load", str(write("o.csv", text)), "--on-error", "skip", "--json")
    assert [(problem["line"], problem["code"]) for problem in answer.json()["problems"]] == [(4, code)]
    assert sorted(events(workspace)) == ["o\n1", "o-2"]


def test_an_unknown_workspace_names_the_known_ones(cli: Cli, workspace: str, write: Write) -> None:
    workspaces.create("other", "Other")
    ran = cli("load", str(write("o.jsonl", [order("a")])), "--workspace", "tset")
    assert ran.code == 1
    assert "There is no workspace 'tset'; there is other, test." in ran.err


def test_the_events_of_one_workspace_are_not_seen_in_another(cli: Cli, workspace: str, write: Write) -> None:
    other = str(workspaces.create("other", "Other").id)
    path = write("o.jsonl", [order("a")])
    cli("load", str(path), "--workspace", "test")
    assert cli("load", str(path), "--workspace", "other", "--dry-run").out == "Would insert 1 event, 0 duplicates.\n"
    assert cli("load", str(path), "--workspace", "other").out == "Inserted 1 event, 0 duplicates.\n"
    assert list(events(other)) == ["a"]


def test_progress_counts_rows(workspace: str, write: Write) -> None:
    checked: list[int] = []
    recorded: list[int] = []
    path = write("o.jsonl", [order(str(number)) for number in range(load.BATCH + 5)])
    report = load.load(workspace, path, "jsonl", checked=checked.append, recorded=recorded.append)
    assert (sum(checked), sum(recorded), report.inserted) == (load.BATCH + 5,) * 3


def test_a_bad_row_keeps_every_reason(workspace: str, write: Write) -> None:
    path = write("o.jsonl", [order("x", value=-1, note="n")])
    [bad] = load.load(workspace, path, "jsonl").shown
    assert {type(problem) for problem in bad.problems} == {Problem}
    assert {problem.pointer for problem in bad.problems} == {"/note", "/properties/value"}
