"""Traces of decisions as they leave the house: public ids in the place of our inner ones, wherever a trace has some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from goodword.domain import ids


def public(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The trace with public ids. What is kept of a group by a trait, a hash, is left out; the trait's value stays."""
    return {name: _PARTS.get(name, _as_is)(part) for name, part in trace.items()}


def _as_is(value: Any) -> Any:
    return value


def _id(prefix: str) -> Callable[[Any], Any]:
    return lambda value: ids.public(prefix, value) if value else value


def _part(**fields: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Of a mapping, these fields made public."""

    def shown(part: Any) -> Any:
        if not isinstance(part, Mapping):
            return part
        return {name: fields.get(name, _as_is)(value) for name, value in part.items()}

    return shown


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _each(shown: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda parts: [shown(part) for part in parts]


def _without_group(read: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in read.items() if name != "group"}


_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "referral": _part(id=_id("ref")),
    "contest": _part(ranking=_each(_part(participant=_id("par")))),
    "merge": _part(
        merged=_id("par"), survivor=_id("par"), event=_id("evt"), moves=_each(_part(referral=_id("ref")))
    ),
    "rewards": _each(_part(reward=_id("rwd"), participant=_id("par"), hold_until=_moment)),
    "reversal": _each(_part(reward=_id("rwd"))),
    "attribution": _part(by=_part(link=_id("lnk")), kept=_each(_part(link=_id("lnk")))),
    "spent": _part(lots=_each(_part(reward=_id("rwd")))),
    "checks": _each(_part(read=_without_group)),
}  # fmt: skip
"""What of a trace is shown otherwise than it is kept."""
