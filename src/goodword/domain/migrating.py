"""Running referrals move to another version of their program, and go back: an act of its own, by events.

`program.migrated` sets a timer; each ring of it moves a page of referrals, in the order of their ids, and sets the
next until all are looked at. `program.migration_undone` does the same the other way. Which version a referral had, and
when it would have expired, stands in a counter of the referral (`migrated:` and the migration's id); how far a
migration is, in counters of the program.

What was promised stays: a reward, and a place in a line, keep the version they were given under. What comes later is
judged by the version the referral has then; states it has passed are not passed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Any

from goodword.domain import ids, scores, timers
from goodword.domain.draft import Decision, Draft
from goodword.domain.events import Event
from goodword.domain.program import Program
from goodword.domain.rows import OPEN, DropTimer, Referral, Timer
from goodword.domain.state import MOVED, UNMOVED, State

MIGRATED = "program.migrated"
UNDONE = "program.migration_undone"
PAGED = "program.migrating"
"""The event that moves a page of referrals; set as a timer."""
PAGE = 1_000
"""Referrals that one event moves."""
BETWEEN = timedelta(seconds=1)
"""Between two pages, so that other events take their turn."""
MAX_NAMED = 500
"""Referrals that a migration may name one by one."""
MOVING, DONE, GOING_BACK, GONE_BACK = 1, 2, 3, 4
"""How far a migration is."""


def phase(migration_id: str) -> str:
    """The name of the program's counter of how far a migration is (`MOVING`, …)."""
    return f"migration:{migration_id}"


def moved(migration_id: str) -> str:
    """The counter of how many referrals were moved, and (amount) how many that were named stayed."""
    return f"migration.moved:{migration_id}"


def back(migration_id: str) -> str:
    """The counter of how many referrals went back, and (amount) how many could not."""
    return f"migration.back:{migration_id}"


def begin(draft: Draft) -> Decision:
    """The migration that the event asks for begins."""
    told, program, state = draft.event.properties, draft.program, draft.state
    numbered = {row.number: row for row in state.versions.values() if row.id == program.id}
    target = numbered.get(told["to_version"])
    if target is None:
        return draft.no("unknown_version")
    detail = {
        "migration": draft.event.id,
        "to": target.version_id,
        "from": [numbered[number].version_id for number in told["from_versions"] if number in numbered],
        "at": draft.event.occurred_at.isoformat(),
    }
    return _set_out(draft, detail, MOVING, "migrating")


def undo(draft: Draft) -> Decision:
    """A migration is taken back."""
    told, program, state = draft.event.properties, draft.program, draft.state
    migration_id = ids.internal("evt", told["migration"])
    so_far = draft.counter(program.id, phase(migration_id))[0]
    target = next(
        (row for row in state.versions.values() if (row.id, row.number) == (program.id, told["to_version"])), None
    )
    if not so_far or target is None:
        return draft.no("unknown_migration")
    if so_far > DONE:
        return draft.no("already_undone")
    detail = {"migration": migration_id, "to": target.version_id, "undo": True}
    return _set_out(draft, detail, GOING_BACK, "migrating_back")


def _set_out(draft: Draft, detail: dict[str, Any], now: int, reason: str) -> Decision:
    named = draft.event.properties.get("referrals")
    if named is not None:
        detail["only"] = sorted(ids.internal("ref", name) for name in named)
    name = phase(detail["migration"])
    draft.count(draft.program.id, name, now - draft.counter(draft.program.id, name)[0], 0)
    draft.effects.append(_timer(draft, draft.event.occurred_at, detail | {"after": ""}))
    draft.trace["migration"] = {"id": ids.public("evt", detail["migration"]), "to": _number(draft, detail)}
    return draft.yes(reason)


def _number(draft: Draft, detail: Mapping[str, Any]) -> int:
    return draft.state.versions[detail["to"]].number


def _timer(draft: Draft, due_at: datetime, detail: Mapping[str, Any]) -> Timer:
    way = "back" if "undo" in detail else "on"
    id = ids.derive(due_at, draft.state.workspace_id, "timer", PAGED, detail["migration"], way, detail["after"])
    return Timer(id, PAGED, due_at, draft.program.id, None, None, detail)


def ring(state: State, event: Event) -> Decision | None:
    """Moves a page of referrals, or takes it back, and sets a timer for the next page."""
    timer = state.timers.get(event.properties["timer"])
    program = state.programs.get(timer.program_id) if timer else None
    if timer is None or program is None:
        return None
    draft, detail = Draft(state, event, program), timer.detail
    migration_id, undoing = detail["migration"], "undo" in detail
    name = phase(migration_id)
    if draft.counter(program.id, name)[0] != (GOING_BACK if undoing else MOVING):
        return draft.no("superseded")
    page = state.moving.get(timer.id)
    found, after = page if page else in_hand(state, program, detail)
    gone: dict[str, list[str]] = {}
    stayed: dict[str, list[str]] = {}
    for id in found:
        row = state.referrals[id]
        reason = _why_not_back(draft, row, detail) if undoing else _why_not(state, row, detail)
        if reason:
            stayed.setdefault(reason, []).append(id)
            continue
        number = _go_back(draft, row, detail) if undoing else _go(draft, row, detail)
        gone.setdefault(str(number), []).append(id)
    counts = (sum(map(len, gone.values())), sum(map(len, stayed.values())))
    draft.count(program.id, back(migration_id) if undoing else moved(migration_id), *counts)
    told: dict[str, Any] = {"id": ids.public("evt", migration_id), "to": _number(draft, detail), "moved": gone}
    draft.trace["migration"] = told | ({"stayed": stayed} if stayed else {}) | ({"back": True} if undoing else {})
    if after:
        draft.effects.append(_timer(draft, timer.due_at + BETWEEN, {**detail, "after": after}))
        return draft.yes("migrating_back" if undoing else "migrating")
    draft.count(program.id, name, 1, 0)
    return draft.yes("migration_undone" if undoing else "migrated")


