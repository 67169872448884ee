"""What imports have seen: digests of vendors' ids, and of names within one import, with what they led to.

They find what a row names by another system's id, tell a repeat from a first, and in a dry run stand for what would
have been made. They hold no name of anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import blake2b
from typing import NamedTuple

from goodword.store import cluster
from goodword.store.sql import array, execute, fetch


class Seen(NamedTuple):
    """Where something was seen: by which import, in which of its files (None where that was not kept), on which line;
    the participant and the referral (by its external id) that it led to, where there are any."""

    run_id: str
    file: int | None
    line: int
    participant_id: str | None
    referral: str | None


class New(NamedTuple):
    """Something seen for the first time: in which scope, its key, the line, the log's id of the event that it became,
    and the participant or referral that was there before."""

    scope: str
    key: str
    line: int
    event_id: str | None
    target_id: str | None


def key(kind: str, *parts: str) -> str:
    """The key of a thing of some kind: a digest."""
    return f"{kind}:{blake2b(chr(31).join(parts).encode(), digest_size=16).hexdigest()}"


def find(workspace_id: str, scopes: Collection[str], keys: Collection[str]) -> dict[str, Seen]:
    """What is known of these keys in these scopes (import_key_pkey), what the events became (applied_pkey,
    decision_event)."""
    if not keys:
        return {}
    rows = fetch(
        """
        SELECT known.key, known.run_id::text, known.file, known.line,
               coalesce(applied.participant_id, known.target_id)::text, referral.external_id
        FROM import_key AS known
        LEFT JOIN applied ON applied.workspace_id = %(own)s AND applied.event_id = known.event_id
        LEFT JOIN LATERAL (
            SELECT decision.referral_id FROM decision
            WHERE decision.workspace_id = %(own)s AND decision.event_id = known.event_id
              AND decision.referral_id IS NOT NULL
            LIMIT 1
        ) AS decided ON known.key LIKE 'r:%%'
        LEFT JOIN referral ON referral.workspace_id = %(own)s
                          AND known.key LIKE 'r:%%'
                          AND referral.id = coalesce(decided.referral_id, known.target_id)
        WHERE known.workspace_id = %(own)s
          AND known.scope = ANY(%(scopes)s::text[])
          AND known.key = ANY(%(keys)s::text[])
        """,
        {"own": workspace_id, "scopes": array("text", scopes), "keys": array("text", keys)},
    )
    return {row[0]: Seen(*row[1:]) for row in rows}


def add(workspace_id: str, run_id: str, file: int, rows: Iterable[New]) -> None:
    """Keeps what was seen in a file; what is known stays as it is."""
    listed = list({(row.scope, row.key): row for row in reversed(list(rows))}.values())
    if not listed:
        return
    execute(
        """
        INSERT INTO import_key (workspace_id, run_id, file, scope, key, line, event_id, target_id)
        SELECT %s::uuid, %s::uuid, %s, scope, key, line, event_id, target_id
        FROM unnest(%s::text[], %s::text[], %s::int[], %s::uuid[], %s::uuid[])
            AS row (scope, key, line, event_id, target_id)
        ON CONFLICT (workspace_id, scope, key) DO NOTHING
        """
        + cluster.returning(),
        [
            workspace_id, run_id, file, array("text", [row.scope for row in listed]),
            array("text", [row.key for row in listed]), array("int", [row.line for row in listed]),
            array("uuid", [row.event_id for row in listed]), array("uuid", [row.target_id for row in listed]),
        ],
    )  # fmt: skip


def forget(workspace_id: str, run_id: str, scope: str = "") -> None:
    """Forgets what an import saw (import_key_run): all of it, or what is of one scope."""
    execute(
        "DELETE FROM import_key WHERE workspace_id = %s AND run_id = %s AND %s IN ('', scope)",
        [workspace_id, run_id, scope],
    )
