"""Programmes in test mode: what they share with the live ones beside which they run.

A test programme decides on the same events, under its own rules, with its own referrals, counters and timers. It has
no codes, no money and no word to anybody: what it decides moves nothing that is not its own. Where an event names what
belongs to a live programme, such as its code, referral or reward, the test programme means its own that answers to it.
"""

from __future__ import annotations

from goodword.domain.draft import Draft
from goodword.domain.program import Program
from goodword.domain.rows import Referral, Reward
from goodword.domain.state import State


def shares(state: State, program: Program, other_id: str) -> bool:
    """Whether the codes, referrals and rewards of a program stand for this one's: it is the same, or a live one that
    this one is tested beside."""
    if other_id == program.id:
        return True
    other = state.programs.get(other_id) if program.is_test else None
    return other is not None and not other.is_test and program.takes(other.key)


def sharing(state: State, program: Program) -> list[str]:
    """The ids of all of those."""
    return [id for id in state.programs if shares(state, program, id)]


def referral(draft: Draft, row: Referral) -> Referral | None:
    """The draft's program's own referral where the event names that one: the same, or the one which the same sign-up
    or submission began."""
    if row.program_id == draft.program.id:
        return row
    if not shares(draft.state, draft.program, row.program_id):
        return None
    found = draft.state.referrals_of.get((draft.program.id, row.referred_id), ())
    own = (draft.state.referrals[id] for id in found)
    return next(
        (one for one in own if (one.submitted_at, one.referrer_id) == (row.submitted_at, row.referrer_id)), None
    )


def reward(draft: Draft, row: Reward) -> Reward | None:
    """The draft's program's own reward where the event names that one: the same, or the one for the same under a rule
    of the same id."""
    if row.program_id == draft.program.id:
        return row
    if not shares(draft.state, draft.program, row.program_id):
        return None
    subject = row.subject_id
    if row.referral_id:
        theirs = referral(draft, draft.state.referrals[row.referral_id])
        subject = theirs.id if theirs else ""
    own = (draft.state.rewards[id] for id in draft.state.rewards_of.get(subject, ()))
    named = (draft.program.id, row.rule, row.occurrence, row.participant_id)
    return next((one for one in own if (one.program_id, one.rule, one.occurrence, one.participant_id) == named), None)
