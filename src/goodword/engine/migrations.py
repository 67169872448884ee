"""Migrating running referrals to another version: what is chosen, the act and its undoing, and how far they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext_noop as N_
from uuid_utils import uuid7

from goodword.domain import ids, migrating
from goodword.domain import program as documents
from goodword.engine import apply, load, programs
from goodword.store import tenancy
from goodword.store.models import Program
from goodword.store.sql import array, fetch
from goodword.store.worded import Worded

PATIENCE = 2.0
"""Seconds that a caller who waits for the answer moves pages itself; the worker goes on with the rest."""
LISTED = 100
"""Migrations of a program that are listed, the newest."""
STATES = {
    migrating.MOVING: "moving",
    migrating.DONE: "moved",
    migrating.GOING_BACK: "going_back",
    migrating.GONE_BACK: "undone",
}


_NO_PROGRAM = N_("There is no program %(key)s.")
_NO_PROGRAM_BUT = N_("There is no program %(key)s; did you mean %(near)s?")
_MAY_MOVE = N_("Version %(version)s of %(key)s is not live yet; referrals may move to the versions 1 to %(live)s.")
_MAY_MOVE_TO_FIRST = N_("Version %(version)s of %(key)s is not live yet; referrals may move to version 1.")


class NotFound(Worded, LookupError):
    """No such program, version, referral or migration. The message says what there is."""

    code = "not_found"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a migration is to move: of the program, from these versions to that one, all or only these referrals."""

    program_id: str
    key: str
    to: documents.Program
    sources: tuple[documents.Program, ...]
    only: tuple[str, ...] | None

    def detail(self, at: datetime) -> dict[str, Any]:
        """As the migration's timer has it (`domain.migrating`)."""
        told: dict[str, Any] = {"to": self.to.version_id, "from": [row.version_id for row in self.sources]}
        told |= {"at": at.isoformat(), "after": ""}
        return told | ({"only": list(self.only)} if self.only is not None else {})


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration as it stands. `named`: how many referrals it named, None for all that ran. `moved` and `stayed` count
    referrals on the way there, `back` and `kept` on the way back."""

    id: str
    program: str
    to: int
    sources: tuple[int, ...]
    named: int | None
    by: str
    reason: str
    at: datetime
    state: str
    moved: int
    stayed: int
    back: int
    kept: int
    undone_by: str
    undone_at: datetime | None
    undone_reason: str


def choose(workspace_id: str, key: str, to: int, sources: Collection[int] = (), only: Sequence[str] = ()) -> Chosen:
    """What would be moved. `sources`: version numbers, all others where empty; `only`: referrals by our id or the
    sender's. Raises `NotFound`, or `StateError` where nothing can be moved there."""
    with tenancy.workspace(workspace_id):
        row = Program.objects.filter(workspace_id=workspace_id, key=key).select_related("live_version").first()
        if row is None:
            known = list(Program.objects.filter(workspace_id=workspace_id).values_list("key", flat=True))
            near = get_close_matches(key, known, n=1)
            raise NotFound(_NO_PROGRAM_BUT if near else _NO_PROGRAM, key=repr(key), near=near[0] if near else "")
        if row.live_version is None:
            raise programs.StateError(programs.NOT_LIVE, key=key)
        if row.kind == "loyalty":
            raise programs.StateError(
                N_("%(key)s is a loyalty program; it has no referrals that keep a version."), key=key
            )
        program_id = str(row.id)
        versions = load.programs(workspace_id).versions
        numbered = {each.number: each for each in versions.values() if each.id == program_id}
        live = row.live_version.number
        for number in (to, *sources):
            if number not in numbered:
                raise NotFound(
                    N_("%(key)s has no version %(number)s; it has 1 to %(last)s."),
                    key=key, number=number, last=max(numbered),
                )  # fmt: skip
        if to > live:
            may = _MAY_MOVE if live > 1 else _MAY_MOVE_TO_FIRST
            raise programs.StateError(may, version=to, key=key, live=live)
        if to in sources:
            raise programs.StateError(
                N_("Version %(version)s is the one that referrals move to; leave it out of the others."), version=to
            )
        chosen = [numbered[number] for number in sorted(set(sources) or numbered.keys() - {to})]
        named = _named(workspace_id, program_id, key, only) if only else None
        return Chosen(program_id, key, numbered[to], tuple(chosen), named)


