"""Brings into memory the page of referrals that a ring of a migration moves or takes back.

A batch begins with such a ring (`decide.ALONE`), so that what the tables have is what stands at that moment. Pages are
looked for in the order of ids; one statement looks at so many referrals at most, found or not, so that no page takes
long in a workspace where few are to be moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goodword.domain import migrating
from goodword.domain.rows import OPEN, Timer
from goodword.domain.state import MOVED, UNMOVED, State
from goodword.store.sql import array, fetch

LOOK = 5_000
"""Referrals that one page looks at."""


def load(state: State, ring: Timer | None) -> set[str]:
    """The referrals that the ring moves."""
    if ring is None or ring.kind != migrating.PAGED or ring.program_id not in state.programs:
        return set()
    found, after = page(state, ring.program_id, ring.detail, migrating.PAGE)
    state.moving[ring.id] = (found, after)
    return set(found)


def page(state: State, program_id: str, detail: Mapping[str, Any], size: int) -> tuple[list[str], str]:
    """The next page, and after which id the one behind it begins; '' for none (the key, and that of counters)."""
    given = {
        "own": state.workspace_id,
        "program": program_id,
        "after": detail["after"] or "00000000-0000-0000-0000-000000000000",
        "look": LOOK,
        "limit": size,
    }
    rows = fetch(
        f"""
        WITH looked AS MATERIALIZED (
            SELECT id, program_id, version_id, state, submitted_at
            FROM referral
            WHERE workspace_id = %(own)s AND id > %(after)s::uuid
            ORDER BY id
            LIMIT %(look)s
        ), found AS (
            SELECT id FROM looked WHERE program_id = %(program)s AND {_wanted(state, detail, given)}
            ORDER BY id
            LIMIT %(limit)s
        )
        SELECT id::text, (SELECT count(*) FROM looked), (SELECT max(id::text) FROM looked) FROM found
        UNION ALL
        SELECT NULL, (SELECT count(*) FROM looked), (SELECT max(id::text) FROM looked)
        """,
        given,
    )
    found = sorted(id for id, _, _ in rows if id)
    _, looked, last = rows[-1]
    if len(found) == size:
        return found, found[-1]
    return found, last if looked == LOOK else ""


def _wanted(state: State, detail: Mapping[str, Any], given: dict[str, Any]) -> str:
    """Which of the referrals that are looked at belong to the page."""
    if "undo" in detail:
        given |= {"moved": MOVED + detail["migration"], "unmoved": UNMOVED + detail["migration"]}
        # A value and no EXISTS, so that each is looked up by key, whatever the database thinks of the table.
        return " AND ".join(
            f"(SELECT count FROM counter WHERE workspace_id = %(own)s AND subject_id = looked.id AND name = %({name})s)"
            f" IS {known}"
            for name, known in (("moved", "NOT NULL"), ("unmoved", "NULL"))
        )
    if "only" in detail:
        given["only"] = array("uuid", detail["only"])
        return "id = ANY(%(only)s::uuid[])"
    won = migrating.won_and_running(state.versions, state.versions[detail["to"]], detail["from"])
    given |= {
        "from": array("uuid", detail["from"]),
        "won": array("uuid", won),
        "open": array("text", sorted(OPEN)),
        "at": detail["at"],
    }
    return """version_id = ANY(%(from)s::uuid[]) AND submitted_at <= %(at)s::timestamptz
              AND (state = ANY(%(open)s::text[]) OR (state = 'closed_won' AND version_id = ANY(%(won)s::uuid[])))"""
