"""Publishing: a document becomes an immutable version, and an event makes it live, at once or at a moment. Pausing
and ending: events too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as N_
from uuid_utils import uuid7

from goodword.domain.document import Document
from goodword.domain.events import parse_event
from goodword.domain.faults import Fault, ProgramError, unknown
from goodword.domain.moments import shown
from goodword.domain.payloads import MAX_REASON
from goodword.domain.program import read
from goodword.domain.running import MAX_VOIDED
from goodword.engine import apply, endings, record
from goodword.store import tenancy
from goodword.store.models import Program, ProgramVersion
from goodword.store.sql import fetch
from goodword.store.worded import Worded

SOURCE = "goodword"
ENDED = N_("%(key)s has ended; publish under another key.")
NOT_LIVE = N_("No version of %(key)s is live.")
AHEAD = timedelta(days=3660)
"""How far ahead a version may be scheduled."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish led to. `new` is false where the live version already says the same, or one that goes live at that
    moment. `due_at`: when it goes live, where that is later; `timezone` is the document's."""

    program_id: str
    version_id: str
    key: str
    number: int
    new: bool
    due_at: datetime | None
    timezone: str


class StateError(Worded):
    """The program cannot be moved there from where it is. The message says why."""

    code = "wrong_state"


def publish(
    workspace_id: str,
    document: str | bytes | Mapping[str, Any],
    *,
    by: str,
    at: datetime | None = None,
    approved: Callable[[int], None] | None = None,
) -> Published:
    """Publishes a document as the next version of its program and makes it live, now or `at` a later moment.

    Referrals that began before keep their version. Publishing what was published last changes nothing, but when that
    goes live where it is still to. `approved` is of a draft that was: called with the version's number in the
    transaction that makes it.
    Raises `goodword.domain.faults.ProgramError` or `StateError`, with nothing left behind.
    """
    checked, source = read(document)
    if at is not None and not datetime.now(UTC) < at < datetime.now(UTC) + AHEAD:
        raise StateError(
            N_("%(moment)s is not a moment within the next %(days)s days."),
            moment=shown(at, checked.timezone), days=AHEAD.days,
        )  # fmt: skip
    said = digest(source)
    now = datetime.now(UTC)
    with tenancy.workspace(workspace_id):
        program, _ = Program.objects.get_or_create(
            workspace_id=workspace_id,
            key=checked.program,
            defaults={"id": str(uuid7()), "name": checked.name, "kind": checked.kind, "test": checked.test},
        )
        # One publish at a time, so that numbers have no gaps and none is taken twice.
        program = Program.objects.select_for_update().get(workspace_id=workspace_id, id=program.id)
        if program.state in ("settling", "ended"):
            raise StateError(ENDED, key=program.key)
        last = check(workspace_id, checked)
        same = last if last and last.digest == said else None
        due_at = goes_live(same) if same else None
        if same and due_at in (None, at):
            if approved:
                approved(same.number)
            return Published(str(program.id), str(same.id), program.key, same.number, False, due_at, checked.timezone)
        if approved is None:
            _check_review(program.key, last)
        version = same or ProgramVersion(
            id=str(uuid7()),
            workspace_id=workspace_id,
            program_id=program.id,
            number=last.number + 1 if last else 1,
            document=source,
            digest=said,
            published_at=now,
            published_by=by,
        )
        if same is None:
            version.save(force_insert=True)
        if approved:
            approved(version.number)
        if program.live_version_id is None:  # once a version is live, the program is called as that says
            Program.objects.filter(workspace_id=workspace_id, id=program.id).update(
                name=checked.name, kind=checked.kind, test=checked.test
            )
        named = {"program": checked.program, "version": str(version.id)}
        if due_at:
            named["instead_of"] = due_at.isoformat()
        if at:
            named["at"] = at.isoformat()
        event_id = str(uuid7()) if due_at else str(version.id)
        receipts = tell(workspace_id, "program.scheduled" if at else "program.published", event_id, now, named)
    apply.apply_until(workspace_id, receipts.inserted)
    return Published(
        str(program.id), str(version.id), checked.program, version.number, same is None, at, checked.timezone
    )