def _named(workspace_id: str, program_id: str, key: str, names: Sequence[str]) -> tuple[str, ...]:
    """The ids of the referrals that these names mean (the key, referral_external_id)."""
    if len(names) > migrating.MAX_NAMED:
        raise programs.StateError(
            N_("%(count)s referrals are named; at most %(most)s may be at once."),
            count=len(names), most=migrating.MAX_NAMED,
        )  # fmt: skip
    ours: dict[str, str] = {}
    for name in names:
        if name.startswith("ref_"):
            try:
                ours[name] = ids.internal("ref", name)
            except ids.BadId:
                continue
    found = {
        name: id
        for id, external_id in fetch(
            """
            SELECT id::text, external_id FROM referral
            WHERE workspace_id = %(own)s AND program_id = %(program)s AND id = ANY(%(ids)s::uuid[])
            UNION
            SELECT id::text, external_id FROM referral
            WHERE workspace_id = %(own)s AND program_id = %(program)s AND external_id = ANY(%(names)s::text[])
            """,
            {
                "own": workspace_id,
                "program": program_id,
                "ids": array("uuid", ours.values()),
                "names": array("text", names),
            },
        )
        for name in (ids.public("ref", id), external_id)
    }
    if unknown := [name for name in names if name not in found]:
        raise NotFound(
            N_("%(key)s has no referral %(name)s; name them by ref_… or by your own id."),
            key=key, name=repr(unknown[0][:80]),
        )  # fmt: skip
    return tuple(sorted({found[name] for name in names}))


def migrate(workspace_id: str, chosen: Chosen, *, by: str, reason: str = "") -> str:
    """Begins a migration; its id (evt_…). The first pages are moved at once, the rest by the worker; `state` says how
    far it is. Raises `Busy`: recorded, and done when the engine comes to it."""
    told: dict[str, Any] = {
        "program": chosen.key,
        "to_version": chosen.to.number,
        "from_versions": [row.number for row in chosen.sources],
        "by": by,
    }
    if chosen.only is not None:
        told["referrals"] = [ids.public("ref", id) for id in chosen.only]
    return _act(workspace_id, migrating.MIGRATED, str(uuid7()), told, reason)


def undo(workspace_id: str, key: str, migration: str, *, by: str, reason: str = "") -> None:
    """Takes a migration back: each referral has the version it had before, but those that a reward was given to under
    the new one. Raises `NotFound`, and `StateError` where it is taken back already."""
    row = one(workspace_id, key, migration)
    if row.state in ("going_back", "undone"):
        raise programs.StateError(N_("%(migration)s is taken back already."), migration=migration)
    for later in listed(workspace_id, key):
        if later.id == migration:
            break
        if row.to in later.sources and later.moved and later.state not in ("going_back", "undone"):
            raise programs.StateError(
                N_("%(later)s moved referrals on from version %(version)s; take that migration back first."),
                later=later.id, version=row.to,
            )  # fmt: skip
    told = {"program": key, "migration": migration, "to_version": row.to, "by": by}
    with tenancy.workspace(workspace_id):
        [(named,)] = fetch(
            "SELECT payload->'properties'->'referrals' FROM event WHERE workspace_id = %s AND id = %s",
            [workspace_id, ids.internal("evt", migration)],
        )
    if named is not None:
        told["referrals"] = named
    _act(workspace_id, migrating.UNDONE, f"undo:{migration}", told, reason)


