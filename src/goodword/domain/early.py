"""Facts that come before what they build on: kept, and told again when that is known.

A refund can arrive before its order, a deal's move before its lead, an approval before its reward, an order
before the sign-up that explains it. Such a fact is kept beside the referral (or the name) it is about. When
what it builds on arrives, a timer is set for the fact's own moment, or for the first moment at which it makes
sense, and the fact is decided again when that timer rings: as if all had come in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from goodword.domain import ids, money, values, waiting
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.fields import ANNIVERSARY, OF_REFERRALS
from goodword.domain.program import Program
from goodword.domain.rows import BEHIND, OPEN, DropEarly, EarlyFact, Referral, Timer
from goodword.domain.rules import Rule

MAX_KEPT = 100
"""Facts kept for one referral or name, and facts of one person told again when a referral begins."""
RECALLED = "fact.recalled"
_ONCE = OF_REFERRALS - {ANNIVERSARY}
"""What a referral's rewards that come once are on."""
_INSTANT = timedelta(microseconds=1)


def keep(draft: Draft, subject: str) -> bool:
    """Keeps the draft's event for later, once, where there is room. Gives whether it is kept."""
    event, program = draft.event, draft.program
    facts = draft.state.early.get(subject, {})
    kept = {id for id, fact in facts.items() if fact.program_id == program.id and fact.recall_at != BEHIND}
    if draft.fact:
        event = draft.fact.event  # told again, and early once more
    if len(kept) >= MAX_KEPT and not (draft.fact and draft.fact.id in kept):
        return False
    draft.effects.append(EarlyFact(_id(draft, event, subject), program.id, subject, event, None))
    draft.trace["kept"] = True
    return True


def _id(draft: Draft, event: Event, subject: str) -> str:
    """One event may be kept for several referrals of a person. A name is no part of the id: erasure may take it."""
    about = [subject] if draft.referral and draft.referral.id == subject else []
    return ids.derive(event.occurred_at, draft.state.workspace_id, "early", event.id, draft.program.id, *about)


def keep_named(draft: Draft, name: str, *, waits: bool) -> None:
    """Keeps an event that names a referral nobody knows yet, where somebody may submit it under that name."""
    if waits and draft.program.document.lifecycle.flow == "sales" and not name.startswith("ref_"):
        keep(draft, name)


def keep_reversal(draft: Draft, referral: Referral) -> bool:
    """Keeps what takes rewards back, or lets them go, while the referral can still earn some, or the order that it
    names is unknown."""
    if referral.state in OPEN or referral.state == "expired":
        return keep(draft, referral.id)
    order_id = draft.event.properties.get("order_id")
    if referral.state != "closed_won" or not _of_a_payment(draft, draft.event):
        return False
    known = order_id == referral.properties.get("order_id") or any(
        reward.basis.get("order_id") == order_id for reward in draft.rewards()
    )
    return not (known or waiting.knows(draft, order_id)) and keep(draft, referral.id)


def is_about(event: Event, referral: Referral, at: datetime) -> bool:
    """Whether a fact about the referred person can be about what happened at that moment: it says so by the
    referral's name or the order's, or it is not older."""
    return event.occurred_at >= at or names(event, referral)


def names(event: Event, referral: Referral) -> bool:
    """Whether the event says by name that it is about the referral or the order that won it."""
    order_id = event.properties.get("order_id")
    return "referral" in event.properties or bool(order_id and order_id == referral.properties.get("order_id"))


def same_order(one: Event, other: Event) -> bool:
    """Whether both events name the same order."""
    order_id = one.properties.get("order_id")
    return bool(order_id) and order_id == other.properties.get("order_id")


def begin(draft: Draft, referral: Referral) -> None:
    """A referral begins: what was said of its name, and of its person since then, is told again."""
    found = []
    for fact in _waiting(draft, referral.external_id or ""):
        found.append(fact.event)
        draft.effects.append(DropEarly(fact.id, fact.subject))
    listened = draft.program.listened
    found += [
        event for event in since(draft, referral) if event.type in listened and "referral" not in event.properties
    ]
    _tell_again(draft, referral, found)


def since(draft: Draft, referral: Referral) -> list[Event]:
    """What was told of the referred person before the referral was known, though it happened after it began."""
    told = draft.state.told(referral.referred_id)
    return [event for event in told if event.occurred_at >= referral.submitted_at][:MAX_KEPT]


def recall(draft: Draft) -> None:
    """The referral moved, or a reward was granted: what waited for that is told again. Once it is won, what
    takes back something older is forgotten."""
    referral = draft.referral
    assert referral
    waiting = _waiting(draft, referral.id)
    if not waiting:
        return
    rules = {reward.rule for reward in draft.rewards()}
    granted = any(line["ok"] for line in draft.trace.get("rewards", ()))
    found = []
    for fact in waiting:
        event = fact.event
        if event.type.startswith("reward."):
            if event.properties.get("rule") in rules:
                found.append(event)
        elif event.occurred_at >= draft.event.occurred_at or names(event, referral) or same_order(event, draft.event):
            if granted or referral.state == "closed_won":
                found.append(event)
        elif referral.state == "closed_won" and not _of_a_payment(draft, event):
            draft.effects.append(DropEarly(fact.id, fact.subject))
    _tell_again(draft, referral, found, again=True)


