"""How a participant's rewards for no referral go over to another participant: when two are merged, or taken apart;
and how what they owe goes with all their rewards.

Each goes with its hold and its balances, and takes its place in the limits with it. What is owed goes over as one sum
for a unit (`domain.debts`): who got the reward that paid a part of it may be another by now, and nobody's debt may
fall below zero.
"""

from __future__ import annotations

from collections.abc import Iterable

from goodword.domain import debts, handover, ledger, limits
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.rows import Effect, Reward
from goodword.domain.state import State


def hand_over(state: State, event: Event, rows: Iterable[Reward], from_id: str, to_id: str, code: str) -> list[Effect]:
    """The effects of giving these rewards, all of the one participant, to the other; `code` is merge or split."""
    effects: list[Effect] = []
    for reward in rows:
        program = state.versions[reward.version_id]
        before, after = Draft(state, event, program, from_id), Draft(state, event, program, to_id)
        if reward.state not in ("rejected", "cancelled"):
            limits.count(before, reward, None, -1)
            limits.count(after, reward, None, 1)
        given = handover.hand_over(after, reward, to_id, code)
        after.put_reward(given)
        effects += [*before.effects, *after.effects]
    return effects


def owed(state: State, event: Event, rows: Iterable[Reward], from_id: str, to_id: str, code: str) -> list[Effect]:
    """The effects on what the one participant owes, of giving all these rewards of theirs to the other: a merge
    brings all of it; taking apart gives back what came, as far as it is still owed."""
    came: dict[str, int] = {}
    latest: dict[str, Reward] = {}
    transfers, holdings = state.changes.transfers, state.holdings
    for reward in rows:
        version = state.versions[reward.version_id]
        at = reward.granted_at if version.is_test else holdings.latest(transfers, reward.id)
        if reward.unit and at:
            name = debts.name(version, reward.unit)
            came[name] = came.get(name, 0) + holdings.of(transfers, reward.id, from_id).get("participant_debt", 0)
            before = latest.get(name)
            if before is None or at >= (holdings.latest(transfers, before.id) or at):
                latest[name] = reward
    effects: list[Effect] = []
    for name, sum in sorted(came.items()):
        owes = state.counter(from_id, name)[1]
        goes = owes if code == "merge" else min(max(sum, 0), owes)
        if goes:
            effects += _owed(state, event, latest[name], goes, to_id, name, code)
    return effects


def _owed(state: State, event: Event, reward: Reward, goes: int, to_id: str, name: str, code: str) -> list[Effect]:
    """A debt of so much goes over, booked on one of the rewards."""
    draft = Draft(state, event, state.versions[reward.version_id], to_id)
    mine = ledger.account(draft, "participant_debt", reward)
    theirs = ledger.account(draft, "participant_debt", reward._replace(participant_id=to_id))
    handover.book(draft, reward, theirs, mine, goes, code)
    draft.count(reward.participant_id, name, 0, -goes)
    draft.count(to_id, name, 0, goes)
    return draft.effects