def waiting(workspace_id: str, document: Mapping[str, Any]) -> int | None:
    """The number of the newest version of a document's program, where it says the same and is to go live later."""
    with tenancy.workspace(workspace_id):
        versions = ProgramVersion.objects.filter(workspace_id=workspace_id, program__key=document["program"])
        last = versions.order_by("-number").first()
        return last.number if last and last.digest == digest(document) and goes_live(last) else None


def goes_live(version: ProgramVersion) -> datetime | None:
    """When a version is to go live; None where it is live, or was."""
    [[due_at]] = fetch(
        """
        SELECT (SELECT d.trace->>'due_at'
                  FROM decision d                                        -- decision_standing
                 WHERE d.workspace_id = %(own)s
                   AND d.program_id = %(program)s
                   AND d.reason IN ('scheduled', 'published', 'paused', 'resumed', 'program_over')
                   AND d.version_id = %(version)s AND d.reason IN ('scheduled', 'published')
                 ORDER BY d.id DESC
                 LIMIT 1)
        """,
        {"own": version.workspace_id, "program": version.program_id, "version": version.id},
    )
    return datetime.fromisoformat(due_at) if due_at else None


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document in canonical JSON, in hex."""
    return sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def check(workspace_id: str, document: Document) -> ProgramVersion | None:
    """Looks whether a checked document can follow what was published of its program, and gives the newest version.
    Raises `ProgramError`."""
    versions = ProgramVersion.objects.filter(workspace_id=workspace_id, program__key=document.program)
    last = versions.select_related("program").order_by("-number").first()
    if last and last.program.kind != document.kind:
        key, kind = document.program, last.program.kind
        told = f"{key} is a {kind} program; publish a {document.kind} program under another key"
        raise ProgramError([Fault("kind", "kind_changed", told, document.kind)])
    if changed := _terms_faults(versions, document):
        raise ProgramError(changed)
    if last and last.program.test != document.test:
        raise ProgramError([_other_mode(document, last.document.get("beside"))])
    if document.beside:
        _check_beside(workspace_id, document, document.beside)
    return last


def check_open(workspace_id: str, key: str) -> None:
    """Raises `StateError` where nobody may publish the program as it is: it has ended, or asks for a review."""
    with tenancy.workspace(workspace_id):
        versions = ProgramVersion.objects.filter(workspace_id=workspace_id, program__key=key)
        last = versions.select_related("program").order_by("-number").first()
    if last and last.program.state in ("settling", "ended"):
        raise StateError(ENDED, key=key)
    _check_review(key, last)


def _check_review(key: str, last: ProgramVersion | None) -> None:
    if last and last.document.get("review"):
        raise StateError(
            N_(
                "%(key)s asks for a review of every change: save the document as a draft ('goodword program draft "
                "save FILE'), let somebody else approve it, and publish that."
            ),
            key=key,
        )


def _terms_faults(versions: QuerySet[ProgramVersion], document: Document) -> list[Fault]:
    """A text of terms keeps its number: what participants accepted must be told by it for good."""
    terms = document.terms
    if terms is None or terms.version is None:
        return []
    for number, text, url in (
        versions.filter(document__terms__version=terms.version)
        .order_by("number")
        .values_list("number", "document__terms__text", "document__terms__url")
    ):
        if (text or url) != (terms.text or terms.url):
            told = f"terms {terms.version} were published with version {number} in other words; give these another"
            return [Fault("terms.version", "terms_changed", f"{told} number", terms.version)]
    return []


def _other_mode(checked: Document, beside: str | None) -> Fault:
    if checked.test:
        told = (
            f"{checked.program} is a live program and its rewards are promised; give the one to test a key of its own, "
            f"such as {checked.program}-test, and beside: {checked.program}"
        )
    else:
        told = (
            f"{checked.program} runs in test mode, and what it gave stays a test; go live under another key, for "
            f"example {beside or 'that of the live program'}, and end {checked.program}"
        )
    return Fault("test", "mode_changed", told, checked.test)


def _check_beside(workspace_id: str, checked: Document, key: str) -> None:
    """Raises `ProgramError` where there is no live program of that key to run beside."""
    live = Program.objects.filter(workspace_id=workspace_id, test=False, live_version__isnull=False)
    kinds = dict(live.values_list("key", "kind"))
    if key not in kinds:
        raise ProgramError([unknown("beside", "program", key, sorted(kinds))])
    if (kinds[key] == "loyalty") != (checked.kind == "loyalty"):
        told = f"{key} is a {kinds[key]} program; a {checked.kind} program has nothing to share with it"
        raise ProgramError([Fault("beside", "not_allowed", told, key)])


def pause(workspace_id: str, key: str, *, by: str, reason: str = "") -> None:
    """Nothing new begins from here on; who is in the program already goes on under their terms. Raises `StateError`."""
    _move(workspace_id, key, "paused", by, reason, allowed=("",))


def resume(workspace_id: str, key: str, *, by: str, reason: str = "") -> None:
    """A paused program runs again. Raises `StateError`."""
    _move(workspace_id, key, "resumed", by, reason, allowed=("paused",))


def end(workspace_id: str, key: str, *, by: str, reason: str = "", seen: str = "") -> None:
    """Ends a program for good, as the `ending` of its live version says: the one that was `seen`, where that is told.
    Raises `StateError`."""
    _move(workspace_id, key, "ended", by, reason, allowed=("", "paused"), seen=seen)


def _move(
    workspace_id: str, key: str, how: str, by: str, reason: str, *, allowed: tuple[str, ...], seen: str = ""
) -> None:
    now = datetime.now(UTC)
    said = reason.replace("\0", "").strip()
    if len(said) > MAX_REASON:
        raise StateError(
            N_("The reason has %(count)s characters; at most %(most)s are kept."), count=len(said), most=MAX_REASON
        )
    with tenancy.workspace(workspace_id):
        program = (
            Program.objects.select_for_update(of=("self",))
            .filter(workspace_id=workspace_id, key=key)
            .select_related("live_version")
            .get()
        )
        if program.live_version is None:
            raise StateError(NOT_LIVE, key=key)
        if program.state not in allowed:
            raise StateError(_STANDS[program.state], key=key)
        ending = program.live_version.document.get("ending", "settle")
        if seen and seen != ending:
            raise StateError(
                N_("The live version of %(key)s says 'ending: %(ending)s' now; look again at what ending it does."),
                key=key, ending=ending,
            )  # fmt: skip
        if how == "ended" and ending == "void":
            running = endings.running(workspace_id, {str(program.id)})
            count = len(running.referral_ids) + len(running.reward_ids)
            if count > MAX_VOIDED:
                raise StateError(
                    N_(
                        "%(count)s referrals of %(key)s are open or held, more than the %(most)s that one ending "
                        "voids; publish it with 'ending: settle' first."
                    ),
                    count=count, key=key, most=MAX_VOIDED,
                )  # fmt: skip
        named = {"program": key, "by": by} | ({"reason": said} if said else {})
        receipts = tell(workspace_id, f"program.{how}", str(uuid7()), now, named)
    apply.apply_until(workspace_id, receipts.inserted)


_OVER = N_("%(key)s has ended; nothing can be done with it any more.")
_STANDS = {
    "": N_("%(key)s runs; only a paused program can be resumed."),
    "paused": N_("%(key)s is paused already."),
    "settling": _OVER,
    "ended": _OVER,
}


def tell(workspace_id: str, kind: str, event_id: str, now: datetime, properties: Mapping[str, Any]) -> record.Recorded:
    """Records an event of the engine's own about a program."""
    raw = {"type": kind, "event_id": event_id, "occurred_at": now, "properties": properties}
    return record.write(workspace_id, [parse_event(raw, now, SOURCE, internal=True)], now)
