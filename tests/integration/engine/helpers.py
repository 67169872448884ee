"""Short ways to say an event, publish a recipe, and look at what came of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import psycopg
import pytest
from django.db import connection

from goodword.engine import apply, programs, record
from goodword.store import models, tenancy


def event(id: str, type: str, at: str, person: str | dict[str, str] | None = None, **properties: Any) -> dict[str, Any]:
    """One event as it is sent; `at` without a zone is UTC."""
    found = {
        "event_id": id,
        "type": type,
        "occurred_at": at if at.endswith("Z") else f"{at}Z",
        "properties": properties,
    }
    return found | ({"participant": person} if person else {})


def recipe(name: str) -> str:
    """A packaged recipe's text."""
    return (files("goodword") / "recipes" / f"{name}.yaml").read_text()


def publish(workspace: str, *names: str) -> None:
    """Publishes recipes."""
    for name in names:
        programs.publish(workspace, recipe(name), by="test")


def send(workspace: str, *events: dict[str, Any]) -> record.Recorded:
    """Records events and applies everything that waits; no timer rings by the clock."""
    recorded = record.record(workspace, list(events))
    while apply.apply_pending(workspace, ring=False).more:
        pass
    return recorded


@contextmanager
def seen(workspace: str) -> Iterator[Any]:
    """The tables, inside the workspace."""
    with tenancy.workspace(workspace):
        yield models


def friend(number: int, code: str = "ada", at: str = "2025-03-01T10:00:00") -> list[dict[str, Any]]:
    """A friend signs up with the code and pays a first order of 30 USD the same minute."""
    who = f"friend-{number}"
    return [
        event(f"{who}-signup", "participant.signed_up", at, who, code=code),
        event(f"{who}-order", "order.completed", at, who, value=3000, currency="USD"),
    ]


def link(program: str, who: str = "ada", code: str = "ada") -> dict[str, Any]:
    """A participant gets a link."""
    return event(f"link-{code}", "link.created", "2025-01-01T10:00:00", who, program=program, code=code)


def snapshot(workspace: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything the engine keeps, without ids and clocks, in a stable order."""
    with tenancy.workspace(workspace):
        return {
            "participants": sorted(models.Participant.objects.values_list("external_id", "email", "name"), key=str),
            "referrals": sorted(
                models.Referral.objects.values_list(
                    "program__key", "referrer__external_id", "referred__external_id", "state", "qualified_at",
                    "closed_at",
                ),
                key=str,
            ),
            "rewards": sorted(
                models.Reward.objects.values_list(
                    "program__key", "rule", "participant__external_id", "state", "amount", "unit", "approved_at"
                ),
                key=str,
            ),
            "counters": sorted(models.Counter.objects.values_list("name", "count", "amount")),
            "decisions": sorted(
                models.Decision.objects.exclude(reason="published").values_list(
                    "event__type", "program__key", "outcome", "reason"
                )
            ),
            "ledger": sorted(
                models.LedgerAccount.objects.values_list(
                    "kind", "unit", "participant__external_id",
                    "debits_pending", "debits_posted", "credits_pending", "credits_posted",
                ),
                key=str,
            ),
            "outbox": sorted(models.Outbox.objects.values_list("topic", flat=True)),
            "timers": sorted(models.Timer.objects.values_list("kind", "due_at")),
        }  # fmt: skip


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are carried out inside."""
    statements: list[str] = []
    real = psycopg.Cursor.execute

    def execute(cursor: Any, statement: Any, *arguments: Any, **named: Any) -> Any:
        statements.append(str(statement))
        return real(cursor, statement, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", execute)
        yield statements


@contextmanager
def held(workspace: str) -> Iterator[None]:
    """Somebody else has the workspace, as a worker at work does."""
    taken, release = threading.Event(), threading.Event()

    def hold() -> None:
        with tenancy.workspace(workspace):
            assert apply.lock(workspace, wait=False)
            taken.set()
            release.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(10)
    try:
        yield
    finally:
        release.set()
        holder.join()
