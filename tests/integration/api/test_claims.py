"""Claims by the API: made by participants and hosts, decided by staff, told to the participant in their language."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.api.conftest import Api
from tests.integration.api.test_me import Token, as_

from goodword.domain import ids
from goodword.engine import programs, replay
from goodword.store import keys
from support.documents import self_serve, thanks

__all__ = ["as_"]
FRIEND = {"email": "new@x.example", "name": "New"}
NOBODY = ids.public("clm", "0190a000-0000-7000-8000-00000000abcd")


@pytest.fixture
def program(workspace: str) -> str:
    programs.publish(workspace, self_serve(rewards=[thanks(on="referral.submitted")]), by="test")
    return str(self_serve()["program"])


def claim(program: str, **told: Any) -> dict[str, Any]:
    return {"program": program, "referred": FRIEND, "proof": "<b>Lunch</b>", **told}


def test_a_participant_claims_and_staff_approve(api: Api, program: str, as_: Token, workspace: str) -> None:
    ada = as_("ada", email="ada@example.com")
    made = ada.post("/v1/me/claims", claim(program, url="https://x.example/p"))
    assert (made.status, made.data["claim"]["state"]) == (200, "waiting")
    assert made.data["claim"]["said"] == "We have your claim and will look at it."
    assert made.data["claim"]["referred"] == FRIEND
    [row] = api.get("/v1/claims", state="waiting").data["data"]
    assert (row["id"], row["proof"], row["others"]) == (made.data["claim"]["id"], "<b>Lunch</b>", 0)
    done = api.post(f"/v1/claims/{row['id']}/approve", {"note": "Looks right."})
    assert (done.status, done.data["claim"]["state"], done.data["claim"]["note"]) == (200, "approved", "Looks right.")
    signup = {"type": "participant.signed_up", "event_id": "s", "participant": {"external_id": "n", **FRIEND}}
    assert [one["reason"] for one in api.send(signup).data["events"][0]["decisions"]] == ["rewarded"]
    [mine] = ada.get("/v1/me/claims").data["data"]
    [referral] = ada.get("/v1/me/referrals").data["data"]
    assert mine["referral"] == referral["id"]
    assert "note" not in mine
    assert api.get(f"/v1/claims/{row['id']}").data["standing"] == referral["id"]
    assert replay.verify(workspace).differences == ()


def test_the_reason_of_a_rejection_is_told_in_their_language(api: Api, program: str, as_: Token) -> None:
    ada = as_("ada")
    id = ada.post("/v1/me/claims", claim(program)).data["claim"]["id"]
    done = api.post(f"/v1/claims/{id}/reject", {"reason": "known_before", "by": "Eva"})
    assert (done.data["claim"]["state"], done.data["claim"]["by"]) == ("rejected", "Eva")
    said = {lang: ada.get("/v1/me/claims", locale=lang).data["data"][0]["said"] for lang in ("en", "nb", "da", "ms")}
    assert said["en"] == "We knew this person before."
    assert len(set(said.values())) == 4
    again = api.post(f"/v1/claims/{id}/reject", {"reason": "known_before"})
    assert [one["reason"] for one in again.data["decisions"]] == ["already_in_state"]


def test_a_host_claims_for_a_participant(api: Api, program: str) -> None:
    told = {"participant": {"external_id": "ada"}, "event_id": "c-1", **claim(program, referred={"external_id": "new"})}
    made = api.post("/v1/claims", told)
    assert (made.status, made.data["claim"]["participant"]["external_id"]) == (200, "ada")
    again = api.post("/v1/claims", told)
    assert (again.data["duplicate"], again.data["claim"]["id"]) == (True, made.data["claim"]["id"])
    second = api.post("/v1/claims", {**told, "event_id": "c-2"})
    assert second.data["claim"] is None
    assert [one["reason"] for one in second.data["decisions"]] == ["already_claimed"]
    who = made.data["claim"]["participant"]["id"]
    assert len(api.get("/v1/claims", participant=who, program=program).data["data"]) == 1
    assert api.get("/v1/claims", state="approved").data["data"] == []


def test_what_is_wrong_is_said_at_its_place(api: Api, program: str, as_: Token) -> None:
    ada = as_("ada")
    for told, place in (
        ({"program": program, "referred": FRIEND}, "/proof"),
        (claim(program, referred={"name": "New"}), "/referred/email"),
        (claim(program, referred={**FRIEND, "external_id": "mine"}), "/referred/external_id"),
        (claim(program, proof="x" * 2_001), "/proof"),
        (claim(program, url="javascript:alert(1)"), "/url"),
        (claim(program, at="soon"), "/at"),
        (claim(program, prof="x"), "/prof"),
        (claim("nothing"), "/program"),
    ):
        refused = ada.post("/v1/me/claims", told)
        assert (refused.status, refused.errors[0][0]) == (422, place), told
    id = ada.post("/v1/me/claims", claim(program)).data["claim"]["id"]
    assert api.post(f"/v1/claims/{id}/reject", {}).errors[0][0] == "/reason"
    assert api.post(f"/v1/claims/{id}/reject", {"reason": "no"}).errors[0][0] == "/reason"
    for path in ("", "/approve", "/reject"):
        asked = api.get(f"/v1/claims/{NOBODY}") if not path else api.post(f"/v1/claims/{NOBODY}{path}", {})
        assert asked.code == "not_found"


def test_deciding_needs_the_scope_of_referrals(api: Api, program: str, workspace: str) -> None:
    made = api.post("/v1/claims", {"participant": {"external_id": "ada"}, **claim(program)})
    reader = Api(keys.create_key(workspace, "reader", scope=["referrals:read", "events:write"])[1])
    assert len(reader.get("/v1/claims").data["data"]) == 1
    assert reader.post(f"/v1/claims/{made.data['claim']['id']}/approve", {}).code == "missing_scope"
    told = {"claim": made.data["claim"]["id"]}
    assert reader.send({"type": "claim.approved", "event_id": "x", "properties": told}).code == "missing_scope"


def test_a_person_makes_known_by_which_click_they_came(api: Api, program: str, as_: Token) -> None:
    ada = as_("ada")
    code = ada.post("/v1/me/links", {"program": program}).data["link"]["code"]
    api.send({"type": "visitor.touched", "event_id": "v", "properties": {"anonymous_id": "b-1", "code": code}})
    new = as_("new")
    assert new.post("/v1/me", {"anonymous_id": "b-1"}).status == 200
    sent = api.send({"type": "participant.signed_up", "event_id": "s", "participant": "new"})
    assert [one["reason"] for one in sent.data["events"][0]["decisions"]] == ["rewarded"]
