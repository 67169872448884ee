"""A loyalty programme's reward that stands in line: the event that earned it is kept until its turn.

The timer of the place in line says whose it is, by which order and which event, and of an anniversary which one. The
event is kept as an early fact that is told at no moment of its own (`BEHIND`), under its order, so that a refund of the
order finds it; without an order under its own id. What a refund takes meanwhile is counted under the order (`taken:…`:
how often all of it, and how much of the order's worth).
"""

from __future__ import annotations

from typing import Any

from goodword.domain import facts, ids, money, orders
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.fields import ANNIVERSARY, CONTEST_DECIDED, GOAL_REACHED, REACHED
from goodword.domain.orders import REFUNDED
from goodword.domain.rows import BEHIND, DropEarly, EarlyFact, Timer
from goodword.domain.rules import Rule

MAX_WAITING = 100
"""Rewards of one participant that wait in the lines of one programme, prizes apart."""
_PRIZES = frozenset({GOAL_REACHED, CONTEST_DECIDED})
_RINGS = frozenset({ANNIVERSARY, "waitlist.reached"})
"""Timers whose ring may earn something: there is nothing else to read about it."""


def is_earned(draft: Draft, rule: Rule) -> bool:
    """Whether the rule pays for what a participant did or bought in a loyalty programme."""
    return draft.program.is_loyalty and rule.on not in _PRIZES


def keep(draft: Draft, rule: Rule) -> str | None:
    """Keeps the draft's event until the rule's turn. Gives the fact's id, '' where there is nothing to keep; None
    where too many wait."""
    assert draft.participant_id
    name = _waiting(draft)
    if not draft.turn and draft.counter(draft.participant_id, name)[0] >= MAX_WAITING:
        return None
    draft.count(draft.participant_id, name, 1, 0)
    if draft.turn:
        return str(draft.turn.detail.get("fact", ""))  # it goes from one line to another
    event = draft.fact.event if draft.fact else draft.event
    if event.type in _RINGS:
        return ""
    id = _id(draft, draft.program.version_id, rule, event)
    draft.effects.append(EarlyFact(id, draft.program.id, draft.order_id or id, event, BEHIND))
    return id


def _waiting(draft: Draft) -> str:
    """The counter of a participant's rewards that wait in the programme."""
    return f"waiting:{draft.program.key}"


def _id(draft: Draft, version_id: str, rule: Rule, event: Event) -> str:
    """The kept event is that of one rule, as the version has it under which it began to wait."""
    return ids.derive(event.occurred_at, draft.state.workspace_id, "waiting", event.id, version_id, rule.id)


def bring_back(draft: Draft, rule: Rule, turn: Timer) -> None:
    """Brings back what the reward is for: its order, its event as if it happened only now, which tier or
    anniversary it is."""
    detail, now = turn.detail, draft.event
    draft.order_id = detail.get("order")
    if "fact" in detail:
        fact = draft.state.early[detail.get("order") or detail["fact"]][detail["fact"]]
        draft.fact = fact
        draft.event = fact.event._replace(id=now.id, occurred_at=now.occurred_at, received_at=now.received_at)
    if "number" in detail:
        draft.event = now._replace(properties={**now.properties, "number": detail["number"]})
    if rule.on == REACHED:
        draft.reached = detail["occurrence"].partition(":")[0]


def let_go(draft: Draft, turn: Timer) -> None:
    """The turn is over; unless the reward waits in another line, its event is kept no longer."""
    detail = turn.detail
    draft.count(detail["of"], _waiting(draft), -1, 0)
    if "fact" in detail and not draft.waits:
        draft.effects.append(DropEarly(detail["fact"], detail.get("order") or detail["fact"]))


# What is taken back while it waits


def note(draft: Draft, kind: str) -> bool:
    """Notes what an event of that type about the draft's order takes of the rewards of it that wait. Gives whether it
    takes anything."""
    assert draft.order_id
    noted = False
    for fact, rule in _of_the_order(draft):
        reverse = rule.reverse
        if kind not in reverse.on or reverse.how == "none" if reverse else kind != REFUNDED:
            continue
        if reverse and reverse.when and draft.check(rule.id, reverse.when):
            if kind == REFUNDED:
                orders.let_pass(draft, rule.id, fact.event.id)
            continue
        ordered, refunded = orders.noted(draft, "ordered"), orders.counted(draft, rule.id, fact.event.id)
        whole = (reverse is not None and reverse.how == "full") or 0 < ordered <= refunded
        name = _taken(draft, rule, fact.event.id)
        more = refunded - draft.counter(draft.order_id, name)[1]
        if whole or (ordered and more > 0):
            draft.count(draft.order_id, name, int(whole), more)
            noted = True
    return noted


def _of_the_order(draft: Draft) -> list[tuple[EarlyFact, Rule]]:
    """The kept events of the draft's participant and order, the oldest first, each with its rule."""
    assert draft.order_id
    rows = {**draft.state.early.get(draft.order_id, {})}
    rows |= {row.id: row for row in draft.effects if isinstance(row, EarlyFact) and row.subject == draft.order_id}
    found = []
    for row in sorted(rows.values(), key=lambda row: (row.event.occurred_at, row.id)):
        who = facts.known(draft.state, row.event.participant) if row.event.participant else None
        if row.program_id == draft.program.id and who and who.id == draft.participant_id:
            found += [(row, rule) for rule in _rules(draft, row)]
    return found


def _rules(draft: Draft, row: EarlyFact) -> list[Rule]:
    """The rule for whose turn the event is kept."""
    versions = [version for version in draft.state.versions.values() if version.id == draft.program.id]
    return [
        rule
        for version in versions
        for rule in version.document.rewards
        if row.id == _id(draft, version.version_id, rule, row.event)
    ]


def taken(draft: Draft, rule: Rule, occurrence: str, amount: int | None) -> int | None:
    """How much of the amount was taken back while it waited, None where nothing is left."""
    if draft.order_id is None:
        return 0
    whole, refunded = draft.counter(draft.order_id, _taken(draft, rule, occurrence))
    if whole:
        return None
    part = money.share(amount or 0, refunded, orders.noted(draft, "ordered")) if refunded else 0
    return None if amount and part == amount else part


def _taken(draft: Draft, rule: Rule, occurrence: str) -> str:
    return f"taken:{draft.program.key}:{rule.id}:{occurrence}"


def of_turn(draft: Draft) -> dict[str, Any]:
    """What the timer of a place in line says of a reward for no referral: whose it is, and what it is for."""
    told: dict[str, Any] = {"of": draft.participant_id}
    if draft.order_id:
        told["order"] = draft.order_id
    if draft.event.type in _RINGS and "number" in draft.event.properties:
        told["number"] = draft.event.properties["number"]
    return told
