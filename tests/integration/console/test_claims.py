"""The queue of claims: shown escaped, decided by those who may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from goodword.domain import ids
from goodword.engine import apply, programs, record
from goodword.store import tenancy
from goodword.store.models import Claim
from support.browsing import logged_in
from support.documents import self_serve, thanks


@pytest.fixture
def claimed(workspace: str) -> str:
    """The public id of a claim that waits."""
    programs.publish(workspace, self_serve(rewards=[thanks(on="referral.submitted")]), by="test")
    told = {
        "program": self_serve()["program"],
        "referred": {"email": "new@x.example"},
        "proof": "<script>alert(1)</script>",
        "url": "https://x.example/a?b=<i>",
        "reference": "order 77",
    }
    raw = {"type": "referral.claimed", "event_id": "c", "participant": "ada", "properties": told}
    apply.apply_until(workspace, record.record(workspace, [raw]).inserted)
    return public_id(workspace)


def public_id(workspace: str) -> str:
    with tenancy.workspace(workspace):
        return ids.public("clm", Claim.objects.get().id)


def state(workspace: str) -> tuple[str, str]:
    with tenancy.workspace(workspace):
        row = Claim.objects.get()
        return row.state, row.reason


def test_a_claim_is_shown_with_its_proof_as_text(visit: Client, claimed: str) -> None:
    page = visit.get("/w/test/claims/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    assert "order 77" in page
    assert claimed in page
    assert claimed not in visit.get("/w/test/claims/?state=rejected").content.decode()
    assert visit.get("/w/test/claims/?state=lost").status_code == 404
    assert visit.get("/w/test/claims/?after=clm_x").status_code == 404


def test_staff_approve(visit: Client, claimed: str, workspace: str) -> None:
    answer = visit.post(f"/w/test/claims/{claimed}/approve/", follow=True)
    assert "The claim was approved" in answer.content.decode()
    assert state(workspace) == ("approved", "")
    answer = visit.post(f"/w/test/claims/{claimed}/approve/", follow=True)
    assert "in this state already" in answer.content.decode()


def test_staff_reject_with_a_reason_and_not_without(visit: Client, claimed: str, workspace: str) -> None:
    answer = visit.post(f"/w/test/claims/{claimed}/reject/", follow=True)
    assert "Say why" in answer.content.decode()
    assert state(workspace) == ("waiting", "")
    visit.post(f"/w/test/claims/{claimed}/reject/", {"reason": "not_proven", "note": "Rang twice."})
    assert state(workspace) == ("rejected", "not_proven")
    assert "Rang twice." in visit.get("/w/test/claims/?state=rejected").content.decode()
    assert visit.post(f"/w/test/claims/{claimed}/undo/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("manager", 302), ("support", 302), ("finance", 403)])
def test_who_may_decide(hire: Callable[..., User], claimed: str, role: str, status: int) -> None:
    client = logged_in(hire(role))
    assert (b"btn-primary" in client.get("/w/test/claims/").content) == (status == 302)
    assert client.post(f"/w/test/claims/{claimed}/approve/").status_code == status


def test_a_claim_of_another_workspace_does_not_exist(hire: Callable[..., User], claimed: str, elsewhere: str) -> None:
    client = logged_in(hire("owner", where=elsewhere, email="else@example.com"))
    assert client.post(f"/w/elsewhere/claims/{claimed}/approve/").status_code == 404
    assert client.post(f"/w/test/claims/{claimed}/approve/").status_code == 404
