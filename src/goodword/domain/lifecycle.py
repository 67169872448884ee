"""A referral's life: how it begins, moves, ends, and is revived by a late fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from goodword.domain import (
    anniversaries,
    attribution,
    early,
    facts,
    ids,
    rewards,
    terms,
    tier_facts,
    timers,
    triggers,
    values,
)
from goodword.domain.document import Requirement, Step
from goodword.domain.draft import Decision, Draft, Facts
from goodword.domain.events import Event, PersonRef, erased_ref
from goodword.domain.program import Program
from goodword.domain.rows import OPEN, STANDING, DropTimer, Participant, Referral
from goodword.domain.state import State

RANK = {"submitted": 0, "nurture": 0, "qualified": 1, "opportunity": 2, "closed_won": 3}
ENDS = frozenset({"closed_lost", "disqualified"})
MOVES = {
    "referral.qualified": "qualified",
    "referral.opportunity_opened": "opportunity",
    "referral.closed_won": "closed_won",
    "referral.closed_lost": "closed_lost",
    "referral.disqualified": "disqualified",
}
"""The states that the built-in events move a referral to, in either flow."""


def begin_by_code(draft: Draft) -> Decision:
    """A person signed up. With a touch of this program that counts, a referral begins."""
    assert draft.participant_id
    referred_id = draft.participant_id
    picked = attribution.pick(draft)
    if picked.touch is None:
        return draft.no(picked.reason)
    return _begin_picked(draft, referred_id, picked)


def begin_by_claim(draft: Draft, referred_id: str, claimant_id: str) -> Decision:
    """Staff approved a participant's claim of somebody who has come: the referral begins, at the draft's moment."""
    draft.trace["attribution"] = {"won": "claim", "kept": []}
    return _begin_for(draft, claimant_id, referred_id, "claim", False)


def begin_by_order(draft: Draft) -> Decision | None:
    """Somebody ordered whom nobody is known to have referred. With a touch of this program that counts, a referral
    begins with their first order; None where nothing tells of any. The order itself is no part of their history while
    it is judged whether they may be referred."""
    assert draft.participant_id
    if draft.state.referrals_of.get((draft.program.id, draft.participant_id)):
        return None
    picked = attribution.pick(draft)
    if picked.touch is None:
        return None if picked.reason == "not_referred" else draft.no(picked.reason)
    draft.opening = True
    if Facts(draft)["history"]["orders"]:
        return draft.no("ordered_before")
    begun = _begin_picked(draft, draft.participant_id, picked)
    draft.opening = False
    return begun


def _begin_picked(draft: Draft, referred_id: str, picked: attribution.Picked) -> Decision:
    """The touch that won begins the referral. A claim that won says so from then on."""
    assert picked.touch
    begun = _begin_for(draft, picked.referrer_id, referred_id, picked.touch.kind, picked.simulated)
    if picked.touch.claim and draft.referral:
        row = draft.state.claims[picked.touch.claim]
        draft.effects.append(row._replace(referral_id=draft.referral.id))
        return begun._replace(effects=tuple(draft.effects))
    return begun


def _begin_for(draft: Draft, referrer_id: str, referred_id: str, source: str, simulated: bool) -> Decision:
    if standing(draft, referred_id):
        return draft.no("already_referred")
    if stopped := draft.stopped(begun=False) or terms.missing(draft, referrer_id):
        return draft.no(stopped)
    candidate = _candidate(draft, referrer_id, referred_id, None, source, {}, simulated)
    draft.referral = candidate
    eligibility = draft.program.document.eligibility
    failed = _first_failed(draft, eligibility.refer) or _first_failed(draft, eligibility.be_referred)
    if failed:
        draft.referral = None
        return draft.no(failed)
    return _begin(draft, candidate)


def begin_by_submission(draft: Draft) -> Decision:
    """A participant put in a good word: a referral begins, or is kept aside with the reason."""
    properties = draft.event.properties
    external_id = str(properties["referral"])
    if (draft.program.id, external_id) in draft.state.referral_by_external:
        return draft.no("already_submitted")
    assert draft.participant_id
    if stopped := draft.stopped(begun=False) or terms.missing(draft, draft.participant_id):
        return draft.no(stopped)
    told: Mapping[str, Any] = properties["referred"]
    referred = submitted(draft.state, draft.event)
    draft.trace["attribution"] = {"won": "submission", "kept": []}
    if referred.id == draft.participant_id:
        return draft.no("self_referral")
    if not draft.program.is_test:
        draft.put_participant(referred)
    elif referred.id not in draft.state.participants:
        return draft.no("unknown_in_test")
    kept = {"referred": dict(told)} | ({"need": properties["need"]} if properties.get("need") else {})
    candidate = _candidate(draft, draft.participant_id, referred.id, external_id, "submission", kept, False)
    draft.referral = candidate
    failed = _first_failed(draft, draft.program.document.eligibility.refer)
    if failed:
        draft.referral = None
        draft.effects.clear()
        return draft.no(failed)
    aside = ""
    if standing(draft, referred.id):
        aside, failed = "duplicate", "already_referred"
    else:
        failed = _first_failed(draft, draft.program.document.eligibility.be_referred)
        aside = "disqualified" if failed else ""
    if aside:
        ended = candidate._replace(state=aside, reason=failed, closed_at=draft.event.occurred_at, expires_at=None)
        draft.put_referral(ended)
        _trace_move(draft, None, aside)
        _tell(draft, ended)
        return draft.no(failed)
    return _begin(draft, candidate)


def submitted(state: State, event: Event) -> Participant:
    """The person that a submission names, a new one if unknown."""
    told = event.properties["referred"]
    ref = erased_ref(event.erased.get("referred"))
    ref = ref or PersonRef(None, told["email"].strip().lower(), told.get("name") or "")
    return facts.person(state, ref, event.occurred_at, event.id)


def standing(draft: Draft, referred_id: str) -> Referral | None:
    """The referral that takes the person's place in the program, if any."""
    found = draft.state.referrals_of.get((draft.program.id, referred_id), ())
    referrals = (draft.state.referrals[id] for id in found)
    return next((referral for referral in referrals if referral.state in STANDING), None)


