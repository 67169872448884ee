"""Simulations over the API: asked, played by a job, and told as simulated in every place."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.integration.api.conftest import Api

from goodword.domain.program import read
from goodword.insight import simulations
from goodword.insight.simulation import runs, shown
from goodword.insight.simulation.parameters import settings
from goodword.insight.simulation.world import Plan
from goodword.ops.jobs import work
from goodword.store import jobs
from support.stories import recipe

TEXT = recipe("credit-after-threshold")
DEARER = TEXT.replace("amount: 2500", "amount: 9000")
SMALL = {"customers": 40, "months": 3, "runs": 2}


def test_two_programmes_are_played_as_the_command_plays_them(api: Api, workspace: str) -> None:
    sent = api.post("/v1/simulations", {"document": TEXT, "other": DEARER, **SMALL, "parameters": {"refer_rate": 1}})
    assert (sent.status, sent.data["simulated"], sent.data["question"]["parameters"]) == (202, True, {"refer_rate": 1})
    id = sent.data["id"]
    claim = jobs.claim(workspace)
    assert claim
    work.carry_out(claim)
    found = api.get(f"/v1/simulations/{id}").data
    assert found["progress"] == {"done": 4, "total": 4, "share": 1.0}  # two runs of each
    assert (found["state"], found["simulated"]) == ("done", True)
    result = found["result"]
    p, plan = settings(["refer_rate=1"]), Plan(40, 3, runs.START)
    played = [runs.simulate(runs.program_of(read(text)[1]), p, plan, seed=1, runs=2) for text in (TEXT, DEARER)]
    expected = shown.data(["document", "other"], played, p, plan, 1)
    for one in expected["programs"]:
        for month in one["months"]:
            month["points_left"] = None
    assert result == {name: expected[name] for name in ("simulated", "parameters", "programs", "difference")}
    assert result["programs"][0]["figures"]["new_customers"]["mean"] > 0
    table = api.get(f"/v1/simulations/{id}/figures.csv")
    assert table.headers["Content-Disposition"] == 'attachment; filename="simulated-credit-after-threshold.csv"'
    rows = list(csv.DictReader(io.StringIO(table.data)))
    told = list(shown.csv_rows(["document", "other"], played))
    assert [list(row.values()) for row in rows] == [
        ["" if cell is None else str(cell) for cell in row] for row in told[1:]
    ]
    assert [row["id"] for row in api.get("/v1/simulations", state="done").data["data"]] == [id]
    assert api.get("/v1/backtests").data["data"] == []
    assert api.get(f"/v1/backtests/{id}").status == 404


def test_a_loyalty_program_is_played_and_begins_before_a_contest(api: Api, workspace: str) -> None:
    asked = {"document": recipe("points-shop"), "customers": 40, "months": 4, "runs": 1}
    sent = api.post("/v1/simulations", {**asked, "parameters": {"spend_gamma": 90}})
    claim = jobs.claim(workspace)
    assert claim
    work.carry_out(claim)
    program = api.get(f"/v1/simulations/{sent.data['id']}").data["result"]["programs"][0]
    figures = {name: value["mean"] for name, value in program["figures"].items()}
    left = sum(
        figures[f"points_{name}"] * (1 if name == "earned" else -1) for name in ("earned", "spent", "expired", "back")
    )
    assert figures["points_left"] == left > 0
    assert "new_customers" not in figures
    assert program["months"][3]["new_customers"] is None
    assert program["months"][3]["points_left"]["mean"] == left
    assert [note["code"] for note in program["notes"]] == ["unit_assumed"]
    contest = api.post("/v1/simulations", {"document": recipe("quarter-contest")})
    assert contest.data["question"]["start"] == "2026-02-01"


def test_a_bad_question_is_refused_with_every_fault_at_its_place(api: Api, workspace: str) -> None:
    sent: dict[str, Any] = {
        "document": TEXT.replace("{on: order.completed}", "{on: subscription.upgraded}"),
        "other": TEXT.replace("currency: USD", "currency: EUR"), "customers": 0,
        "seed": True, "start": "soon", "parameters": {"refer_rat": 1, "redeemers": 2}, "extra": 1,
    }  # fmt: skip
    refused = api.post("/v1/simulations", sent)
    assert [where for where, _ in refused.errors] == [
        "/extra", "/customers", "/seed", "/start", "/parameters/refer_rat", "/parameters/redeemers", "/document",
        "/other",
    ]  # fmt: skip
    assert "does not play subscription.upgraded, which the lifecycle waits for" in refused.data["errors"][6]["detail"]
    assert "did you mean refer_rate?" in refused.data["errors"][4]["detail"]
    for parameters in ({"promoters": 0.9}, {"refer_rate": True}, [1]):
        assert api.post("/v1/simulations", {"document": TEXT, "parameters": parameters}).errors == [
            ("/parameters", "bad_value")
        ]
    assert api.post("/v1/simulations", {"document": TEXT, "other": sent["other"]}).errors == [
        ("/other", "other_currency")
    ]
    early = api.post("/v1/simulations", {"document": TEXT, "start": "1800-01-01"})
    assert (early.errors, "between 1980-01-01" in early.data["errors"][0]["detail"]) == (
        [("/start", "bad_value")],
        True,
    )
    assert api.post("/v1/simulations", {}).errors == [("/document", "missing")]
    assert api.post("/v1/simulations", {"program": "simple", "rewards": []}).errors == [("", "bare_document")]
    bad = api.post("/v1/simulations", {"document": TEXT.replace("currency: USD", "currency: usd")})
    assert (bad.code, bad.errors[0][0]) == ("invalid_program", "/document/currency")
    at_most = {"document": TEXT, "customers": simulations.MAX_WORK // 100, "months": 100, "runs": 1}
    beyond = api.post("/v1/simulations", {**at_most, "runs": 2})
    assert beyond.errors == [("/runs", "too_much")]
    first = api.post("/v1/simulations", at_most)
    assert first.status == 202
    assert api.post(f"/v1/simulations/{first.data['id']}/cancel", {}).data["state"] == "cancelled"
