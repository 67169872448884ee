"""Terms over HTTP: the text of a version, its number for good, and what participants accepted; kept through a merge,
an erasure and replay."""

from __future__ import annotations

from typing import Any

from tests.integration.api.conftest import Api

from goodword.domain import ids
from goodword.engine import erase, replay
from support.documents import self_serve

TERMS = {"version": 1, "text": "You refer; we thank you.", "required": True}


def accept(who: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "terms.accepted",
        "event_id": f"accepts-{who}-{number}",
        "participant": {"external_id": who},
        "properties": {"program": "simple", "terms": number, **more},
    }


def sign_up(who: str) -> dict[str, Any]:
    return {"type": "participant.signed_up", "event_id": f"signs-{who}", "participant": who,
            "properties": {"code": "ada"}}  # fmt: skip


def begin(api: Api) -> None:
    assert api.post("/v1/programs", self_serve(terms=TERMS)).status == 201
    link = {"type": "link.created", "event_id": "link", "participant": "ada"}
    api.send({**link, "properties": {"program": "simple", "code": "ADA"}}, sign_up("bo"))


def test_a_version_has_its_terms_and_their_number_keeps_its_text(api: Api) -> None:
    begin(api)
    [version] = api.get("/v1/programs/simple/versions").data["data"]
    assert version["terms"] == {**TERMS, "url": None, "tax_note": None, "since": None}
    again = api.post("/v1/programs", self_serve(terms={**TERMS, "text": "Other words."}))
    assert (again.code, again.errors) == ("invalid_program", [("/terms/version", "terms_changed")])
    assert "published with version 1 in other words; give these another number" in str(again.data["errors"])
    assert api.post("/v1/programs", self_serve(terms={**TERMS, "tax_note": "Taxed."})).status == 201
    assert api.post("/v1/programs", self_serve(terms={**TERMS, "version": 2, "text": "Other words."})).status == 201


def test_what_a_participant_accepted_is_kept_through_merge_erasure_and_replay(workspace: str, api: Api) -> None:
    begin(api)
    api.send(accept("ada-phone", 1, by="Sam of support"), sign_up("cy"))
    merge = {"type": "participant.identified", "event_id": "one", "participant": "ada"}
    api.send({**merge, "properties": {"previous_id": "ada-phone"}}, sign_up("di"))
    ada = api.get("/v1/participants", external_id="ada").data["data"][0]["id"]
    [kept] = api.get(f"/v1/participants/{ada}/terms").data["data"]
    assert (kept["program"], kept["terms"], kept["by"], kept["source"]) == ("simple", 1, "Sam of support", "api")
    reasons = [row["reason"] for row in api.get("/v1/decisions", limit=100).data["data"]]
    assert sorted(reason for reason in reasons if reason in ("terms_not_accepted", "terms_accepted", "opened")) == [
        "opened", "terms_accepted", "terms_not_accepted", "terms_not_accepted",
    ]  # fmt: skip
    api.send(accept("ada", 1))
    assert replay.verify(workspace).differences == ()
    erase.erase(workspace, ids.internal("par", ada), by="tests")
    assert replay.verify(workspace).differences == ()
    kept_after = api.get(f"/v1/participants/{ada}/terms").data["data"]
    assert [(row["program"], row["terms"], row["by"]) for row in kept_after] == [("simple", 1, ""), ("simple", 1, "")]
    bo = api.get("/v1/participants", external_id="bo").data["data"][0]["id"]
    assert api.get(f"/v1/participants/{bo}/terms").data == {"data": []}