# Which referrals


def won_and_running(versions: Mapping[str, Program], to: Program, version_ids: Sequence[str]) -> list[str]:
    """Of these versions, those whose won referrals still run: it, or the one they go to, pays for events."""
    return [id for id in version_ids if to.rules_hearing or versions[id].rules_hearing]


def runs(state: State, row: Referral, to: Program) -> bool:
    """Whether a referral can still come to something: it is open, or won and events may still be paid."""
    won = row.state == "closed_won" and bool(won_and_running(state.versions, to, [row.version_id]))
    return row.state in OPEN or won


def _why_not(state: State, row: Referral, detail: Mapping[str, Any]) -> str:
    """Why a referral of the page is not moved, or ''."""
    known = row.version_id in detail["from"]
    return why_not(state, row, state.versions[detail["to"]]) if known else "other_version"


def why_not(state: State, row: Referral, to: Program) -> str:
    """Why a referral cannot be moved to a version, or ''."""
    if not runs(state, row, to):
        return "not_running"
    return "other_currency" if state.versions[row.version_id].document.currency != to.document.currency else ""


def _why_not_back(draft: Draft, row: Referral, detail: Mapping[str, Any]) -> str:
    """Why a referral of the page does not go back, or ''."""
    if row.version_id != detail["to"]:
        return "moved_further"
    given = (draft.state.rewards[id] for id in draft.state.rewards_of.get(row.id, ()))
    return "reward_depends" if any(reward.version_id == detail["to"] for reward in given) else ""


def was_moved(state: State, row: Referral, migration_id: str) -> bool:
    """Whether the migration moved the referral, and it has not gone back since."""
    moved, back = (state.counter(row.id, f"{name}{migration_id}")[0] for name in (MOVED, UNMOVED))
    return bool(moved and not back)


def in_hand(state: State, program: Program, detail: Mapping[str, Any]) -> tuple[Sequence[str], str]:
    """The next page from a state that knows every referral, and after which id the one behind it begins ('' for
    none). The engine reads the same from its tables (`engine.migrations`)."""
    rows = (row for row in state.referrals.values() if row.program_id == program.id and row.id > detail["after"])
    if "undo" in detail:
        found = (row.id for row in rows if was_moved(state, row, detail["migration"]))
    elif "only" in detail:
        found = (row.id for row in rows if row.id in detail["only"])
    else:
        to, by = state.versions[detail["to"]], datetime.fromisoformat(detail["at"])
        found = (
            row.id
            for row in rows
            if row.version_id in detail["from"] and row.submitted_at <= by and runs(state, row, to)
        )
    page = nsmallest(PAGE, found)
    return page, page[-1] if len(page) == PAGE else ""


# Moving one


def _go(draft: Draft, row: Referral, detail: Mapping[str, Any]) -> int:
    """Moves a referral; gives the number of the version it had."""
    state = draft.state
    has, to = state.versions[row.version_id], state.versions[detail["to"]]
    promised = scores.micros(row.expires_at) if row.expires_at else 0
    draft.count(row.id, f"{MOVED}{detail['migration']}", has.number, promised)
    kept = {**row.properties, "registered": True} if _registered(row, has, to) else row.properties
    _put(draft, row, row._replace(version_id=to.version_id, expires_at=expiry(row, to), properties=kept))
    return has.number


def _go_back(draft: Draft, row: Referral, detail: Mapping[str, Any]) -> int:
    """Takes a referral back; gives the number of the version it has again."""
    number, promised = draft.state.counter(row.id, f"{MOVED}{detail['migration']}")
    to = draft.state.versions[detail["to"]]
    had = next(each for each in draft.state.versions.values() if (each.id, each.number) == (to.id, number))
    draft.count(row.id, f"{UNMOVED}{detail['migration']}", to.number, 0)
    # What would have run out meanwhile runs out now.
    expires_at = max(scores.from_micros(promised), draft.event.occurred_at) if promised else None
    kept = row.properties
    if not had.document.registration:
        kept = {name: told for name, told in kept.items() if name != "registered"}
    now = row._replace(version_id=had.version_id, properties=kept)
    _put(draft, row, now._replace(expires_at=expires_at) if row.state in OPEN else now)
    return number


def expiry(row: Referral, to: Program) -> datetime | None:
    """When a moved referral runs out: counted from when it began, and never sooner than it was promised."""
    after = to.document.lifecycle.expire_after
    if row.state not in OPEN or row.expires_at is None:
        return row.expires_at
    return max(row.expires_at, after.after(row.submitted_at, to.zone)) if after else None


def _registered(row: Referral, has: Program, to: Program) -> bool:
    """Whether a deal counts as registered under a version that asks for it, where the one before did not."""
    asked = to.document.registration
    if not asked or has.document.registration or row.qualified_at is None:
        return False
    return asked.window is None or row.qualified_at < asked.window.after(row.submitted_at, to.zone)


def _put(draft: Draft, was: Referral, now: Referral) -> None:
    if now.state in OPEN and now.expires_at != was.expires_at:
        if was.expires_at:
            draft.effects.append(DropTimer(timers.referral_expiry(draft.state.workspace_id, was).id))
        if now.expires_at:
            draft.effects.append(timers.referral_expiry(draft.state.workspace_id, now))
    draft.effects.append(now)
