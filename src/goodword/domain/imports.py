"""What another system knew, taken over as it stood: links, referrals, rewards and balances.

An import decides nothing. A referral begins in the state it is in, a reward is held, owed or handed over as it was, and
no rule is tried, nobody is told, no goal or contest counts it. From then on both are like any other: a hold ends, a
refund takes back, a later order earns what an earlier one did not.

What a reward is worth is booked from the account `opening` instead of the program's cost: the other system's books bore
it. What is undone is booked back there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from goodword.domain import anniversaries, codes, facts, ids, inactivity, ledger, limits, money, orders, timers, turns
from goodword.domain.debts import is_lot
from goodword.domain.draft import Decision, Draft
from goodword.domain.events import Event, parse_time
from goodword.domain.fields import OF_REFERRALS
from goodword.domain.lots import SPENT
from goodword.domain.payloads import IMPORT_LINK, IMPORT_REFERRAL, IMPORT_UNDONE
from goodword.domain.rows import OPEN, STANDING, DropLink, DropTimer, Link, Participant, Referral, Reward
from goodword.domain.rules import Rule
from goodword.domain.state import State

IMPORT = "import"
"""The source of a referral that was imported; and what its transfers are for."""
FROM = "imported"
"""Whose file it was, in the properties of a referral and the basis of a reward."""
AS = "as"
"""The state it came in, beside that."""
UNDONE = "import_undone"
"""The reason of what was taken out again."""
APPROVER = "finance"
"""Whose yes a pending reward waits for, where neither a date nor its rule says."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OWED = ("approved",)
_HANDED_OVER = ("issued", "redeemed")


def decide(draft: Draft) -> Decision | None:
    """What an import brings to the draft's program, or takes out of it; None where it names another one."""
    kind, program = draft.event.type, draft.program
    if draft.event.properties.get("program") != program.key:
        return None
    if kind == IMPORT_UNDONE:
        return _undo(draft)
    if draft.participant_id is None:
        return draft.no("unknown_participant")
    if program.is_test:
        return draft.no("test_takes_no_imports")
    if program.is_loyalty and kind in (IMPORT_LINK, IMPORT_REFERRAL):
        return draft.no("no_referrals")
    if kind == IMPORT_LINK:
        return _link(draft)
    return _referral(draft) if kind == IMPORT_REFERRAL else _reward(draft)


# Bringing


def _link(draft: Draft) -> Decision:
    event = draft.event
    code = event.properties["code"].lower()
    if code in draft.state.links:
        return draft.no("code_taken")
    assert draft.participant_id
    id = event.erased.get("link") or ids.derive(event.occurred_at, draft.state.workspace_id, "link", code)
    channel = event.properties.get("channel") or ""
    made = Link(id, draft.program.id, draft.participant_id, code, channel, event.simulated, event.occurred_at)
    draft.effects.append(made._replace(typed=codes.plain(code)))
    return draft.yes("imported")


def person(state: State, event: Event) -> Participant:
    """The person that an imported referral names, as they are known, or a new one."""
    ref = facts.referred(event)
    return facts.known(state, ref) or facts.person(state, ref, event.occurred_at, event.id)


def _referral(draft: Draft) -> Decision:
    event, properties = draft.event, draft.event.properties
    name = str(properties["referral"])
    if (draft.program.id, name) in draft.state.referral_by_external:
        return draft.no("already_submitted")
    whom = person(draft.state, event)
    if whom.id == draft.participant_id:
        return draft.no("self_referral")
    row = _as_it_stood(draft, name, whom.id)
    if row.state in STANDING and _taken(draft, whom.id):
        return draft.no("already_referred")
    draft.put_participant(whom)
    draft.put_referral(row)
    if row.expires_at:
        draft.effects.append(timers.referral_expiry(draft.state.workspace_id, row))
    anniversaries.resume(draft, event.received_at)
    draft.trace["referral"] = {"id": row.id, "from": None, "to": row.state}
    return draft.yes("imported")


def _taken(draft: Draft, referred_id: str) -> bool:
    rows = (draft.state.referrals[id] for id in draft.state.referrals_of.get((draft.program.id, referred_id), ()))
    return any(row.state in STANDING for row in rows)


