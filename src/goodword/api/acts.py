"""Acts: a request about one thing becomes one event, is applied before the answer, and is answered with what was
decided. Nothing but the event changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from uuid_utils import uuid7

from goodword.api import shaping
from goodword.api.problems import Fault, Refusal
from goodword.engine import apply, record, sharing
from goodword.insight import explain
from goodword.insight.explained import Explanation
from goodword.store import tenancy


class Acted(NamedTuple):
    """What became of an act: its event (with its decisions), whether it was there before, and whether it is applied."""

    event: Explanation
    duplicate: bool
    applied: bool

    @property
    def status(self) -> int:
        """200 where it was applied, 202 where it is safe in the log and the engine comes to it."""
        return 200 if self.applied else 202

    def shown(self) -> dict[str, Any]:
        """What every act answers with."""
        told = shaping.event(self.event)
        return {
            "event": told["id"],
            "duplicate": self.duplicate,
            "applied": self.applied,
            "decisions": told["decisions"],
        }

    def referral_id(self) -> str | None:
        """The inner id of the referral that a decision is about."""
        named = (view.referral for view in self.event.decisions)
        return next((one.id for one in named if one is not None), None)


def act(
    workspace_id: str,
    raw: Mapping[str, Any],
    *,
    source: str,
    wait: bool = True,
    places: Mapping[str, str] | None = None,
) -> Acted:
    """Record one event, with an id of ours where it names none, and apply it. `places` says which part of the body a
    part of the event came from, by the beginnings of their JSON pointers. Raises `Refusal` with every fault."""
    sent = {"event_id": f"{raw['type']}:{fresh()}"} | {name: value for name, value in raw.items() if value is not None}
    try:
        recorded = record.record(workspace_id, [sent], source=source, wake=not wait)
    except record.RejectedEvents as error:
        faults = [
            Fault(problem.code, problem.message, pointer=_place(problem.pointer, places or {}))
            for problem in error.problems.get(0, ())
        ]
        raise Refusal("invalid_request", errors=faults) from None
    [receipt] = recorded.receipts
    applied = wait and apply_now(workspace_id, [receipt.id])
    [event] = explain.explain_many(workspace_id, [receipt.id])
    return Acted(event, receipt.duplicate, applied or event.status == "applied")


def link_answer(done: Acted) -> sharing.Answered[Acted]:
    """What became of the question for a link that an act is. One that the engine did not come to yet is no repeat."""
    reasons = [view.reason for view in done.event.decisions]
    reason = next((one for one in (sharing.LINKED, "code_taken") if one in reasons), reasons[0] if reasons else "")
    return sharing.Answered(reason, done.duplicate and done.applied, done)


def fresh() -> str:
    """A name that nothing else has."""
    return str(uuid7())


def apply_now(workspace_id: str, event_ids: list[str]) -> bool:
    """Apply up to these events. False when the worker is at work on the workspace for too long: the
    events are safe, and it is told to come to them."""
    try:
        apply.apply_until(workspace_id, event_ids)
    except apply.Busy:
        with tenancy.workspace(workspace_id):
            record.call_worker(workspace_id)
        return False
    return True


def _place(pointer: str, places: Mapping[str, str]) -> str:
    for begins, instead in places.items():
        if pointer == begins or pointer.startswith(f"{begins}/"):
            return instead + pointer.removeprefix(begins)
    return pointer.removeprefix("/properties")
