"""What the first page of a workspace shows beside the summary: its programs and how it went by month.

Reads only. Everything is bounded: programs by `PROGRAMS`, months by `MONTHS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from goodword.domain import ids
from goodword.insight.standing import STATE
from goodword.store import tenancy

PROGRAMS = 200
MONTHS = 24


@dataclass(frozen=True, slots=True)
class ProgramLine:
    """One program with its live version; `version` is None until something was published."""

    id: str
    key: str
    name: str
    kind: str
    version: int | None
    published_at: datetime | None
    published_by: str
    currency: str
    referrals: int
    state: str
    test: bool

    @property
    def public_id(self) -> str:
        return ids.public("prg", self.id)


@dataclass(frozen=True, slots=True)
class Month:
    """What happened in one calendar month (UTC), as counts."""

    first_day: date
    submitted: int
    won: int
    rewards: int


def programs(workspace_id: str) -> list[ProgramLine]:
    """The first `PROGRAMS` programs by key, ended ones last, each with the number of referrals it has."""
    with tenancy.workspace(workspace_id):
        rows = _query(
            f"""
            SELECT p.id, p.key, p.name, p.kind, v.number, v.published_at, COALESCE(v.published_by, ''),
                   COALESCE(v.document ->> 'currency', ''), COALESCE(r.count, 0),
                   {STATE}, p.test
              FROM program p                                          -- program_key
              LEFT JOIN program_version v ON v.workspace_id = p.workspace_id AND v.id = p.live_version_id
              LEFT JOIN (SELECT program_id, COUNT(*) AS count
                           FROM referral
                          WHERE workspace_id = %(workspace)s
                          GROUP BY program_id) r ON r.program_id = p.id
             WHERE p.workspace_id = %(workspace)s
             ORDER BY p.state IN ('settling', 'ended'), p.key
             LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "limit": PROGRAMS},
        )
    return [ProgramLine(str(id_), *rest) for id_, *rest in rows]


def months(workspace_id: str) -> list[Month]:
    """The last `MONTHS` calendar months up to the latest referral or reward, oldest first, gaps filled."""
    with tenancy.workspace(workspace_id):
        rows = _query(
            """
            WITH tested AS (SELECT id FROM program WHERE workspace_id = %(workspace)s AND test),
            facts AS (
                SELECT submitted_at AS at, 1 AS submitted, 0 AS won, 0 AS rewards
                  FROM referral
                 WHERE workspace_id = %(workspace)s AND program_id NOT IN (SELECT id FROM tested)
                UNION ALL
                SELECT closed_at, 0, 1, 0
                  FROM referral
                 WHERE workspace_id = %(workspace)s AND state = 'closed_won' AND closed_at IS NOT NULL
                   AND program_id NOT IN (SELECT id FROM tested)
                UNION ALL
                SELECT granted_at, 0, 0, 1
                  FROM reward
                 WHERE workspace_id = %(workspace)s AND program_id NOT IN (SELECT id FROM tested)
            )
            SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date AS month,
                   SUM(submitted), SUM(won), SUM(rewards)
              FROM facts
             GROUP BY month
             ORDER BY month DESC
             LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "limit": MONTHS},
        )
    known = {month: Month(month, int(submitted), int(won), int(rewards)) for month, submitted, won, rewards in rows}
    if not known:
        return []
    return [known.get(day) or Month(day, 0, 0, 0) for day in _run_of_months(min(known), max(known))[-MONTHS:]]


def _run_of_months(first: date, last: date) -> list[date]:
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(max(start, end - MONTHS + 1), end + 1)]


def _query(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
