"""Publishing: a document becomes an immutable version, and an event makes it live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
from uuid_utils import uuid7

from goodword.domain.events import parse_event
from goodword.domain.program import read
from goodword.engine import apply, record
from goodword.store import tenancy
from goodword.store.models import Program, ProgramVersion

SOURCE = "goodword"


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish led to. `new` is false where the live version already says the same."""

    program_id: str
    version_id: str
    key: str
    number: int
    new: bool


def publish(workspace_id: str, document: str | bytes | Mapping[str, Any], *, by: str) -> Published:
    """Publishes a document as the next version of its program and makes it live.

    Referrals that began before keep their version. Publishing what is live already changes nothing.
    Raises `goodword.domain.faults.ProgramError`, with nothing left behind.
    """
    checked, source = read(document)
    digest = sha256(orjson.dumps(source, option=orjson.OPT_SORT_KEYS)).hexdigest()
    now = datetime.now(UTC)
    with tenancy.workspace(workspace_id):
        program, _ = Program.objects.get_or_create(
            workspace_id=workspace_id,
            key=checked.program,
            defaults={"id": str(uuid7()), "name": checked.name, "kind": checked.kind},
        )
        # One publish at a time, so that numbers have no gaps and none is taken twice.
        program = Program.objects.select_for_update().get(workspace_id=workspace_id, id=program.id)
        versions = ProgramVersion.objects.filter(workspace_id=workspace_id, program_id=program.id)
        last = versions.order_by("-number").first()
        if last and last.digest == digest:
            return Published(str(program.id), str(last.id), program.key, last.number, False)
        version = ProgramVersion(
            id=str(uuid7()),
            workspace_id=workspace_id,
            program_id=program.id,
            number=last.number + 1 if last else 1,
            document=source,
            digest=digest,
            published_at=now,
            published_by=by,
        )
        version.save(force_insert=True)
        Program.objects.filter(workspace_id=workspace_id, id=program.id).update(name=checked.name, kind=checked.kind)
        raw = {
            "type": "program.published",
            "event_id": str(version.id),
            "occurred_at": now,
            "properties": {"program": checked.program, "version": str(version.id)},
        }
        event = parse_event(raw, now, SOURCE, internal=True)
        receipts = record.write(workspace_id, [event], now)
    apply.apply_until(workspace_id, receipts.inserted)
    return Published(str(program.id), str(version.id), checked.program, version.number, True)
