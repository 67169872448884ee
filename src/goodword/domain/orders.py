"""The orders that events about a participant name: our ids of them, and what a loyalty programme counts of each."""

from __future__ import annotations

from datetime import UTC, datetime

from goodword.domain import ids, money, values
from goodword.domain.draft import Draft
from goodword.domain.events import Event

REFUNDED = "order.refunded"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def order_id(workspace_id: str, event: Event) -> str | None:
    """Our id of the order that an event names: made of its name alone, as nothing else is known of it."""
    known: str | None = event.erased.get("order")
    return known or order_named(workspace_id, event.properties.get("order_id"))


def order_named(workspace_id: str, name: object) -> str | None:
    """Our id of the order of that name; None where it is none."""
    return ids.derive(_EPOCH, workspace_id, "order", name) if isinstance(name, str) and name else None


def note_order(draft: Draft) -> None:
    """Counts what the order at hand was paid, and in another currency than the programme's what that is worth."""
    note(draft, "ordered", draft.event.properties.get("value"))
    if _currency(draft) != draft.program.document.currency:
        note(draft, "worth", values.of_event(draft).amount)


def given_back(draft: Draft) -> int | None:
    """What the refund at hand gives back of its order, in the order's currency. One in another currency is exchanged at
    its own day's rate, the order at that of its day; None where either has none, for nobody can tell then."""
    value: int = draft.event.properties["value"]
    ours, currency = draft.program.document.currency, _currency(draft)
    if currency == draft.event.properties["currency"]:
        return value
    ordered = noted(draft, "ordered")
    worth = ordered if currency == ours else noted(draft, "worth")
    given_back = values.of_event(draft).amount
    return money.share(ordered, given_back, worth) if worth and given_back is not None else None


def let_pass(draft: Draft, rule: str, occurrence: str) -> None:
    """Notes that the refund at hand, or those before the order at hand, take nothing of a reward, by its rule's word,
    and are none for it later either."""
    of_refund = draft.event.type == REFUNDED
    note(draft, _spared(rule, occurrence), given_back(draft) if of_refund else noted(draft, "refunded"))


def counted(draft: Draft, rule: str, occurrence: str) -> int:
    """What was paid back of the order as far as it counts for a reward."""
    return noted(draft, "refunded") - noted(draft, _spared(rule, occurrence))


def _spared(rule: str, occurrence: str) -> str:
    return f"spared:{rule}:{occurrence}"


def note(draft: Draft, what: str, value: object) -> None:
    """Counts what an order was worth (`ordered`), or what was paid back of it (`refunded`), for the programme."""
    assert draft.order_id
    if type(value) is int:
        draft.count(draft.order_id, f"{what}:{draft.program.key}:{_currency(draft)}", 1, value)


def noted(draft: Draft, what: str) -> int:
    """The order's count, in its currency."""
    assert draft.order_id
    return draft.counter(draft.order_id, f"{what}:{draft.program.key}:{_currency(draft)}")[1]


def _currency(draft: Draft) -> str:
    """The currency of the draft's order, where it is known; else that of the event at hand."""
    assert draft.order_id
    prefix = f"ordered:{draft.program.key}:"
    for name in draft.state.counters.get(draft.order_id, ()):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return str(draft.event.properties.get("currency", draft.program.document.currency))
