"""What referrals count for in shared goals and contests.

A referral is entered once, at the moment at which it gets where the metric looks, under the version that is live when
that is heard of. Its own counter says what it counts for, so that whatever becomes of it later (a refund, a merge of
people, a duplicate) changes exactly that. Everything is worked out from the referrals that a decision changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from goodword.domain import contests, event_tally, goals
from goodword.domain.draft import Decision, Draft
from goodword.domain.events import Event
from goodword.domain.program import Program
from goodword.domain.rows import Count, Link, Referral
from goodword.domain.state import State


def counted(state: State, event: Event, program: Program, decision: Decision) -> Decision:
    """The decision, with what it means for the program's goals and contests. `program` is the live version."""
    if not program.shared:
        return decision
    draft = _draft(state, event, program, decision)
    for before, after in _changed(draft, decision):
        contests.recount(draft, before, after, enter=True)
        goals.recount(draft, before, after, enter=True)
        if before is None:
            goals.join(draft, after.referrer_id, after.submitted_at)
    for effect in decision.effects:
        if isinstance(effect, Link) and effect.program_id == program.id:
            goals.join(draft, effect.participant_id, effect.created_at)
    if program.is_test and event.type == "link.created" and decision.reason == "linked":
        assert decision.participant_id
        goals.join(draft, decision.participant_id, event.occurred_at)
    if not draft.effects and draft.trace == decision.trace:
        return decision
    found = decision._replace(effects=(*decision.effects, *draft.effects), trace=draft.trace)
    given = [line for line in draft.trace.get("rewards", ()) if line["ok"] and line.get("participant")]
    return found._replace(outcome="yes", reason="rewarded") if given else found


def moved(state: State, event: Event, decision: Decision) -> Decision:
    """The same for a decision about who is who: what counted goes where its referral goes."""
    for program in state.programs.values():
        if program.shared:
            draft = _draft(state, event, program, decision)
            for before, after in _changed(draft, decision):
                contests.recount(draft, before, after, enter=False)
                goals.recount(draft, before, after, enter=False)
            decision = decision._replace(effects=(*decision.effects, *draft.effects))
            decision = event_tally.moved(state, event, program, decision)
    return decision


def _draft(state: State, event: Event, program: Program, decision: Decision) -> Draft:
    """A draft that knows what the decision has counted so far."""
    draft = Draft(state, event, program, decision.participant_id, trace=dict(decision.trace))
    for effect in decision.effects:
        if isinstance(effect, Count):
            draft.count(effect.subject_id, effect.name, effect.number, effect.amount)
    draft.effects = []
    return draft


def _changed(draft: Draft, decision: Decision) -> Iterator[tuple[Referral | None, Referral]]:
    """The program's referrals that the decision changes, refunds included, as they were and as they are."""
    rows: dict[str, Referral] = {}
    for effect in decision.effects:
        if isinstance(effect, Referral):
            rows[effect.id] = effect
        elif isinstance(effect, Count) and effect.name == "refunded" and effect.subject_id in draft.state.referrals:
            rows.setdefault(effect.subject_id, draft.state.referrals[effect.subject_id])
    for row in rows.values():
        if row.program_id == draft.program.id:
            yield draft.state.referrals.get(row.id), row
