"""The parameters that routes share, each with what it allows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja.params.functions import Path, Query
from pydantic import BeforeValidator, Field

from goodword.api import paging
from goodword.api.problems import bad_parameter, not_found
from goodword.domain import ids
from goodword.domain.events import parse_time
from goodword.insight.merged import survivor_id

WHOLE_DIGITS = 10
"""Digits of a whole number in a path or query."""


def _time(value: Any) -> Any:
    return parse_time(value)


def _flag(value: Any) -> Any:
    if value not in ("true", "false"):
        raise ValueError("expected true or false")
    return value == "true"


def _whole(value: Any) -> Any:
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= WHOLE_DIGITS):
        raise ValueError("expected a whole number")
    return int(value)


Flag = Annotated[bool, BeforeValidator(_flag)]
Time = Annotated[datetime, BeforeValidator(_time)]
Whole = Annotated[int, BeforeValidator(_whole)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(min_length=1, max_length=64)]
Email = Annotated[str, Field(min_length=3, max_length=254)]

LIMIT = Query(
    paging.DEFAULT_LIMIT,
    ge=1,
    le=paging.MAX_LIMIT,
    description=f"Rows in a page, at most {paging.MAX_LIMIT}.",
)
CURSOR = Query(
    None,
    min_length=1,
    max_length=paging.MAX_CURSOR,
    description="`next_cursor` of the page before, with the same filters.",
)
AT = Query(None, description="As it stood at this instant (RFC 3339); now, when left out.")


def inner(prefix: str, given: str, what: str) -> str:
    """The uuid of an id in a path. Raises `Refusal` not_found when it cannot be one."""
    try:
        return ids.internal(prefix, given)
    except ids.BadId:
        raise not_found(what, given, prefix) from None


def inner_filter(prefix: str, given: str | None, name: str) -> str | None:
    """The uuid of an id given as a filter. Raises `Refusal` invalid_request when it is not one."""
    if given is None:
        return None
    try:
        return ids.internal(prefix, given)
    except ids.BadId as error:
        raise bad_parameter(name, "bad_id", str(error)) from None


def person_filter(workspace_id: str, given: str | None, name: str) -> str | None:
    """The same for a participant: who stands for them, where they were merged into another."""
    known = inner_filter("par", given, name)
    return survivor_id(workspace_id, known) if known else None


def id_path(prefix: str, what: str) -> Any:
    """The path parameter of a public id."""
    return Path(..., description=f"The {what}'s id.", pattern=rf"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$")


def id_query(prefix: str, text: str) -> Any:
    """The filter by a public id."""
    return Query(None, description=text, pattern=rf"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$")


TEST = Query(False, description="True: those of programs in test mode; else those of live ones, or of `program`.")

TEST_ONLY = Query(False, description="True: those of programs in test mode; else those of live ones.")


def mode(test: bool, program: str | None = None) -> bool | None:
    """Whether only programs in test mode are meant (True), only live ones (False), or the one that is named."""
    return None if program is not None and not test else test
