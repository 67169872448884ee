"""`decide`: one event, one program, one decision. Pure; see the architecture's second wall.

`step` is one event through everything: what it says of people and accounts, who of them are one person, then a
decision per program that it could concern, each seeing the effects of the ones before. The live engine, replay,
backtests and tests all go through `step`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from goodword.domain import (
    anniversaries,
    beside,
    claims,
    contests,
    early,
    event_tally,
    evidence,
    facts,
    goals,
    identity,
    ids,
    imports,
    inactivity,
    lifecycle,
    limits,
    linking,
    loyalty,
    migrating,
    own_waiting,
    reversals,
    rewards,
    running,
    statements,
    tally,
    terms,
    tier_facts,
    waiting,
    windows,
)
from goodword.domain.draft import Decision, Draft
from goodword.domain.events import Event
from goodword.domain.fields import ANNIVERSARY, REACHED, REDEEMED
from goodword.domain.payloads import APPROVED, CLAIMED, IMPORT_UNDONE, IMPORTED, REJECTED, VISITOR
from goodword.domain.program import Program
from goodword.domain.rows import ASIDE, Referral, Reward, Timer
from goodword.domain.rules import Rule
from goodword.domain.state import State

__all__ = ["Decision", "Step", "decide", "step"]

ALONE = frozenset({contests.DECIDED, goals.REACHED, migrating.PAGED})
"""Timers that read more than their batch names: it begins with them."""
TIMERS = (
    ALONE
    | {"hold.ended", "referral.expired", "reward.expired", "waitlist.reached"}
    | {ANNIVERSARY, early.RECALLED, tier_facts.REVIEWED, running.DUE, statements.CLOSED}
)
_IMPORTS = IMPORTED | {IMPORT_UNDONE}
"""What another system knew: nothing that anybody did here."""
_OF_THE_PROGRAM = frozenset({running.DUE, migrating.PAGED})
"""Timers that `running` minds."""


class Step(NamedTuple):
    """What one event led to: who it is about, and a decision for every program it could concern."""

    participant_id: str | None
    decisions: tuple[Decision, ...]


def step(state: State, event: Event) -> Step:
    """Moves the state by one event. The only function that does."""
    state.begin()
    rings = state.timers.get(event.properties["timer"]) if event.type in TIMERS else None
    told = identity.claims(state, event)
    observation = facts.observe(state, event)
    state.apply_all(observation.effects)
    participant_id = observation.participant_id
    if event.type in _IMPORTS:
        return _take_over(state, event, participant_id)
    decisions = []
    for claim in told:
        settled = tally.moved(state, event, identity.settle(state, event, claim, participant_id))
        settled = statements.counted(state, settled, event)
        state.apply_all(settled.effects)
        decisions.append(settled)
        participant_id = settled.participant_id
    if participant_id and event.type not in TIMERS:
        state.apply_all(inactivity.seen(state, event, participant_id))
        state.apply_all(windows.noted(state, event, participant_id))
    given: dict[str, str] = {}
    for program in state.in_order():
        decision = decide(state, event, program, participant_id, _NOTHING_GIVEN if program.is_test else given)
        if event.type in program.tallied:
            decision = event_tally.counted(state, event, program, participant_id, decision)
        if decision is None:
            continue
        decision = tally.counted(state, event, state.programs[program.id], decision)
        if program.is_partner:
            decision = statements.counted(state, decision, event)
        if (exclusive := program.document.exclusive) and not program.is_test and _gives(decision):
            given.setdefault("*" if exclusive is True else exclusive, program.key)
        state.apply_all(decision.effects)
        decisions.append(decision)
    if ran := running.decide(state, event):
        ran = tally.moved(state, event, ran)
        state.apply_all(ran.effects)
        decisions.append(ran)
    if rings and state.timers.get(rings.id) is rings:
        del state.timers[rings.id]
    participant_id = participant_id or _subject(state, decisions)
    if participant_id and event.type not in TIMERS:
        state.tell(participant_id, event)
    return Step(participant_id, tuple(decisions))


def _take_over(state: State, event: Event, participant_id: str | None) -> Step:
    """An event of an import. It is nobody's doing: no goal or contest counts it, nobody was there. A statement counts
    what is owed from the moment of the import on."""
    decisions = []
    for program in state.in_order() if "program" in event.properties else ():
        if decision := imports.decide(Draft(state, event, program, participant_id)):
            if program.is_partner:
                decision = statements.counted(state, decision, event._replace(occurred_at=event.received_at))
            state.apply_all(decision.effects)
            decisions.append(decision)
    return Step(participant_id or _subject(state, decisions), tuple(decisions))


def _subject(state: State, decisions: list[Decision]) -> str | None:
    """An event that names no person is about the referrer of the referral it moved in a live program."""
    for decision in decisions:
        if decision.referral_id and not (decision.version_id and state.versions[decision.version_id].is_test):
            return state.referrals[decision.referral_id].referrer_id
    return None


def _gives(decision: Decision) -> bool:
    """Whether the decision grants a reward, where others only move one."""
    return any(line["ok"] and "from" not in line for line in decision.trace.get("rewards", ()))


_NOTHING_GIVEN: Mapping[str, str] = {}
_OWN_WAYS: frozenset[str] = TIMERS.union(
    rewards.MOVES,
    lifecycle.MOVES,
    contests.MOVES,
    (terms.EVENT, VISITOR, CLAIMED, APPROVED, REJECTED),
    ("participant.signed_up", "link.created", "link.updated", "referral.submitted"),
)
"""Types of event that a program with referrals does not take for one about a referred person."""
_ABOUT_CLAIMS = frozenset({APPROVED, REJECTED})


def _about_nobody(state: State, event: Event, program: Program, participant_id: str | None) -> bool:
    """Whether the event is about nobody whom the program knows as referred, and names no referral. So it is with most
    events, and no draft is needed to say so."""
    return (
        (participant_id is None or not state.referrals_of.get((program.id, participant_id)))
        and "referral" not in event.properties
        and event.type not in _OWN_WAYS
        and not program.is_loyalty
    )


def decide(
    state: State,
    event: Event,
    program: Program,
    participant_id: str | None,
    given: Mapping[str, str] = _NOTHING_GIVEN,
) -> Decision | None:
    """What the program makes of the event; None where it could not concern the program at all. `given` is what
    exclusive programs before it gave (see `Draft`).

    `program` is the live version; a referral is judged by the version under which it began.
    """
    if event.type == REDEEMED and not program.is_loyalty:
        return _no_catalogue(event, program, participant_id)
    tells = event.type in evidence.TELLS and _tells(state, event, program, participant_id)
    if not tells and _about_nobody(state, event, program, participant_id):
        if not program.concerns(event.type):
            return None
        return Decision(program.id, program.version_id, "no", "not_referred", participant_id, None, {}, ())
    draft = Draft(state, event, program, participant_id, given=given)
    kind = event.type
    if kind in TIMERS:
        return _ring(draft)
    if kind in rewards.MOVES:
        return _move_reward(draft)
    if kind == terms.EVENT:
        return terms.accept(draft) if event.properties["program"] == program.key else None
    if kind in contests.MOVES:
        return contests.move(draft) if program.takes(event.properties["program"]) else None
    if kind in _ABOUT_CLAIMS:
        return claims.decide(draft)
    if kind == CLAIMED:
        return claims.make(draft)
    if kind == "referral.submitted" and not program.concerns(kind):
        return draft.no("no_submissions") if event.properties.get("program") == program.key else None
    if program.is_loyalty:
        return loyalty.decide(draft)
    if kind == "participant.signed_up" and program.concerns(kind):
        return lifecycle.begin_by_code(draft)
    if kind == "link.created":
        return linking.create(draft) if event.properties["program"] == program.key else linking.create_beside(draft)
    if kind == "link.updated":
        return linking.update(draft)
    if kind == "referral.submitted":
        named = event.properties.get("program")
        meant = named is None or program.takes(named)
        return lifecycle.begin_by_submission(draft) if meant else None
    if kind in lifecycle.MOVES:
        return _move(draft)
    if tells:
        return _at_checkout(draft) if kind == "order.completed" else _keep(draft)
    return _other(draft) if kind != VISITOR else None


def _no_catalogue(event: Event, program: Program, participant_id: str | None) -> Decision | None:
    """Whoever spends points in a program that has none to spend is told so."""
    if event.properties["program"] != program.key:
        return None
    return Decision(program.id, program.version_id, "no", "unknown_item", participant_id, None, {}, ())


def _tells(state: State, event: Event, program: Program, participant_id: str | None) -> bool:
    """Whether the event tells the program anything of who brought its person."""
    return (
        not program.is_loyalty
        and program.concerns("participant.signed_up")
        and evidence.told(state, event, participant_id)
    )


def _keep(draft: Draft) -> Decision | None:
    """Evidence of somebody who has not signed up is kept; what else the event is to the program, it is too."""
    if draft.participant_id and lifecycle.standing(draft, draft.participant_id):
        return _other(draft)
    kept = evidence.keep(draft)
    heard = _other(draft) if draft.event.type in draft.program.listened else None
    if heard and heard.reason != "not_referred":
        return heard
    if not kept:
        return heard
    return draft.yes(kept) if kept == "touch_kept" else draft.no(kept)


def _at_checkout(draft: Draft) -> Decision | None:
    """An order with evidence of who brought its person. Where it begins a referral, that hears of it at once."""
    if draft.event.properties.get("referral"):
        return _other(draft)  # it says whose it is
    begun = lifecycle.begin_by_order(draft)
    if begun is None:
        return _other(draft)
    if draft.referral is None or not draft.program.concerns(draft.event.type):
        return begun
    heard = _listen(draft)
    return heard if heard.outcome == "yes" or draft.trace.get("rewards") else draft.yes(begun.reason)


def _under(draft: Draft, referral: Referral) -> Draft:
    """The draft under the version the referral keeps, and not before the referral began."""
    _judge_by(draft, draft.state.versions[referral.version_id])
    draft.past = draft.state.had_versions(referral)
    draft.referral = referral
    return _not_before(draft, referral.submitted_at)


def _judge_by(draft: Draft, version: Program) -> None:
    """The draft under a version; the trace says which one where that is not the live one."""
    if version.version_id != draft.program.version_id:
        draft.program = version
        draft.trace["kept_version"] = version.number
        if version is draft.state.programs.get(version.id):
            del draft.trace["kept_version"]


def _not_before(draft: Draft, moment: datetime) -> Draft:
    """The draft's event counted at the moment at the earliest."""
    if draft.event.occurred_at < moment:
        draft.event = draft.event._replace(occurred_at=moment)
        draft.trace["counted_at"] = moment.isoformat()
    return draft


