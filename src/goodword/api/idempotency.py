"""`Idempotency-Key`: a write that is sent again with the same key gets the first answer again.

Only answers that say "done" are kept, for a day. A refusal changed nothing, so its key is free again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from goodword.api.keys import Caller
from goodword.api.problems import Refusal, bad_parameter
from goodword.store import tenancy
from goodword.store.keys import SECRET
from goodword.store.sql import array, execute, fetch, fetch_together

HEADER = "Idempotency-Key"
REPLAYED = {"Idempotency-Replayed": "true"}
"""What is said with a first answer that is given again."""
MAX_KEY = 200
"""Characters of a key; printable ASCII."""
KEPT = timedelta(hours=24)
TAKEN_OVER_AFTER = timedelta(seconds=60)
"""A request that has not answered for so long is taken for dead, and a repeat runs anew."""
SWEPT = 10
"""Old rows removed for each new one."""


class First(NamedTuple):
    """The first answer to a request: its status and its body."""

    status: int
    content: bytes


def answered(request: HttpRequest, who: Caller, raw: bytes, run: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `run`, or the kept one. Raises `Refusal` when the key is in use or was used
    with another request."""
    workspace_id, given = who.workspace_id, request.headers.get(HEADER)
    if given is None:
        return run()
    key = key_of(who, given)
    digest = digest_of(str(request.method), request.get_full_path(), request.META.get("CONTENT_TYPE") or "", raw)
    with tenancy.workspace(workspace_id):
        started, others = claim(workspace_id, {key: digest})
    if key in others:
        first = others[key]
        if isinstance(first, Refusal):
            raise first
        return HttpResponse(first.content, status=first.status, content_type="application/json", headers=REPLAYED)
    response = None
    try:
        response = run()
    finally:
        with tenancy.workspace(workspace_id):
            if response is not None and 200 <= response.status_code < 300:
                # What is told only once is not kept.
                content = getattr(response, "goodword_kept", response.content)
                keep(workspace_id, started, {key: First(response.status_code, content)})
            else:
                set_free(workspace_id, started, [key])
    return response


def key_of(who: Caller, given: str) -> str:
    """Under which name a caller's key is kept. Raises `Refusal` for what is none."""
    if not (1 <= len(given) <= MAX_KEY and given.isascii() and given.isprintable()):
        raise bad_parameter(HEADER, "bad_idempotency_key", f"expected 1 to {MAX_KEY} printable ASCII characters")
    return given if who.kind == SECRET else _apart(who, given)


def _apart(who: Caller, key: str) -> str:
    """The key of one who is not the host: of that person's, or that publishable key's, own requests and no others."""
    whose = f"person {who.person.external_id}" if who.person else f"key {who.key_id}"
    return "".join(("apart ", hashlib.sha256(f"{whose}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()))


def digest_of(method: str, address: str, media_type: str, raw: bytes) -> bytes:
    """By what a request is known again: SHA-256 of all of it that matters."""
    head = "\0".join((method, address, media_type, ""))
    return hashlib.sha256(head.encode("utf-8", "surrogatepass") + raw).digest()


def claim(workspace_id: str, wanted: Mapping[str, bytes]) -> tuple[datetime, dict[str, First | Refusal]]:
    """Takes keys for requests, known by their digests. When they were taken; and those that belong to other requests,
    each with its first answer, or with why there is none. In the workspace's transaction."""
    # The database's clock, read by itself: a cluster computes no times inside statements that write.
    [(now,)], old = fetch_together(
        ("SELECT clock_timestamp()", []),
        (
            """
            SELECT key FROM idempotency_key                             -- idempotency_key_started
            WHERE workspace_id = %s AND started_at < now() - %s::interval
            ORDER BY started_at
            LIMIT %s
            FOR UPDATE SKIP LOCKED
            """,
            [workspace_id, KEPT, SWEPT * len(wanted)],
        ),
    )
    if old:
        execute(
            "DELETE FROM idempotency_key WHERE workspace_id = %s AND key = ANY(%s::text[])",
            [workspace_id, array("text", (key for (key,) in old))],
        )
    taken = fetch(
        """
        INSERT INTO idempotency_key AS k (workspace_id, key, digest, started_at)
        SELECT %(workspace)s::uuid, asked.key, decode(asked.digest, 'hex'), %(now)s::timestamptz
        FROM unnest(%(keys)s::text[], %(digests)s::text[]) AS asked (key, digest)
        ORDER BY asked.key                                          -- so that two never wait for each other
        ON CONFLICT (workspace_id, key) DO UPDATE
           SET digest = excluded.digest, started_at = excluded.started_at, status = NULL, answer = NULL
         WHERE k.started_at < %(forgotten)s
            OR (k.status IS NULL
                AND k.digest = excluded.digest
                AND k.started_at < %(dead)s)
        RETURNING key
        """,
        {
            "workspace": workspace_id,
            "keys": array("text", wanted),
            "digests": array("text", (digest.hex() for digest in wanted.values())),
            "now": now,
            "forgotten": now - KEPT,
            "dead": now - TAKEN_OVER_AFTER,
        },
    )
    others = wanted.keys() - {key for (key,) in taken}
    return now, _first_answers(workspace_id, {key: wanted[key] for key in others}) if others else {}


def _first_answers(workspace_id: str, wanted: Mapping[str, bytes]) -> dict[str, First | Refusal]:
    rows = fetch(
        "SELECT key, digest, status, answer FROM idempotency_key WHERE workspace_id = %s AND key = ANY(%s::text[])",
        [workspace_id, array("text", wanted)],
    )
    known = {key: (digest, status, content) for key, digest, status, content in rows}
    found: dict[str, First | Refusal] = {}
    for key, digest in wanted.items():
        # The first request may have been refused, and its key set free, a moment ago.
        first, status, content = known.get(key, (digest, None, None))
        if first != digest:
            found[key] = Refusal("idempotency_key_reused")
        elif status is None:
            found[key] = Refusal("idempotency_in_progress", headers={"Retry-After": "1"})
        else:
            found[key] = First(status, content)
    return found


def keep(workspace_id: str, started: datetime, first: Mapping[str, First]) -> None:
    """Keeps first answers, that say "done", by the keys that were taken then. In the workspace's transaction."""
    execute(
        """
        UPDATE idempotency_key
           SET status = told.status, answer = decode(told.answer, 'hex')
          FROM unnest(%s::text[], %s::smallint[], %s::text[]) AS told (key, status, answer)
         WHERE idempotency_key.workspace_id = %s AND idempotency_key.key = told.key
           AND idempotency_key.started_at = %s
        """,
        [
            array("text", first),
            array("smallint", (answer.status for answer in first.values())),
            array("text", (answer.content.hex() for answer in first.values())),
            workspace_id,
            started,
        ],
    )


def set_free(workspace_id: str, started: datetime, taken: Collection[str]) -> None:
    """Sets keys free that were taken then: their requests changed nothing. In the workspace's transaction."""
    execute(
        "DELETE FROM idempotency_key WHERE workspace_id = %s AND key = ANY(%s::text[]) AND started_at = %s",
        [workspace_id, array("text", taken), started],
    )