def _as_it_stood(draft: Draft, name: str, referred_id: str) -> Referral:
    """The referral in its state, with the time at which it must have reached it where the file says none. One that is
    open runs out when the file says so, else the program's time after the import."""
    event, properties, program = draft.event, draft.event.properties, draft.program
    now, state = event.occurred_at, properties["state"]
    after = program.document.lifecycle.expire_after
    closed_at = _moment(properties, "closed_at", now) if state not in OPEN else None
    qualified_at = _moment(properties, "qualified_at", closed_at or now)
    reached = state in ("qualified", "opportunity", "closed_won") or properties.get("qualified_at") is not None
    expires_at = None
    if state in OPEN:
        expires_at = after.after(event.received_at, program.zone) if after else None
        expires_at = _moment(properties, "expires_at", None) or expires_at
    assert draft.participant_id
    kept = {
        FROM: properties["vendor"],
        AS: state,
        **{key: properties[key] for key in ("source_id", "source_state", "order_id") if properties.get(key)},
    }
    return Referral(
        id=ids.derive(now, draft.state.workspace_id, "referral", program.id, event.id),
        program_id=program.id,
        version_id=program.version_id,
        referrer_id=draft.participant_id,
        referred_id=referred_id,
        external_id=name,
        source=IMPORT,
        state=state,
        reason="",
        submitted_at=now,
        qualified_at=qualified_at if reached else None,
        opportunity_at=qualified_at if state == "opportunity" else None,
        closed_at=closed_at,
        expires_at=expires_at,
        value=_worth(draft) if state == "closed_won" else None,
        properties=kept,
        simulated=event.simulated,
    )


def _moment(properties: Any, name: str, otherwise: datetime | None) -> datetime | None:
    told = properties.get(name)
    return parse_time(told) if told else otherwise


def _worth(draft: Draft) -> int | None:
    """What the file says it was worth, where that is in the program's currency."""
    told = draft.event.properties
    ours = draft.program.document.currency
    value: int | None = told.get("value")
    return value if told.get("currency", ours) == ours else None


def _reward(draft: Draft) -> Decision:
    properties, name = draft.event.properties, draft.event.properties.get("referral")
    if name is not None:
        found = draft.state.referral_by_external.get((draft.program.id, name))
        if found is None:
            return draft.no("unknown_referral")
        referral = draft.state.referrals[found]
        draft.referral, draft.program = referral, draft.state.versions[referral.version_id]
    rule = draft.program.rules.get(properties["rule"])
    if rule is None:
        return draft.no("unknown_rule")
    if draft.referral and draft.participant_id != _receiver(draft.referral, rule):
        return draft.no("not_theirs")
    if draft.referral is None:
        own = orders.order_id(draft.state.workspace_id, draft.event) if draft.program.is_loyalty else None
        draft.order_id = own or ids.derive(_EPOCH, draft.state.workspace_id, IMPORT, draft.event.id)
    if refused := _wrong_amount(draft, rule):
        return draft.no(refused)
    _give(draft, rule, _reward_as_it_stood(draft, rule))
    return draft.yes("imported")


def _receiver(referral: Referral, rule: Rule) -> str:
    return referral.referrer_id if rule.to == "referrer" else referral.referred_id


def _wrong_amount(draft: Draft, rule: Rule) -> str:
    """Why a reward under the rule cannot have that amount or unit, or that state, or ''."""
    properties, gift = draft.event.properties, draft.program.gifts[rule.id]
    unit = properties.get("unit") or ""
    points = draft.program.is_loyalty and gift["type"] == "points"
    if points and properties["state"] in ("issued", "failed"):
        return "points_are_kept"
    if (properties.get("amount") is None) == bool(unit):
        return "wrong_unit"
    own = rule.give.unit or draft.program.document.currency
    return "" if unit in ("", own) or (money.is_currency(unit) and money.is_currency(own)) else "wrong_unit"


def _occurrence(draft: Draft, rule: Rule) -> str:
    """The first reward of a rule that pays once for a referral is that one; else each is its own."""
    if draft.referral and rule.on in OF_REFERRALS:
        taken = {row.occurrence for row in draft.rewards() if row.rule == rule.id}
        return draft.event.id if "1" in taken else "1"
    return draft.event.id


