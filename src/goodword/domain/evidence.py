"""Evidence that comes before the person does: what is told of a visitor whom nobody knows yet, and of somebody who is
identified and has not signed up. It is kept, by program, until a sign-up or a first order asks who brought the person
(`attribution.pick`). A merge needs nothing of it: what was kept for somebody is found with whoever stands for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goodword.domain import attribution, beside, ids
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.payloads import VISITOR
from goodword.domain.rows import EarlyFact
from goodword.domain.state import State

MAX_KEPT = 50
"""Facts with touches kept for one visitor or person in a program."""
_TOLD = frozenset({"code", "touches", "anonymous_id"})
AT_CHECKOUT = _TOLD | {"coupon"}
"""What of an order can tell who brought its person."""
TELLS = frozenset({VISITOR, "participant.identified", "order.completed"})
"""Types of event beside the sign-up that can tell who brought a person."""


def told(state: State, event: Event, participant_id: str | None) -> bool:
    """Whether an event of `TELLS` tells anything of who brought the person, or anything is kept of them."""
    names = event.properties.keys()
    if event.type == "order.completed":
        return not AT_CHECKOUT.isdisjoint(names) or attribution.kept(state, participant_id)
    return not _TOLD.isdisjoint(names)


def keep(draft: Draft) -> str:
    """Keeps what the event tells, and what was told of the visitor that it names: the reason code, or '' where it
    says nothing of this program's."""
    event, who = draft.event, draft.participant_id
    visitor = event.properties.get("anonymous_id")
    found = [event] if _counts(draft, attribution.touches(event)) else []
    subject = who or attribution.visitor(str(visitor))
    if who and visitor:
        found += [
            fact.event for fact in attribution.kept_under(draft.state, attribution.visitor(visitor), draft.program.id)
        ]
    if not found:
        return "unknown_code" if _unknown(draft, attribution.touches(event)) else ""
    known = {fact.id for fact in attribution.kept_under(draft.state, subject, draft.program.id)}
    new = {_id(draft, one, subject): one for one in found}
    new = {id: one for id, one in new.items() if id not in known}
    if not new:
        return ""
    if len(known) + len(new) > MAX_KEPT:
        return "too_many_touches"
    draft.effects += [EarlyFact(id, draft.program.id, subject, one, None) for id, one in new.items()]
    lines = [_line(draft, touch) for one in new.values() for touch in attribution.touches(one)]
    draft.trace["attribution"] = {"won": "", "kept": lines}
    return "touch_kept"


def _line(draft: Draft, touch: attribution.Touch) -> Mapping[str, Any]:
    return attribution.told(draft, touch, "touch_kept" if _counts(draft, [touch]) else "unknown_code")


def _counts(draft: Draft, touches: list[attribution.Touch]) -> bool:
    """Whether one of these leads to a link of this program."""
    links = (draft.state.links.get(touch.code) for touch in touches)
    return any(link and beside.shares(draft.state, draft.program, link.program_id) for link in links)


def _unknown(draft: Draft, touches: list[attribution.Touch]) -> bool:
    return bool(touches) and not any(touch.code in draft.state.links for touch in touches)


def _id(draft: Draft, event: Event, subject: str) -> str:
    """One fact may be kept for a visitor and for the people who turn out to be that visitor. A name is no part of the
    id: erasure may take it."""
    about = [subject] if subject == draft.participant_id else []
    return ids.derive(event.occurred_at, draft.state.workspace_id, "touch", event.id, draft.program.id, *about)
