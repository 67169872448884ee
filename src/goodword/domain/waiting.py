"""A reward for an event that stands in line: its event is kept until its turn, and what takes it back meanwhile.

The event is kept as an early fact of the referral that is told at no moment of its own (`BEHIND`); the timer of the
place in line names it. At the turn the rule reads that event again: its value, its order, whatever its condition asks.
What a refund takes of the payment meanwhile is counted under the rule and the event (`taken:…`: how often all of it,
and how much of the payment's value).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from goodword.domain import ids, money, values
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.fields import OF_REFERRALS
from goodword.domain.rows import BEHIND, DropEarly, EarlyFact, Timer
from goodword.domain.rules import Reverse, Rule

MAX_WAITING = 100
"""Events of one referral that wait in lines."""


def _id(draft: Draft, rule: Rule, event: Event) -> str:
    assert draft.referral
    parts = (draft.state.workspace_id, "waiting", event.id, draft.program.id, draft.referral.id, rule.id)
    return ids.derive(event.occurred_at, *parts)


def _kept(draft: Draft) -> list[EarlyFact]:
    """The referral's events that wait, the oldest first."""
    assert draft.referral
    found = draft.state.early.get(draft.referral.id, {}).values()
    kept = [fact for fact in found if fact.recall_at == BEHIND]
    return sorted(kept, key=lambda fact: (fact.event.occurred_at, fact.id))


def is_for_event(draft: Draft, rule: Rule) -> bool:
    """Whether the rule pays for an event about a referral, which may come many times."""
    return draft.referral is not None and rule.on not in OF_REFERRALS


def keep(draft: Draft, rule: Rule) -> str | None:
    """Keeps the draft's event until the rule's turn. Gives the fact's id; None where too many wait."""
    assert draft.referral
    if draft.turn:
        return str(draft.turn.detail["fact"])  # it goes from one line to another
    if len(_kept(draft)) >= MAX_WAITING:
        return None
    event = draft.fact.event if draft.fact else draft.event
    fact = EarlyFact(_id(draft, rule, event), draft.program.id, draft.referral.id, event, BEHIND)
    draft.effects.append(fact)
    return fact.id


def knows(draft: Draft, order_id: object) -> bool:
    """Whether an event that waits names the order."""
    return any(fact.event.properties.get("order_id") == order_id for fact in _kept(draft))


def event_at(draft: Draft, turn: Timer) -> Event:
    """The event whose turn has come, as if it happened only now."""
    now = draft.event
    return _fact(draft, turn).event._replace(id=now.id, occurred_at=now.occurred_at, received_at=now.received_at)


def _fact(draft: Draft, turn: Timer) -> EarlyFact:
    return draft.state.early[turn.referral_id or ""][turn.detail["fact"]]


def let_go(draft: Draft, turn: Timer) -> None:
    """The turn is over, and the event is kept no longer."""
    if "fact" in turn.detail:
        fact = _fact(draft, turn)
        draft.effects.append(DropEarly(fact.id, fact.subject))


# What is taken back while it waits


def note(draft: Draft, rules: Iterable[Rule], paid: list[tuple[Rule, str]]) -> bool:
    """Notes what the draft's event takes of rewards of these rules that wait, and puts them with `paid`. Gives whether
    it takes anything."""
    kept, noted = _kept(draft), False
    for rule in rules if kept else ():
        reverse = rule.reverse
        if not is_for_event(draft, rule) or not reverse or reverse.how == "none" or draft.event.type not in reverse.on:
            continue
        ours = [fact.event for fact in kept if fact.id == _id(draft, rule, fact.event)]
        for event in _meant(draft, ours):
            if heard(draft, rule, event.id) or (reverse.when and draft.check(rule.id, reverse.when)):
                continue
            taken = _taken_of(draft, reverse, event)
            if taken is None:
                continue
            whole, part = taken
            draft.count(_subject(draft), _name(rule, event.id), whole, part)
            paid.append((rule, event.id))
            noted = True
    return noted


