"""What is left of people's orders after their refunds, as the log tells: for a refund that only says which order."""

from __future__ import annotations

from collections.abc import Collection

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
