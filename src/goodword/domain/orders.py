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
    """Counts what the order at hand was paid, and in another currency than the programme's what that is worth; and what
    was paid back of it in other currencies before it was known."""
    note(draft, "ordered", draft.event.properties.get("value"))
    if _currency(draft) != draft.program.document.currency:
        note(draft, "worth", values.of_event(draft).amount)
    if draft.counter(draft.order_id or "", f"ordered:{draft.program.key}:{_currency(draft)}")[0] == 1:
        for currency in _paid_back_early(draft):
            note(draft, "refunded", _early_share(draft, currency))


def note_refund(draft: Draft) -> bool:
    """Counts what the refund at hand gives back of its order; of one that is not known yet, in the refund's currency,
    and what that is worth. Gives whether it is known."""
    back = given_back(draft)
    note(draft, "refunded", back)
    if _currency(draft) != draft.program.document.currency and not noted(draft, "ordered"):
        note(draft, "refunded_worth", values.of_event(draft).amount)
    return back is not None


def _paid_back_early(draft: Draft) -> list[str]:
    """The currencies, other than the order's, of refunds that came before it."""
    prefix = f"refunded:{draft.program.key}:"
    names = draft.state.counters.get(draft.order_id or "", ())
    found = sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))
    return [currency for currency in found if currency != _currency(draft)]


def _early_share(draft: Draft, currency: str) -> int | None:
    """What refunds in that currency gave back of the order, in its own; None where a rate is missing."""
    order, key, ours = draft.order_id or "", draft.program.key, draft.program.document.currency
    told = draft.counter(order, f"refunded:{key}:{currency}")
    worth = told if currency == ours else draft.counter(order, f"refunded_worth:{key}:{currency}")
    ordered = noted(draft, "ordered")
    whole = ordered if _currency(draft) == ours else noted(draft, "worth")
    if worth[0] == told[0] and whole:
        return money.share(ordered, worth[1], whole)
    draft.trace["unpriced"] = {"value": told[1], "currency": currency, "reason": "no_exchange_rate"}
    return None


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


def note_worth(draft: Draft, worth: int | None) -> None:
    """Counts for tiers what the order at hand is worth in the programme's currency, or what the refund at hand gives
    back; `worth` is None where nobody can tell."""
    told, back = draft.event.properties, draft.event.type == REFUNDED
    if worth is not None or back:
        name = _for_tiers(draft, "back" if back else "worth", told["currency"])
        ours = told["currency"] == draft.program.document.currency
        draft.count(draft.order_id or "", name, 1 if ours else worth or 0, told["value"])


def left(draft: Draft) -> int:
    """What the order is worth for tiers less what was paid back of it, in the programme's currency; never below 0.

    What is paid back in a currency in which the order was paid is a share of that, at the order's rate, so that a full
    refund gives back exactly the whole. What is paid back in another one is worth what it was on its own day.
    """
    ours = draft.program.document.currency
    total = 0
    for currency in {ours, draft.event.properties["currency"], *_paid_in(draft)}:
        worth, paid = draft.counter(draft.order_id or "", _for_tiers(draft, "worth", currency))
        back_worth, back = draft.counter(draft.order_id or "", _for_tiers(draft, "back", currency))
        if currency == ours:
            worth, back_worth = paid, back
        total += worth - money.share(worth, min(back, paid), paid) if paid else -back_worth
    return max(total, 0)


def _paid_in(draft: Draft) -> list[str]:
    """The other currencies in which the order was paid or paid back, as far as tiers count it."""
    prefixes = tuple(_for_tiers(draft, what, "") for what in ("worth", "back"))
    names = draft.state.counters.get(draft.order_id or "", ())
    return [name.rpartition(":")[2] for name in names if name.startswith(prefixes)]


def _for_tiers(draft: Draft, what: str, currency: str) -> str:
    """The name of an order's counter for tiers: `amount` is in that currency; of another one than the programme's,
    `count` is what it is worth in the programme's."""
    ours = currency == draft.program.document.currency
    return f"{what if ours else f'tier_{what}'}:{draft.program.key}:{currency}"


def _currency(draft: Draft) -> str:
    """The currency of the draft's order, where it is known; else that of the event at hand."""
    assert draft.order_id
    prefix = f"ordered:{draft.program.key}:"
    for name in draft.state.counters.get(draft.order_id, ()):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return str(draft.event.properties.get("currency", draft.program.document.currency))
