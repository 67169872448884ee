"""An act at the command line: one event, applied at once, and what was decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from goodword.ops.cli._shared import Refused

if TYPE_CHECKING:
    from goodword.api.acts import Acted

SOURCE = "cli"


def act(workspace_id: str, raw: Mapping[str, Any], options: Mapping[str, str] | None = None) -> Acted:
    """Records the event and applies it. `options` says which option a part of the event came from, by JSON pointer.
    Raises `Refused` with every fault."""
    from goodword.api import acts
    from goodword.api.problems import Refusal

    try:
        return acts.act(workspace_id, raw, source=SOURCE)
    except Refusal as refusal:
        known = options or {}
        told = [f"{known.get(fault.pointer or '', '') or fault.pointer}: {fault.detail}" for fault in refusal.errors]
        raise Refused(f"{'; '.join(told)}.") from None


def reason(done: Acted) -> str:
    """What was decided, in words for staff."""
    from goodword.domain.reasons import staff_text

    if not done.applied:
        return "It is recorded; the engine comes to it in a moment"
    why = [staff_text(view.reason) for view in done.event.decisions]
    return why[0] if why else "No program has anything to decide about it"
