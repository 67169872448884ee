"""Who brought a person: the touches that an event tells of, and the one that a program's policy picks.

A touch is one piece of evidence: the code a person typed, a link they clicked, an invitation, a coupon. They travel
with the event that says that the person is here, so another policy, tried on the same log, picks among the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from goodword.domain import beside, linking
from goodword.domain.document import Attribution
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.moments import parse_time
from goodword.domain.payloads import VISITOR
from goodword.domain.rows import EarlyFact, Link
from goodword.domain.state import State


class Touch(NamedTuple):
    """One piece of evidence. `code` is in lower case; `click` is the public id of the click it was, or ''; `proof` is
    what the sender says of it."""

    kind: str
    code: str
    at: datetime
    click: str = ""
    proof: str = ""
    claim: str = ""
    """Of an approved claim, its id; it has no code."""


class Picked(NamedTuple):
    """The touch that won and whose it is; or none, and the reason why nobody gets the credit."""

    touch: Touch | None
    reason: str = ""
    referrer_id: str = ""
    simulated: bool = False


def touches(event: Event) -> list[Touch]:
    """What the event tells of, in its order; the code that was typed first. A touch told twice is one."""
    properties = event.properties
    found: dict[Touch, None] = {}
    if isinstance(code := properties.get("code"), str):
        found[Touch("code", code.lower(), event.occurred_at)] = None
    if event.type == "order.completed" and isinstance(coupon := properties.get("coupon"), str):
        found[Touch("coupon", coupon.lower(), event.occurred_at)] = None
    for line in properties.get("touches") or ():
        at = parse_time(line["at"]) if line.get("at") else event.occurred_at
        touch = Touch(line["kind"], line["code"].lower(), at, line.get("click") or "", line.get("proof") or "")
        found[touch] = None
    return list(found)


def visitor(anonymous_id: str) -> str:
    """What is told of a visitor whom nobody knows yet is kept under this."""
    return f"{VISITORS}{anonymous_id}"


def kept_under(state: State, subject: str, program_id: str) -> list[EarlyFact]:
    """What tells of touches and is kept under a subject for a program."""
    kept = state.early.get(subject, {}).values()
    return [fact for fact in kept if fact.program_id == program_id and fact.event.type in KEPT]


def facts(state: State, participant_id: str | None) -> Iterator[EarlyFact]:
    """What is kept of a person, and of those merged into them, that tells of touches, for any program."""
    for subject in (participant_id, *state.followers.get(participant_id, ())) if participant_id else ():
        for fact in state.early.get(subject, {}).values():
            if fact.event.type in KEPT:
                yield fact


def kept(state: State, participant_id: str | None) -> bool:
    """Whether anything that may count is kept of a person: a claim, or what tells of touches."""
    if participant_id is None:
        return False
    subjects = (participant_id, *state.followers.get(participant_id, ()))
    if state.claims_about.keys().isdisjoint(subjects) and state.early.keys().isdisjoint(subjects):
        return False
    return any(state.claims_about.get(id) for id in subjects) or any(True for _ in facts(state, participant_id))


def _all(draft: Draft) -> list[Touch]:
    """What the event tells of, then what is kept of its person and of the visitor that it names, each once."""
    event, program_id = draft.event, draft.program.id
    here = touches(event)
    kept = [fact for fact in facts(draft.state, draft.participant_id) if fact.program_id == program_id]
    if anonymous_id := event.properties.get("anonymous_id"):
        kept += kept_under(draft.state, visitor(anonymous_id), program_id)
    if not kept and not draft.state.claims_about:
        return here
    found = dict.fromkeys(here)
    for fact in sorted(kept, key=lambda fact: (fact.event.occurred_at, fact.event.id)):
        found |= dict.fromkeys(touches(fact.event))
    subjects = (draft.participant_id or "", *draft.state.followers.get(draft.participant_id or "", ()))
    claims = (draft.state.claims[id] for subject in subjects for id in draft.state.claims_about.get(subject, ()))
    approved = (row for row in claims if row.state == "approved" and row.program_id == program_id)
    for row in sorted(approved, key=lambda row: (row.claimed_at, row.id)):
        if row.referral_id is None:
            found[Touch("claim", "", row.at, claim=row.id)] = None
    return list(found)


def codes(properties: Mapping[str, Any]) -> set[str]:
    """The codes that an event's properties name, in lower case."""
    told = [
        properties.get("code"),
        properties.get("coupon"),
        *(touch.get("code") for touch in properties.get("touches") or ()),
    ]
    return {code.lower() for code in told if isinstance(code, str)}


