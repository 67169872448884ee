"""An explanation as plain text: the layout staff see in a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from goodword.domain import ids, money
from goodword.domain.moments import shown
from goodword.domain.money import display
from goodword.insight import reckoned
from goodword.insight.explained import Check, DecisionView, Explanation, Limit, MergeFacts, RuleOutcome, TouchView

NAME_WIDTH = 12
"""Columns for the name of a condition or rule, where none is longer."""
READ_LIMIT = 120
NAMED = 5
"""Referrals of a migration that are named."""


def render_text(explanation: Explanation) -> str:
    """The event on the first line, then a branch for each program that decided about it. Times are by the clock of
    the program's zone, and say it; that of the event by the zone of the first program."""
    lines = [_headline(explanation)]
    if explanation.status == "waiting":
        lines.append("└ waiting: the engine has not come to this event yet; is a worker running?")
    elif explanation.status == "failed":
        lines.append(f"└ the engine could not apply it: {explanation.error}")
    elif not explanation.decisions:
        lines.append("└ applied; it concerned no program")
    last = len(explanation.decisions) - 1
    for index, decision in enumerate(explanation.decisions):
        lines += _branch(decision, explanation, last=index == last)
    return "\n".join(lines)


def _headline(event: Explanation) -> str:
    parts = [f"{event.public_id} {event.type}", _who(event), shown(event.occurred_at, _zone(event))]
    value, currency = event.properties.get("value"), event.properties.get("currency")
    if isinstance(value, int) and isinstance(currency, str):
        parts.append(f" value {display(value, currency)}")
    if event.properties.get("simulated"):
        parts.append("(simulated)")
    return "  ".join(part for part in parts if part)


def _zone(event: Explanation) -> str:
    """The zone of the first program that decided about it, UTC where none did."""
    return next((decision.timezone for decision in event.decisions if decision.program), "UTC")


def _who(event: Explanation) -> str:
    if event.participant:
        about = ", ".join(part for part in (event.participant.label, event.participant.account) if part)
        return f"{event.participant.public_id} ({about})"
    sent = event.payload.get("participant")
    if isinstance(sent, Mapping):
        return str(sent.get("external_id") or sent.get("email") or "")
    return str(sent or "")


def _branch(decision: DecisionView, event: Explanation, *, last: bool) -> Iterator[str]:
    stem, rest = ("└ ", "   ") if last else ("├ ", "│  ")
    head = f"{stem}{decision.program} v{decision.version}{_mode(decision)}" if decision.program else f"{stem}who is who"
    if decision.kept_version and decision.referral:
        head += f" (kept from submission, {_day(decision.referral.submitted_at, decision.timezone)})"
    if not decision.yes or not decision.rules:
        head += f"  {'✓' if decision.yes else '✗'} {decision.reason}"
    yield head
    if decision.referral:
        yield rest + _referral(decision)
    if decision.merge:
        yield from (rest + line for line in _merge(decision.merge))
    rows = [("✓" if check.ok else "✗", check.code, _read(check)) for check in decision.checks]
    rows += [("✓" if rule.ok else "✗", rule.rule, _outcome(rule, event, decision.timezone)) for rule in decision.rules]
    if decision.attribution:
        won, kept = decision.attribution.won, decision.attribution.kept
        rows.append((" ", "attribution", f"{_touch(won, decision.timezone)} won" if won else "no touch counts"))
        rows += [(" ", "", f"{_touch(touch, decision.timezone)} kept as evidence: {touch.reason}") for touch in kept]
    if unpriced := decision.trace.get("unpriced"):
        rows.append(("✗", "value", f"{display(unpriced['value'], unpriced['currency'])}: {unpriced['reason']}"))
    if decision.trace.get("kept"):
        rows.append((" ", "kept", "told again when what it builds on is known"))
    if decision.trace.get("recalled"):
        rows.append((" ", "told again", f"{decision.trace['recalled']}, which came early"))
    if decision.trace.get("counted_at"):
        counted_at = datetime.fromisoformat(decision.trace["counted_at"])
        rows.append((" ", "counted at", f"{shown(counted_at, decision.timezone)}, not before"))
    rows += _together(decision)
    rows += _migrated(decision.trace.get("migration") or {})
    width = max([NAME_WIDTH, *(len(name) for _, name, _ in rows)])
    for mark, name, text in rows:
        yield f"{rest}{mark} {name:<{width}}  {text}".rstrip()


