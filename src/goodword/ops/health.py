"""GET /healthz: the process is alive. GET /readyz: it can do its work, and if not, which part is not ready."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from goodword import __version__
from goodword.ops import figures, migrations

FRESH = 1.0
"""Seconds for which an answer of /readyz is good, so that anybody may ask as often as they like."""
ANSWER_WITHIN = 3
"""Seconds in which the database must take a connection."""

_lock = threading.Lock()
_known: tuple[float, dict[str, Any]] | None = None


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """Answers `{"status": "alive", "version": …}`; looks at nothing else."""
    return JsonResponse({"status": "alive", "version": __version__})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answers 200 or 503 with `{"status": "ready"|"not_ready", "parts": {name: {"ready", "message"}}}`."""
    parts = _parts_of_late()
    well = all(part["ready"] for part in parts.values())
    answer = {"status": "ready" if well else "not_ready", "version": __version__, "parts": parts}
    return JsonResponse(answer, status=200 if well else 503)


def _parts_of_late() -> dict[str, Any]:
    global _known
    with _lock:
        if _known is None or time.monotonic() - _known[0] >= FRESH:
            _known = (time.monotonic(), parts())
        return _known[1]


def parts() -> dict[str, Any]:
    """Each part with whether it is ready and a sentence. A part that needs another is not asked without it."""
    found: dict[str, Any] = {}
    for name, look in (("database", _database), ("migrations", _migrations), ("worker", _worker)):
        if all(part["ready"] for part in found.values()):
            well, message = _asked(look)
        else:
            well, message = False, "not known until the part before is ready"
        found[name] = {"ready": well, "message": message}
    return found


def _asked(look: Callable[[], tuple[bool, str]]) -> tuple[bool, str]:
    try:
        return look()
    except (Error, psycopg.Error):
        return False, "the database does not answer; run 'goodword check'"


def _database() -> tuple[bool, str]:
    """A connection of its own: the pool would wait long for a server that is gone."""
    parameters = {**connections[DEFAULT_DB_ALIAS].get_connection_params(), "connect_timeout": ANSWER_WITHIN}
    with psycopg.connect(**parameters) as connection:
        connection.execute("SELECT 1")
    return True, "the database answers"


def _migrations() -> tuple[bool, str]:
    waiting = migrations.pending()
    if waiting:
        return False, f"{len(waiting)} are not applied, the first is {waiting[0]}; run 'goodword migrate'"
    return True, "all are applied"


def _worker() -> tuple[bool, str]:
    lag, limit = figures.WATCH.figures().lag(datetime.now(UTC)), settings.GOODWORD_READY_LAG_SECONDS
    if lag > limit:
        return False, (
            f"the oldest event waits for {lag:.0f} s, over {limit} s: no worker runs, or it cannot keep up; "
            "run 'goodword worker'"
        )
    return True, f"no event waits for more than {limit} s"