def pick(draft: Draft) -> Picked:
    """The touch that gets the credit for the draft's participant, with the trace of all of them.

    Of the touches of this program that count, the strongest kind wins (the first in `evidence`); among several of that
    kind the earliest (`first_touch`) or the latest (`last_touch`); with `sticky` the earliest of whatever kind.
    """
    policy, lost, standing = draft.program.document.attribution, [], []
    for touch in _all(draft):
        link = draft.state.links.get(touch.code)
        if link is None and touch.kind == "coupon":
            continue  # the shop's own
        reason = _excluded(draft, policy, touch, link)
        if reason == _ELSEWHERE:
            continue
        if reason:
            lost.append((touch, reason))
        else:
            standing.append((touch, link))
    standing.sort(key=lambda found: _rank(policy, found[0]))
    if not standing:
        if not lost:
            return Picked(None, "not_referred")
        draft.trace["attribution"] = {"won": "", "kept": [told(draft, *found) for found in lost]}
        return Picked(None, _first(lost))
    won, link = standing[0]
    kept = [(touch, _weaker(policy, won, touch)) for touch, _ in standing[1:]]
    lines = [told(draft, *found) for found in [(won, ""), *kept, *lost]]
    draft.trace["attribution"] = {"won": won.kind, "by": lines[0], "kept": lines[1:]}
    return Picked(won, "", _owner(draft, won, link), link.simulated if link else False)


VISITORS = "visitor:"
KEPT = frozenset({VISITOR, "participant.identified"})
"""Types of event whose touches are kept until the person signs up or orders."""
_ELSEWHERE = "elsewhere"
_SAID_FIRST = (
    "self_referral", "code_off", "code_expired", "touch_outside_window", "touch_not_counted", "unknown_code"
)  # fmt: skip


def _excluded(draft: Draft, policy: Attribution, touch: Touch, link: Link | None) -> str:
    """Why a touch does not count, or ''; `elsewhere` where it is another program's."""
    if link is None and not touch.claim:
        return "unknown_code"
    if link and not beside.shares(draft.state, draft.program, link.program_id):
        return _ELSEWHERE
    if touch.kind not in policy.evidence:
        return "touch_not_counted"
    now = draft.event.occurred_at
    if touch.at > now or (policy.window and policy.window.after(touch.at, draft.program.zone) <= now):
        return "touch_outside_window"
    if _owner(draft, touch, link) == draft.participant_id:
        return "self_referral"
    return (linking.stopped(link, touch.at) or "") if link else ""


def _owner(draft: Draft, touch: Touch, link: Link | None) -> str:
    """Whose touch it is: the link's owner, or whoever made the claim."""
    if link:
        return link.participant_id
    return draft.state.survivor(draft.state.claims[touch.claim].participant_id).id


def _rank(policy: Attribution, touch: Touch) -> tuple[int, float]:
    """The smallest wins. Of two at the same moment the one that was told first stays before the other."""
    kinds: list[str] = [*policy.evidence]
    moment = touch.at.timestamp()
    if policy.model == "sticky":
        return 0, moment
    return kinds.index(touch.kind), moment if policy.model == "first_touch" else -moment


def _weaker(policy: Attribution, won: Touch, touch: Touch) -> str:
    """Why a touch that counts did not win."""
    if policy.model != "sticky" and touch.kind != won.kind:
        return "touch_weaker"
    return "touch_earlier" if policy.model == "last_touch" else "touch_later"


def _first(lost: list[tuple[Touch, str]]) -> str:
    reasons = {reason for _, reason in lost}
    return next(reason for reason in _SAID_FIRST if reason in reasons)


def told(draft: Draft, touch: Touch, reason: str) -> dict[str, Any]:
    """A line of the trace: the link by id, none where no link has the code. What was typed and said is in the event."""
    link = draft.state.links.get(touch.code)
    line: dict[str, Any] = {"kind": touch.kind, "at": touch.at.isoformat()}
    more = {"link": link.id if link else "", "click": touch.click, "claim": touch.claim, "reason": reason}
    return line | {name: value for name, value in more.items() if value}