def _unknown(draft: Draft, name: str, *, waits: bool = True) -> Decision | None:
    """An event names a referral that this program does not have."""
    if draft.state.knows_referral(name, but_of=draft.program.id):
        return None
    early.keep_named(draft, name, waits=waits)
    return draft.no("unknown_referral")


def _named_referral(draft: Draft) -> tuple[str | None, Referral | None]:
    """The referral's name in the event, and the referral of this program behind it."""
    name = draft.event.properties.get("referral")
    if not isinstance(name, str):
        return None, None
    found = draft.state.referral_by_external.get((draft.program.id, name))
    if found is None and name.startswith("ref_"):
        try:
            found = ids.internal("ref", name)
        except ids.BadId:
            return name, None
    referral = draft.state.referrals.get(found) if found else None
    return name, beside.referral(draft, referral) if referral else None


def _move(draft: Draft) -> Decision | None:
    name, referral = _named_referral(draft)
    assert name
    if referral is None:
        return _unknown(draft, name)
    return lifecycle.move(_under(draft, referral), lifecycle.MOVES[draft.event.type])


def _move_reward(draft: Draft) -> Decision | None:
    """A reward named by its id, or by its referral and rule."""
    properties = draft.event.properties
    reward = None
    if isinstance(properties.get("reward"), str):
        try:
            reward = draft.state.rewards.get(ids.internal("rwd", properties["reward"]))
        except ids.BadId:
            return draft.no("unknown_reward")
        if reward:
            reward = beside.reward(draft, reward)
            if reward is None:
                return None
    else:
        name, referral = _named_referral(draft)
        if referral is None:
            assert name
            return _unknown(draft, name)
        return _move_named(_under(draft, referral))
    if reward is None:
        return draft.no("unknown_reward")
    return _moved(_of(draft, reward), reward)


