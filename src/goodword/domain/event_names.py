"""Types of events that a document names: each must be one that can come, and can do there what it is named for.

A type that is not in the catalogue is an event of the sender's own. One that is spelt nearly like a standard one would
never come if it is a slip, and nobody would be told; so the document must say that it is meant (`own_events`).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from goodword.domain.document import Document
from goodword.domain.faults import Fault
from goodword.domain.fields import ANNIVERSARY, ON_STATES, REACHED
from goodword.domain.payloads import APPROVED, CATALOGUE, REJECTED, RESERVED_NOUNS, VISITOR

STANDARD = frozenset(name for name, kind in CATALOGUE.items() if not kind.internal)
"""Types of events that a sender may tell."""
UNHEARD = frozenset(
    {"participant.signed_up", "participant.split", "link.created", "account.updated", "terms.accepted"}
    | {
        VISITOR,
        APPROVED,
        REJECTED,
        "fx.rate_published",
        "contest.disqualified",
        "contest.reinstated",
        "catalogue.redeemed",
    }
)
"""Types of events that are never about a standing referral."""
HEARD = frozenset(name for name in STANDARD - UNHEARD if name.split(".")[0] not in ("referral", "reward"))
"""Types of events that can be about a standing referral, or about a member of a loyalty program."""
OF_MEMBERS = HEARD | {"participant.signed_up"}
"""Types of events by which a member of a loyalty program can earn."""
COUNTED = HEARD | {"participant.signed_up", "link.created"}
"""Types of events about people that goals and contests may count."""
_MOVES = {"qualified": "qualified", "opportunity": "opportunity_opened", "closed_won": "closed_won"}
_ALIKE = 0.88
"""From here on two spellings are taken for one (`difflib`: twice what they share, by the length of both)."""


def event_faults(path: str, name: str, allowed: frozenset[str], document: Document) -> Iterable[Fault]:
    """What is wrong with naming that type of event at a place where those standard ones can come to something."""
    if name in allowed or name in document.own_events:
        return
    if name in CATALOGUE or name.split(".")[0] in RESERVED_NOUNS:
        nearest = get_close_matches(name, allowed, n=1)
        known = ", ".join(sorted(allowed, key=_states_first))
        yield Fault(
            path,
            "not_allowed",
            f"{name!r} can do nothing here; {f'did you mean {nearest[0]}? ' if nearest else ''}"
            f"Allowed: {known}, or an event of your own such as workshop.attended",
            name,
        )
    elif near := near_miss(name):
        yield Fault(
            path,
            "unknown_event",
            f"{name!r} is no standard event; did you mean {near}? If it is one of your own, say so at the top of "
            f"the document: own_events: [{name}]",
            name,
        )


def _states_first(name: str) -> tuple[bool, str]:
    return name not in ON_STATES, name


@lru_cache(maxsize=4096)
def near_miss(name: str) -> str:
    """The standard type that a type of one's own is nearly spelt like, or '': also of one that is standard."""
    if name in CATALOGUE:
        return ""
    return next(iter(get_close_matches(name, STANDARD, n=1, cutoff=_ALIKE)), "")


def named_faults(document: Document) -> Iterable[Fault]:
    """What is wrong with the types of events that the lifecycle, reversals and the rules of members name."""
    for index, name in enumerate(document.own_events):
        if name in CATALOGUE or name.split(".")[0] in RESERVED_NOUNS:
            yield Fault(
                f"own_events.{index}",
                "not_allowed",
                f"{name} is none of your own: its first word is kept for standard events"
                if name not in CATALOGUE
                else f"{name} is a standard event; leave it out",
                name,
            )
    for state in ("qualified", "opportunity", "closed_won", "closed_lost"):
        step = getattr(document.lifecycle, state)
        if step:
            own = f"referral.{_MOVES.get(state, state)}"
            yield from event_faults(f"lifecycle.{state}.on", step.on, HEARD | {own}, document)
    for index, rule in enumerate(document.rewards):
        path = f"rewards.{index}"
        for place, name in enumerate(rule.reverse.on if rule.reverse else ()):
            yield from event_faults(f"{path}.reverse.on.{place}", name, HEARD, document)
        if document.kind == "loyalty":
            if rule.on not in ON_STATES and rule.on not in (REACHED, ANNIVERSARY, "catalogue.redeemed"):
                yield from event_faults(f"{path}.on", rule.on, OF_MEMBERS, document)
            if rule.since not in (None, "won", "begun"):
                yield from event_faults(f"{path}.since", str(rule.since), OF_MEMBERS, document)