def _candidate(
    draft: Draft,
    referrer_id: str,
    referred_id: str,
    external_id: str | None,
    source: str,
    properties: Mapping[str, Any],
    simulated: bool,
) -> Referral:
    now, program = draft.event.occurred_at, draft.program
    after = program.document.lifecycle.expire_after
    return Referral(
        id=ids.derive(now, draft.state.workspace_id, "referral", program.id, draft.event.id),
        program_id=program.id,
        version_id=program.version_id,
        referrer_id=referrer_id,
        referred_id=referred_id,
        external_id=external_id,
        source=source,
        state="submitted",
        reason="",
        submitted_at=now,
        qualified_at=None,
        opportunity_at=None,
        closed_at=None,
        expires_at=after.after(now, program.zone) if after else None,
        value=None,
        properties=properties,
        simulated=simulated or draft.event.simulated,
    )


def _first_failed(draft: Draft, requirements: list[Requirement]) -> str:
    for requirement in requirements:
        failed = draft.check(requirement.code, requirement.when)
        if failed:
            return failed
    return ""


def _begin(draft: Draft, candidate: Referral) -> Decision:
    tier = tier_facts.held(draft, candidate.referrer_id)
    draft.put_referral(candidate)
    if candidate.expires_at:
        draft.effects.append(timers.referral_expiry(draft.state.workspace_id, candidate))
    _trace_move(draft, None, "submitted")
    _tell(draft, candidate)
    rewards.grant_all(draft, "submitted")
    tier_facts.risen(draft, tier)
    anniversaries.begin(draft, "begun")
    early.begin(draft, candidate)
    return _conclude(draft, "opened")


def _conclude(draft: Draft, moved: str) -> Decision:
    """The headline: a reward where there is one, else the first refusal, else that it moved."""
    lines = draft.trace.get("rewards", [])
    if any(line["ok"] for line in lines):
        return draft.yes("rewarded")
    if lines and moved != "opened":
        return draft.no(lines[0]["reason"])
    return draft.yes(moved)


