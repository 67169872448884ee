"""Participants who turned out to be one: who stands for whom, and who is merged into a participant. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from goodword.domain import ids
from goodword.insight.explain import person
from goodword.insight.explained import Person
from goodword.store import tenancy
from goodword.store.models import Participant, ParticipantMerge


@dataclass(frozen=True, slots=True)
class Merged:
    """Somebody who was merged, as they were known, and the event that did it."""

    person: Person
    merged_at: datetime
    event_id: str

    @property
    def event(self) -> str:
        """The event's public id."""
        return ids.public("evt", self.event_id)


def survivor_id(workspace_id: str, participant_id: str) -> str:
    """Who stands for a participant: the one it is merged into, else itself, also where nobody is known so."""
    with tenancy.workspace(workspace_id):
        found = Participant.objects.filter(workspace_id=workspace_id, id=participant_id, merged_into__isnull=False)
        into = found.values_list("merged_into_id", flat=True).first()
    return str(into or participant_id)


def family(workspace_id: str, participant_id: str) -> list[str]:
    """The ids of a participant and of everybody merged into it (participant_merged_into)."""
    with tenancy.workspace(workspace_id):
        found = Participant.objects.filter(workspace_id=workspace_id, merged_into_id=UUID(participant_id))
        return [participant_id, *map(str, found.order_by("id").values_list("id", flat=True))]


def merged(workspace_id: str, participant_id: str) -> tuple[Merged, ...]:
    """Everybody merged into a participant, by when they were."""
    with tenancy.workspace(workspace_id):
        rows = (
            ParticipantMerge.objects.filter(
                workspace_id=workspace_id, merged__merged_into_id=UUID(participant_id), split_at__isnull=True
            )
            .select_related("merged__account")
            .order_by("merged_at", "id")
        )
        return tuple(Merged(person(row.merged), row.merged_at, str(row.event_id)) for row in rows)