def _reward_as_it_stood(draft: Draft, rule: Rule) -> Reward:
    event, properties, program, referral = draft.event, draft.event.properties, draft.program, draft.referral
    state, occurrence = properties["state"], _occurrence(draft, rule)
    granted = max(event.occurred_at, referral.submitted_at) if referral else event.occurred_at
    due = _moment(properties, "due_at", None) if state == "pending" else None
    approved = issued = ended = None
    if state in (*_OWED, *_HANDED_OVER, "reversed", "expired", "failed"):
        approved = max(granted, _moment(properties, "approved_at", granted) or granted)
    if approved and (state in _HANDED_OVER or properties.get("issued_at")):
        issued = max(approved, _moment(properties, "issued_at", approved) or approved)
    if state not in ("pending", *_OWED, *_HANDED_OVER):
        ended = max(issued or approved or granted, _moment(properties, "ended_at", granted) or granted)
    told = {key: properties[key] for key in ("source_id", "source_state", "order_id") if properties.get(key)}
    if properties.get("value") is not None:
        told |= {"value": properties["value"], "currency": properties.get("currency") or program.document.currency}
    waits_for = rule.approval.by if rule.approval else APPROVER
    return Reward(
        id=ids.derive(granted, draft.state.workspace_id, "reward", program.id, rule.id, event.id),
        program_id=program.id,
        version_id=program.version_id,
        rule=rule.id,
        subject_id=draft.subject_id,
        occurrence=occurrence,
        referral_id=referral.id if referral else None,
        participant_id=draft.participant_id or "",
        gift=program.gifts[rule.id],
        amount=properties.get("amount"),
        unit=properties.get("unit") or "",
        reversed=(properties.get("amount") or 0) if state == "reversed" else 0,
        state=state,
        reason="",
        needs_approval=waits_for if state == "pending" and due is None else "",
        hold_until=due,
        pending_transfer_id=None,
        granted_at=granted,
        approved_at=approved,
        issued_at=issued,
        ended_at=ended,
        expires_at=_moment(properties, "expires_at", None) if state == "issued" else None,
        notify_by=None,
        fulfil_by=None,
        simulated=referral.simulated if referral else event.simulated,
        basis={FROM: properties["vendor"], AS: state, **told},
    )


def _give(draft: Draft, rule: Rule, reward: Reward) -> None:
    """Puts the reward where it stands: in the books, in limits, among what a rule counts, and with its timers."""
    if reward.state == "pending":
        id = ledger.move(draft, reward, *_TO_BALANCE, reward.amount or 0, IMPORT, "pending")
        reward = reward._replace(pending_transfer_id=id)
    elif reward.state in _OWED:
        ledger.move(draft, reward, *_TO_BALANCE, reward.amount or 0, IMPORT)
    elif reward.state in _HANDED_OVER:
        ledger.move(draft, reward, "program_cost", "fulfilled", reward.amount or 0, IMPORT)
    if reward.state not in ("rejected", "cancelled"):
        limits.count(draft, reward, draft.referral, 1)
    if draft.referral:
        turns.taken(draft, rule)
    lot = is_lot(draft.program, reward)
    if lot and reward.state in ("pending", "approved"):
        reward = reward._replace(expires_at=_lapses(draft, rule, reward))
    if lot and reward.state == "redeemed":
        draft.count(reward.id, SPENT, 1, reward.amount or 0)
    if lot and draft.order_id and "value" in reward.basis and reward.basis.get("order_id"):
        draft.count(draft.order_id, f"ordered:{draft.program.key}:{reward.basis['currency']}", 1, reward.basis["value"])
    draft.put_reward(reward)
    if reward.hold_until:
        draft.effects.append(timers.hold(draft, reward))
    if reward.expires_at:
        draft.effects.append(timers.expiry(draft, reward))
    line = {"rule": rule.id, "ok": True, "to": rule.to, "reward": reward.id, "reason": "imported"}
    if reward.amount is not None:
        line |= {"amount": reward.amount, "unit": reward.unit}
    draft.trace["rewards"] = [line]


_TO_BALANCE = ("program_cost", "participant_balance")


def _lapses(draft: Draft, rule: Rule, lot: Reward) -> datetime | None:
    """When points lapse: as the file says, else the rule's time after the import, for nobody knows how old they are."""
    told = _moment(draft.event.properties, "expires_at", None)
    if told or rule.expire is None:
        return told
    return inactivity.first(draft, lot, rule.expire, max(lot.hold_until or lot.granted_at, draft.event.received_at))


# Taking out again


