"""A decision in the making: the state as it would be after the effects so far, and the trace.

Reads go to the draft's own rows first, then to the state. The state itself is never touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from goodword.domain import ids
from goodword.domain.conditions import Condition
from goodword.domain.events import Event, PersonRef
from goodword.domain.experiments import variant_of
from goodword.domain.facts import ORDERS
from goodword.domain.fields import ANNIVERSARY, CONTEST_DECIDED, GOAL_REACHED, REACHED, REDEEMED
from goodword.domain.formulas import Formula
from goodword.domain.program import Program
from goodword.domain.rows import BEHIND, Count, EarlyFact, Effect, Notice, Participant, Referral, Reward, Timer
from goodword.domain.state import State

_ANNOUNCED = frozenset({REDEEMED, GOAL_REACHED, CONTEST_DECIDED})
_COUNTS_ON = frozenset({REACHED, ANNIVERSARY})


class Decision(NamedTuple):
    """What the engine concludes from one event for one program, or, where there is none (`program_id` and
    `version_id` are None), about its people; `about` then tells several of one event apart.

    `outcome` is yes or no, `reason` a stable code. `trace` may have: referral {id, from, to}; checks
    [{code, ok, read, error, amount}]; rewards [{rule, ok, reason, to, amount, unit, tier, tier_count, amount_from,
    exchange, reward, hold_until, approval, limit, place (in line), campaign, campaigns, by, waited_since,
    lapsed}]; exchange (of the referral's value, see `fx.Exchange`); attribution {won, kept}; kept_version (number);
    merge (see `domain.identity`); spent {item, price, unit, left, lots: [{reward, amount}]}; tier {from, to, count};
    terms (the number of what was accepted); reversal [{rule, reward, stands (its state), reason}], of rewards that stay
    as they are; statement (see `domain.statements`).
    """

    program_id: str | None
    version_id: str | None
    outcome: str
    reason: str
    participant_id: str | None
    referral_id: str | None
    trace: Mapping[str, Any]
    effects: tuple[Effect, ...]
    about: str = ""


@dataclass(slots=True)
class Draft:
    """See the module. `program` is the version the decision is made under; `fact` is the early fact that the
    event tells again, if it does, and `again` whether the referral had heard of it before; `given` by name of
    exclusivity (`*`: any) which program gave something for the event before; `turn` the timer of a reward whose turn in
    a line has come, which `stays` there where it still finds no room, or `waits` in another line; `order_id` is our id
    of the order that the event is about, where rewards for no referral are told apart by that; `reached` the tier whose
    rules are tried; `past` the versions that the referral had before it was moved, under which it may have rewards;
    `told` the keys of its notices."""

    state: State
    event: Event
    program: Program
    participant_id: str | None = None
    referral: Referral | None = None
    effects: list[Effect] = field(default_factory=list)
    trace: dict[str, Any] = field(default_factory=dict)
    reward_rows: dict[str, Reward] = field(default_factory=dict)
    people: dict[str, Participant] = field(default_factory=dict)
    counted: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    fact: EarlyFact | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    turn: Timer | None = None
    stays: bool = False
    waits: bool = False
    order_id: str | None = None
    again: bool = False
    reached: str = ""
    opening: bool = False
    past: tuple[Program, ...] = ()
    told: set[str] = field(default_factory=set)

    def put_referral(self, row: Referral) -> None:
        """The referral as it is from here on."""
        self.referral = row
        self.effects.append(row)

    def put_reward(self, row: Reward) -> None:
        """A reward as it is from here on."""
        self.reward_rows[row.id] = row
        self.effects.append(row)

    def put_participant(self, row: Participant) -> None:
        """A person met in the event's properties, where the state does not know them so."""
        self.people[row.id] = row
        if self.state.participants.get(row.id) is not row:
            self.effects.append(row)

    def person(self, id: str | None) -> Participant | None:
        """A person as the draft knows them."""
        return (self.people.get(id) or self.state.participants.get(id)) if id else None

    def count(self, subject_id: str, name: str, count: int, amount: int) -> None:
        """A counter grows from here on."""
        so_far = self.counter(subject_id, name)
        self.counted[subject_id, name] = (so_far[0] + count, so_far[1] + amount)
        self.effects.append(Count(subject_id, name, count, amount))

    def counter(self, subject_id: str, name: str) -> tuple[int, int]:
        """A counter as it stands in the draft."""
        return self.counted.get((subject_id, name)) or self.state.counter(subject_id, name)

    @property
    def unheard(self) -> bool:
        """Whether nobody is to be told what the draft comes to."""
        return self.program.is_test or self.state.unheard

    @property
    def given_by(self) -> str:
        """The key of the exclusive program that gave something for this event before, or ''."""
        own = self.program.document.exclusive
        return self.given.get("*", "") or (self.given.get(own, "") if isinstance(own, str) else "")

    @property
    def versions(self) -> tuple[Program, ...]:
        """The version that judges, then those under which the referral may have been promised something before."""
        return (self.program, *self.past)

    @property
    def releases(self) -> bool:
        """Whether the event may end a hold."""
        return any(self.event.type in version.releases for version in self.versions)

    @property
    def reverses(self) -> bool:
        """Whether the event may take something back."""
        return any(self.event.type in version.reversals for version in self.versions)

    @property
    def subject_id(self) -> str:
        """What the draft's rewards are for: its referral, else its order, else its participant."""
        subject = self.referral.id if self.referral else self.order_id or self.participant_id
        assert subject
        return subject

    def stopped(self, *, begun: bool) -> str:
        """Why the program lets nothing begin now, or ''. What has `begun` goes on in a pause and where the program
        settles, and what stood in line may have its turn."""
        how = self.state.stopped.get(self.program.id, "")
        if not how or (how != "ended" and (begun or self.turn is not None)):
            return ""
        return "program_paused" if how == "paused" else "program_ended"

    def withheld(self, on: str) -> str:
        """Why the program gives nothing now of what is earned by `on`, or ''. What a referral earns has begun with it,
        points can be spent, and goals and contests end as they were announced. In a pause years and tiers count on
        too; a program that settles begins no further ones."""
        begun = self.referral is not None or on in _ANNOUNCED
        counts_on = on in _COUNTS_ON and self.state.stopped.get(self.program.id) == "paused"
        return self.stopped(begun=begun or counts_on)

    def rewards(self) -> list[Reward]:
        """The subject's rewards in the program as they stand in the draft. A participant or an order may have some in
        several."""
        found = {id: self.state.rewards[id] for id in self.state.rewards_of.get(self.subject_id, ())}
        found.update(self.reward_rows)
        return [row for row in found.values() if row.program_id == self.program.id]

    def own(self, participant_id: str) -> list[Reward]:
        """The participant's rewards for no referral, as they stand in the draft."""
        found = {id: self.state.rewards[id] for id in self.state.own.get(participant_id, ())}
        found.update(self.reward_rows)
        return [row for row in found.values() if row.participant_id == participant_id and row.referral_id is None]

    def notify(self, topic: str, id: str, payload: Mapping[str, Any]) -> None:
        """The world must hear of it, unless the program runs in test mode. One event can cause one topic once for one
        thing: the last one counts."""
        if self.unheard:
            return
        key = f"{topic}:{id}:{self.event.id}"
        if key in self.told:
            kept = [effect for effect in self.effects if not (isinstance(effect, Notice) and effect.key == key)]
            self.effects[:] = kept
        self.told.add(key)
        self.effects.append(Notice(topic, key, self.event.id, self.event.occurred_at, payload))

    def later(self, person_id: str | None) -> list[Event]:
        """The person's orders and refunds that are counted already and happened only after the present moment,
        as far as early facts tell. A refund of the very order at hand is later than the order."""
        referral, person = self.referral, self.person(person_id)
        if referral is None or person is None:
            return []
        now, found = self.event.occurred_at, []
        if referral.id not in self.state.referrals:
            theirs = (event for event in self.state.told(person.id) if event.participant)
            found = [event for event in theirs if event.occurred_at >= now]
        for fact in self.state.early.get(referral.id, {}).values():
            event, order_id = fact.event, fact.event.properties.get("order_id")
            of_this_order = (
                event.type == "order.refunded"
                and order_id is not None
                and order_id == self.event.properties.get("order_id")
            )
            told_later = fact is not self.fact and fact.recall_at != BEHIND
            later = told_later and ((fact.recall_at or event.occurred_at) >= now or of_this_order)
            if later and event.participant and _is(person, event.participant):
                found.append(event)
        return [event for event in found if event.type in ("order.completed", "order.refunded")]

    def check(self, code: str, condition: Condition) -> str:
        """Evaluates a named condition and traces it. Gives '' where it holds, else the reason code."""
        if self.state.concluded and (known := self.concluded(code)):
            return "condition_error" if "error" in known else "" if known["ok"] else code
        ok, read, error = condition.test(Facts(self))
        line: dict[str, Any] = {"code": code, "ok": ok is True, "read": read}
        if ok is None:
            line["error"] = error
        self.trace.setdefault("checks", []).append(line)
        if ok is None:
            return "condition_error"
        return "" if ok else code

    def reckon(self, code: str, formula: Formula, value: int | None) -> int | None:
        """Evaluates an amount's expression and traces it. `value` is the event's in the program's currency."""
        if self.state.concluded and (known := self.concluded(code)):
            amount: int | None = known.get("amount")
            return amount
        facts = Facts(self)
        facts["event"] = {**facts["event"], "value": value}
        reckoned = formula.reckon(facts)
        line: dict[str, Any] = {"code": code, "ok": reckoned.amount is not None, "read": reckoned.read}
        line |= {"error": reckoned.error} if reckoned.amount is None else {"amount": reckoned.amount}
        self.trace.setdefault("checks", []).append(line)
        return reckoned.amount

    def concluded(self, code: str) -> Mapping[str, Any] | None:
        """What is on record of this condition, where the facts it read were erased since; traced again."""
        lines = self.state.concluded.get((self.event.id, self.program.id), ())
        traced = self.trace.get("checks", [])
        if len(traced) >= len(lines) or lines[len(traced)]["code"] != code:
            return None
        line = lines[len(traced)]
        self.trace["erased"] = True
        self.trace["checks"] = [*traced, line]
        return line

    def decision(self, outcome: str, reason: str) -> Decision:
        """The draft, concluded."""
        return Decision(
            self.program.id,
            self.program.version_id,
            outcome,
            reason,
            self.participant_id,
            self.referral.id if self.referral else None,
            self.trace,
            tuple(self.effects),
        )

    def no(self, reason: str) -> Decision:
        """Concludes that nothing was earned, and why."""
        return self.decision("no", reason)

    def yes(self, reason: str) -> Decision:
        """Concludes that something came of it."""
        return self.decision("yes", reason)


def _is(person: Participant, ref: PersonRef) -> bool:
    """Whether the reference names the person by what the person has now."""
    if ref.id:
        return ref.id == person.id
    return ref.external_id == person.external_id if ref.external_id is not None else ref.email == person.email


class Facts(dict[str, Mapping[str, Any]]):
    """What conditions read, each group built when the first condition asks for it."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft

    def __missing__(self, root: str) -> Mapping[str, Any]:
        facts: Mapping[str, Any] = getattr(self, f"_{root}")()
        self[root] = facts
        return facts

    def _event(self) -> Mapping[str, Any]:
        event = self._draft.event
        return {
            "type": event.type,
            "source": event.source,
            "value": event.properties.get("value"),
            "currency": event.properties.get("currency"),
            "occurred_at": event.occurred_at,
            "simulated": event.simulated,
            "properties": event.properties,
        }

    def _referral(self) -> Mapping[str, Any]:
        referral = self._draft.referral
        if referral is None:
            return {"state": None, "source": None, "value": None, "age_days": None, "properties": {}}
        return {
            "state": referral.state,
            "source": referral.source,
            "value": referral.value,
            "age_days": (self._draft.event.occurred_at - referral.submitted_at).days,
            "properties": referral.properties,
        }

    def _referrer(self) -> Mapping[str, Any]:
        return self._person(self._draft.referral.referrer_id if self._draft.referral else None, {})

    def _referred(self) -> Mapping[str, Any]:
        referral = self._draft.referral
        if referral is None:
            return self._person(None, {})
        return self._person(referral.referred_id, referral.properties.get("referred", {}))

    def _participant(self) -> Mapping[str, Any]:
        from goodword.domain import tiers

        held, _ = tiers.tier_of(self._draft)
        tier = self._draft.reached or (held.id if held else "")
        return {**self._person(self._draft.participant_id, {}), "tier": tier}

    def _person(self, id: str | None, told: Mapping[str, Any]) -> Mapping[str, Any]:
        person = self._draft.person(id)
        traits = person.traits if person else {}
        known = {**traits, **told} if told else traits
        return {
            "external_id": person.external_id if person else None,
            "email": person.email if person else None,
            "name": person.name if person else None,
            "country": known.get("country"),
            "company": known.get("company"),
            "industry": known.get("industry"),
            "employees": known.get("employees"),
            "is_customer": known.get("is_customer", False),
            "in_pipeline": known.get("in_pipeline", False),
            "traits": traits,
        }

    def _account(self) -> Mapping[str, Any]:
        draft = self._draft
        referrer = draft.person(draft.referral.referrer_id if draft.referral else draft.participant_id)
        account = draft.state.accounts.get(referrer.account_id) if referrer and referrer.account_id else None
        traits = account.traits if account else {}
        age = (draft.event.occurred_at - account.since).days if account and account.since else None
        return {
            "external_id": account.external_id if account else None,
            "name": account.name if account else None,
            "status": traits.get("status"),
            "plan": traits.get("plan"),
            "owner": traits.get("owner"),
            "territory": traits.get("territory"),
            "country": traits.get("country"),
            "industry": traits.get("industry"),
            "employees": traits.get("employees"),
            "age_days": age,
            "in_collections": traits.get("in_collections", False),
            "open_dispute": traits.get("open_dispute", False),
            "active_days_30": traits.get("active_days_30"),
            "traits": traits,
        }

    def _program(self) -> Mapping[str, Any]:
        program = self._draft.program
        return {"key": program.key, "version": program.number, "currency": program.document.currency}

    def _history(self) -> Mapping[str, Any]:
        draft = self._draft
        referred_id = draft.referral.referred_id if draft.referral else draft.participant_id
        counters = draft.state.counters.get(referred_id or "", {})
        orders = sum(count for name, (count, _) in counters.items() if name.startswith(ORDERS))
        value = counters.get(ORDERS + draft.program.document.currency, (0, 0))[1]
        for event in draft.later(referred_id):
            told = event.properties
            in_currency = told["value"] if told["currency"] == draft.program.document.currency else 0
            orders -= event.type == "order.completed"
            value += in_currency if event.type == "order.refunded" else -in_currency
        if draft.opening:
            own = draft.event.properties
            orders -= 1
            value -= own["value"] if own["currency"] == draft.program.document.currency else 0
        found = {"orders": orders, "order_value": value}
        if draft.program.document.history:
            from goodword.domain import windows

            found.update(windows.read(draft))
        return found

    def _experiment(self) -> Mapping[str, Any]:
        draft, found = self._draft, {}
        document = draft.program.document
        for experiment in document.experiments:
            subject = draft.participant_id
            if draft.referral:
                referred = experiment.whose == "referred"
                subject = draft.referral.referred_id if referred else draft.referral.referrer_id
            key = document.beside or document.program
            found[experiment.id] = variant_of(key, experiment, ids.public("par", subject)) if subject else None
        return found