def _trace_move(draft: Draft, before: str | None, after: str) -> None:
    assert draft.referral
    if known := draft.trace.get("referral"):
        before = known["from"]  # it began and moved on at once
    draft.trace["referral"] = {"id": draft.referral.id, "from": before, "to": after}


def _tell(draft: Draft, referral: Referral) -> None:
    if draft.unheard:
        return
    draft.notify(
        f"referral.{referral.state}",
        referral.id,
        {
            "referral": ids.public("ref", referral.id),
            "program": draft.program.key,
            "referrer": ids.public("par", referral.referrer_id),
            "referred": ids.public("par", referral.referred_id),
            "state": referral.state,
            "reason": referral.reason,
        },
    )


def move(draft: Draft, target: str) -> Decision:
    """Moves the draft's referral to a state, through the ones in between, and pays what that earns."""
    referral = draft.referral
    assert referral
    refused = _refused(draft, referral, target)
    if refused:
        return draft.no(refused)
    return _advance(draft, _alive(draft, referral), target)


def _refused(draft: Draft, referral: Referral, target: str) -> str:
    """Why the referral cannot go there, or ''."""
    if referral.state == target:
        return "already_in_state"
    if referral.state not in OPEN and referral.state != "expired":
        return "wrong_state"
    if referral.expires_at and draft.event.occurred_at >= referral.expires_at:
        return "referral_expired"
    if referral.state == "expired" and target not in ENDS and standing(draft, referral.referred_id):
        return "already_referred"  # the person stands in a later one by now
    here = _alive(draft, referral)
    if target in RANK and RANK[target] == RANK[here.state]:
        return "already_in_state"
    if target in RANK and RANK[target] < RANK[here.state]:
        return "wrong_state"
    return ""


def _alive(draft: Draft, referral: Referral) -> Referral:
    """The referral as it was before it expired: a fact from before the expiry arrived late."""
    if referral.state != "expired":
        return referral
    state = "opportunity" if referral.opportunity_at else "qualified" if referral.qualified_at else "submitted"
    return referral._replace(state=state, reason="", closed_at=None)


def _advance(draft: Draft, referral: Referral, target: str) -> Decision:
    assert draft.referral
    before, now = draft.referral.state, draft.event.occurred_at
    tier = tier_facts.held(draft, referral.referrer_id)
    stages = [target]
    if target in RANK:
        stages = [stage for stage in passed(draft.program, target) if RANK[stage] > RANK[referral.state]]
    for stage in stages:
        moved = referral._replace(state=stage)
        if stage == "qualified":
            moved = moved._replace(qualified_at=now)
        elif stage == "opportunity":
            moved = moved._replace(opportunity_at=now)
        else:
            reason = str(draft.event.properties.get("reason") or "") if stage in ENDS else ""
            value, told = _won(draft) if stage == "closed_won" else (None, {})
            moved = moved._replace(closed_at=now, reason=reason[:64], value=value)
            moved = moved._replace(properties={**moved.properties, **told})
        if stage == target == "qualified" and _accepted_in_time(draft, moved):
            moved = moved._replace(properties={**moved.properties, "registered": True})
        referral = moved
        draft.put_referral(moved)
        _tell(draft, moved)
        if stage in ("qualified", "opportunity", "closed_won", "closed_lost"):
            rewards.grant_all(draft, stage)
    if referral.state in OPEN:
        if before == "expired":
            draft.effects.append(timers.referral_expiry(draft.state.workspace_id, referral))
    elif referral.expires_at and before != "expired":
        timer = timers.referral_expiry(draft.state.workspace_id, referral)
        draft.effects.append(DropTimer(timer.id))
    _trace_move(draft, before, referral.state)
    tier_facts.risen(draft, tier)
    if referral.state == "closed_won":
        anniversaries.begin(draft, "won")
    triggers.fire(draft)
    early.recall(draft)
    return _conclude(draft, "ended" if referral.state in ENDS else "advanced")


_GOOD = frozenset({"rewarded", "commission_ended", "reversed", "recorded"})


def fire(draft: Draft) -> None:
    """Rewards for an event that did not move the referral; what waited for one is told again."""
    triggers.fire(draft)
    if any(line["ok"] for line in draft.trace.get("rewards", ())):
        early.recall(draft)


