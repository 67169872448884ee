"""The orders that events about a participant name: our ids of them, and what a loyalty programme counts of each."""

from __future__ import annotations

from datetime import UTC, datetime

from goodword.domain import ids
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


def note(draft: Draft, what: str) -> None:
    """Counts what an order was worth (`ordered`), or what was paid back of it (`refunded`), for the programme."""
    assert draft.order_id
    properties = draft.event.properties
    value, currency = properties.get("value"), properties.get("currency", draft.program.document.currency)
    if type(value) is int:
        draft.count(draft.order_id, f"{what}:{draft.program.key}:{currency}", 1, value)


def noted(draft: Draft, what: str) -> int:
    """The order's count, in the currency of the event at hand."""
    assert draft.order_id
    currency = draft.event.properties.get("currency", draft.program.document.currency)
    return draft.counter(draft.order_id, f"{what}:{draft.program.key}:{currency}")[1]
