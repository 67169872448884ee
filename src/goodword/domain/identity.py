"""Who is who: events that say that two participants are one person, and events that take that back.

Two participants become one where an event names a person by an external id and by an address that so far was
all that was known of somebody else, and where `previous_id` names another participant. People who each have an
external id and only share an address stay two. The one the event is about stands for both, but never somebody
without an external id for somebody who has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from goodword.domain import facts, ids, merging
from goodword.domain.draft import Decision
from goodword.domain.events import Event
from goodword.domain.payloads import IMPORTED
from goodword.domain.rows import Merge, Participant
from goodword.domain.state import State

NAMING = frozenset({"participant.identified", "participant.signed_up", facts.SPLIT})
"""The types of event whose `previous_id` is read."""


NAMELESS = "needs_external_id"
HOW = ("email", "previous_id", "split")
"""What can claim that two are one, or that they are not, in the order in which an event's claims are settled."""


class Claim(NamedTuple):
    """What an event says of who is who. `how` is one of `HOW`; `other_id` is the participant it
    names beside its own, None for nobody known; `email` the address of its own before the event told another."""

    how: str
    other_id: str | None
    email: str = ""
    reason: str = ""


def claims(state: State, event: Event) -> tuple[Claim, ...]:
    """What the event says of who is who, read before its facts are. Of an event from which names were erased, what
    it said then."""
    ref = event.participant
    if event.type in IMPORTED:
        return ()
    if "claims" in event.erased:
        mine = facts.known(state, ref) if ref else None
        told: Mapping[str, Mapping[str, Any]] = event.erased["claims"]
        email = mine.email if mine else ""
        return tuple(Claim(how, told[how]["other"], email, told[how]["reason"]) for how in HOW if how in told)
    if event.type == facts.SPLIT:
        return (Claim("split", named(state, str(event.properties.get("previous_id")))),)
    if ref is None:
        return ()
    found = []
    known = state.participant_by_external.get(ref.external_id) if ref.external_id is not None else None
    if known and ref.email:
        mine, other = state.survivor(known), state.person_by_email(ref.email)
        if other and other.external_id is None and other.merged_into is None and other.id != mine.id:
            found.append(Claim("email", other.id, mine.email))
    if names_another(event):
        found.append(Claim("previous_id", named(state, event.properties["previous_id"])))
    return tuple(found)


def names_another(event: Event) -> bool:
    """Whether the event names another participant by `previous_id`."""
    return event.type in NAMING and isinstance(event.properties.get("previous_id"), str)


def settle(state: State, event: Event, claim: Claim, participant_id: str | None) -> Decision:
    """What becomes of a claim of an event about that participant. The decision concerns no program.

    Its trace has `merge`: how, merged and survivor (ids), event (of the merge, where it is taken back), and what
    `merging` says of what moved.
    """
    if claim.how == "split":
        return _split(state, event, claim)
    assert participant_id
    mine = state.survivor(participant_id)
    if claim.other_id is None:
        return _no("unknown_participant", claim, mine.id, None)
    other = state.survivor(claim.other_id)
    if other.id == mine.id:
        known = "same_participant" if claim.other_id == mine.id else "already_merged"
        return _no(known, claim, mine.id, claim.other_id)
    if claim.reason == NAMELESS or (not claim.reason and mine.external_id is None and other.external_id is not None):
        return _no(NAMELESS, claim, mine.id, other.id)
    if claim.how == "email" and _kept_apart(state, mine, other):
        return _no("kept_apart", claim, mine.id, other.id)
    if merging.size(state, mine, other) > merging.MAX_MOVED:
        return _no("too_much_to_merge", claim, mine.id, other.id)
    move = merging.merge(state, event, mine, other, claim.how, claim.email if claim.how == "email" else mine.email)
    return _yes("merged", claim, mine.id, other.id, move.trace(), tuple(move.effects))


def _split(state: State, event: Event, claim: Claim) -> Decision:
    if claim.other_id is None:
        return _no("unknown_participant", claim, None, None)
    merge = _standing(state, claim.other_id)
    if merge is None:
        return _no("not_merged", claim, claim.other_id, claim.other_id)
    if state.survivor(claim.other_id).id != merge.survivor_id:
        return _no("merged_further", claim, merge.survivor_id, merge.merged_id)
    move = merging.split(state, event, merge)
    trace = move.trace()
    trace["merge"] = {"event": merge.event_id, **trace["merge"]}
    return _yes("split", claim, merge.survivor_id, merge.merged_id, trace, tuple(move.effects))


def named(state: State, name: str) -> str | None:
    """The participant of that external id, or of that id of ours."""
    found = state.participant_by_external.get(name)
    if found is None and name.startswith("par_"):
        try:
            found = ids.internal("par", name)
        except ids.BadId:
            return None
    return found if found in state.participants else None


def _standing(state: State, merged_id: str) -> Merge | None:
    """The merge by which the participant is in another one now."""
    merges = (state.merges[id] for id in state.merges_of.get(merged_id, ()))
    return next((merge for merge in merges if merge.split_at is None), None)


def _kept_apart(state: State, survivor: Participant, merged: Participant) -> bool:
    """Whether the two were taken apart before: an address alone does not bring them together again."""
    merges = (state.merges[id] for id in state.merges_of.get(merged.id, ()))
    return any(merge.split_at and state.survivor(merge.survivor_id).id == survivor.id for merge in merges)


def _no(reason: str, claim: Claim, participant_id: str | None, merged_id: str | None) -> Decision:
    trace = {"merge": {"how": claim.how, "survivor": participant_id, "merged": merged_id}}
    return Decision(None, None, "no", reason, participant_id, None, trace, (), claim.how)


def _yes(
    reason: str, claim: Claim, survivor_id: str, merged_id: str, trace: dict[str, Any], effects: tuple[Any, ...]
) -> Decision:
    trace["merge"] = {"how": claim.how, "survivor": survivor_id, "merged": merged_id, **trace["merge"]}
    return Decision(None, None, "yes", reason, survivor_id, None, trace, effects, claim.how)
