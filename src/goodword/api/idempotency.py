"""`Idempotency-Key`: a write that is sent again with the same key gets the first answer again.

Only answers that say "done" are kept, for a day. A refusal changed nothing, so its key is free again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest, HttpResponse

from goodword.api.keys import Caller
from goodword.api.problems import Refusal, bad_parameter
from goodword.store import tenancy
from goodword.store.keys import SECRET

HEADER = "Idempotency-Key"
MAX_KEY = 200
"""Characters of a key; printable ASCII."""
KEPT = timedelta(hours=24)
TAKEN_OVER_AFTER = timedelta(seconds=60)
"""A request that has not answered for so long is taken for dead, and a repeat runs anew."""
SWEPT = 10
"""Old rows removed for each new one."""


def answered(request: HttpRequest, who: Caller, raw: bytes, run: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `run`, or the kept one. Raises `Refusal` when the key is in use or was used
    with another request."""
    workspace_id, key = who.workspace_id, request.headers.get(HEADER)
    if key is None:
        return run()
    if not (1 <= len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise bad_parameter(HEADER, "bad_idempotency_key", f"expected 1 to {MAX_KEY} printable ASCII characters")
    if who.kind != SECRET:
        key = _apart(who, key)
    digest = _digest(request, raw)
    with tenancy.workspace(workspace_id):
        started = _claim(workspace_id, key, digest)
        if started is None:
            return _first_answer(workspace_id, key, digest)
    response = None
    try:
        response = run()
    finally:
        with tenancy.workspace(workspace_id):
            _settle(workspace_id, key, started, response)
    return response


def _apart(who: Caller, key: str) -> str:
    """The key of one who is not the host: of that person's, or that publishable key's, own requests and no others."""
    whose = f"person {who.person.external_id}" if who.person else f"key {who.key_id}"
    return "".join(("apart ", hashlib.sha256(f"{whose}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()))


def _digest(request: HttpRequest, raw: bytes) -> bytes:
    kind = request.META.get("CONTENT_TYPE") or ""
    head = "\0".join((str(request.method), request.get_full_path(), kind, ""))
    return hashlib.sha256(head.encode("utf-8", "surrogatepass") + raw).digest()


def _claim(workspace_id: str, key: str, digest: bytes) -> datetime | None:
    """When this request's claim began, or None when the key belongs to another request."""
    with connection.cursor() as cursor:
        # The database's clock, read by itself: a cluster computes no times inside statements that write.
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
        cursor.execute(
            """
            DELETE FROM idempotency_key
             WHERE workspace_id = %(workspace)s
               AND key IN (SELECT key FROM idempotency_key              -- idempotency_key_started
                            WHERE workspace_id = %(workspace)s
                              AND started_at < %(forgotten)s
                            ORDER BY started_at
                            LIMIT %(swept)s
                              FOR UPDATE SKIP LOCKED)
            """,
            {"workspace": workspace_id, "forgotten": now - KEPT, "swept": SWEPT},
        )
        cursor.execute(
            """
            INSERT INTO idempotency_key AS k (workspace_id, key, digest, started_at)
            VALUES (%(workspace)s, %(key)s, %(digest)s, %(now)s)
            ON CONFLICT (workspace_id, key) DO UPDATE
               SET digest = excluded.digest, started_at = excluded.started_at, status = NULL, answer = NULL
             WHERE k.started_at < %(forgotten)s
                OR (k.status IS NULL
                    AND k.digest = excluded.digest
                    AND k.started_at < %(dead)s)
            RETURNING started_at
            """,
            {
                "workspace": workspace_id,
                "key": key,
                "digest": digest,
                "now": now,
                "forgotten": now - KEPT,
                "dead": now - TAKEN_OVER_AFTER,
            },
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _first_answer(workspace_id: str, key: str, digest: bytes) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT digest, status, answer FROM idempotency_key WHERE workspace_id = %s AND key = %s",
            [workspace_id, key],
        )
        row = cursor.fetchone()
    # The first request may have been refused, and its key set free, a moment ago.
    if row is None or (bytes(row[0]) == digest and row[1] is None):
        raise Refusal("idempotency_in_progress", headers={"Retry-After": "1"})
    first, status, content = row
    if bytes(first) != digest:
        raise Refusal("idempotency_key_reused")
    return HttpResponse(
        bytes(content),
        status=status,
        content_type="application/json",
        headers={"Idempotency-Replayed": "true"},
    )


def _settle(workspace_id: str, key: str, started: datetime, response: HttpResponse | None) -> None:
    """Keep an answer that says "done"; set the key free after anything else."""
    with connection.cursor() as cursor:
        if response is not None and 200 <= response.status_code < 300:
            # What is told only once is not kept.
            kept = getattr(response, "goodword_kept", response.content)
            cursor.execute(
                """
                UPDATE idempotency_key
                   SET status = %s, answer = %s
                 WHERE workspace_id = %s AND key = %s AND started_at = %s
                """,
                [response.status_code, kept, workspace_id, key, started],
            )
        else:
            cursor.execute(
                "DELETE FROM idempotency_key WHERE workspace_id = %s AND key = %s AND started_at = %s",
                [workspace_id, key, started],
            )
