"""Where a program stands, in one of six states, and how it came there: who made it live, paused, resumed and ended it,
when and why. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from goodword.domain.rows import OPEN
from goodword.store import tenancy
from goodword.store.sql import array, fetch

STATES = ("draft", "review", "scheduled", "live", "paused", "ended")
MOVES = {
    "scheduled": "scheduled",
    "published": "live",
    "paused": "paused",
    "resumed": "resumed",
    "program_over": "ended",
}
"""What a decision's reason says became of the program."""
PAGE = 50
"""Moves in one answer, the newest."""
STATE = """
    CASE
        WHEN p.state = 'settling' THEN 'ended'
        WHEN p.state <> '' THEN p.state
        WHEN p.live_version_id IS NOT NULL THEN 'live'
        WHEN EXISTS (SELECT 1 FROM program_version pv                    -- program_version_number
                      WHERE pv.workspace_id = %(workspace)s AND pv.program_id = p.id) THEN 'scheduled'
        WHEN EXISTS (SELECT 1 FROM program_draft pd                      -- program_draft_open
                      WHERE pd.workspace_id = %(workspace)s AND pd.key = p.key
                        AND pd.state IN ('review', 'approved')) THEN 'review'
        ELSE 'draft'
    END
"""
"""The state of the program `p` in a statement whose parameter `workspace` is the workspace's id."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that became of a program: `scheduled`, `live`, `paused`, `resumed` or `ended`. `version` is the one
    that was live then, or that went or is to go live, at `due_at` where it is scheduled. Of an end `ending` is settle
    or void, with how many referrals were voided and held rewards cancelled."""

    what: str
    at: datetime
    by: str
    reason: str
    version: int
    due_at: datetime | None = None
    ending: str | None = None
    voided: int = 0
    cancelled: int = 0


def states(workspace_id: str, program_ids: Iterable[str]) -> dict[str, str]:
    """Where each program stands, in one statement."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            f"""
            SELECT p.id::text, {STATE} FROM program p
             WHERE p.workspace_id = %(workspace)s AND p.id = ANY(%(programs)s::uuid[])
            """,
            {"workspace": workspace_id, "programs": array("uuid", [str(id) for id in program_ids])},
        )
    return dict(rows)


def moves(workspace_id: str, program_id: str) -> list[Move]:
    """What became of a program, the newest first."""
    with tenancy.workspace(workspace_id):
        return [move for _, move in _moves(workspace_id, [program_id], tuple(MOVES), PAGE)]


def stopped(workspace_id: str, program_ids: Iterable[str]) -> dict[str, Move]:
    """By program, what stopped it last: a pause or its end."""
    ids = [str(id) for id in program_ids]
    if not ids:
        return {}
    with tenancy.workspace(workspace_id):
        return dict(_moves(workspace_id, ids, ("paused", "program_over"), 1))


def _moves(workspace_id: str, ids: list[str], reasons: tuple[str, ...], most: int) -> list[tuple[str, Move]]:
    rows = fetch(
        """
        SELECT told.program_id::text, told.reason, told.occurred_at, told.trace,
               e.payload->'properties'->>'by', e.payload->'properties'->>'reason',
               v.number, v.published_by, v.document->>'ending'
          FROM unnest(%(programs)s::uuid[]) AS wanted (id)
         CROSS JOIN LATERAL (
                SELECT d.program_id, d.event_id, d.version_id, d.reason, d.occurred_at, d.trace, d.id
                  FROM decision d                                        -- decision_standing
                 WHERE d.workspace_id = %(own)s
                   AND d.program_id = wanted.id
                   AND d.reason IN ('scheduled', 'published', 'paused', 'resumed', 'program_over')
                   AND d.reason = ANY(%(reasons)s::text[])
                 ORDER BY d.id DESC
                 LIMIT %(most)s) AS told
          JOIN event e ON e.workspace_id = %(own)s AND e.id = told.event_id
          JOIN program_version v ON v.workspace_id = %(own)s AND v.id = told.version_id
         ORDER BY told.id DESC
        """,
        {"own": workspace_id, "programs": array("uuid", ids), "reasons": array("text", reasons), "most": most},
    )
    return [(row[0], _move(*row[1:])) for row in rows]


def _move(
    reason: str, at: datetime, trace: dict[str, object] | None, by: str | None, why: str | None,
    number: int, published_by: str, ending: str | None,
) -> Move:  # fmt: skip
    due_at = (trace or {}).get("due_at")
    voided = (trace or {}).get("voided")
    counts = voided if isinstance(voided, dict) else {}
    return Move(
        MOVES[reason],
        at,
        by or published_by,
        why or "",
        number,
        datetime.fromisoformat(str(due_at)) if due_at else None,
        (ending or "settle") if reason == "program_over" else None,
        counts.get("referrals", 0),
        counts.get("rewards", 0),
    )


@dataclass(frozen=True, slots=True)
class Left:
    """What runs of a program: open referrals, held rewards, and rewards that stand in line for a limit."""

    open: int
    held: int
    waiting: int


def left(workspace_id: str, program_id: str) -> Left:
    """What would go on, or be let go, if the program stopped now."""
    with tenancy.workspace(workspace_id):
        [row] = fetch(
            """
            SELECT (SELECT count(*) FROM referral
                     WHERE workspace_id = %(own)s AND program_id = %(program)s AND state = ANY(%(open)s::text[])),
                   (SELECT count(*) FROM reward
                     WHERE workspace_id = %(own)s AND program_id = %(program)s AND state = 'pending'),
                   (SELECT count(*) FROM timer
                     WHERE workspace_id = %(own)s AND program_id = %(program)s AND kind = 'waitlist.reached')
            """,
            {"own": workspace_id, "program": program_id, "open": array("text", sorted(OPEN))},
        )
    return Left(*row)
