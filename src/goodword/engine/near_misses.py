"""Types of events that were taken as the sender's own, and are spelt nearly like a standard one.

They are recorded like others; whoever sends them is told, for nothing may ever come of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from goodword.domain.event_names import near_miss
from goodword.store import tenancy
from goodword.store.sql import fetch


class NearMiss(NamedTuple):
    """A type as it was sent, and the standard one that may be meant."""

    type: str
    nearest: str

    @property
    def detail(self) -> str:
        """What was done with it, and what to do."""
        return (
            f"{self.type} is no standard event and was taken as one of your own; did you mean {self.nearest}? If it "
            "is yours, name it under own_events in a program's document"
        )


def of(workspace_id: str, types: Iterable[str]) -> list[NearMiss]:
    """Of these types of events that were recorded, each once, those that may be slips: no version of a program says
    that they are meant."""
    found = [NearMiss(name, nearest) for name in dict.fromkeys(types) if (nearest := near_miss(name))]
    if not found:
        return []
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            SELECT DISTINCT own
              FROM program_version v
             CROSS JOIN jsonb_array_elements_text(coalesce(v.document -> 'own_events', '[]')) own
             WHERE v.workspace_id = %s
               AND own = ANY(%s::text[])
            """,
            [workspace_id, [one.type for one in found]],
        )
    meant = {name for (name,) in rows}
    return [one for one in found if one.type not in meant]
