"""Staff record that a participant accepted terms: an event like one that the participant's own product sends, with who
recorded it and how the acceptance was obtained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F
from django.utils.translation import gettext_noop as N_
from uuid_utils import uuid7

from goodword.domain.terms import EVENT
from goodword.engine import apply, record
from goodword.engine.programs import StateError
from goodword.store import tenancy
from goodword.store.models import Participant, ProgramVersion

MAX_HOW = 200
"""Characters of how an acceptance was obtained."""
_NONE = N_("%(key)s has no numbered terms.")
_NONE_LIVE = N_("%(key)s has no numbered terms in its live version; published: %(numbers)s.")
_NO_SUCH = N_("%(key)s has no numbered terms %(number)s; published: %(numbers)s.")


@dataclass(frozen=True, slots=True)
class Text:
    """A published text of terms. `live` says whether the live version has it."""

    program: str
    name: str
    number: int
    live: bool


def texts(workspace_id: str) -> list[Text]:
    """The numbered texts of terms of every program that is no test, by program, the newest first."""
    with tenancy.workspace(workspace_id):
        rows = ProgramVersion.objects.filter(
            workspace_id=workspace_id, program__test=False, document__terms__version__isnull=False
        ).values_list("program__key", "program__name", "document__terms__version", F("program__live_version_id"), "id")
        found: dict[tuple[str, int], Text] = {}
        for key, name, number, live_id, id in rows.order_by("number"):
            was = found.get((key, number))
            found[key, number] = Text(key, name, number, live_id == id or bool(was and was.live))
    return sorted(found.values(), key=lambda text: (text.name, text.program, -text.number))


def accept(
    workspace_id: str,
    participant_id: str,
    key: str,
    number: int | None = None,
    *,
    by: str,
    how: str = "",
    source: str,
) -> int:
    """Records that the participant, merged into nobody, accepted the terms of that number, or those of the live
    version; gives the number. Raises `StateError` where there are no such terms, or the participant was erased, and
    `Busy`, with the event recorded."""
    said = how.replace("\0", "").strip()
    if len(said) > MAX_HOW:
        raise StateError(
            N_("How it was obtained has %(count)s characters; at most %(most)s are kept."),
            count=len(said),
            most=MAX_HOW,
        )
    known = [text for text in texts(workspace_id) if text.program == key]
    if number is None:
        number = next((text.number for text in known if text.live), None)
    if number not in {text.number for text in known}:
        said = _NONE if not known else _NONE_LIVE if number is None else _NO_SUCH
        raise StateError(said, key=key, number=number, numbers=", ".join(str(text.number) for text in known))
    with tenancy.workspace(workspace_id):
        person = Participant.objects.get(workspace_id=workspace_id, id=participant_id)
    named = {"external_id": person.external_id} if person.external_id is not None else {"email": person.email}
    if not any(named.values()):
        raise StateError(N_("The participant was erased; nobody can accept anything for them."))
    now = datetime.now(UTC)
    told = {"program": key, "terms": number, "by": by} | ({"how": said} if said else {})
    raw = {"type": EVENT, "event_id": str(uuid7()), "occurred_at": now, "participant": named, "properties": told}
    try:
        receipt = record.record(workspace_id, [raw], source=source, now=now, wake=False)
    except record.RejectedEvents as error:
        raise StateError(str(error)) from None
    apply.apply_until(workspace_id, receipt.inserted)
    return number
