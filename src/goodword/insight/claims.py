"""Claims as they stand, with what was told of each and what staff said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from goodword.domain import ids
from goodword.store.models import Claim, Participant, Referral
from goodword.store.sql import array, fetch

_STANDING = ("submitted", "qualified", "opportunity", "nurture", "closed_won")


@dataclass(frozen=True, slots=True)
class Seen:
    """One claim. `standing` is the referral in which the person stands, by anybody; `others` how many further claims of
    the same person there are in the program that were not rejected; `told` whom they claim, in their words."""

    row: Claim
    told: Mapping[str, Any]
    proof: str
    url: str
    reference: str
    by: str
    note: str
    standing: Referral | None
    others: int

    @property
    def public_id(self) -> str:
        return ids.public("clm", self.row.id)

    @property
    def open(self) -> bool:
        """Whether staff can still reject it."""
        return self.row.state == "waiting" or (self.row.state == "approved" and self.row.referral_id is None)

    @property
    def claimant_id(self) -> str:
        return ids.public("par", self.claimant.id)

    @property
    def claimant_name(self) -> str:
        return _called(self.claimant)

    @property
    def referred_id(self) -> str:
        return ids.public("par", self.referred.id)

    @property
    def referred_name(self) -> str:
        return _called(self.referred)

    @property
    def standing_by_id(self) -> str:
        return ids.public("par", self.standing.referrer_id) if self.standing else ""

    @property
    def standing_by(self) -> str:
        return _called(self.standing.referrer) if self.standing else ""

    @property
    def claimant(self) -> Participant:
        """Who made it, or who stands for them."""
        made: Participant = self.row.participant
        return made.merged_into or made

    @property
    def referred(self) -> Participant:
        """Whom they claim, or who stands for them."""
        whom: Participant = self.row.referred
        return whom.merged_into or whom


def _called(row: Participant) -> str:
    return row.name or row.email or row.external_id or ids.public("par", row.id)


def claims(workspace_id: str, **filters: Any) -> QuerySet[Claim]:
    """The claims of a workspace with all that `seen` reads of their rows. Needs the workspace's transaction."""
    return Claim.objects.filter(workspace_id=workspace_id, **filters).select_related(
        "program", "participant__merged_into", "referred__merged_into"
    )


def seen(workspace_id: str, rows: Sequence[Claim]) -> list[Seen]:
    """The claims with what their events say (event_pkey). Needs the workspace's transaction."""
    told = _told(workspace_id, [row.id for row in rows] + [row.decision_id for row in rows if row.decision_id])
    people = {row.referred_id for row in rows} | {row.referred.merged_into_id for row in rows}
    standing = {
        (row.program_id, row.referred_id): row
        for row in Referral.objects.filter(
            workspace_id=workspace_id, referred_id__in=people - {None}, state__in=_STANDING
        ).select_related("referrer")
    }
    about: dict[tuple[Any, Any], set[Any]] = {}
    for id, program_id, referred_id in Claim.objects.filter(
        workspace_id=workspace_id, referred_id__in=people - {None}, state__in=("waiting", "approved")
    ).values_list("id", "program_id", "referred_id"):
        about.setdefault((program_id, referred_id), set()).add(id)
    found = []
    for row in rows:
        made, said = told.get(str(row.id), {}), told.get(str(row.decision_id), {})
        who = [(row.program_id, id) for id in (row.referred.merged_into_id, row.referred_id) if id]
        found.append(
            Seen(
                row,
                made.get("referred") or {},
                made.get("proof") or "",
                made.get("url") or "",
                made.get("reference") or "",
                said.get("by") or "",
                said.get("note") or "",
                next((standing[key] for key in who if key in standing), None),
                len(set().union(*(about.get(key, set()) for key in who)) - {row.id}),
            )
        )
    return found


def _told(workspace_id: str, event_ids: Sequence[Any]) -> dict[str, Mapping[str, Any]]:
    return dict(
        fetch(
            "SELECT id::text, payload->'properties' FROM event WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
            [workspace_id, array("uuid", [str(id) for id in event_ids])],
        )
    )
