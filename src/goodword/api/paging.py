"""Pages of a list: newest first, by an opaque cursor that only we can make and only for the same filters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from django.core import signing
from django.db.models import QuerySet

from goodword.api.problems import Refusal
from goodword.store.models import Tenant

Row = TypeVar("Row", bound=Tenant)

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR = 500
"""Characters of a cursor."""


def page(
    query: QuerySet[Row],
    show: Callable[[Row], dict[str, Any]],
    *,
    workspace_id: str,
    route: str,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """`limit` rows of the query after `cursor`, by id, newest first (the primary key's index), each as
    `show` shows it, and the cursor of the next page (None on the last)."""
    return keyed(
        lambda after, most: list((query.filter(id__lt=after) if after else query).order_by("-id")[:most]),
        lambda row: row.id.hex,
        show,
        workspace_id=workspace_id,
        route=route,
        filters=filters,
        limit=limit,
        cursor=cursor,
    )


def keyed(
    read: Callable[[str, int], list[Any]],
    key: Callable[[Any], str],
    show: Callable[[Any], dict[str, Any]],
    *,
    workspace_id: str,
    route: str,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """The same for rows that have a `key`, in their order: `read` gives those after a key ('' for the first), so many
    at most."""
    salt = _salt(workspace_id, route, filters)
    rows = read(_opened(cursor, salt) if cursor else "", limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return {
        "data": [show(row) for row in rows],
        "next_cursor": signing.dumps(key(rows[-1]), salt=salt) if more else None,
    }


def numbered(
    read: Callable[[int, int], list[Any]],
    show: Callable[[Any], dict[str, Any]],
    *,
    workspace_id: str,
    route: str,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """The same for lines with a `number`, in their order: `read` gives those after a number, so many at most."""
    return keyed(
        lambda after, most: read(int(after or 0), most),
        lambda row: str(row.number),
        show,
        workspace_id=workspace_id,
        route=route,
        filters=filters,
        limit=limit,
        cursor=cursor,
    )


def _salt(workspace_id: str, route: str, filters: Mapping[str, Any]) -> str:
    kept = orjson.dumps({"workspace": workspace_id, "route": route, **filters}, option=orjson.OPT_SORT_KEYS)
    return "goodword.api.cursor." + hashlib.sha256(kept).hexdigest()


def _opened(cursor: str, salt: str) -> str:
    try:
        return str(signing.loads(cursor[:MAX_CURSOR], salt=salt))
    except (signing.BadSignature, ValueError):
        raise Refusal("bad_cursor") from None
