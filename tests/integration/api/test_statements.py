"""Statements of partners, told by the API, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json

import pytest
from tests.integration.api.conftest import Api

from support.partners import DOCUMENT, story

ANYBODY = "dec_01jq8x5e4me8k9d3v0h2r6t7wy"


@pytest.fixture
def closed(api: Api) -> Api:
    """The story of the partners was told."""
    assert api.call("POST", "/v1/programs", json.dumps(DOCUMENT).encode(), "application/json").status == 201
    assert api.send(*story()).status == 200
    return api


def test_statements_are_listed_and_told_with_their_movements(closed: Api, other: Api) -> None:
    found = closed.get("/v1/statements", state="payable")
    assert found.status == 200
    assert [(row["external_id"], row["period"], row["payable"], row["payable_now"]) for row in found.data["data"]] == [
        ("ada", "2026-03", 10_000, 10_000), ("ada", "2026-02", 10_000, 0), ("ada", "2026-01", 6_000, 0)
    ]  # fmt: skip
    february = found.data["data"][1]
    assert february["begins_at"] == "2026-02-01T05:00:00Z"
    whole = closed.get(f"/v1/statements/{february['id']}").data
    assert {name: value for name, value in whole.items() if name != "lines"} == february
    assert [(line["kind"], line["amount"]) for line in whole["lines"]] == [
        ("approved", 2_000), ("reversed", -1_000), ("moved", 3_000)
    ]  # fmt: skip
    of_one = closed.get("/v1/statements", participant=february["participant"], period="2026-01")
    assert {row["external_id"] for row in of_one.data["data"]} == {"ada", "bob"}
    assert other.get(f"/v1/statements/{february['id']}").code == "not_found"
    assert other.get("/v1/statements").data["data"] == []


def _headers(api: Api) -> dict[str, str]:
    return {"Host": "localhost", "Authorization": f"Bearer {api.key}"}


def test_statements_and_movements_are_had_as_csv(closed: Api) -> None:
    answer = closed.client.get("/v1/statements?format=csv&limit=3", headers=_headers(closed))
    assert answer["Content-Type"] == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["period"], row["closing"]) for row in rows[:1]] in ([("2026-03", "10000")], [("2026-03", "100")])
    assert len(rows) == 3
    following = closed.get("/v1/statements", limit=3, cursor=answer["Goodword-Next-Cursor"]).data["data"]
    assert {row["id"] for row in following}.isdisjoint({row["id"] for row in rows})
    lines = closed.client.get(
        f"/v1/statements/{rows[0]['id']}?format=csv",
        headers=_headers(closed),
    )
    assert lines.content.decode().startswith("at,kind,code,amount,rule,reward,referral,event\n")


def test_what_is_no_statement_is_said_to_be_none(closed: Api) -> None:
    assert closed.get(f"/v1/statements/{ANYBODY}").code == "not_found"
    decision = closed.get("/v1/decisions", limit=200).data["data"][-1]["id"]
    assert closed.get(f"/v1/statements/{decision}").code == "not_found"
    assert closed.get("/v1/statements", period="march").errors == [("period", "bad_value")]
    assert closed.get("/v1/statements", state="owed").errors == [("state", "bad_value")]
