"""Imports over the API: by a form or as JSON, run by a job, told row by row, and taken back."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from tests.integration.api.conftest import Answer, Api
from tests.integration.engine.helpers import send

from goodword.api import body, openapi
from goodword.engine import programs, replay
from goodword.engine.imports.store import MAX_FILES
from goodword.ops.jobs import work
from goodword.store import jobs, keys
from support import imports
from support.imports import AFFILIATES, COMMISSIONS, REFERRALS

CSV = "id,first_name,last_name,email,token\naf1,Ada,L,ada@x.example,ada\naf2,Kay,,nobody,kay\n"


@pytest.fixture
def friends(workspace: str) -> str:
    programs.publish(workspace, imports.FRIENDS, by="tests")
    send(workspace)
    return workspace


def asked(**more: Any) -> dict[str, Any]:
    return {
        "mapping": "rewardful", "program": "friends", "files": [{"name": "a.csv", "content": CSV}], **more,
    }  # fmt: skip


def form(api: Api, *files: tuple[str, bytes], **fields: str) -> Answer:
    given = {**fields, "file": [SimpleUploadedFile(name, content) for name, content in files]}
    return api.post("/v1/imports", encode_multipart(BOUNDARY, given), content_type=MULTIPART_CONTENT)


def work_at_it(workspace: str) -> None:
    claim = jobs.claim(workspace)
    assert claim
    work.carry_out(claim)


def test_files_are_sent_by_a_form_tried_imported_and_taken_back(api: Api, friends: str) -> None:
    files = (("affiliates.jsonl", AFFILIATES), ("commissions.jsonl", COMMISSIONS), ("referrals.jsonl", REFERRALS))
    tried = form(api, *files, mapping="rewardful", program="friends", dry_run="true")
    assert (tried.status, tried.data["state"], tried.data["dry_run"]) == (202, "waiting", True)
    work_at_it(friends)
    sent = form(api, *files, mapping="rewardful", program="friends")
    id = sent.data["id"]
    assert api.get(f"/v1/imports/{id}").data["counts"] == []
    work_at_it(friends)
    found = api.get(f"/v1/imports/{id}").data
    assert (found["state"], found["asked_by"], found["failure"]) == ("done", "key tests", None)
    assert found["progress"] == {"done": 13, "total": 13}
    assert found["counts"] == api.get(f"/v1/imports/{tried.data['id']}").data["counts"]
    assert {(file["kind"], file["rows"]) for file in found["files"]} == {
        ("affiliates", 2), ("commissions", 5), ("referrals", 4)
    }  # fmt: skip
    assert {
        "column": "links",
        "fields": "links.source_id, links.code, links.participant.source_id, links.participant.email",
    }
    told = {column["column"]: column["fields"] for column in found["files"][0]["columns"]}
    assert "participants.email" in told["email"]
    assert "links.code" in told["links"]

    first = api.get(f"/v1/imports/{id}/report", limit=5).data
    second = api.get(f"/v1/imports/{id}/report", limit=100, cursor=first["next_cursor"]).data
    rows = [*first["data"], *second["data"]]
    assert [row["kind"] for row in rows] == ["participants"] * 2 + ["links"] * 2 + ["referrals"] * 4 + ["rewards"] * 5
    given = api.get("/v1/rewards").data["data"]
    assert {(row["source_id"], row["source_state"]) for row in given} == {
        ("co1", "paid"), ("co2", "due"), ("co3", "voided"), ("co4", "pending")
    }  # fmt: skip
    [wrong] = api.get(f"/v1/imports/{id}/report", status="error").data["data"]
    assert (wrong["code"], wrong["column"], wrong["value"]) == ("PARTNER_NOT_FOUND", "affiliate.id", "nobody")
    table = list(csv.DictReader(io.StringIO(api.get(f"/v1/imports/{id}/report.csv").data)))
    assert [row["code"] for row in table if row["status"] == "error"] == ["PARTNER_NOT_FOUND"]
    assert [row["id"] for row in api.get("/v1/imports", state="done").data["data"]] == [id, tried.data["id"]]

    assert api.post(f"/v1/imports/{tried.data['id']}/undo", b"").code == "wrong_state"
    assert api.post(f"/v1/imports/{id}/resume", b"").code == "wrong_state"
    assert api.post(f"/v1/imports/{id}/undo", b"").status == 202
    assert api.post(f"/v1/imports/{id}/undo", b"").status == 202  # a repeat changes nothing
    work_at_it(friends)
    assert jobs.claim(friends) is None
    undone = api.get(f"/v1/imports/{id}").data
    assert (undone["state"], sum(row["undone"] for row in undone["counts"])) == ("undone", 10)
    assert replay.verify(friends).differences == ()


def test_files_are_sent_as_json_with_a_mapping_of_ones_own(api: Api, friends: str) -> None:
    document = {
        "mapping": "own",
        "files": {"people": {"makes": [{"kind": "participants", "fields": {"external_id": "id", "email": "mail"}}]}},
    }
    files = [{"name": "p.csv", "kind": "participants", "content": "id;mail\nu-1;j\u00f6rg@x.example\n"}]
    for mapping in (document, json.dumps(document)):
        sent = api.post("/v1/imports", asked(mapping=mapping, files=files))
        assert (sent.status, sent.data["mapping"]) == (202, "own")
        work_at_it(friends)
    assert [row["skipped"] for row in api.get(f"/v1/imports/{sent.data['id']}").data["counts"]] == [1]
    known = api.get("/v1/imports/mappings").data["data"]
    assert [row["name"] for row in known][:2] == ["dub", "firstpromoter"]
    again = api.post("/v1/imports", asked(mapping=known[0]["document"]))
    assert again.status == 202
    assert api.post(f"/v1/imports/{again.data['id']}/cancel", b"").data["state"] == "cancelled"
    work_at_it(friends)  # the worker comes too late, and says so
    assert api.get(f"/v1/imports/{again.data['id']}").data["state"] == "cancelled"


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_one_file_may_be_the_body_itself(api: Api, friends: str, packed: bool) -> None:
    sent: dict[str, Any] = {"content_type": "text/csv; charset=utf-8"}
    raw = CSV.encode()
    if packed:
        raw, sent["content_encoding"] = gzip.compress(raw), "gzip"
    path = "/v1/imports?mapping=rewardful&program=friends&name=people.csv&dry_run=true"
    made = api.post(path, raw, **sent)
    assert (made.status, made.data["dry_run"], made.data["files"][0]["name"]) == (202, True, "people.csv")
    work_at_it(friends)
    found = api.get(f"/v1/imports/{made.data['id']}").data
    assert {row["kind"]: (row["accepted"], row["error"]) for row in found["counts"]} == {
        "participants": (1, 1), "links": (1, 1),
    }  # fmt: skip
    lines = api.post("/v1/imports?mapping=rewardful&program=friends", AFFILIATES, content_type="application/x-ndjson")
    work_at_it(friends)
    found = api.get(f"/v1/imports/{lines.data['id']}").data
    assert (found["state"], found["files"][0]["name"], found["files"][0]["format"]) == ("done", "body.jsonl", "jsonl")


def test_what_is_wrong_with_a_raw_body_is_told(api: Api, friends: str) -> None:
    good = "/v1/imports?mapping=rewardful&program=friends"
    for path, raw, faults in (
        ("/v1/imports", CSV, [("mapping", "missing"), ("program", "missing")]),
        (f"{good}&kinds=x", CSV, [("kinds", "unknown_parameter")]),
        (f"{good}&program=x", CSV, [("program", "given_twice")]),
        ("/v1/imports?mapping=rewardful&program=x", CSV, [("program", "unknown_program")]),
        ("/v1/imports?mapping=no&program=friends", CSV, [("mapping", "unknown_mapping")]),
        (good, " ", [("", "missing")]),
    ):
        answer = api.post(path, raw.encode(), content_type="text/csv")
        assert (answer.status, answer.errors) == (422, faults), path
    assert api.post(f"{good}&dry_run=maybe", CSV.encode(), content_type="text/csv").status == 422
    assert api.post(good, asked()).errors == [("mapping", "not_allowed")]
    cut = gzip.compress(CSV.encode())[:-8]
    assert api.post(good, cut, content_type="text/csv", content_encoding="gzip").code == "malformed_gzip"
    broken = b"id,email\n1,\xff\xfe\n"
    assert api.post(good, broken, content_type="text/csv").status == 202, "other encodings are read as well"


def test_what_is_wrong_is_told_with_its_place(api: Api, friends: str) -> None:
    def errors(**changed: Any) -> list[tuple[str, str]]:
        sent = {name: value for name, value in asked(**changed).items() if value is not None}
        return api.post("/v1/imports", sent).errors

    assert errors(program=None) == [("/program", "missing")]
    assert errors(program="frends") == [("/program", "unknown_program")]
    assert errors(mapping="rewardfull") == [("/mapping", "unknown_mapping")]
    assert errors(mapping=7) == [("/mapping", "wrong_type")]
    assert errors(dry_run="yes", files=[], nothing=1) == [("/nothing", "unknown_field"), ("/dry_run", "bad_value"),
                                                          ("/files", "bad_value"), ("/files", "missing")]  # fmt: skip
    for file in ({"name": "a"}, {"name": "", "content": ""}, {"name": "a", "content": 1}, 7):
        assert ("/files", "bad_value") in errors(files=[file])
    assert api.post("/v1/imports", []).errors == [("", "not_an_object")]
    bad = api.post("/v1/imports", asked(mapping={"mapping": "own", "files": 7}))
    assert (bad.code, bad.errors) == ("invalid_mapping", [("/mapping", "missing")])
    empty = api.post("/v1/imports", asked(files=[{"name": "a.csv", "content": ""}]))
    assert (empty.code, empty.data["detail"]) == ("invalid_file", "a.csv is empty.")
    assert api.get("/v1/imports").data["data"] == []

    assert form(api, mapping="rewardful", program="friends").errors == [("/file", "missing")]
    many = [(f"{number}.csv", b"email,first_name\na@x.example,A\n") for number in range(MAX_FILES + 1)]
    too_many = form(api, *many, mapping="rewardful", program="friends")
    assert (too_many.code, too_many.data["detail"]) == ("invalid_file", "21 files; an import has 1 to 20.")
    far_too_many = form(api, *many * 5, mapping="rewardful", program="friends")
    assert (far_too_many.status, far_too_many.code) == (400, "malformed_form")
    assert far_too_many.data["detail"] == "The form has too many parts; an import has 1 to 20 files."
    wrong = form(api, ("a.csv", CSV.encode()), mapping="rewardful", dry_run="1", x="1").errors
    assert set(wrong) == {("/x", "unknown_field"), ("/program", "missing"), ("/dry_run", "bad_value")}
    broken = api.post("/v1/imports", b"--nothing", content_type="multipart/form-data")
    assert (broken.status, broken.code) == (400, "malformed_form")
    assert api.post("/v1/imports", b"a,b", content_type="text/plain").code == "unsupported_media_type"
    assert api.get("/v1/imports/imp_01jq8x5e4me8k9d3v0h2r6t7wy").code == "not_found"

    unknown = api.post("/v1/imports", asked(files=[{"name": "a.csv", "content": "a,b\n1,2\n"}]))
    work_at_it(friends)
    found = api.get(f"/v1/imports/{unknown.data['id']}").data
    assert (found["state"], found["failure"]["code"]) == ("failed", "unknown_columns")

    lines = "/v1/imports?mapping=rewardful&program=friends"
    unread = api.post(lines, b"{a}\n{b}\n", content_type="application/x-ndjson")
    work_at_it(friends)
    failure = api.get(f"/v1/imports/{unread.data['id']}").data["failure"]
    assert failure["code"] == "no_readable_row"
    assert "Line 1: the line is not JSON" in failure["detail"]
    assert form(api, *many[1:], mapping="rewardful", program="friends").status == 202


def test_a_key_needs_the_scope_and_sees_its_own_workspace(api: Api, friends: str, other: Api) -> None:
    id = api.post("/v1/imports", asked()).data["id"]
    _, text = keys.create_key(friends, "reader", scope=["programs:read"])
    assert Api(text).get("/v1/imports").code == "missing_scope"
    for call in (other.get(f"/v1/imports/{id}"), other.post(f"/v1/imports/{id}/undo", b"")):
        assert call.code == "not_found"


def test_one_that_was_broken_off_says_so_and_goes_on(api: Api, friends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    id = api.post("/v1/imports", asked()).data["id"]
    with monkeypatch.context() as broken:
        broken.setattr("goodword.engine.imports.running._Run._page", lambda *_: 1 / 0)
        work_at_it(friends)
    found = api.get(f"/v1/imports/{id}").data
    assert (found["state"], found["failure"]["code"]) == ("running", "broken_off")
    assert api.post(f"/v1/imports/{id}/resume", b"").status == 202
    work_at_it(friends)
    found = api.get(f"/v1/imports/{id}").data
    assert (found["state"], found["failure"], found["counts"][0]["accepted"]) == ("done", None, 1)


def test_a_body_has_its_limit(api: Api, friends: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert openapi.LIMITS["create_import"] == body.MAX_IMPORT_BODY > 25 * 1024 * 1024
    big = "x" * (body.MAX_IMPORT_BODY - 300)
    row = f"id,first_name,last_name,email,token\naf1,{big},L,ada@x.example,ada\n"
    assert api.post("/v1/imports", asked(files=[{"name": "a.csv", "content": row}])).status == 202
    more = row + " " * 500
    assert api.post("/v1/imports", asked(files=[{"name": "a.csv", "content": more}])).code == "body_too_large"
