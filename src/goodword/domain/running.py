"""Whether a program runs: a version that goes live at a moment, a pause and its end, the end of the program; and
running referrals that move to another version (`migrating`).

What a program that does not run refuses stands in `Draft.stopped`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from goodword.domain import contests, ids, lifecycle, limits, migrating, rewards
from goodword.domain.draft import Decision, Draft
from goodword.domain.events import Event, parse_time
from goodword.domain.program import Program
from goodword.domain.rows import OPEN, DropTimer, Publish, Referral, Stop, Timer
from goodword.domain.state import State

DUE = "program.due"
"""The timer that makes a scheduled version live."""
MAX_VOIDED = 20_000
"""Open referrals and held rewards that one end of a program voids; with more, it ends by settling."""


def decide(state: State, event: Event) -> Decision | None:
    """What an event about the running of a program does; None for any other event, and where the program has no
    live version."""
    if event.type == DUE:
        return _go_live(state, event)
    if event.type == migrating.PAGED:
        return migrating.ring(state, event)
    if event.type == "program.published":
        return _recalled(go_live(state, event, state.versions[event.properties["version"]]), state, event)
    if event.type == "program.scheduled":
        return _schedule(state, event)
    move = _MOVES.get(event.type)
    program = _named(state, event) if move else None
    return move(Draft(state, event, program)) if move and program else None


def _named(state: State, event: Event) -> Program | None:
    key = event.properties["program"]
    return next((program for program in state.programs.values() if program.key == key), None)


def _schedule(state: State, event: Event) -> Decision:
    version_id = event.properties["version"]
    version = state.versions[version_id]
    due_at = parse_time(event.properties["at"])
    draft = Draft(state, event, version)
    id = _due_id(state, version_id, due_at)
    draft.effects.append(Timer(id, DUE, due_at, version.id, None, None, {"version": version_id}))
    draft.trace["due_at"] = due_at.isoformat()
    return _recalled(draft.yes("scheduled"), state, event)


def _recalled(decision: Decision, state: State, event: Event) -> Decision:
    """The same decision, after which the version goes live no more when it was to until now."""
    before = event.properties.get("instead_of")
    if not before:
        return decision
    drop = DropTimer(_due_id(state, event.properties["version"], parse_time(before)))
    return decision._replace(effects=(drop, *decision.effects))


def _due_id(state: State, version_id: str, due_at: datetime) -> str:
    return ids.derive(due_at, state.workspace_id, "timer", DUE, version_id)


def _go_live(state: State, event: Event) -> Decision | None:
    timer = state.timers.get(event.properties["timer"])
    if timer is None:
        return None
    version = state.versions[timer.detail["version"]]
    live = state.programs.get(version.id)
    if live and live.number > version.number:  # a later one went live meanwhile
        return Draft(state, event, version).no("superseded")
    return go_live(state, event, version)


def go_live(state: State, event: Event, version: Program) -> Decision:
    """A version goes live, and its contests with it."""
    draft = Draft(state, event, version)
    contests.schedule(draft)
    draft.effects.append(Publish(version.id, version.version_id))
    before = state.programs.get(version.id)
    if before and (turns := limits.raised(before, version, event.occurred_at)):
        draft.effects.append(turns)
    return draft.yes("published")


def _pause(draft: Draft) -> Decision:
    if draft.state.stopped.get(draft.program.id):
        return draft.no("wrong_state")
    draft.effects.append(Stop(draft.program.id, "paused"))
    return draft.yes("paused")


def _resume(draft: Draft) -> Decision:
    if draft.state.stopped.get(draft.program.id) != "paused":
        return draft.no("wrong_state")
    draft.effects.append(Stop(draft.program.id, ""))
    return draft.yes("resumed")


def _end(draft: Draft) -> Decision:
    """Ends the program as its live version says: what runs may finish, or is voided."""
    if draft.state.stopped.get(draft.program.id) in ("settling", "ended"):
        return draft.no("wrong_state")
    if draft.program.document.ending == "settle":
        draft.effects.append(Stop(draft.program.id, "settling"))
        return draft.yes("program_over")
    draft.effects.append(Stop(draft.program.id, "ended"))
    draft.trace["voided"] = _void(draft)
    return draft.yes("program_over")


_MOVES: Mapping[str, Callable[[Draft], Decision]] = {
    "program.paused": _pause,
    "program.resumed": _resume,
    "program.ended": _end,
    migrating.MIGRATED: migrating.begin,
    migrating.UNDONE: migrating.undo,
}


def _void(draft: Draft) -> dict[str, int]:
    """Open referrals never counted, held rewards are cancelled; what is approved stays. Gives how many of each."""
    state = draft.state
    voided = cancelled = 0
    held: dict[str, list[str]] = {}
    for reward in state.rewards.values():
        if reward.program_id == draft.program.id and reward.state == "pending":
            held.setdefault(reward.subject_id, []).append(reward.id)
    open_ = {id for id, row in state.referrals.items() if row.program_id == draft.program.id and row.state in OPEN}
    for subject in sorted(open_ | held.keys()):
        referral = state.referrals.get(subject)
        one = _beside(draft, subject, referral)
        for id in sorted(held.get(subject, ())):
            rewards.end(one, state.rewards[id], "cancelled", "program_ended", "cancel")
            cancelled += 1
        if referral and subject in open_:
            lifecycle.put_aside(one, "voided", "program_ended")
            voided += 1
    return {"referrals": voided, "rewards": cancelled}


def _beside(draft: Draft, subject: str, referral: Referral | None) -> Draft:
    """A draft about one subject, whose effects and counts are those of the whole."""
    state = draft.state
    reward_version = next((state.rewards[id].version_id for id in state.rewards_of.get(subject, ())), "")
    version = state.versions[referral.version_id if referral else reward_version]
    participant_id = referral.referrer_id if referral else subject
    one = Draft(state, draft.event, version, participant_id, referral, effects=draft.effects, counted=draft.counted)
    one.told = draft.told
    return one
