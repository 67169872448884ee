"""Claims: a participant says that they brought somebody, with proof, and staff decide.

A claim is a fact (`referral.claimed`), and so is what staff make of it (`claim.approved`, `claim.rejected`). Approved,
a claim of somebody who has not come yet is a touch of the kind `claim`, and the program's policy picks among it and the
others when they sign up. Of somebody who came already and stands in no referral, the approval begins the referral at
the moment of their sign-up, as if the claim had been known then. A standing referral is never taken away.

Wherever the program refuses an approval, the claim waits on: staff mend the cause, or reject it with their reason.
"""

from __future__ import annotations

from datetime import datetime

from goodword.domain import ids, imports, lifecycle, terms
from goodword.domain.draft import Decision, Draft
from goodword.domain.moments import parse_time
from goodword.domain.payloads import REJECTED
from goodword.domain.program import Program
from goodword.domain.rows import Claim, Participant
from goodword.domain.state import State

MAX_WAITING = 50
"""Claims of one participant that wait in a program."""
ARRIVALS = ("participant.signed_up", "order.completed")
"""Types of event by which somebody has come: the sign-up, else the first order."""


def make(draft: Draft) -> Decision | None:
    """A participant claims that they brought somebody. It waits for staff, unless it cannot come to anything."""
    event, program, told = draft.event, draft.program, draft.event.properties
    if told["program"] != program.key:
        return None
    if program.is_loyalty:
        return draft.no("no_referrals")
    if program.is_test:
        return draft.no("test_takes_no_claims")
    assert draft.participant_id
    if stopped := draft.stopped(begun=False) or terms.missing(draft, draft.participant_id):
        return draft.no(stopped)
    referred = imports.person(draft.state, event)
    if referred.id == draft.participant_id:
        return draft.no("self_referral")
    if "claim" not in program.document.attribution.evidence:
        return draft.no("touch_not_counted")
    mine = _of(draft.state, program, draft.participant_id)
    if any(row.state != "rejected" and draft.state.survivor(row.referred_id).id == referred.id for row in mine):
        return draft.no("already_claimed")
    standing = lifecycle.standing(draft, referred.id)
    if standing and standing.referrer_id == draft.participant_id:
        return draft.no("already_referred")
    if sum(row.state == "waiting" for row in mine) >= MAX_WAITING:
        return draft.no("too_many_claims")
    at = min(parse_time(told["at"]), event.occurred_at) if told.get("at") else event.occurred_at
    row = Claim(
        event.id, program.id, draft.participant_id, referred.id, "waiting", "", at, event.occurred_at, None, None, None
    )
    if late := _late(draft, row, arrival(draft.state, referred)):
        return draft.no(late)
    return _put(draft, row, "claim_waiting")


def decide(draft: Draft) -> Decision | None:
    """Staff approve or reject a claim. The decision is about the claimant."""
    name = draft.event.properties["claim"]
    row = draft.state.claims.get(ids.internal("clm", name))
    if row is None:
        return draft.no("unknown_claim")
    if row.program_id != draft.program.id:
        return None
    draft.participant_id = draft.state.survivor(row.participant_id).id
    draft.trace["claim"] = row.id
    rejects = draft.event.type == REJECTED
    if row.state == ("rejected" if rejects else "approved"):
        return draft.no("already_in_state")
    if row.state == "rejected" or row.referral_id:
        return draft.no("wrong_state")
    row = row._replace(decided_at=draft.event.occurred_at, decision_id=draft.event.id)
    if not rejects:
        return _approve(draft, row)
    return _put(draft, row._replace(state="rejected", reason=draft.event.properties["reason"]), "claim_rejected")


def _approve(draft: Draft, row: Claim) -> Decision:
    state, claimant = draft.state, draft.participant_id
    referred = state.survivor(row.referred_id)
    assert claimant
    if referred.id == claimant:
        return draft.no("self_referral")
    if "claim" not in draft.program.document.attribution.evidence:
        return draft.no("touch_not_counted")
    if lifecycle.standing(draft, referred.id):
        return draft.no("already_referred")
    if stopped := draft.stopped(begun=False) or terms.missing(draft, claimant):
        return draft.no(stopped)
    by_sales = draft.program.document.lifecycle.flow == "sales"
    came = None if by_sales else arrival(state, referred)
    if late := _late(draft, row, came):
        return draft.no(late)
    if came is None and not by_sales:
        return _put(draft, row._replace(state="approved"), "claim_approved")
    if came:
        draft.event = draft.event._replace(occurred_at=came)
        draft.trace["counted_at"] = came.isoformat()
    begun = lifecycle.begin_by_claim(draft, referred.id, claimant)
    if draft.referral is None:
        return begun
    draft.effects.append(row._replace(state="approved", referral_id=draft.referral.id))
    return draft.yes("rewarded" if begun.reason == "rewarded" else "claim_approved")


def arrival(state: State, referred: Participant) -> datetime | None:
    """When somebody came: signed up, else ordered first. None for nobody of whom that is known."""
    told = state.told(referred.id) if referred.id in state.participants else []
    for kind in ARRIVALS:
        if moments := [event.occurred_at for event in told if event.type == kind and event.participant]:
            return min(moments)
    return None


def _late(draft: Draft, row: Claim, came: datetime | None) -> str:
    """Why the claim comes too late, or ''. It is for somebody whom the claimant told no longer before they came than
    the program's window, and is made no longer after that."""
    window = draft.program.document.attribution.window
    if came is None or window is None:
        return ""
    if window.after(came, draft.program.zone) <= row.claimed_at:
        return "claim_too_late"
    told = min(row.at, came)
    return "touch_outside_window" if window.after(told, draft.program.zone) <= came else ""


def _of(state: State, program: Program, participant_id: str) -> list[Claim]:
    """The claims that a participant, and those merged into them, made in a program."""
    rows = (row for row in state.claims.values() if row.program_id == program.id)
    return [row for row in rows if state.survivor(row.participant_id).id == participant_id]


def _put(draft: Draft, row: Claim, reason: str) -> Decision:
    draft.effects.append(row)
    draft.trace["claim"] = row.id
    draft.notify(
        f"claim.{row.state}",
        row.id,
        {
            "claim": ids.public("clm", row.id),
            "program": draft.program.key,
            "participant": ids.public("par", row.participant_id),
            "referred": ids.public("par", row.referred_id),
            "state": row.state,
            "reason": row.reason,
        },
    )
    return draft.yes(reason)
