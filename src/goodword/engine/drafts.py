"""Drafts: a document on its way to being published. It is saved, submitted, approved by somebody else or sent back,
and published or scheduled as it was approved.

A programme has one open draft at a time. What happened to a draft is kept with it, also after it was published. Drafts
decide nothing and are no events (docs/adr, on drafts); what becomes of them is, like any other publish.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext_noop as N_
from uuid_utils import uuid7

from goodword.domain.faults import Fault, ProgramError
from goodword.domain.program import read
from goodword.domain.reading import MAX_BYTES, plain
from goodword.engine import programs
from goodword.store import staff, tenancy
from goodword.store.models import NAME, Program, ProgramDraft, ProgramVersion

OPEN = ("draft", "review", "approved")
"""States in which something may still become of a draft."""
MAX_COMMENT = 2_000
MAX_STEPS = 500
"""Entries in the record of one draft."""
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class UnknownDraft(LookupError):
    """No draft has that id, or the program has none that is open."""


class DraftError(programs.StateError):
    """It cannot be done with the draft as it stands, or by this person. The message says why and what to do."""


class DraftChanged(DraftError):
    """Somebody else saved another text as the open draft meanwhile. `draft` is the one that stands."""

    def __init__(self, draft: ProgramDraft) -> None:
        last = [step for step in draft.trail if step["what"] == "saved"][-1]
        super().__init__(
            N_(
                "%(by)s saved another draft of %(key)s meanwhile. Yours is not saved yet; look at theirs, bring both "
                "together, and save again: that takes the place of theirs."
            ),
            by=last["by"], key=draft.key,
        )  # fmt: skip
        self.draft = draft


def digest(text: str) -> str:
    """What tells one text of a draft from another."""
    return sha256(text.encode()).hexdigest()


def save(
    workspace_id: str,
    document: str | bytes | Mapping[str, Any],
    *,
    by: str,
    comment: str = "",
    seen: str | None = None,
) -> tuple[ProgramDraft, bool]:
    """Saves a document as the open draft of its program, and whether that is a new draft. A draft may have faults, but
    it must be readable and name its program. Another text makes an approval void. `seen` is the digest of the open
    draft that the text was made from, '' where there was none: over another one nothing is saved (`DraftChanged`).

    Raises `ProgramError` where it cannot be read, and `DraftError`.
    """
    source = plain(document)
    text = _text(document)
    key = source.get("program")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        told = "a draft names its program: small letters, digits, - and _, at most 64, such as refer-a-friend"
        raise ProgramError([Fault("program", "missing" if key is None else "bad_id", told, key)])
    with tenancy.workspace(workspace_id):
        program = _program(workspace_id, key, source)
        draft = _find(workspace_id, key=key, state__in=OPEN)
        if draft is None:
            draft = ProgramDraft(id=str(uuid7()), workspace_id=workspace_id, key=key, text=text, state="draft")
            _step(draft, "saved", by, comment)
            draft.save(force_insert=True)
            _rename(program, source)
            return draft, True
        if draft.text != text:
            if seen is not None and seen != digest(draft.text):
                raise DraftChanged(draft)
            draft.text, draft.state = text, "draft"
            _step(draft, "saved", by, comment)
            _write(draft)
            _rename(program, source)
        return draft, False


def faults(workspace_id: str, text: str) -> list[Fault]:
    """Everything that keeps the text from being published."""
    try:
        document, _ = read(text)
        with tenancy.workspace(workspace_id):
            programs.check(workspace_id, document)
    except ProgramError as error:
        return error.faults
    return []


def submit(workspace_id: str, draft_id: str, *, by: str, comment: str = "", seen: str = "") -> ProgramDraft:
    """Asks for a review. Raises `UnknownDraft`, `DraftError`, and `ProgramError` where the document has faults."""
    with _locked(workspace_id, draft_id, seen) as draft:
        _only(draft, "draft")
        if found := faults(workspace_id, draft.text):
            raise ProgramError(found)
        draft.state = "review"
        _step(draft, "submitted", by, comment)
    return draft


def approve(workspace_id: str, draft_id: str, *, by: str, comment: str = "", seen: str = "") -> ProgramDraft:
    """Approves a draft that is in review. Nobody approves what they wrote, unless nobody else may. `seen` is the digest
    of the text that was looked at. Raises `UnknownDraft`, `DraftError`."""
    with _locked(workspace_id, draft_id, seen) as draft:
        _only(draft, "review")
        if by in authors(draft) and staff.others_may_publish(workspace_id, by):
            raise DraftError(
                N_("%(by)s wrote this draft of %(key)s; somebody else must approve it."), by=by, key=draft.key
            )
        draft.state = "approved"
        draft.beside = _newest(draft)
        _step(draft, "approved", by, comment)
    return draft


def send_back(workspace_id: str, draft_id: str, *, by: str, comment: str = "", seen: str = "") -> ProgramDraft:
    """Sends a draft back to who wrote it, and says why. Raises `UnknownDraft`, `DraftError`."""
    with _locked(workspace_id, draft_id, seen) as draft:
        _only(draft, "review", "approved")
        if not comment.strip():
            raise DraftError(N_("Say in a comment what is to change before it can be approved."))
        draft.state = "draft"
        _step(draft, "sent_back", by, comment)
    return draft


def discard(workspace_id: str, draft_id: str, *, by: str, comment: str = "", seen: str = "") -> ProgramDraft:
    """Gives a draft up; what happened to it is kept. Raises `UnknownDraft`, `DraftError`."""
    with _locked(workspace_id, draft_id, seen) as draft:
        _only(draft, *OPEN)
        draft.state = "discarded"
        _step(draft, "discarded", by, comment)
    _remove_unused(workspace_id, draft.key)
    return draft


def _remove_unused(workspace_id: str, key: str) -> None:
    """A program that was never more than a draft goes with it."""
    with tenancy.workspace(workspace_id):
        program = Program.objects.select_for_update().filter(workspace_id=workspace_id, key=key).first()
        versions = ProgramVersion.objects.filter(workspace_id=workspace_id, program__key=key)
        drafts = ProgramDraft.objects.filter(workspace_id=workspace_id, key=key, state__in=OPEN)
        if program and not versions.exists() and not drafts.exists():
            Program.objects.filter(workspace_id=workspace_id, id=program.id).delete()


def publish(
    workspace_id: str,
    draft_id: str,
    *,
    by: str,
    comment: str = "",
    seen: str = "",
    at: datetime | None = None,
) -> programs.Published:
    """Publishes an approved draft, now or `at` a moment, in one transaction with its record. Raises `UnknownDraft`,
    `DraftError`, `StateError`, and `ProgramError` where it has become faulty since."""
    with _locked(workspace_id, draft_id, seen) as draft:
        _only(draft, "approved")

    def published(number: int) -> None:
        with _locked(workspace_id, draft_id, digest(draft.text)) as now:
            _only(now, "approved")
            if now.beside != number and _newest(now, but=number) != now.beside:
                raise DraftError(
                    N_(
                        "Version %(version)s of %(key)s was published since the draft was approved; send it back, look "
                        "at what it changes now, and submit it again."
                    ),
                    version=_newest(now, but=number), key=now.key,
                )  # fmt: skip
            now.state, now.number = "published", number
            _step(now, "published", by, comment)

    return programs.publish(workspace_id, draft.text, by=by, at=at, approved=published)


def authors(draft: ProgramDraft) -> set[str]:
    """Everybody who wrote at the draft."""
    return {step["by"] for step in draft.trail if step["what"] == "saved"}


def open_draft(workspace_id: str, key: str) -> ProgramDraft:
    """The open draft of a program. Raises `UnknownDraft`."""
    with tenancy.workspace(workspace_id):
        found = ProgramDraft.objects.filter(workspace_id=workspace_id, key=key, state__in=OPEN).first()
    if found is None:
        raise UnknownDraft(f"{key} has no open draft.")
    return found


def _text(document: str | bytes | Mapping[str, Any]) -> str:
    """The text as it was written; of plain data, JSON that people can read."""
    if isinstance(document, Mapping):
        # A number may be beyond 64 bits: a fault that is to be shown.
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        return (
            text if len(text.encode()) <= MAX_BYTES else json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        )
    text = document.decode() if isinstance(document, bytes) else document
    return text.replace("\r\n", "\n")


def _program(workspace_id: str, key: str, source: Mapping[str, Any]) -> Program:
    """The program of the draft, locked so that one draft of it is saved at a time."""
    program, _ = Program.objects.get_or_create(
        workspace_id=workspace_id, key=key, defaults={"id": str(uuid7()), "name": key, "kind": "referral"}
    )
    program = Program.objects.select_for_update().get(workspace_id=workspace_id, id=program.id)
    if program.state in ("settling", "ended"):
        raise DraftError(N_("%(key)s has ended; write the draft under another key."), key=key)
    return program


def _rename(program: Program, source: Mapping[str, Any]) -> None:
    """Until something is published, a program is called as its draft says."""
    name, kind = source.get("name"), source.get("kind", "referral")
    never = not ProgramVersion.objects.filter(workspace_id=program.workspace_id, program_id=program.id).exists()
    if never and isinstance(name, str) and name and kind in ("referral", "partner", "loyalty"):
        Program.objects.filter(workspace_id=program.workspace_id, id=program.id).update(
            name=name[:NAME], kind=kind, test=source.get("test") is True
        )


def _find(workspace_id: str, **wanted: Any) -> ProgramDraft | None:
    return ProgramDraft.objects.select_for_update().filter(workspace_id=workspace_id, **wanted).first()


@contextmanager
def _locked(workspace_id: str, draft_id: str, seen: str) -> Iterator[ProgramDraft]:
    """The draft, for one to change at a time; written where the block ends well."""
    with tenancy.workspace(workspace_id):
        draft = _find(workspace_id, id=draft_id)
        if draft is None:
            raise UnknownDraft("There is no such draft.")
        if seen and seen != digest(draft.text):
            raise DraftError(N_("The draft was changed since you looked at it; look at it again."))
        yield draft
        _write(draft)


def _write(draft: ProgramDraft) -> None:
    ProgramDraft.objects.filter(workspace_id=draft.workspace_id, id=draft.id).update(
        text=draft.text, state=draft.state, trail=draft.trail, beside=draft.beside, number=draft.number,
        updated_at=draft.updated_at,
    )  # fmt: skip


def _only(draft: ProgramDraft, *allowed: str) -> None:
    if draft.state not in allowed:
        raise DraftError(_STANDS[draft.state], key=draft.key)


_STANDS = {
    "draft": N_("The draft of %(key)s is not submitted for review; submit it first."),
    "review": N_("The draft of %(key)s is in review; let somebody approve it or send it back."),
    "approved": N_("The draft of %(key)s is approved; publish it or send it back."),
    "published": N_("The draft of %(key)s is published already; save another one."),
    "discarded": N_("The draft of %(key)s was discarded; save another one."),
}


def _newest(draft: ProgramDraft, but: int = 0) -> int:
    """The number of the last published version of the draft's program, leaving one out; 0 for none."""
    found = ProgramVersion.objects.filter(workspace_id=draft.workspace_id, program__key=draft.key)
    return found.exclude(number=but).order_by("-number").values_list("number", flat=True).first() or 0


def _step(draft: ProgramDraft, what: str, by: str, comment: str) -> None:
    """Notes what was done. Saving again and again, with nothing in between, is one step."""
    at = datetime.now(UTC)
    if len(comment) > MAX_COMMENT:
        raise DraftError(
            N_("The comment has %(count)s characters; at most %(most)s are kept."), count=len(comment), most=MAX_COMMENT
        )
    if len(draft.trail) >= MAX_STEPS:
        raise DraftError(
            N_("The draft of %(key)s has a record of %(most)s steps; discard it and begin another."),
            key=draft.key, most=MAX_STEPS,
        )  # fmt: skip
    said = comment.replace("\0", "").strip()
    step = {"at": at.isoformat(), "by": by, "what": what, "comment": said, "digest": digest(draft.text)}
    last = draft.trail[-1] if draft.trail else None
    if last and what == last["what"] == "saved" and last["by"] == by and not last["comment"]:
        draft.trail = draft.trail[:-1]
    draft.trail = [*draft.trail, step]
    draft.updated_at = at
