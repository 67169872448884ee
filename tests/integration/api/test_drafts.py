"""Drafts over HTTP: saved, reviewed by somebody else, published as approved; and programmes that ask for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.integration.api.conftest import Api

from goodword.engine import drafts
from goodword.store import keys, staff
from support.documents import self_serve, thanks

FAULTY = {"program": "simple", "name": "Simple", "rewards": [thanks(give={"type": "cash"})]}


@pytest.fixture
def grace(workspace: str) -> Api:
    """Another caller of the workspace, in which a manager works too."""
    staff.create_user("grace@example.com", "correct horse battery", workspace, "manager")
    return Api(keys.create_key(workspace, "grace")[1])


def step(api: Api, draft: Any, verb: str, **body: str) -> Any:
    return api.post(f"/v1/drafts/{draft['id']}/{verb}", body)


def steps(draft: Any) -> list[tuple[str, str]]:
    return [(one["what"], one["by"]) for one in draft["trail"]]


def test_a_draft_is_saved_with_faults_repaired_reviewed_by_another_and_published(api: Api, grace: Api) -> None:
    first = api.post("/v1/drafts", FAULTY)
    assert (first.status, first.data["state"], first.data["changes"]) == (201, "draft", None)
    faults = {fault["pointer"] for fault in first.data["faults"]}
    assert faults == {"/currency", "/lifecycle", "/rewards/0/give/amount"}
    assert api.get("/v1/programs/simple").data["state"] == "draft"
    assert step(api, first.data, "submit").code == "invalid_program"
    draft = api.post("/v1/drafts", self_serve()).data
    assert (draft["id"], draft["faults"]) == (first.data["id"], [])
    assert draft["changes"]["against"] is None
    assert step(api, draft, "approve").code == "wrong_state"
    assert step(api, draft, "submit", comment="For spring.").data["state"] == "review"
    assert api.get("/v1/programs/simple").data["state"] == "review"
    alone = step(api, draft, "approve")
    assert (alone.code, "key tests wrote this draft of simple" in alone.data["detail"]) == ("wrong_state", True)
    assert step(grace, draft, "publish").code == "wrong_state"
    assert step(grace, draft, "approve", digest=draft["digest"]).data["state"] == "approved"
    done = step(api, draft, "publish").data
    assert (done["state"], done["version"]) == ("published", 1)
    assert steps(done) == [
        ("saved", "key tests"), ("submitted", "key tests"), ("approved", "key grace"), ("published", "key tests"),
    ]  # fmt: skip
    assert done["trail"][1]["comment"] == "For spring."
    assert {one["digest"] for one in done["trail"]} == {draft["digest"]}
    assert api.get("/v1/programs/simple").data["state"] == "live"
    assert step(api, draft, "discard").code == "wrong_state"
    assert api.get("/v1/drafts", state="published").data["data"][0]["id"] == draft["id"]


def test_an_approval_is_void_when_the_draft_changes_and_a_draft_is_sent_back_with_a_reason(
    api: Api, grace: Api
) -> None:
    draft = api.post("/v1/drafts", self_serve()).data
    step(api, draft, "submit")
    assert step(grace, draft, "send-back").code == "wrong_state"
    assert step(grace, draft, "send-back", comment="No cap.").data["state"] == "draft"
    step(api, draft, "submit")
    step(grace, draft, "approve")
    changed = api.post("/v1/drafts", self_serve(name="Other")).data
    assert (changed["id"], changed["state"]) == (draft["id"], "draft")
    assert step(api, draft, "publish").code == "wrong_state"
    step(api, draft, "submit")
    stale = step(grace, draft, "approve", digest=draft["digest"])
    assert (stale.code, "changed since you looked" in stale.data["detail"]) == ("wrong_state", True)
    assert api.post("/v1/drafts", self_serve(name="Other")).data["state"] == "review", "the same again changes nothing"


def test_an_approved_draft_is_not_published_over_a_version_that_nobody_compared_it_with(api: Api, grace: Api) -> None:
    draft = api.post("/v1/drafts", self_serve(name="Mine")).data
    step(api, draft, "submit")
    step(grace, draft, "approve")
    assert api.post("/v1/programs", self_serve(name="Theirs")).status == 201
    refused = step(api, draft, "publish")
    assert (refused.code, "Version 1 of simple was published since" in refused.data["detail"]) == ("wrong_state", True)
    assert len(api.get("/v1/programs/simple/versions").data["data"]) == 1


def test_who_is_alone_may_approve_their_own_and_schedules_it(api: Api) -> None:
    draft = api.post("/v1/drafts", self_serve()).data
    step(api, draft, "submit")
    assert step(api, draft, "approve").data["state"] == "approved"
    soon = (datetime.now(UTC) + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    assert api.post(f"/v1/drafts/{draft['id']}/publish?at={soon}", {}).data["version"] == 1
    assert api.get("/v1/programs/simple").data["state"] == "scheduled"


def test_what_was_approved_for_a_day_goes_live_sooner_by_another_approval(api: Api) -> None:
    def approved(document: dict[str, Any]) -> dict[str, Any]:
        draft: dict[str, Any] = api.post("/v1/drafts", document).data
        step(api, draft, "submit")
        step(api, draft, "approve")
        return draft

    document = self_serve(review=True)
    soon = (datetime.now(UTC) + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    assert api.post(f"/v1/drafts/{approved(document)['id']}/publish?at={soon}", {}).data["version"] == 1
    refused = api.post("/v1/programs", document)
    assert (refused.code, "asks for a review of every change" in refused.data["detail"]) == ("wrong_state", True)
    assert api.get("/v1/programs/simple").data["state"] == "scheduled"
    assert step(api, approved(document), "publish").data["version"] == 1
    assert api.get("/v1/programs/simple").data["state"] == "live"


def test_a_program_that_asks_for_review_refuses_a_direct_publish(api: Api) -> None:
    assert api.post("/v1/programs", self_serve(review=True)).status == 201
    assert api.post("/v1/programs", self_serve(review=True)).status == 200
    refused = api.post("/v1/programs", self_serve())
    assert (refused.code, "asks for a review of every change" in refused.data["detail"]) == ("wrong_state", True)
    draft = api.post("/v1/drafts", self_serve()).data
    assert [change["text"] for change in draft["changes"]["changes"]] == ["review: yes → no"]
    step(api, draft, "submit")
    step(api, draft, "approve")
    assert step(api, draft, "publish").data["version"] == 2
    assert api.post("/v1/programs", self_serve(name="Free again")).status == 201


def test_a_discarded_draft_stays_on_record_and_takes_its_unpublished_program_with_it(api: Api) -> None:
    draft = api.post("/v1/drafts", b"# Why.\nprogram: simple\n", content_type="application/yaml").data
    assert draft["text"] == "# Why.\nprogram: simple\n"
    assert step(api, draft, "discard", comment="Not now.").data["state"] == "discarded"
    assert api.get("/v1/programs/simple").code == "not_found"
    again = api.post("/v1/drafts", self_serve()).data
    assert [row["state"] for row in api.get("/v1/drafts", program="simple").data["data"]] == ["draft", "discarded"]
    assert again["id"] != draft["id"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"comment": 1}, "/comment"), ({"why": ""}, "/why"), ([], ""), ({"comment": "x" * 2001}, "/comment")],
)
def test_a_step_is_refused_for_what_it_does_not_know(api: Api, body: Any, pointer: str) -> None:
    draft = api.post("/v1/drafts", self_serve()).data
    answer = api.post(f"/v1/drafts/{draft['id']}/submit", body)
    assert answer.code == "invalid_request"
    assert [where for where, _ in answer.errors] == [pointer]


def test_the_record_of_a_draft_does_not_grow_for_ever(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MAX_STEPS", 2)
    draft = api.post("/v1/drafts", self_serve()).data
    assert step(api, draft, "submit").status == 200
    refused = step(api, draft, "approve")
    assert (refused.code, "has a record of 2 steps" in refused.data["detail"]) == ("wrong_state", True)
    assert api.get(f"/v1/drafts/{draft['id']}").data["state"] == "review"


@pytest.mark.parametrize("program", [None, "No Such", 7])
def test_a_draft_names_its_program(api: Api, program: object) -> None:
    answer = api.post("/v1/drafts", {"name": "x"} if program is None else {"program": program})
    assert (answer.code, [where for where, _ in answer.errors]) == ("invalid_program", ["/program"])


def test_a_draft_may_hold_what_json_can_say_and_no_programme_may(api: Api) -> None:
    for name in (10**30, "Ærlig"):
        saved = api.post("/v1/drafts", {"program": "odd", "name": name})
        assert saved.status in (200, 201), saved.data
        assert str(name) in api.get(f"/v1/drafts/{saved.data['id']}").data["text"]
