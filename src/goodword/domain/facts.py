"""What an event tells about people and accounts, whatever the programmes make of it.

`observe` also says who the event is about. A person is found by external id, else by e-mail; one known
only by e-mail is the same person when an external id turns up beside that e-mail. Whoever was merged into
another participant is that one (`domain.identity`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from goodword.domain import fx, ids
from goodword.domain.events import AccountRef, Event, PersonRef, erased_ref, parse_time
from goodword.domain.payloads import CLAIMED, IMPORT_PARTICIPANT, IMPORT_UNDONE, IMPORTED
from goodword.domain.rows import Account, Count, DropParticipant, Effect, Participant
from goodword.domain.state import State

ORDERS = "orders:"
"""Counters of a participant: completed orders, and their value less refunds, by currency."""
SPLIT = "participant.split"
"""Takes a merge back; it makes nobody known."""
_KEPT_OF_IMPORTS = ("vendor", "source_id", "source_state")
_NOT_TRAITS = ("simulated", "code", "previous_id", "click_id", "touches", "anonymous_id")


class Observation(NamedTuple):
    """Who the event is about, and the effects of what it says of them."""

    participant_id: str | None
    effects: tuple[Effect, ...]


def observe(state: State, event: Event) -> Observation:
    """The people, accounts and counts that an event makes known."""
    effects: list[Effect] = []
    account = _account(state, event, effects) if event.account else None
    if event.type == fx.PUBLISHED and (rate := state.rates.told(event)):
        effects.append(rate)
    participant = None
    if event.type == "participant.erased":
        return _erase(state, event)
    if event.type in IMPORTED:
        return _imported(state, event, account, effects)
    if event.type == IMPORT_UNDONE:
        return _undo(event)
    if event.participant and event.type != SPLIT:
        participant = person(state, event.participant, event.occurred_at, event.id)
        told = dict(event.participant.traits)
        if event.type == "participant.identified":
            told |= {key: value for key, value in event.properties.items() if key not in _NOT_TRAITS}
        account_id = account.id if account else participant.account_id
        traits = participant.traits
        if account_id != participant.account_id or (told and any(traits.get(key) != told[key] for key in told)):
            participant = participant._replace(traits={**participant.traits, **told}, account_id=account_id)
        if state.participants.get(participant.id) is not participant:
            effects.append(participant)
        _orders(event, participant.id, effects)
        if event.type == CLAIMED:
            effects += _claimed(state, event, participant)
    return Observation(participant.id if participant else None, tuple(effects))


def _claimed(state: State, event: Event, claimant: Participant) -> list[Effect]:
    """Whoever is claimed is known from then on; what is told of somebody who is known already changes nothing."""
    ref = referred(event)
    themselves = ref.id == claimant.id or ref.external_id == claimant.external_id is not None
    if themselves or known(state, ref) or (ref.email and ref.external_id is None and ref.email == claimant.email):
        return []
    return [person(state, ref, event.occurred_at, event.id)]


def referred(event: Event) -> PersonRef:
    """How an event names the one who was referred, by id or address."""
    if ours := erased_ref(event.erased.get("referred")):
        return ours
    told = event.properties["referred"]
    return PersonRef(told.get("external_id"), (told.get("email") or "").strip().lower(), told.get("name") or "")


def _imported(state: State, event: Event, account: Account | None, effects: list[Effect]) -> Observation:
    """An import makes people known, and tells nothing of those who are. Only a row about a person makes one known."""
    assert event.participant
    found = known(state, event.participant)
    if found is None and event.type == IMPORT_PARTICIPANT:
        new = person(state, event.participant, event.occurred_at, event.id)
        told = {key: event.properties[key] for key in _KEPT_OF_IMPORTS if event.properties.get(key)}
        traits = {**event.participant.traits, **told}
        found = new._replace(traits=traits, account_id=account.id if account else None)
        return Observation(found.id, (*effects, found))
    return Observation(found.id if found else None, ())


def _undo(event: Event) -> Observation:
    """Somebody whom an import made known is taken out again, or nothing is left of them but the id."""
    name = event.properties.get("participant")
    if name is None:
        return Observation(None, ())
    id = ids.internal("par", name)
    return Observation(
        id if event.properties.get("kept") else None, (DropParticipant(id, bool(event.properties.get("kept"))),)
    )


def person(state: State, ref: PersonRef, at: datetime, event_id: str) -> Participant:
    """The participant behind a reference, with name and e-mail brought up to date; a new one if unknown.

    A new one who has the name and moment of a known one is another: that one was erased, or changed names. Then
    the log's id of the event tells them apart.
    """
    found = known(state, ref)
    if found is None and ref.id:
        return Participant(ref.id, ref.external_id, ref.email, ref.name, None, {}, at)
    if found is None:
        key = new_key(ref)
        id = ids.derive(at, state.workspace_id, "participant", *key)
        if id in state.participants:
            id = ids.derive(at, state.workspace_id, "participant", *key, event_id)
        return Participant(id, ref.external_id, ref.email, ref.name, None, {}, at)
    if ref.external_id in (None, found.external_id) and ref.email in ("", found.email) and ref.name in ("", found.name):
        return found
    told = found._replace(
        # '' stands for an id that is gone (erasure)
        external_id=found.external_id if found.external_id is not None else ref.external_id or None,
        # An address alone may be that of somebody merged into this person: it finds, it does not tell.
        email=(ref.email if ref.external_id is not None else "") or found.email,
        name=ref.name or found.name,
    )
    return found if told == found else told


def known(state: State, ref: PersonRef) -> Participant | None:
    """The participant behind a reference, or who stands for them; None for nobody known."""
    if ref.id:
        return state.survivor(ref.id) if ref.id in state.participants else None
    if ref.external_id is not None:
        by_id = state.participant_by_external.get(ref.external_id)
        if by_id:
            return state.survivor(by_id)
    by_email = state.person_by_email(ref.email) if ref.email else None
    if by_email is None:
        return None
    found = state.survivor(by_email.id)
    return found if ref.external_id is None or found.external_id is None else None


def new_key(ref: PersonRef) -> tuple[str, ...]:
    """What the id of a person is made of who is met for the first time."""
    return ("external", ref.external_id) if ref.external_id is not None else ("email", ref.email)


def _erase(state: State, event: Event) -> Observation:
    """Nothing is left of the person but the id, the company and since when."""
    id = ids.internal("par", event.properties["participant"])
    known = state.participants[id]
    left = Participant(id, None, "", "", known.account_id, {}, known.first_seen_at, known.merged_into)
    return Observation(id, (left,) if left != known else ())


def _account(state: State, event: Event, effects: list[Effect]) -> Account:
    ref = event.account
    assert isinstance(ref, AccountRef)
    found = state.account_by_external.get(ref.external_id)
    if found is None:
        id = event.erased.get("account") or ids.derive(
            event.occurred_at, state.workspace_id, "account", ref.external_id
        )
        known = Account(id, ref.external_id, "", None, {})
    else:
        known = state.accounts[found]
    told: dict[str, Any] = dict(ref.traits)
    if event.type == "account.updated":
        told |= {key: value for key, value in event.properties.items() if key not in _NOT_TRAITS}
    name, since = told.pop("name", None), told.pop("since", None)
    account = known._replace(
        name=name if isinstance(name, str) else known.name,
        since=_since(since, known.since),
        traits={**known.traits, **told},
    )
    if found is None or account != known:
        effects.append(account)
    return account


def _since(told: object, known: datetime | None) -> datetime | None:
    """A time told beside other events is a courtesy: one that cannot be read changes nothing."""
    try:
        return parse_time(told) if told is not None else known
    except ValueError:
        return known


def _orders(event: Event, participant_id: str, effects: list[Effect]) -> None:
    if event.type == "order.completed":
        effects.append(_order(event.properties, participant_id, 1, 1))
    elif event.type == "order.refunded":
        effects.append(_order(event.properties, participant_id, 0, -1))


def _order(properties: Mapping[str, Any], participant_id: str, count: int, sign: int) -> Count:
    return Count(participant_id, ORDERS + properties["currency"], count, sign * properties["value"])
