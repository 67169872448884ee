"""The tenant wall, walked: every route of the description, asked by a stranger for another's things."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.integration.api.conftest import STORY, Api

from goodword.api import openapi
from goodword.engine import worker
from goodword.ops.jobs import work
from goodword.store import jobs, models, tenancy, workspaces
from support.stories import recipe

MINE = "/v1/me"
"""Asked with a token, and about nobody but whom it names: see test_me.py."""
SHARED = {"get_program_schema", "list_import_mappings"}
"""What is the same for everybody."""
DRAFT = {"program": "drafted", "name": "Drafted"}
ELSEWHERE = {"get_contest", "get_statement", "get_click", "get_link_qr_png", "get_link_qr_svg", "check_code"}
ELSEWHERE |= {"get_import", "list_import_report", "export_import_report"}
"""What needs a programme of its own, or answers with no JSON: see test_contests.py, test_statements.py, test_me.py and
below, which ask as strangers too."""


def ask(api: Api, workspace: str) -> None:
    """A backtest of the workspace, answered: Ada would have less. A simulation, and a claim."""
    friend = {"program": "credit-after-threshold", "referred": {"external_id": "claimed"}, "proof": "We had lunch."}
    assert api.post("/v1/claims", {"participant": {"external_id": "ada"}, **friend}).data["claim"]
    cheaper = recipe("credit-after-threshold").replace("amount: 2500", "amount: 1000")
    assert api.post("/v1/backtests", {"document": cheaper, "as_of_version": 1}).status == 202
    few = {"customers": 5, "months": 1, "runs": 1}
    assert api.post("/v1/simulations", {"document": cheaper, **few}).status == 202
    while claim := jobs.claim(workspace):
        work.carry_out(claim)


def test_no_route_tells_a_stranger_anything(api: Api, other: Api, story: list[str], workspace: str) -> None:
    ask(api, workspace)
    assert api.post("/v1/drafts", DRAFT).status == 201
    mine = _things(api)
    ids = {id_ for things in mine.values() for id_ in things}
    secrets = {*ids, "ada@example.com", "Ada Lovelace", "grace@example.org", "lead-1", "Acme", "b2b-sales"}
    walked = set()
    for path, methods in openapi.document()["paths"].items():
        for method, operation in methods.items():
            if method != "get" or operation["operationId"] in SHARED | ELSEWHERE or path.startswith(MINE):
                continue
            for address in _addresses(path, operation, mine):
                asked = other.call("GET", address)
                told = json.dumps(asked.data)
                quoted = {secret for secret in secrets if secret in address}
                assert not {secret for secret in secrets - quoted if secret in told}, (address, told)
                if "{" in path:
                    assert (asked.status, asked.code) == (404, "not_found"), address
                    assert api.call("GET", address).status == 200, address
                else:
                    assert asked.status == 200, (address, told)
                    if "data" in asked.data and path != "/v1/keys":
                        assert asked.data["data"] == [], address
                walked.add(operation["operationId"])
    assert len(walked) >= 20, walked
    for kind in ("svg", "png"):
        assert other.get(f"/v1/links/{mine['link_id'][0]}/qr.{kind}").code == "not_found"


def test_no_write_of_a_stranger_finds_anything(api: Api, other: Api, story: list[str], workspace: str) -> None:
    ask(api, workspace)
    assert api.post("/v1/drafts", DRAFT).status == 201
    mine, before = _things(api), {path: api.get(path).data for path in ("/v1/participants", "/v1/rewards")}
    asked = []
    for path, methods in openapi.document()["paths"].items():
        for method, operation in methods.items():
            if method == "get" or "{" not in path or path.startswith(MINE):
                continue
            for address in _addresses(path, operation, mine):
                answer = other.call(method.upper(), address, b"{}", "application/json")
                assert (answer.status, answer.code) == (404, "not_found"), (address, answer.data)
                asked.append(address)
    assert asked
    assert {path: api.get(path).data for path in before} == before


def test_an_import_of_one_is_nothing_to_another(api: Api, other: Api, story: list[str]) -> None:
    files = [{"name": "a.csv", "content": "id,email,token\naf1,ada@x.example,ada\n"}]
    sent = api.post("/v1/imports", {"mapping": "rewardful", "program": "credit-after-threshold", "files": files})
    assert sent.status == 202, sent
    where = f"/v1/imports/{sent.data['id']}"
    for path in (where, f"{where}/report", f"{where}/report.csv"):
        assert api.get(path).status != 404, path
        assert other.get(path).code == "not_found", path
    assert other.post(f"{where}/cancel", {}).code == "not_found"
    assert other.get("/v1/imports").data["data"] == []


def test_the_job_of_one_workspace_leaves_the_others_waiting(api: Api, other: Api, workspace: str) -> None:
    for one in (api, other):
        assert one.send(STORY[0], wait=False).status == 202
    worker.drain(workspace)
    with tenancy.workspace(workspace):
        assert (models.Applied.objects.count(), models.Inbox.objects.count()) == (1, 0)
    [theirs] = [str(row.id) for row in workspaces.everything() if str(row.id) != workspace]
    with tenancy.workspace(theirs):
        assert (models.Applied.objects.count(), models.Inbox.objects.count()) == (0, 1)


def test_no_event_of_a_stranger_moves_anything(api: Api, other: Api, story: list[str]) -> None:
    before = _things(api)
    [welcome] = api.get("/v1/rewards", rule="welcome", program="credit-after-threshold").data["data"]
    [lead] = api.get("/v1/referrals", external_id="lead-1").data["data"]
    sent = other.send(
        {"type": "reward.issued", "event_id": "x1", "properties": {"reward": welcome["id"]}},
        {"type": "referral.closed_won", "event_id": "x2", "properties": {"referral": lead["id"]}},
        {"type": "referral.closed_won", "event_id": "x3", "properties": {"referral": "lead-1"}},
    )
    assert sent.status == 200
    assert api.get(f"/v1/rewards/{welcome['id']}").data == welcome
    assert api.get(f"/v1/referrals/{lead['id']}").data == lead
    assert _things(api) == before


def test_the_same_facts_of_two_workspaces_are_two_stories(api: Api, other: Api, story: list[str]) -> None:
    answer = other.send(*(event for event in STORY if event["type"] not in ("link.created", "referral.submitted")))
    assert answer.status == 200
    assert answer.data["duplicates"] == []
    ours = {person["id"] for person in api.get("/v1/participants").data["data"]}
    theirs = {person["id"] for person in other.get("/v1/participants").data["data"]}
    assert ours
    assert theirs
    assert not ours & theirs


def _things(api: Api) -> dict[str, list[str]]:
    """The ids of everything in a workspace, by the name of its path parameter."""
    found = {
        f"{name[:-1]}_id": [row["id"] for row in api.get(f"/v1/{name}", limit=200).data["data"]]
        for name in ("participants", "accounts", "referrals", "rewards", "decisions", "claims")
    }
    found["event_id"] = sorted({row["event"] for row in api.get("/v1/decisions", limit=200).data["data"]})
    found["draft_id"] = [row["id"] for row in api.get("/v1/drafts").data["data"]]
    found["program"] = [row[key] for row in api.get("/v1/programs").data["data"] for key in ("key", "id")]
    found["backtest_id"] = [row["id"] for row in api.get("/v1/backtests").data["data"]]
    found["simulation_id"] = [row["id"] for row in api.get("/v1/simulations").data["data"]]
    shared = api.get("/v1/links", limit=200).data["data"]
    found["link_id"], found["code"] = [row["id"] for row in shared], [row["code"] for row in shared]
    found["key_id"] = [row["id"] for row in api.get("/v1/keys").data["data"]]
    found["table"] = ["cost"] if found["backtest_id"] else []
    return {name: sorted(ids) for name, ids in found.items()}


def _addresses(path: str, operation: dict[str, Any], mine: dict[str, list[str]]) -> list[str]:
    """The path with one of our own ids in each place, and each filter by one of them."""
    names = re.findall(r"{(\w+)}", path)
    address = path
    for name in names:
        address = address.replace(f"{{{name}}}", mine[name][0] if name in mine else "1")
    found = [address]
    prefixes = {"participant": "participant_id", "referrer": "participant_id", "referred": "participant_id"}
    for parameter in operation["parameters"]:
        kind = prefixes.get(parameter["name"], f"{parameter['name']}_id")
        if parameter["in"] == "query" and kind in mine and "pattern" in parameter["schema"]:
            found.append(f"{address}?{parameter['name']}={mine[kind][0]}")
    return found
