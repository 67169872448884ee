"""Claims through the log: kept in rows, decided by staff, tried under another policy, erased, exported."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from goodword.domain import ids
from goodword.engine import claims, erase, replay
from goodword.engine.backtest import job
from goodword.insight import export
from goodword.store import sql, tenancy
from goodword.store.models import Claim, Decision, Event
from integration.engine.test_attribution import BEGAN, document, linked, referrer, send
from integration.engine.test_evidence import fact

__all__ = ["linked"]
PROOF = {"proof": "We met at the harbour.", "url": "https://x.example/photo", "reference": "mail 17"}
MANY = (
    """
    INSERT INTO participant (workspace_id, id, email, name, traits, first_seen_at, updated_at, merged_into_id)
    SELECT %(own)s, gen_random_uuid(), '', '', '{}', now(), now(), gen_random_uuid()
    FROM generate_series(1, 3000)
    """,
    """
    INSERT INTO claim (workspace_id, id, state, reason, at, claimed_at, program_id, participant_id, referred_id)
    SELECT %(own)s, gen_random_uuid(), 'waiting', '', now(), now(), gen_random_uuid(), gen_random_uuid(),
           gen_random_uuid()
    FROM generate_series(1, 3000)
    """,
)
"""Rows of others: so few as a test has, all of them are found fastest by the first index."""


def claimed(who: str, day: float, friend: str = "new@x.example", **told: Any) -> dict[str, Any]:
    named = {"email": friend} if "@" in friend else {"external_id": friend}
    program = document()["program"]
    return fact("referral.claimed", who, day, program=program, referred=named, **{**PROOF, **told})


def decided(workspace: str, verb: str, day: float, **told: Any) -> str:
    """Staff decide the only claim that waits: the reason."""
    with tenancy.workspace(workspace):
        row = Claim.objects.filter(state="waiting").order_by("claimed_at").first()
    assert row
    told = {"claim": ids.public("clm", row.id), "by": "Eva", "note": "I rang new@x.example.", **told}
    [event] = send(workspace, fact(f"claim.{verb}", None, day, **told))
    with tenancy.workspace(workspace):
        return str(Decision.objects.get(event_id=event).reason)


def test_an_approved_claim_counts_when_the_friend_comes(linked: str) -> None:
    send(linked, claimed("ada", 1))
    send(linked, claimed("bob", 2))
    assert [decided(linked, "approved", 3), decided(linked, "approved", 4)] == ["claim_approved"] * 2
    send(
        linked,
        fact("participant.signed_up", "new", 5) | {"participant": {"external_id": "new", "email": "new@x.example"}},
    )
    assert referrer(linked) == ("bob", "claim")
    assert replay.verify(linked).differences == ()
    result = job.run(linked, job.Question(document=document(model="first_touch")), tell=lambda change: None)
    found = {row["name"]: (row["before"]["amount"], row["after"]["amount"]) for row in result["people"]}
    assert found == {"ada": (0, 1_000), "bob": (1_000, 0)}


def test_a_claim_of_who_came_without_a_touch_begins_the_referral_when_they_came(linked: str) -> None:
    send(linked, fact("participant.signed_up", "new", 1))
    send(linked, fact("participant.signed_up", "later", 4))
    send(linked, claimed("ada", 5, "new"))
    assert decided(linked, "approved", 6) == "rewarded"
    with tenancy.workspace(linked):
        row = Claim.objects.select_related("referral").get()
    assert row.referral.submitted_at == BEGAN + timedelta(days=1)
    assert replay.verify(linked).differences == ()
    for policy, after in ((document(evidence=["code"]), (1_000, 0)), (document(window="P2D"), (1_000, 0))):
        result = job.run(linked, job.Question(document=policy), tell=lambda change: None)
        found = {row["name"]: (row["before"]["amount"], row["after"]["amount"]) for row in result["people"]}
        assert found == {"ada": after}


@pytest.mark.parametrize("who", ["ada", "new"])
def test_an_erasure_of_either_takes_the_proof_and_replay_agrees(linked: str, who: str) -> None:
    send(linked, fact("participant.signed_up", "new", 1))
    send(linked, claimed("ada", 2, "new", at=(BEGAN + timedelta(hours=3)).isoformat()))
    send(linked, claimed("bob", 3, "other@x.example", proof="Something else.", url="https://y.example", reference="18"))
    assert decided(linked, "rejected", 4, reason="not_proven") == "claim_rejected"
    mine = export.export(linked, erase.find(linked, who))
    side = "claims_made" if who == "ada" else "claims_received"
    assert [row["reason"] for row in mine[side]] == ["not_proven"]
    assert (mine[side][0].get("proof") == PROOF["proof"]) == (who == "ada")
    erase.erase(linked, erase.find(linked, who), by="test")
    with tenancy.workspace(linked):
        kept = json.dumps([row.payload for row in Event.objects.all()])
    for text in (*PROOF.values(), "I rang"):
        assert text not in kept
    assert "Something else." in kept
    assert replay.verify(linked).differences == ()


@pytest.mark.parametrize("who", ["ada", "new"])
def test_an_erasure_takes_what_staff_noted_before_they_changed_their_mind(linked: str, who: str) -> None:
    send(linked, claimed("ada", 2, "new"))
    with tenancy.workspace(linked):
        name = ids.public("clm", Claim.objects.get(workspace_id=linked).id)
    assert decided(linked, "approved", 3, note="Her husband told me.") == "claim_approved"
    told = {"claim": name, "by": "Eva", "note": "He took it back.", "reason": "not_proven"}
    send(linked, fact("claim.rejected", None, 4, **told))
    erase.erase(linked, erase.find(linked, who), by="test")
    with tenancy.workspace(linked):
        kept = json.dumps([row.payload for row in Event.objects.all()])
    for text in (*PROOF.values(), "Her husband", "He took it back"):
        assert text not in kept
    assert replay.verify(linked).differences == ()


def test_who_was_merged_stands_on_either_side_of_a_claim(linked: str) -> None:
    send(linked, claimed("ada", 1, "phone"))
    decided(linked, "approved", 2)
    send(linked, fact("participant.identified", "new", 3, previous_id="phone"))
    send(linked, fact("participant.identified", "augusta", 3, previous_id="ada"))
    send(linked, fact("participant.signed_up", "new", 5))
    assert referrer(linked) == ("augusta", "claim")
    assert replay.verify(linked).differences == ()


def test_claims_are_found_by_indexes_also_those_of_merged_people(linked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Mapping[str, Any] | Sequence[Any]]] = []

    def noted(statement: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        asked.append((statement, parameters))
        return sql.fetch(statement, parameters)

    known = {"participant": {"external_id": "known", "email": "new@x.example"}}
    send(linked, claimed("ada", 1))
    send(linked, fact("participant.signed_up", "known", 1), fact("participant.identified", "known", 2) | known)
    monkeypatch.setattr(claims, "fetch", noted)
    assert decided(linked, "approved", 3) == "rewarded", "the claim is of the one whom the friend turned out to be"
    send(linked, claimed("ada", 4, "known", proof="Again."))
    assert len(asked) == 2
    with tenancy.workspace(linked):
        found = sql.fetch(*asked[1])
        for statement in MANY:
            sql.execute(statement, {"own": linked})
        sql.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in sql.fetch(f"EXPLAIN {asked[1][0]}", asked[1][1]))
    assert "Seq Scan" not in plan, plan
    for index in ("participant_merged_into", "claim_participant", "claim_referred", "claim_pkey"):
        assert index in plan, plan
    assert len(found) == 1, "the claim that names whom they were before"
