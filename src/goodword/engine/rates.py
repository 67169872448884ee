"""Brings into memory the exchange rates that a batch can read: one statement, and none where all is in the
currencies of the programs. See `goodword.domain.fx`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from goodword.domain import fx
from goodword.domain.events import Event
from goodword.domain.state import State
from goodword.store.sql import array, fetch

_A_DAY = timedelta(days=1)
"""How far a day of any time zone can be from the same moment's day in UTC."""


def load(state: State, events: Sequence[Event]) -> None:
    """The rates between the currencies of these events, and of those that wait to be told again, and the programs',
    from the newest before the first of them on (exchange_rate_day)."""
    facts = [*events, *(fact.event for kept in state.early.values() for fact in kept.values())]
    facts += state.tellings()
    ours = {program.document.currency for program in state.versions.values()}
    pairs: set[tuple[str, str]] = set()
    for event in facts:
        told = event.properties
        if event.type == fx.PUBLISHED:
            pairs.add((told["base"], told["quote"]))
            continue
        currency = told.get("currency")
        if isinstance(currency, str) and (others := ours - {currency}):
            pairs.update(pair for other in others for pair in ((currency, other), (other, currency)))
    if not pairs:
        return
    wanted = sorted(pairs)
    days = [event.occurred_at.date() for event in facts]
    days += [fx.day_of(event) for event in events if event.type == fx.PUBLISHED]
    for row in fetch(
        """
        SELECT known.*
        FROM unnest(%(bases)s::text[], %(quotes)s::text[]) AS pair (base, quote)
        CROSS JOIN LATERAL (
            SELECT rate.base, rate.quote, rate.day, rate.rate, rate.source, rate.published_at
            FROM exchange_rate AS rate
            WHERE rate.workspace_id = %(own)s
              AND rate.base = pair.base
              AND rate.quote = pair.quote
              AND rate.day >= coalesce(
                  (
                      SELECT max(before.day)
                      FROM exchange_rate AS before
                      WHERE before.workspace_id = %(own)s
                        AND before.base = pair.base
                        AND before.quote = pair.quote
                        AND before.day <= %(first)s::date
                  ),
                  '-infinity'
              )
        ) AS known
        """,
        {
            "own": state.workspace_id,
            "bases": array("text", (base for base, _ in wanted)),
            "quotes": array("text", (quote for _, quote in wanted)),
            "first": min(days) - _A_DAY,
        },
    ):
        state.load(fx.Rate(*row))
