"""Pages of a list: newest first, by an opaque cursor that only we can make and only for the same filters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.core import signing
from django.db.models import QuerySet

from goodword.api.problems import Refusal

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR = 500
"""Characters of a cursor."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, and the cursor of the next one (None on the last)."""

    rows: list[Any]
    next_cursor: str | None


def page(
    query: QuerySet[Any],
    *,
    workspace_id: str,
    route: str,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
) -> Page:
    """`limit` rows of the query after `cursor`, by id, newest first (the primary key's index)."""
    salt = _salt(workspace_id, route, filters)
    if cursor:
        query = query.filter(id__lt=_opened(cursor, salt))
    rows = list(query.order_by("-id")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, signing.dumps(rows[-1].id.hex, salt=salt) if more else None)


def _salt(workspace_id: str, route: str, filters: Mapping[str, Any]) -> str:
    kept = orjson.dumps({"workspace": workspace_id, "route": route, **filters}, option=orjson.OPT_SORT_KEYS)
    return "goodword.api.cursor." + hashlib.sha256(kept).hexdigest()


def _opened(cursor: str, salt: str) -> str:
    try:
        return str(signing.loads(cursor[:MAX_CURSOR], salt=salt))
    except (signing.BadSignature, ValueError):
        raise Refusal("bad_cursor") from None
