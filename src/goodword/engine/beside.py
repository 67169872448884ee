"""Brings into memory what programmes in test mode have that answers to what events name of live ones: see
`goodword.domain.beside`. No statement where there is no such programme, or nothing is named by our id."""

from __future__ import annotations

from goodword.domain.rows import Referral, Reward
from goodword.domain.state import State
from goodword.engine.columns import REFERRAL, REWARD
from goodword.store.sql import array, fetch


def tested(state: State) -> list[str]:
    """The programmes in test mode."""
    return [program.id for program in state.programs.values() if program.is_test]


def load_referrals(state: State) -> None:
    """The referrals in test programmes of the people who are referred in those in hand (referral_referred)."""
    programs = tested(state)
    people = {row.referred_id for row in state.referrals.values()}
    if not programs or not people:
        return
    for row in fetch(
        f"""
        SELECT {REFERRAL} FROM referral
        WHERE workspace_id = %s
          AND referred_id = ANY(%s::uuid[])
          AND program_id = ANY(%s::uuid[])
          AND NOT id = ANY(%s::uuid[])
        ORDER BY id
        """,
        [state.workspace_id, array("uuid", people), array("uuid", programs), array("uuid", state.referrals)],
    ):
        state.load(Referral(*row))


def load_rewards(state: State) -> None:
    """The rewards in test programmes for the same orders and participants as those in hand (reward_once begins with
    the subject)."""
    programs = tested(state)
    subjects = {row.subject_id for row in state.rewards.values() if row.referral_id is None}
    if not programs or not subjects:
        return
    for row in fetch(
        f"""
        SELECT {REWARD} FROM reward
        WHERE workspace_id = %s
          AND subject_id = ANY(%s::uuid[])
          AND program_id = ANY(%s::uuid[])
          AND NOT id = ANY(%s::uuid[])
        ORDER BY id
        """,
        [state.workspace_id, array("uuid", subjects), array("uuid", programs), array("uuid", state.rewards)],
    ):
        state.load(Reward(*row))
