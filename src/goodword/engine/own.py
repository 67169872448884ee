"""Brings into memory the rewards that are for no referral, as far as a batch needs them.

Earning reads none of them. Who buys from a catalogue has their open lots read, which an index holds
(reward_open_own), and not their past; a refund has what its order earned; a merge has all that one of the two had.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from goodword.domain import facts
from goodword.domain.events import Event
from goodword.domain.fields import REDEEMED
from goodword.domain.merging import MAX_MOVED
from goodword.domain.orders import order_id
from goodword.domain.rows import Reward
from goodword.domain.state import State
from goodword.engine import beside
from goodword.engine.columns import REWARD
from goodword.store.sql import array, fetch


def orders(state: State, events: Sequence[Event]) -> set[str]:
    """Our ids of the orders that the events name, where a programme may keep rewards, or what they counted for, under
    them."""
    if not any(version.is_loyalty or version.tallied or version.counts for version in state.versions.values()):
        return set()
    named = (order_id(state.workspace_id, event) for event in events)
    return {id for id in named if id}


def buyers(state: State, events: Sequence[Event]) -> set[str]:
    """The known participants who want something of a catalogue in this batch, or whose turn for it may come."""
    refs = (event.participant for event in events if event.type == REDEEMED and event.participant)
    found = {person.id for ref in refs if (person := facts.known(state, ref))}
    for timer in state.timers.values():
        if "of" in timer.detail and timer.detail["rule"] in state.versions[timer.detail["version"]].catalogue:
            found.add(state.survivor(timer.detail["of"]).id)
    return found


def kept(state: State, orders: Collection[str]) -> set[str]:
    """Under which names events are kept that wait in lines (see `domain.own_waiting`): of what may have its turn in
    this batch, and of these orders."""
    if not any(version.is_loyalty and version.has_lines for version in state.versions.values()):
        return set()
    details = [timer.detail for timer in state.timers.values()]
    return {*orders, *(detail.get("order") or detail["fact"] for detail in details if {"of", "fact"} <= detail.keys())}


def load(state: State, buyers: Collection[str], merging: Collection[str]) -> None:
    """Loads the open rewards of buyers, and all of those who may be merged or taken apart, one too many at most.
    No statement where there is nobody."""
    if not (buyers or merging):
        return
    for row in fetch(
        f"""
        SELECT {REWARD} FROM reward
        WHERE workspace_id = %(own)s
          AND participant_id = ANY(%(buyers)s::uuid[])
          AND referral_id IS NULL
          AND state IN ('pending', 'approved')
        UNION ALL
        SELECT owned.*
        FROM unnest(%(merging)s::uuid[]) AS person (id)
        CROSS JOIN LATERAL (
            SELECT {REWARD} FROM reward
            WHERE workspace_id = %(own)s AND participant_id = person.id AND referral_id IS NULL
            LIMIT %(limit)s
        ) AS owned
        """,  # reward_open_own, reward_participant
        {
            "own": state.workspace_id,
            "buyers": array("uuid", buyers),
            "merging": array("uuid", merging),
            "limit": (MAX_MOVED + 1) * (1 + len(beside.tested(state))),
        },
    ):
        state.load(Reward(*row))


def lots(state: State) -> set[str]:
    """The rewards in hand of which may have been spent."""
    return {id for ids in state.own.values() for id in ids}
