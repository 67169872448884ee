"""Backtests over the API: asked, answered by a job, read in pages and as tables, never left hanging."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from tests.integration.api.conftest import Api

from goodword.domain.program import read
from goodword.engine import erase, record, worker
from goodword.engine.backtest import log
from goodword.ops.jobs import work
from goodword.store import jobs, tenancy
from support.stories import recipe

KEY = "credit-after-threshold"
NAME = "=1+1"  # a participant whom a spreadsheet would run


def document(**amounts: int) -> dict[str, Any]:
    """The recipe with other amounts for some rules."""
    _, found = read(recipe(KEY))
    for rule in found["rewards"]:
        rule["give"]["amount"] = amounts.get(rule["id"], rule["give"]["amount"])
    return found


@pytest.fixture
def history(recipes: None, workspace: str) -> str:
    """Somebody with a dangerous name brought a friend, who ordered; the hold is over."""

    def told(id: str, type: str, day: int, who: str, **properties: object) -> dict[str, object]:
        return {"event_id": id, "type": type, "occurred_at": f"2025-03-{day:02}T10:00:00Z",
                "participant": {"external_id": who}, "properties": properties}  # fmt: skip

    record.record(
        workspace,
        [
            told("l", "link.created", 1, NAME, program=KEY, code="ada"),
            told("s", "participant.signed_up", 2, "friend", code="ada"),
            told("o", "order.completed", 3, "friend", value=3000, currency="USD"),
        ],
    )
    while worker.drain(workspace):
        pass
    return workspace


def answer(workspace: str) -> None:
    """Does what the worker would."""
    claim = jobs.claim(workspace)
    assert claim
    work.carry_out(claim)


def asked(api: Api, **question: Any) -> str:
    sent = api.post("/v1/backtests", question)
    assert sent.status == 202, sent.data
    return str(sent.data["id"])


def table(api: Api, id: str, name: str) -> list[dict[str, str]]:
    response = api.client.get(
        f"/v1/backtests/{id}/{name}.csv", headers={"Host": "localhost", "Authorization": f"Bearer {api.key}"}
    )
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert response["Content-Disposition"] == f'attachment; filename="{KEY}-{name}.csv"'
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_a_cheaper_document_is_asked_answered_and_read(api: Api, history: str) -> None:
    sent = api.post("/v1/backtests", {"document": document(thanks=1000), "elasticity": 0.5})
    assert (sent.status, sent.data["state"], sent.data["progress"]["share"]) == (202, "waiting", 0.0)
    id = sent.data["id"]
    assert api.get(f"/v1/backtests/{id}").data["result"] is None
    answer(history)

    found = api.get(f"/v1/backtests/{id}").data
    with tenancy.workspace(history):
        applied = log.length(history)
    assert applied > 3
    assert found["progress"] == {"done": applied, "total": applied, "share": 1.0}  # however fast it was answered
    assert (found["state"], found["failure"]) == ("done", None)
    assert found["document"] == document(thanks=1000)
    result = found["result"]
    [total] = result["totals"]
    assert (total["before"], total["after"]) == ({"rewards": 2, "amount": 22_500}, {"rewards": 2, "amount": 21_000})
    assert (result["people"], result["changed"]["count"]) == ({"count": 1, "kept": 1, "gained": 0, "lost": 1}, 2)
    assert result["return_on_cost"]["elasticity"] == "0.5"
    assert "0.5 percent more" in result["assumptions"][0]

    [loser] = api.get(f"/v1/backtests/{id}/people").data["data"]
    assert (loser["participant"]["external_id"], loser["change"]) == (NAME, -1_500)
    first = api.get(f"/v1/backtests/{id}/decisions", limit=1).data
    [order] = first["data"]
    assert (order["type"], order["before"]["reason"], order["after"]["reason"]) == (
        "order.completed", "rewarded", "rewarded",
    )  # fmt: skip
    amounts = [side["trace"]["rewards"][0]["amount"] for side in (order["before"], order["after"])]
    assert amounts == [2_500, 1_000]
    assert order["participant"].startswith("par_")
    second = api.get(f"/v1/backtests/{id}/decisions", limit=1, cursor=first["next_cursor"]).data
    assert [row["type"] for row in second["data"]] == ["hold.ended"]
    assert second["next_cursor"] is None

    [row] = table(api, id, "people")
    assert (row["name"], row["before_amount"], row["change"]) == (f"'{NAME}", "2500", "-1500")
    assert [row["after_reason"] for row in table(api, id, "decisions")] == ["rewarded", "recorded"]
    assert {row["rule"]: row["after_amount"] for row in table(api, id, "cost")} == {
        "welcome": "20000",
        "thanks": "1000",
    }
    assert [row["id"] for row in api.get("/v1/backtests", program=KEY, state="done").data["data"]] == [id]


def test_a_bad_question_is_refused_with_every_fault_at_its_place(api: Api, history: str) -> None:
    bad = document()
    bad["rewards"][0]["give"]["amount"] = "much"
    refused = api.post("/v1/backtests", {"document": bad})
    published = api.post("/v1/programs/validate", bad)
    assert refused.code == published.code == "invalid_program"
    assert [(f"/document{where}", what) for where, what in published.errors] == refused.errors
    sent: dict[str, Any] = {
        "document": document(), "since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z", "as_of_version": 7,
        "elasticity": "x", "until_then": 1,
    }  # fmt: skip
    assert api.post("/v1/backtests", sent).errors == [
        ("/until_then", "unknown_field"), ("/elasticity", "bad_value"), ("/until", "out_of_range"),
        ("/as_of_version", "no_such_version"),
    ]  # fmt: skip
    assert api.post("/v1/backtests", {}).errors == [("/document", "missing")]
    bare = api.post("/v1/backtests", document())
    assert (bare.code, bare.errors) == ("invalid_request", [("", "bare_document")])
    assert 'send {"document": …}, beside it since, until, as_of_version, elasticity' in bare.data["errors"][0]["detail"]
    assert api.post("/v1/backtests", {"document": 1}).errors == [("/document", "wrong_type")]
    assert api.post("/v1/backtests", []).errors == [("", "not_an_object")]
    assert api.post("/v1/backtests", {"document": recipe(KEY), "elasticity": 10}).status == 202
    assert api.post("/v1/backtests", {"document": recipe(KEY), "elasticity": 10.1}).errors == [
        ("/elasticity", "bad_value")
    ]


def test_so_many_wait_and_no_more_and_one_that_is_cancelled_makes_room(api: Api, history: str) -> None:
    open_ones = [asked(api, document=recipe(KEY)) for _ in range(jobs.MAX_OPEN)]
    refused = api.post("/v1/backtests", {"document": recipe(KEY)})
    assert (refused.status, refused.code) == (409, "too_many_jobs")
    cancelled = api.post(f"/v1/backtests/{open_ones[0]}/cancel", {})
    assert (cancelled.status, cancelled.data["state"]) == (200, "cancelled")
    assert api.post(f"/v1/backtests/{open_ones[0]}/cancel", {}).code == "wrong_state"
    assert (
        api.client.get(
            f"/v1/backtests/{open_ones[0]}/cost.csv",
            headers={"Host": "localhost", "Authorization": f"Bearer {api.key}"},
        ).status_code
        == 409
    )
    assert asked(api, document=recipe(KEY))


def test_traces_of_a_backtest_go_when_somebody_is_erased_and_the_sums_stay(api: Api, history: str) -> None:
    id = asked(api, document=document(thanks=1000))
    answer(history)
    done = erase.erase(history, erase.find(history, NAME), by="tests")
    assert done.counts["job_row"] == 2
    gone = api.get(f"/v1/backtests/{id}/decisions").data
    assert (gone["data"], gone["removed"]) == ([], True)
    [loser] = api.get(f"/v1/backtests/{id}/people").data["data"]
    assert (loser["participant"]["external_id"], loser["participant"]["name"], loser["change"]) == (None, "", -1_500)
    assert api.get(f"/v1/backtests/{id}").data["result"]["changed"]["count"] == 2
