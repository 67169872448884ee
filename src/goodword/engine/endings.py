"""What ending a program needs in memory: all that is open or held of it, where it voids that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from goodword.domain.events import Event
from goodword.domain.rows import OPEN
from goodword.domain.state import State
from goodword.store.sql import array, fetch


class Running(NamedTuple):
    """The open referrals and those of held rewards, and the held rewards that have no referral."""

    referral_ids: set[str]
    reward_ids: set[str]


def load(state: State, events: Sequence[Event]) -> Running:
    """What runs of the programs that these events end."""
    keys = {event.properties["program"] for event in events if event.type == "program.ended"}
    ids = {version.id for version in state.versions.values() if version.key in keys}
    return running(state.workspace_id, ids) if ids else Running(set(), set())


def running(workspace_id: str, program_ids: set[str]) -> Running:
    """What is open or held of programs."""
    rows = fetch(
        """
        SELECT id::text, NULL FROM referral
        WHERE workspace_id = %(own)s AND program_id = ANY(%(programs)s::uuid[]) AND state = ANY(%(open)s::text[])
        UNION
        SELECT referral_id::text, CASE WHEN referral_id IS NULL THEN id::text END FROM reward
        WHERE workspace_id = %(own)s AND program_id = ANY(%(programs)s::uuid[]) AND state = 'pending'
        """,
        {"own": workspace_id, "programs": array("uuid", program_ids), "open": array("text", sorted(OPEN))},
    )
    return Running({row[0] for row in rows if row[0]}, {row[1] for row in rows if row[1]})