def _of(draft: Draft, reward: Reward) -> Draft:
    """The draft for what becomes of a reward: under its referral's version, or its own where it has no referral."""
    if reward.referral_id:
        return _under(draft, draft.state.referrals[reward.referral_id])
    draft.program = draft.state.versions[reward.version_id]
    draft.participant_id = reward.participant_id
    return draft


def _move_named(draft: Draft) -> Decision:
    """Moves the reward of the draft's referral under the rule that the event names."""
    assert draft.referral
    rule = str(draft.event.properties["rule"])
    reward = rewards.reward_by_name(draft.rewards(), draft.event)
    if reward:
        return _moved(draft, reward)
    if rule in draft.program.rules:
        early.keep(draft, draft.referral.id)
    return draft.no("unknown_reward")


def _moved(draft: Draft, reward: Reward) -> Decision:
    """Moves a reward, which keeps the version it was given under."""
    _judge_by(draft, draft.state.versions[reward.version_id])
    _not_before(draft, reward.issued_at or reward.approved_at or reward.granted_at)
    refused = loyalty.move(draft, reward)
    return draft.no(refused) if refused else draft.yes("recorded")


def _ring(draft: Draft) -> Decision | None:
    timer = draft.state.timers.get(draft.event.properties["timer"])
    if timer is None or timer.kind in _OF_THE_PROGRAM or timer.program_id != draft.program.id:
        return None
    if timer.kind == contests.DECIDED:
        return contests.decide(draft, timer)
    if timer.kind == goals.REACHED:
        return goals.hand_out(draft, timer)
    if timer.kind == "waitlist.reached":
        return _take_turn(draft, timer)
    if timer.kind == ANNIVERSARY and timer.referral_id is None:
        return loyalty.anniversary(draft, timer)
    if timer.kind == tier_facts.REVIEWED:
        return tier_facts.review(draft, timer)
    if timer.kind == statements.CLOSED:
        return statements.close(draft, timer)
    if timer.referral_id is None:
        assert timer.reward_id
        reward = draft.state.rewards[timer.reward_id]
        refused = loyalty.ring(_of(draft, reward), timer, reward)
        return draft.no(refused) if refused else draft.yes("recorded")
    _under(draft, draft.state.referrals[timer.referral_id])
    draft.participant_id = draft.state.referrals[timer.referral_id].referrer_id
    if timer.kind == "referral.expired":
        return lifecycle.expire(draft)
    if timer.kind == early.RECALLED:
        return _tell_again(draft, timer)
    if timer.kind == ANNIVERSARY:
        return anniversaries.ring(draft, timer)
    assert timer.reward_id
    reward = draft.state.rewards[timer.reward_id]
    _judge_by(draft, draft.state.versions[reward.version_id])
    draft.participant_id = reward.participant_id
    refused = rewards.MOVES[timer.kind](draft, reward)
    return draft.no(refused) if refused else draft.yes("recorded")