def _undo(draft: Draft) -> Decision | None:
    """Takes out what an import brought, unless something came of it since."""
    told = draft.event.properties
    if "link" in told:
        return _undo_link(draft, ids.internal("lnk", told["link"]))
    if "reward" in told:
        reward = draft.state.rewards.get(ids.internal("rwd", told["reward"]))
        return _undo_reward(draft, reward) if reward else draft.no("unknown_reward")
    referral = draft.state.referrals.get(ids.internal("ref", told["referral"]))
    return _undo_referral(draft, referral) if referral else draft.no("unknown_referral")


def _undo_link(draft: Draft, id: str) -> Decision:
    link = draft.state.links.get(draft.state.codes.get(id, ""))
    if link is None or link.program_id != draft.program.id:
        return draft.no("unknown_code")
    draft.participant_id = link.participant_id
    draft.effects.append(DropLink(link.code))
    return draft.yes(UNDONE)


def _undo_referral(draft: Draft, row: Referral) -> Decision:
    draft.referral, draft.participant_id = row, row.referrer_id
    draft.program = draft.state.versions[row.version_id]
    if FROM not in row.properties or row.reason == UNDONE:
        return draft.no("not_imported")
    if any(reward.reason != UNDONE for reward in draft.rewards()):
        return draft.no("has_rewards")
    if row.state != row.properties[AS] or draft.counter(row.id, "refunded")[0]:
        return draft.no("changed_since")
    if row.expires_at:
        draft.effects.append(DropTimer(timers.referral_expiry(draft.state.workspace_id, row).id))
    now = max(draft.event.occurred_at, row.submitted_at)
    draft.put_referral(row._replace(state="voided", reason=UNDONE, external_id=None, closed_at=now, expires_at=None))
    draft.trace["referral"] = {"id": row.id, "from": row.state, "to": "voided"}
    return draft.yes(UNDONE)


def _undo_reward(draft: Draft, row: Reward) -> Decision:
    draft.participant_id = row.participant_id
    draft.program = draft.state.versions[row.version_id]
    if row.referral_id:
        draft.referral = draft.state.referrals[row.referral_id]
    else:
        draft.order_id = row.subject_id
    if FROM not in row.basis or row.reason == UNDONE:
        return draft.no("not_imported")
    if _moved(draft, row):
        return draft.no("changed_since")
    rule = draft.program.rules[row.rule]
    if row.state == "pending":
        _book_back(draft, row, _TO_BALANCE, "void")
    elif row.state in _OWED:
        _book_back(draft, row, ("participant_balance", "program_cost"))
    elif row.state in _HANDED_OVER:
        _book_back(draft, row, ("fulfilled", "program_cost"))
    if row.state not in ("rejected", "cancelled"):
        limits.count(draft, row, draft.referral, -1)
    if draft.referral and turns.counts(rule):
        draft.count(turns.subject(draft, rule), turns.name(draft, rule), -1, 0)
    for timer in [timers.hold(draft, row)] if row.hold_until else []:
        draft.effects.append(DropTimer(timer.id))
    for timer in [timers.expiry(draft, row)] if row.expires_at else []:
        draft.effects.append(DropTimer(timer.id))
    ended = max(draft.event.occurred_at, row.granted_at)
    # The place that it took is free again, for the same reward of another import.
    after = row._replace(
        state="cancelled", reason=UNDONE, occurrence=draft.event.id, ended_at=ended, pending_transfer_id=None,
        hold_until=None, expires_at=None,
    )  # fmt: skip
    draft.put_reward(after)
    line = {"rule": row.rule, "ok": True, "reward": row.id, "from": row.state, "state": "cancelled", "reason": UNDONE}
    draft.trace["rewards"] = [line]
    return draft.yes(UNDONE)


def _moved(draft: Draft, row: Reward) -> bool:
    """Whether something became of the reward since it came."""
    taken = row.amount or 0 if row.basis[AS] == "reversed" else 0
    spent = draft.counter(row.id, SPENT)[1] if row.basis[AS] != "redeemed" else 0
    return row.state != row.basis[AS] or row.reversed != taken or bool(spent) or "refunded" in row.basis


def _book_back(draft: Draft, row: Reward, sides: tuple[str, str], phase: str = "posted") -> None:
    ledger.move(
        draft, row, *sides, row.amount or 0, UNDONE, phase, row.pending_transfer_id if phase == "void" else None
    )