def concluded(draft: Draft, otherwise: str) -> Decision:
    """The headline of an event that did not move the referral."""
    reason = triggers.headline(draft, otherwise)
    return draft.yes(reason) if reason in _GOOD else draft.no(reason)


def _accepted_in_time(draft: Draft, referral: Referral) -> bool:
    """Whether the program asks for registered deals, and this one is accepted within the window."""
    asked, now = draft.program.document.registration, draft.event.occurred_at
    return bool(asked) and not (
        asked and asked.window and now >= asked.window.after(referral.submitted_at, draft.program.zone)
    )


def passed(program: Program, target: str) -> list[str]:
    """The states on the way: qualified always; opportunity where people move it or a step names it."""
    lifecycle = program.document.lifecycle
    through = ["qualified"]
    if lifecycle.flow == "sales" or lifecycle.opportunity or target == "opportunity":
        through.append("opportunity")
    through.append("closed_won")
    return through[: through.index(target) + 1]


def _won(draft: Draft) -> tuple[int | None, dict[str, Any]]:
    """What the deal or order was worth in the program's currency, where that is known; and what the referral keeps of
    it: its name, where the sender tells it (a refund of another one is not of this), and the exchange (a refund is
    exchanged at the same rate)."""
    order_id = draft.event.properties.get("order_id")
    told: dict[str, Any] = {"order_id": order_id} if isinstance(order_id, str) else {}
    worth = values.of_event(draft)
    if worth.exchange:
        draft.trace["exchange"] = told["exchange"] = worth.exchange
    return worth.amount, told


def run_steps(draft: Draft, steps: tuple[tuple[str, Step], ...]) -> Decision:
    """Moves the referral as far as the steps that this event causes allow."""
    assert draft.referral
    refusals: list[str] = []
    target = ""
    for state, step in steps:
        refused = _refused(draft, draft.referral, state)
        if not refused and step.when:
            failed = draft.check(state, step.when)
            refused = failed if failed in ("", "condition_error") else "condition_not_met"
        if refused:
            refusals.append(refused)
        else:
            target = state
    if not target:
        fire(draft)
        return concluded(draft, refusals[-1])
    return _advance(draft, _alive(draft, draft.referral), target)


def expire(draft: Draft) -> Decision:
    """An open referral ran out of time."""
    referral = draft.referral
    assert referral
    if referral.state not in OPEN:
        return draft.no("superseded")
    before = referral.state
    ended = referral._replace(state="expired", reason="referral_expired", closed_at=draft.event.occurred_at)
    draft.put_referral(ended)
    _tell(draft, ended)
    _trace_move(draft, before, "expired")
    return draft.yes("ended")


def put_aside(draft: Draft, state: str, reason: str) -> None:
    """The referral does not count: two people turned out to be one. What was held of it is let go."""
    referral = draft.referral
    assert referral
    for reward in sorted(draft.rewards(), key=lambda row: row.id):
        if reward.state == "pending":
            rewards.let_go(draft, reward, reason)
    if referral.state in OPEN and referral.expires_at:
        draft.effects.append(DropTimer(timers.referral_expiry(draft.state.workspace_id, referral).id))
    ended = referral._replace(state=state, reason=reason, closed_at=draft.event.occurred_at)
    draft.put_referral(ended)
    _tell(draft, ended)


def take_up(draft: Draft, was: Mapping[str, Any]) -> None:
    """The referral is again what it was before it was put aside, and the rewards let go then are held again.
    `was` has its `state`, `reason` and `closed_at` (RFC 3339 or None), and the ids of those `rewards`."""
    referral = draft.referral
    assert referral
    closed_at = datetime.fromisoformat(was["closed_at"]) if was["closed_at"] else None
    again = referral._replace(state=was["state"], reason=was["reason"], closed_at=closed_at)
    draft.put_referral(again)
    _tell(draft, again)
    if again.state in OPEN and again.expires_at:
        draft.effects.append(timers.referral_expiry(draft.state.workspace_id, again))
    for reward in sorted(draft.rewards(), key=lambda row: row.id):
        if reward.id in was["rewards"]:
            rewards.take_up(draft, reward)
