"""What happens in one round of the torture: people share links, friends sign up and order, companies are
submitted and won; refunds, approvals and issues in between. The same seed gives the same events.

The moments lie in the last 400 days, so holds and expiries ring by the clock while facts still arrive.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

SELF_SERVE = ("credit-after-threshold", "bronze-silver-gold")
SPAN = timedelta(days=400)
STRAY = 0.05
"""The share of events that another writer sends, so that they arrive before what they follow."""


def stories(seed: int, events: int, writers: int) -> list[list[dict[str, Any]]]:
    """About `events` events, as lists for so many writers. A referrer's story is one writer's, in order."""
    choose = random.Random(seed)
    shares: list[list[dict[str, Any]]] = [[] for _ in range(writers)]
    made = 0
    for referrer in range(events):
        if made >= events:
            break
        story = list(_referrer(choose, seed, f"r{referrer}"))
        made += len(story)
        for event in story:
            writer = choose.randrange(writers) if choose.random() < STRAY else referrer % writers
            shares[writer].append(event)
    return shares


def _referrer(choose: random.Random, seed: int, who: str) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC)
    moment = now - SPAN * choose.random()
    count = 0

    def event(kind: str, person: str | None = None, **properties: Any) -> dict[str, Any]:
        nonlocal moment, count
        moment = min(moment + timedelta(days=choose.expovariate(0.5)), now)
        count += 1
        made: dict[str, Any] = {
            "type": kind,
            "event_id": f"{seed}-{who}-{count}",
            "occurred_at": moment.isoformat(),
            "properties": properties,
        }
        return made | ({"participant": person} if person else {})

    yield {
        **event("account.updated", status="paying", since="2010-01-01T00:00:00Z", active_days_30=5),
        "account": f"{who}-company",
    }
    yield {**event("participant.identified", who), "account": f"{who}-company"}
    for number, program in enumerate(SELF_SERVE):
        yield event("link.created", who, program=program, code=f"{who}-code-{number}")
    for number in range(choose.randint(2, 7)):
        friend = f"{who}-friend-{number}"
        yield event("participant.signed_up", friend, code=f"{who}-code-{choose.randrange(2)}")
        for _ in range(choose.randint(0, 3)):
            yield event("order.completed", friend, value=choose.randint(1, 6_000), currency="USD")
        if choose.random() < 0.2:
            yield event("order.refunded", friend, value=choose.randint(1, 3_000), currency="USD")
    for number in range(choose.randint(0, 2)):
        deal = f"{seed}-{who}-deal-{number}"
        company = {"email": f"{deal}@x.example", "employees": choose.choice([5, 50]), "country": "US"}
        yield event("referral.submitted", who, program="b2b-sales", referral=deal, referred=company)
        yield event("referral.qualified", referral=deal)
        yield event("reward.issued", referral=deal, rule="qualified")
        if choose.random() < 0.7:
            yield event("crm.deal_won", referral=deal, value=1_000_000, currency="USD")
            yield event(choose.choice(["reward.approved", "reward.rejected"]), referral=deal, rule="closed")
            if choose.random() < 0.5:
                refund = event("order.refunded", referral=deal, value=333_333, currency="USD")
                yield {**refund, "participant": {"email": company["email"]}}
        else:
            yield event("crm.deal_lost", referral=deal)
