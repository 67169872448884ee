"""What is read: chosen fields of rows, ETags, and whole lists as files."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from tests.integration.api.conftest import Api

from goodword.api import exports, openapi


def test_a_list_gives_only_the_fields_that_are_asked_for(api: Api, story: list[str]) -> None:
    whole = api.get("/v1/rewards").data["data"]
    some = api.get("/v1/rewards", fields="state,id").data
    assert some["data"] == [{"state": row["state"], "id": row["id"]} for row in whole]
    page = api.get("/v1/rewards", fields="id", limit=1).data
    assert api.get("/v1/rewards", fields="id", limit=1, cursor=page["next_cursor"]).data["data"] == [
        {"id": whole[1]["id"]}
    ]
    refused = api.get("/v1/rewards", fields="id,secret")
    assert (refused.status, refused.errors) == (422, [("fields", "unknown_field")])
    assert "'secret'" in refused.data["detail"]
    assert "needs_approval" in refused.data["detail"]
    assert api.get("/v1/rewards", fields="id,id").errors == [("fields", "given_twice")]
    assert api.get("/v1/rewards", fields="").errors == [("fields", "unknown_field")]
    assert api.get(f"/v1/rewards/{whole[0]['id']}", fields="id").errors == [("fields", "unknown_parameter")]


def test_every_list_in_pages_can_be_asked_for_fields() -> None:
    for path, methods in openapi.document()["paths"].items():
        names = {parameter["name"] for parameter in methods.get("get", {}).get("parameters", ())}
        if "cursor" in names and path != "/v1/statements":
            assert "fields" in names, path


def test_what_did_not_change_is_not_sent_again(api: Api, story: list[str]) -> None:
    [ada] = api.get("/v1/participants", external_id="ada").data["data"]
    for path in (f"/v1/participants/{ada['id']}", f"/v1/participants/{ada['id']}/entitlements", "/v1/workspace"):
        first = api.get(path)
        tag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "private, no-cache"
        for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = api.call("GET", path, headers={"If-None-Match": sent})
            assert (again.status, again.data, again.headers["ETag"]) == (304, None, tag)
            assert "RateLimit-Remaining" in again.headers
        assert api.call("GET", path, headers={"If-None-Match": '"other"'}).status == 200
    where = f"/v1/participants/{ada['id']}"
    tag = api.get(where).headers["ETag"]
    api.post("/v1/participants", {"external_id": "ada", "name": "Ada King"})
    changed = api.call("GET", where, headers={"If-None-Match": tag})
    assert (changed.status, changed.data["name"]) == (200, "Ada King")
    assert changed.headers["ETag"] != tag
    assert "ETag" not in api.post("/v1/participants", {"external_id": "ada"}).headers
    assert api.get("/v1/rewards/rwd_01jq8x5e4me8k9d3v0h2r6t7wy").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("what", ["rewards", "referrals"])
def test_a_whole_list_is_a_file(api: Api, story: list[str], what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    listed = api.get(f"/v1/{what}", limit=200).data["data"]
    answer = api.get(f"/v1/exports/{what}")
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert f'filename="{what}.jsonl"' in answer.headers["Content-Disposition"]
    rows = [json.loads(line) for line in answer.data.splitlines()]
    assert rows == sorted(listed, key=lambda row: row["id"])
    table = list(csv.DictReader(io.StringIO(api.get(f"/v1/exports/{what}", format="csv").data)))
    assert [row["id"] for row in table] == [row["id"] for row in rows]
    person = "participant" if what == "rewards" else "referrer"
    assert table[0][f"{person}_external_id"] == rows[0][person]["external_id"]
    assert table[0]["simulated"] == "false"
    some = api.get(f"/v1/exports/{what}", program="b2b-sales").data.splitlines()
    assert [json.loads(line)["program"] for line in some] == ["b2b-sales"] * len(some) != []
    assert api.get(f"/v1/exports/{what}", state="nonsense").code == "invalid_request"


def test_the_ledger_as_a_file_adds_up_to_the_books(api: Api, story: list[str]) -> None:
    rows = [json.loads(line) for line in api.get("/v1/exports/ledger").data.splitlines()]
    assert rows
    books = api.get("/v1/ledger/trial-balance").data["units"]
    posted: dict[str, int] = {}
    for row in rows:
        if row["phase"] in ("posted", "post"):
            posted[row["unit"]] = posted.get(row["unit"], 0) + row["amount"]
    assert {
        unit["unit"]: unit["totals"]["debits_posted"] for unit in books if unit["totals"]["debits_posted"]
    } == posted
    moment = rows[-1]["effective_at"]
    before = api.get("/v1/exports/ledger", until=moment).data.splitlines()
    after = api.get("/v1/exports/ledger", since=moment).data.splitlines()
    assert len(before) + len(after) == len(rows)
    assert api.get("/v1/exports/ledger", since=datetime.now(UTC).isoformat()).data == ""


def test_a_cell_that_a_spreadsheet_would_run_is_text(api: Api, story: list[str]) -> None:
    api.post("/v1/participants", {"external_id": "ada", "name": "=HYPERLINK(1)"})
    table = list(csv.DictReader(io.StringIO(api.get("/v1/exports/rewards", format="csv").data)))
    names = {row["participant_name"] for row in table if row["participant_external_id"] == "ada"}
    assert names == {"'=HYPERLINK(1)"}