def _act(workspace_id: str, kind: str, event_id: str, told: dict[str, Any], reason: str) -> str:
    told |= {"reason": reason} if reason else {}
    with tenancy.workspace(workspace_id):
        recorded = programs.tell(workspace_id, kind, event_id, datetime.now(UTC), told)
    [id] = recorded.inserted or [recorded.receipts[0].id]
    apply.apply_until(workspace_id, [id])
    carry_on(workspace_id, PATIENCE)
    return ids.public("evt", id)


def carry_on(workspace_id: str, seconds: float, tell: Callable[[], bool] = lambda: True) -> None:
    """Rings what is due for so long, as the worker would, and while `tell` says so; ends when nothing is due."""
    until = time.monotonic() + seconds
    try:
        while apply.apply_pending(workspace_id, wait=True).more and time.monotonic() < until and tell():
            pass
    except apply.Busy:
        return  # the worker is at it


def one(workspace_id: str, key: str, migration: str) -> Migration:
    """A migration of the program. Raises `NotFound`."""
    found = next((row for row in listed(workspace_id, key) if row.id == migration), None)
    if found is None:
        raise NotFound(N_("%(key)s has no migration %(id)s; list them first."), key=key, id=repr(migration[:80]))
    return found


def listed(workspace_id: str, key: str) -> list[Migration]:
    """The migrations of a program, the newest first. Raises `NotFound`."""
    with tenancy.workspace(workspace_id):
        row = Program.objects.filter(workspace_id=workspace_id, key=key).first()
        if row is None:
            raise NotFound(_NO_PROGRAM, key=repr(key))
        counted = {
            name: (count, amount)
            for name, count, amount in fetch(
                "SELECT name, count, amount FROM counter"
                " WHERE workspace_id = %s AND subject_id = %s AND name LIKE 'migration%%'",
                [workspace_id, str(row.id)],
            )
        }
        phases = {
            name.partition(":")[2]: count for name, (count, _) in counted.items() if name.startswith("migration:")
        }
        if not phases:
            return []
        events = fetch(
            """
            SELECT id::text, occurred_at, payload->'properties' FROM event
            WHERE workspace_id = %s AND id = ANY(%s::uuid[])
            ORDER BY occurred_at DESC, id DESC
            LIMIT %s
            """,
            [workspace_id, array("uuid", phases), LISTED],
        )
        undone = {
            event_id.partition(":")[2]: (at, by, reason or "")
            for event_id, at, by, reason in fetch(
                "SELECT event_id, occurred_at, payload->'properties'->>'by', payload->'properties'->>'reason'"
                " FROM event WHERE workspace_id = %s AND source = %s AND event_id = ANY(%s::text[])",
                [
                    workspace_id,
                    programs.SOURCE,
                    array("text", (f"undo:{ids.public('evt', id)}" for id in phases)),
                ],
            )
        }
    return [
        _migration(key, id, at, told, phases[id], counted, undone.get(ids.public("evt", id))) for id, at, told in events
    ]


def _migration(
    key: str,
    id: str,
    at: datetime,
    told: Mapping[str, Any],
    phase: int,
    counted: Mapping[str, tuple[int, int]],
    undone: tuple[datetime, str, str] | None,
) -> Migration:
    moved, stayed = counted.get(migrating.moved(id), (0, 0))
    back, kept = counted.get(migrating.back(id), (0, 0))
    return Migration(
        id=ids.public("evt", id),
        program=key,
        to=told["to_version"],
        sources=tuple(told["from_versions"]),
        named=len(told["referrals"]) if told.get("referrals") is not None else None,
        by=told["by"],
        reason=told.get("reason") or "",
        at=at,
        state=STATES[phase],
        moved=moved,
        stayed=stayed,
        back=back,
        kept=kept,
        undone_by=undone[1] if undone else "",
        undone_at=undone[0] if undone else None,
        undone_reason=undone[2] if undone else "",
    )