def _meant(draft: Draft, ours: list[Event]) -> list[Event]:
    """The events that the draft's is about: of the order that it names; else the latest before a refund, or all."""
    order_id = draft.event.properties.get("order_id")
    if order_id:
        return [event for event in ours if event.properties.get("order_id") == order_id]
    return ours[-1:] if draft.event.type == "order.refunded" else ours


def _taken_of(draft: Draft, reverse: Reverse, event: Event) -> tuple[int, int] | None:
    """Whether all of the payment's reward is taken (1), or how much of its value; None where that takes a rate and
    there is none."""
    told, paid = draft.event.properties, event.properties
    back, value = told.get("value"), paid.get("value")
    if reverse.how != "proportional" or type(back) is not int or type(value) is not int or not value:
        return 1, 0
    if told.get("currency") == paid.get("currency"):
        return 0, back
    worth, given_back = values.of_event(replace(draft, event=event)).amount, values.of_event(draft).amount
    return (0, money.share(value, min(given_back, worth), worth)) if worth and given_back is not None else None


def taken(
    draft: Draft, rule: Rule, occurrence: str, amount: int | None, basis: Mapping[str, Any]
) -> tuple[int | None, Mapping[str, Any]]:
    """How much of the amount was taken back while it waited, None where nothing is left; and what the reward keeps of
    its payment."""
    whole, back = draft.counter(_subject(draft), _name(rule, occurrence))
    if whole:
        return None, basis
    if not back:
        return 0, basis
    value = basis["value"]
    refunded = min(back, value)
    part = money.share(amount or 0, refunded, value)
    gone = refunded == value or (amount is not None and part == amount)
    return None if gone else part, {**basis, "refunded": refunded}


# A payment in one currency, refunded in another


def basis_of(draft: Draft, event: Event) -> dict[str, Any]:
    """What a reward keeps of the payment it is for: its `order_id`, `value` and `currency`, as far as it has them; and
    its `worth` in the program's currency, where that is another one and a rate is known."""
    told = event.properties
    kinds = {"order_id": str, "value": int, "currency": str}
    found: dict[str, Any] = {name: told[name] for name, kind in kinds.items() if type(told.get(name)) is kind}
    if "value" in found and found.get("currency", draft.program.document.currency) != draft.program.document.currency:
        worth = values.of_event(draft).amount
        found |= {"worth": worth} if worth is not None else {}
    return found


def worth_of(draft: Draft, basis: Mapping[str, Any]) -> int | None:
    """What a payment is worth in the program's currency, where that is known."""
    ours = draft.program.document.currency
    found: int | None = basis["value"] if basis.get("currency", ours) == ours else basis.get("worth")
    return found


def in_its_currency(draft: Draft, basis: Mapping[str, Any]) -> int:
    """What was refunded of a payment in other currencies than its own, in its own."""
    other, worth = basis.get("refunded_worth", 0), worth_of(draft, basis)
    return money.share(basis["value"], other, worth) if other and worth else 0


# What is told again takes nothing twice


def hear(draft: Draft, paid: Iterable[tuple[Rule, str]]) -> None:
    """Notes that the draft's event, which is kept to be told again, has taken its part of these rewards for events."""
    for rule, occurrence in paid:
        draft.count(_subject(draft), _heard(draft, rule, occurrence), 1, 0)


def heard(draft: Draft, rule: Rule, occurrence: str) -> bool:
    """Whether it took its part of that reward when it was told before."""
    return draft.fact is not None and draft.counter(_subject(draft), _heard(draft, rule, occurrence))[0] > 0


def _heard(draft: Draft, rule: Rule, occurrence: str) -> str:
    event = draft.fact.event if draft.fact else draft.event
    return f"heard:{event.id}:{rule.id}:{occurrence}"


def _subject(draft: Draft) -> str:
    assert draft.referral
    return draft.referral.id


def _name(rule: Rule, occurrence: str) -> str:
    return f"taken:{rule.id}:{occurrence}"
