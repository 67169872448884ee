"""Moving running referrals to another version of their program: a look first, the act, and its undoing."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Path

from goodword.api import body
from goodword.api import migration_shapes as shapes
from goodword.api.body import pointer
from goodword.api.keys import caller
from goodword.api.problems import Fault, Refusal
from goodword.api.programs import MAX_VERSION, WHICH, found_program
from goodword.api.schemas import migration_body, reason_body
from goodword.domain import ids, migrating
from goodword.domain.payloads import MAX_REASON
from goodword.engine import migration_preview, migrations, programs
from goodword.engine.apply import Busy
from goodword.store import tenancy
from goodword.store.models import NAME

_FIELDS = ("to", "from", "referrals", "reason")

router = Router(tags=["Programs"])

MIGRATION = Path(
    ..., description="The migration's id: that of its event.", pattern=r"^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$"
)


@router.get(
    "/{program}/migrations",
    response=shapes.MigrationList,
    operation_id="list_program_migrations",
    summary="List a program's migrations",
)
def list_migrations(request: HttpRequest, program: str = WHICH) -> Any:
    """When running referrals were moved to another version, the newest 100, and how far each is."""
    workspace_id = caller(request).workspace_id
    key = _key(workspace_id, program)
    return {"data": [shapes.shown(row) for row in migrations.listed(workspace_id, key)]}


@router.post(
    "/{program}/migrations/preview",
    response=shapes.MigrationPreview,
    operation_id="preview_program_migration",
    summary="See what a migration would do",
    openapi_extra=migration_body("after"),
)
def preview_migration(request: HttpRequest, program: str = WHICH) -> Any:
    """Who would be affected, what would change for each, and what it would cost if every referral went on to each
    state that is still ahead of it: by the versions they have, and by the new one, without limits, campaigns and
    conditions. An amount that depends on what is yet to happen is a range, with `depends_on`; `high` is null where it
    has no most. Writes nothing."""
    workspace_id = caller(request).workspace_id
    key = _key(workspace_id, program)
    told = _told(request, (*_FIELDS, "after"))
    chosen = _chosen(workspace_id, key, told)
    try:
        return shapes.previewed(migration_preview.preview(workspace_id, chosen, told.get("after", "")))
    except ids.BadId as error:
        raise Refusal("invalid_request", errors=[Fault("bad_id", str(error), pointer="/after")]) from None


@router.post(
    "/{program}/migrations",
    response=dict.fromkeys((201, 202), shapes.Migration),
    operation_id="migrate_program",
    summary="Move running referrals to a version",
    openapi_extra=migration_body(),
)
def migrate_program(request: HttpRequest, program: str = WHICH) -> Any:
    """Move referrals that run, or those that you name, to another version of their program. Rewards and places in line
    keep the version they were given under; what comes later is judged by the new one. Look at the preview first.

    Answers 201 where all are moved, 202 where the engine goes on with the rest: `state` says how far it is."""
    who = caller(request)
    key = _key(who.workspace_id, program)
    told = _told(request, _FIELDS)
    chosen = _chosen(who.workspace_id, key, told)
    try:
        id = migrations.migrate(
            who.workspace_id, chosen, by=f"key {who.key_name}"[:NAME], reason=told.get("reason", "")
        )
    except Busy as error:
        raise Refusal("engine_busy", str(error), headers={"Retry-After": "5"}) from None
    row = migrations.one(who.workspace_id, chosen.key, id)
    return Status(201 if row.state == "moved" else 202, shapes.shown(row))


@router.post(
    "/{program}/migrations/{migration}/undo",
    response=dict.fromkeys((200, 202), shapes.Migration),
    operation_id="undo_program_migration",
    summary="Take a migration back",
    openapi_extra=reason_body(),
)
def undo_migration(request: HttpRequest, program: str = WHICH, migration: str = MIGRATION) -> Any:
    """Give each referral the version back that it had, unless a reward was given to it under the new version since:
    then it stays (`kept` counts those). The record keeps the reason, if you give one. Answers 200 where it is done,
    202 where the engine goes on with the rest."""
    who = caller(request)
    why = body.reason(request)
    key = _key(who.workspace_id, program)
    try:
        migrations.undo(who.workspace_id, key, migration, by=f"key {who.key_name}"[:NAME], reason=why)
        row = migrations.one(who.workspace_id, key, migration)
    except migrations.NotFound as error:
        raise Refusal("not_found", str(error)) from None
    except programs.StateError as error:
        raise Refusal("wrong_state", str(error)) from None
    except Busy as error:
        raise Refusal("engine_busy", str(error), headers={"Retry-After": "5"}) from None
    return Status(200 if row.state == "undone" else 202, shapes.shown(row))


def _key(workspace_id: str, program: str) -> str:
    with tenancy.workspace(workspace_id):
        return found_program(workspace_id, program).key


def _chosen(workspace_id: str, key: str, told: Mapping[str, Any]) -> migrations.Chosen:
    try:
        return migrations.choose(
            workspace_id,
            key,
            told["to"],
            told.get("from", ()),
            told.get("referrals", ()),
        )
    except migrations.NotFound as error:
        raise Refusal("not_found", str(error)) from None
    except programs.StateError as error:
        raise Refusal("wrong_state", str(error)) from None


def _told(request: HttpRequest, allowed: tuple[str, ...]) -> dict[str, Any]:
    """What the body says, checked. Raises `Refusal` with every fault."""
    sent = body.read_json(request)
    if not isinstance(sent, Mapping):
        raise Refusal("invalid_request", errors=[Fault("not_an_object", 'expected {"to": 2}', pointer="")])
    faults = []
    for name in sent:
        if name not in allowed:
            near = get_close_matches(name, allowed, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            faults.append(
                Fault("unknown_field", f"unknown field; {hint}allowed: {', '.join(allowed)}", pointer=pointer(name))
            )
    checks = (
        ("to", "to" in sent and _is_number(sent["to"]), "the number of a version, from 1"),
        ("from", _is_list(sent.get("from", [1]), _is_number, MAX_VERSION), "a list of version numbers, from 1"),
        (
            "referrals",
            _is_list(sent.get("referrals", ["x"]), _is_name, migrating.MAX_NAMED),
            f"a list of 1 to {migrating.MAX_NAMED} ids of referrals (ref_…, or your own)",
        ),
        ("reason", _is_text(sent.get("reason", ""), MAX_REASON), f"a text of at most {MAX_REASON} characters"),
        ("after", _is_text(sent.get("after", ""), NAME), "what `after` of the page before was"),
    )
    faults += [Fault("wrong_value", f"expected {what}", pointer=f"/{name}") for name, ok, what in checks if not ok]
    if faults:
        raise Refusal("invalid_request", errors=faults)
    return dict(sent)


def _is_number(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_VERSION


def _is_text(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= NAME


def _is_list(value: object, check: Any, most: int) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= most and all(map(check, value))
