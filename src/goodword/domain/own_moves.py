"""How a participant's rewards for no referral go over to another participant: when two are merged, or taken apart.

Each goes with its hold and its balances, and takes its place in the limits with it. Points that are owed go over as
one sum for a programme and unit: who got the points that paid a part of it may be another by now, and nobody's debt
may fall below zero.
"""

from __future__ import annotations

from collections.abc import Iterable

from goodword.domain import handover, ledger, limits, lots
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.rows import Effect, Reward
from goodword.domain.state import State


def hand_over(state: State, event: Event, rows: Iterable[Reward], from_id: str, to_id: str, code: str) -> list[Effect]:
    """The effects of giving these rewards, all of the one participant, to the other; `code` is merge or split."""
    effects: list[Effect] = []
    moved: dict[tuple[str, str], int] = {}
    last: dict[tuple[str, str], Reward] = {}
    for reward in rows:
        program = state.versions[reward.version_id]
        before, after = Draft(state, event, program, from_id), Draft(state, event, program, to_id)
        if reward.state not in ("rejected", "cancelled"):
            limits.count(before, reward, None, -1)
            limits.count(after, reward, None, 1)
        given = handover.hand_over(after, reward, to_id, code)
        after.put_reward(given)
        effects += [*before.effects, *after.effects]
        if lots.is_lot(program, reward):
            key = (lots.debt_name(program, reward.unit), reward.unit)
            owed = state.holdings.of(state.changes.transfers, reward.id, from_id).get("participant_debt", 0)
            moved[key] = moved.get(key, 0) + owed
            last[key] = reward
    for (name, unit), went in sorted(moved.items()):
        effects += _debt(state, event, last[name, unit], went, (from_id, to_id), name, code)
    return effects


def _debt(
    state: State, event: Event, reward: Reward, went: int, sides: tuple[str, str], name: str, code: str
) -> list[Effect]:
    """Puts right what is owed in all after `went` of it went over with the rewards: a merge brings all of it, and
    taking apart gives back what is still owed of that, on one of the rewards."""
    from_id, to_id = sides
    draft = Draft(state, event, state.versions[reward.version_id], to_id)
    owed = state.counter(from_id, name)[1]
    goes = owed if code == "merge" else min(max(went, 0), owed)
    if went != goes:
        mine = ledger.account(draft, "participant_debt", reward)
        theirs = ledger.account(draft, "participant_debt", reward._replace(participant_id=to_id))
        debit, credit = (mine, theirs) if went > goes else (theirs, mine)
        handover.book(draft, reward, debit, credit, abs(went - goes), "net")
    if goes:
        draft.count(from_id, name, 0, -goes)
        draft.count(to_id, name, 0, goes)
    return draft.effects