def _take_turn(draft: Draft, timer: Timer) -> Decision:
    """A reward that stood first in line is tried again. Unless there is still no room, it leaves the line."""
    detail = timer.detail
    if timer.referral_id:
        _under(draft, draft.state.referrals[timer.referral_id])
        draft.participant_id = draft.state.referrals[timer.referral_id].referrer_id
        _judge_by(draft, draft.state.versions[detail.get("version", draft.program.version_id)])
    else:
        draft.program = draft.state.versions[detail["version"]]
        draft.participant_id = draft.state.survivor(detail["of"]).id
    _not_before(draft, datetime.fromisoformat(detail["since"]))
    draft.turn = timer
    if draft.referral and draft.referral.state in ASIDE:
        limits.step_out(draft, timer)
        waiting.let_go(draft, timer)
        return draft.no("superseded")
    rule = rewards.with_amount(draft.program.rules[detail["rule"]], detail.get("amount"))
    if own_waiting.is_earned(draft, rule):
        return loyalty.take_turn(draft, rule, timer)
    if over := _as_it_was(draft, rule, timer):
        limits.step_out(draft, timer)
        return draft.no(over)
    basis = waiting.basis_of(draft, draft.event) if "fact" in detail else {}
    rewards.grant(draft, rule, detail["occurrence"], basis)
    if draft.referral:
        early.recall(draft)
    line = draft.trace["rewards"][0]
    if not draft.stays:
        line["waited_since"] = detail["since"]
        limits.step_out(draft, timer)
        if not draft.waits:
            waiting.let_go(draft, timer)
    return draft.yes("rewarded") if line["ok"] else draft.no(line["reason"])