def _mode(decision: DecisionView) -> str:
    return " (test mode)" if decision.test else ""


def _together(decision: DecisionView) -> Iterator[tuple[str, str, str]]:
    """What it meant for goals and contests: each a mark, a name and a text."""
    for line in decision.together:
        sign = "+" if line.change > 0 else "-" if line.change < 0 else ""
        told = f"{sign}{money.tally(abs(line.change), line.unit)}: "
        if line.target is None:
            told += f"score {money.tally(line.now, line.unit)}"
        else:
            reached = ", reached" if line.reached else ""
            told += f"{money.tally(line.now, line.unit)} of {money.tally(line.target, line.unit)}{reached}"
        yield " ", f"{line.kind} {line.id}", told
    goal, contest = decision.trace.get("goal") or {}, decision.trace.get("contest") or {}
    if "members" in goal:
        yield " ", f"goal {goal['id']}", f"given to {goal['members']:,} members"
    if contest and "ranking" not in contest:
        yield " ", "contest", contest["id"]
    for line in contest.get("ranking", ()):
        score = money.tally(line["score"], decision.shared.get(contest["id"], ""))
        yield " ", f"place {line['place']}", f"{ids.public('par', line['participant'])} with {score}"


def _migrated(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Which referrals a page of a migration moved, or took back, and which stay: each a mark, a name and a text."""
    if told:
        yield " ", "migration", f"{told['id']}, to v{told['to']}"
    for number, moved in told.get("moved", {}).items():
        way = f"back to v{number}" if told.get("back") else f"v{number} → v{told['to']}"
        yield "✓", way, _named(moved)
    for reason, stayed in told.get("stayed", {}).items():
        yield "✗", reason, _named(stayed)


def _named(referral_ids: Sequence[str]) -> str:
    """How many referrals, and the first few."""
    shown = ", ".join(ids.public("ref", id) for id in referral_ids[:NAMED])
    return f"{len(referral_ids):,}: {shown}" + (", …" if len(referral_ids) > NAMED else "")


def _referral(decision: DecisionView) -> str:
    referral = decision.referral
    assert referral is not None
    text = f"{referral.public_id} {referral.referrer.label} → {referral.referred.label}"
    if decision.moved_to:
        step = f"{decision.moved_from} → {decision.moved_to}" if decision.moved_from else decision.moved_to
        text += f"   {step}"
    return text + (" (simulated)" if referral.simulated else "")


def _merge(merge: MergeFacts) -> Iterator[str]:
    if merge.merged and merge.survivor:
        apart = merge.how == "split"
        told = "taken apart from" if apart else "merged into"
        by = f"of {merge.event}" if apart else f"by {merge.how}"
        merged, survivor = merge.merged, merge.survivor
        yield f"{merged.public_id} ({merged.label}) {told} {survivor.public_id} ({survivor.label})  {by}"
    parts = [
        f"{number:,} {thing}{'' if number == 1 else 's'}{how}"
        for number, thing, how in (
            (merge.links, "link", ""),
            (merge.made, "referral", " made"),
            (merge.received, "referral", " received"),
            (merge.rewards, "reward", ""),
            (merge.counters, "counter", ""),
        )
        if number
    ]
    for balance in merge.balances:
        amounts = {"reserved": balance.reserved, "available": balance.available}
        amounts |= {"issued": balance.issued, "owed": balance.owed}
        parts += [f"{display(amount, balance.unit)} {word}" for word, amount in amounts.items() if amount]
    if parts:
        yield f"moved {', '.join(parts)}"
    for line in merge.aside:
        yield f"{line.referral} {line.moved_from} → {line.moved_to}" + (f"  {line.reason}" if line.reason else "")


def _read(check: Check) -> str:
    if check.error:
        return f"could not be decided: {check.error}"
    return _short(", ".join(f"{name} = {_value(value)}" for name, value in check.read.items()))


def _outcome(rule: RuleOutcome, event: Explanation, zone: str) -> str:
    parts = []
    if rule.reason:
        told = rule.reason + (f": {_limit(rule.limit)}" if rule.limit else "")
        told += f", place {rule.place:,} in line" if rule.place else ""
        parts.append(told + (f" by {rule.by}" if rule.by else ""))
    if rule.tier:
        counted = f" ({rule.tier_count} counted)" if rule.tier_count is not None else ""
        parts.append(f"{' ' if parts else ''}{rule.tier}{counted}")
    if rule.moved_to:
        parts.append(f"{rule.moved_from} → {rule.moved_to} ")
    if rule.reversed:
        parts.append(f"{display(rule.reversed, rule.unit)} taken back")
    elif rule.amount is not None:
        parts.append(display(rule.amount, rule.unit))
    elif rule.reward:
        parts.append(_gift(rule.reward.gift))
    if rule.netted:
        owed = f", {display(rule.owed, rule.unit)} still owed" if rule.owed else ""
        parts.append(f"({display(rule.netted, rule.unit)} of it paid a debt{owed})")
    if how := reckoned.told(rule.amount_from, rule.exchange, rule.amount_unit, currency=rule.currency):
        parts.append(f"= {how} ")
    if rule.campaign:
        parts.append(f"campaign {rule.campaign}")
    terms = []
    if rule.waited_since:
        terms.append(f"waited since {shown(rule.waited_since, zone)}")
    if rule.hold_until:
        terms.append(f"held {_span(event.occurred_at, rule.hold_until, zone)}")
    if rule.approval:
        terms.append(f"needs {rule.approval}")
    if terms:
        parts.append(" " + ", ".join(terms))
    if rule.reward:
        now = "" if rule.moved_to == rule.reward.state else f", now {rule.reward.state}"
        parts.append(f" {rule.reward.public_id} to {rule.reward.participant.label}{now}")
    return " ".join(parts)


def _gift(gift: Mapping[str, Any]) -> str:
    """A gift without an amount: `discount of 20 %, P12M`."""
    kind = str(gift["type"]).replace("_", " ") + (f" of {gift['percent']} %" if gift.get("percent") else "")
    told = [str(gift[key]) for key in ("name", "plan", "brand", "recipient", "duration", "applies") if gift.get(key)]
    return ", ".join([kind, *told])


def _limit(limit: Limit) -> str:
    cap, used = (
        (display(limit.limit, limit.unit), display(limit.used, limit.unit))
        if limit.unit
        else (f"{limit.limit:,}", f"{limit.used:,}")
    )
    period = f" {'in' if limit.period.startswith('P') else 'a'} {limit.period}" if limit.period else ""
    return f"{limit.per} {cap}{period}, {used} used".strip()


def _span(start: datetime, end: datetime, zone: str) -> str:
    days, rest = divmod((end - start).total_seconds(), 86_400)
    if rest:
        return f"until {shown(end, zone)}"
    return "1 day" if days == 1 else f"{days:.0f} days"


def _day(time: datetime, zone: str) -> str:
    return shown(time, zone)[:10]


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= READ_LIMIT else text[: READ_LIMIT - 1] + "…"


def _touch(touch: TouchView, zone: str) -> str:
    """`link ada-4711, 2026-01-18 10:22 UTC, clk_…`."""
    told = f"{touch.kind} {touch.code}".strip()
    return ", ".join(part for part in (told, shown(touch.at, zone) if touch.at else "", touch.click) if part)