def _of_a_payment(draft: Draft, event: Event) -> bool:
    """Whether the event takes back or lets go what an order earned, which it names."""
    heard = any(event.type in version.payment_events for version in draft.versions)
    return bool(event.properties.get("order_id")) and heard


def _waiting(draft: Draft, subject: str) -> list[EarlyFact]:
    kept = draft.state.early.get(subject, {}).values()
    return [fact for fact in kept if fact.recall_at is None and fact.program_id == draft.program.id]


def _tell_again(draft: Draft, referral: Referral, events: Iterable[Event], *, again: bool = False) -> None:
    """Sets a timer for each, in the order in which they happened, none before the present moment."""
    at = draft.event.occurred_at - _INSTANT
    for event in sorted(events, key=lambda event: (event.occurred_at, event.id)):
        at = max(at + _INSTANT, event.occurred_at)
        id = _id(draft, event, referral.id)
        draft.effects.append(EarlyFact(id, draft.program.id, referral.id, event, at))
        timer_id = ids.derive(at, draft.state.workspace_id, "timer", RECALLED, id)
        detail = {"fact": id} | ({"again": True} if again else {})
        draft.effects.append(Timer(timer_id, RECALLED, at, draft.program.id, referral.id, None, detail))


def take(draft: Draft, timer: Timer) -> Event | None:
    """The fact of a timer that rang, at the timer's moment; it is kept no longer."""
    fact = draft.state.early.get(timer.referral_id or "", {}).get(timer.detail["fact"])
    if fact is None:
        return None
    draft.fact, draft.again = fact, bool(timer.detail.get("again"))
    draft.effects.append(DropEarly(fact.id, fact.subject))
    draft.trace["recalled"] = ids.public("evt", fact.event.id)
    return fact.event._replace(id=draft.event.id, occurred_at=timer.due_at, received_at=draft.event.received_at)


# Waitlisted rewards: what is taken back before they come


def note_waiting(draft: Draft, paid: list[tuple[Rule, str]], given_back: int) -> bool:
    """Notes, for rewards of the referral that wait for their turn, that the event takes them back, or a part.
    Gives whether there are any; `paid` gets those for events. `given_back` is what it gave back of the referral's
    value."""
    referral = draft.referral
    assert referral
    given = {reward.rule for reward in draft.rewards()}
    noted = waiting.note(draft, (rule for _, rule in _promised(draft)), paid)
    for version, rule in _promised(draft):
        reverse = rule.reverse
        if rule.id in given or rule.on not in _ONCE or not reverse:
            continue
        if reverse.how == "none" or draft.event.type not in reverse.on:
            continue
        if not any(bound.limit.when_reached == "waitlist" for bound in version.limits_on[rule.id]):
            continue
        if reverse.when and draft.check(rule.id, reverse.when):
            values.spare(draft, referral, rule.id, values.WAITING, given_back)
            continue
        if not reverse.when and not is_about_order(draft.event, referral):
            continue
        if reverse.how == "proportional" and values.without_rate(draft, referral):
            continue
        in_parts = reverse.how == "proportional" and bool(referral.value) and counts_towards_refund(draft, referral)
        draft.count(referral.id, _taken(rule), 1, 0 if in_parts and rule.give.amount is not None else 1)
        noted = True
    return noted


def _promised(draft: Draft) -> list[tuple[Program, Rule]]:
    """The rules under which the referral may wait in a line, each with its version; of each id the latest."""
    found: dict[str, tuple[Program, Rule]] = {}
    for version in draft.versions:
        for rule in version.document.rewards:
            found.setdefault(rule.id, (version, rule))
    return list(found.values())


def _taken(rule: Rule) -> str:
    return f"taken:{rule.id}"


def taken_while_waiting(draft: Draft, rule: Rule, referral: Referral, amount: int | None) -> int | None:
    """How much of a reward was taken back while it waited: None where nothing is left of it."""
    times, wholly = draft.counter(referral.id, _taken(rule))
    if not times:
        return 0
    if wholly or amount is None or not referral.value:
        return None
    part = money.share(amount, values.counted_refunds(draft, referral, rule.id), referral.value)
    return part if part < amount else None


def is_about_order(event: Event, referral: Referral) -> bool:
    """Whether the event can be about the order that won the referral: either has no name for it, or it is the
    same. Where either has no name, nobody can tell, and the refund counts."""
    won_by, named = referral.properties.get("order_id"), event.properties.get("order_id")
    return not (won_by and named and won_by != named)


def counts_towards_refund(draft: Draft, referral: Referral) -> bool:
    """Whether the event gives back a part of the referral's value that is known in the program's currency."""
    return values.refunded(draft, referral) is not None