def _as_it_was(draft: Draft, rule: Rule, timer: Timer) -> str:
    """Brings back what the rule's reward is for: its event, the tier that was reached, which anniversary it is. Gives
    the reason why it is deserved no more, or ''."""
    if "fact" in timer.detail:
        draft.event = waiting.event_at(draft, timer)
    elif rule.on == REACHED:
        draft.reached = timer.detail["occurrence"]
    elif rule.on == ANNIVERSARY:
        return anniversaries.again(draft, int(timer.detail["occurrence"]))
    return ""


def _tell_again(draft: Draft, timer: Timer) -> Decision:
    """An early fact takes its turn, as if it came only now."""
    event = early.take(draft, timer)
    if event is None:
        return draft.no("superseded")
    draft.event = event
    if event.type in lifecycle.MOVES:
        return lifecycle.move(draft, lifecycle.MOVES[event.type])
    if event.type in rewards.MOVES:
        return _move_named(draft)
    return _listen(draft)


def _other(draft: Draft) -> Decision | None:
    """An event that the lifecycle or a reversal listens to."""
    event = draft.event
    name, referral = _named_referral(draft)
    if name is not None and referral is None:
        return _unknown(draft, name) if draft.program.concerns(event.type) else None
    if referral is None:
        referral = _referral_of(draft)
    if referral is None:
        return draft.no("not_referred") if draft.program.concerns(event.type) else None
    keeps = draft.state.versions[referral.version_id]
    if not keeps.concerns(event.type) and not any(
        event.type in had.releases or event.type in had.reversals for had in draft.state.had_versions(referral)
    ):
        return None
    if event.occurred_at < referral.submitted_at and not early.names(event, referral):
        draft.referral = referral
        return draft.no("before_referral")
    return _listen(_under(draft, referral))


def _listen(draft: Draft) -> Decision:
    """What the draft's referral makes of an event that its program listens to."""
    steps = draft.program.steps.get(draft.event.type)
    if steps:
        return lifecycle.run_steps(draft, steps)
    heard = draft.event.type in draft.program.rules_hearing or draft.releases
    if heard:
        lifecycle.fire(draft)
    if not draft.reverses:
        return lifecycle.concluded(draft, "nothing_held" if draft.releases else "superseded")
    refused = reversals.reverse_all(draft)
    if heard:
        return lifecycle.concluded(draft, refused or "reversed")
    return draft.no(refused) if refused else draft.yes("reversed")


def _referral_of(draft: Draft) -> Referral | None:
    """The event's person as the referred side: the standing referral, else the latest."""
    whom = draft.participant_id or ""
    if standing := lifecycle.standing(draft, whom):
        return standing
    rows = [draft.state.referrals[id] for id in draft.state.referrals_of.get((draft.program.id, whom), ())]
    told = [row for row in rows if row.state != "duplicate"]
    return max(told, key=lambda row: (row.submitted_at, row.id), default=None)
