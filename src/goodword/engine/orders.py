"""What is left of people's orders after their refunds, as the log tells: for a refund that only says which order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from goodword.domain.events import Event, Problem
from goodword.domain.segment_money import Left
from goodword.store.sql import array, fetch

WAITING = 1_000
"""Events that wait for the engine and are looked through, the newest first."""


def left(workspace_id: str, asked: Collection[tuple[str, str]]) -> dict[tuple[str, str], Left]:
    """What is left of the orders, by external id and order's id; those that are unknown are not in it, nor are those in
    several currencies. Needs the workspace's transaction."""
    if not asked:
        return {}
    rows = fetch(
        """
        WITH asked AS (
            SELECT DISTINCT who, order_id FROM unnest(%(who)s::text[], %(orders)s::text[]) AS asked (who, order_id)
        ),
        known AS (
            SELECT who.external_id AS who, family.id
            FROM participant AS who                                                          -- participant_external_id
            CROSS JOIN LATERAL (
                SELECT coalesce(who.merged_into_id, who.id) AS id
                UNION
                SELECT id FROM participant                                                   -- participant_merged_into
                WHERE workspace_id = %(own)s AND merged_into_id = coalesce(who.merged_into_id, who.id)
            ) AS family
            WHERE who.workspace_id = %(own)s AND who.external_id = ANY(%(who)s::text[])
        ),
        told AS (
            SELECT known.who, event.id, event.type, event.payload->'properties' AS properties
            FROM known
            JOIN applied                                                                          -- applied_participant
              ON applied.workspace_id = %(own)s AND applied.participant_id = known.id
            JOIN event ON event.workspace_id = %(own)s AND event.id = applied.event_id                        -- the key
            WHERE event.type IN ('order.completed', 'order.refunded')
            UNION
            SELECT event.payload->'participant'->>'external_id', event.id, event.type, event.payload->'properties'
            FROM (
                SELECT event_id FROM inbox WHERE workspace_id = %(own)s ORDER BY seq DESC LIMIT %(waiting)s
            ) AS waiting
            JOIN event ON event.workspace_id = %(own)s AND event.id = waiting.event_id                        -- the key
            WHERE event.type IN ('order.completed', 'order.refunded')
        )
        SELECT asked.who, asked.order_id, told.type, told.properties->>'value', told.properties->>'currency'
        FROM asked
        JOIN told ON told.who = asked.who AND told.properties->>'order_id' = asked.order_id
        """,
        {
            "own": workspace_id,
            "who": array("text", [who for who, _ in asked]),
            "orders": array("text", [order for _, order in asked]),
            "waiting": WAITING,
        },
    )
    sums: dict[tuple[str, str], int] = {}
    currencies: dict[tuple[str, str], set[str]] = {}
    completed: set[tuple[str, str]] = set()
    for who, order_id, kind, value, currency in rows:
        key = (who, order_id)
        sums[key] = sums.get(key, 0) + (int(value) if kind == "order.completed" else -int(value))
        currencies.setdefault(key, set()).add(currency)
        if kind == "order.completed":
            completed.add(key)
    return {key: Left(max(0, sums[key]), *currencies[key]) for key in completed if len(currencies[key]) == 1}


def is_whole_refund(event: Event) -> bool:
    """Whether it is a refund that only says which order: `order.refunded` without an amount."""
    return event.type == "order.refunded" and event.properties.get("value") is None


def told_in_full(
    workspace_id: str, events: Sequence[tuple[int, Event]]
) -> tuple[dict[int, Event], dict[int, list[Problem]]]:
    """Of events by their number, the refunds of whole orders with what is left of each, as the log and the events
    before them tell; and what is wrong with those whose order nobody knows. Needs the workspace's transaction."""
    asked = {_order(event) for _, event in events if is_whole_refund(event)}
    if not asked:
        return {}, {}
    known = left(workspace_id, asked)
    full: dict[int, Event] = {}
    problems: dict[int, list[Problem]] = {}
    for number, event in events:
        key, told = _order(event), event.properties
        if is_whole_refund(event):
            if key not in known:
                problems[number] = [_unknown(event)]
                continue
            amount = known[key]
            full[number] = event._replace(properties={**told, "value": amount.value, "currency": amount.currency})
            known[key] = amount._replace(value=0)
        elif event.type == "order.completed" and key in asked:
            known.setdefault(key, Left(told["value"], told["currency"]))
        elif event.type == "order.refunded" and key in known and known[key].currency == told["currency"]:
            known[key] = known[key]._replace(value=max(0, known[key].value - told["value"]))
    return full, problems


def _order(event: Event) -> tuple[str, str]:
    """The external id of whose order an event is about, and the order's id; '' for none."""
    person = event.participant.external_id if event.participant else None
    return person or "", str(event.properties.get("order_id") or "")


def _unknown(event: Event) -> Problem:
    said = (
        f"no order {event.properties['order_id'][:60]!r} of this external id is known yet, in one currency, so nobody "
        "can tell what all of it is; send the order first, or give value with currency"
    )
    return Problem("/properties/order_id", "unknown_order", said)
