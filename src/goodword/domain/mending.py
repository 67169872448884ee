"""A document with faults as its author may have meant it, so that one round tells what is wrong with all of it.

What the schema refuses is spelt as it is meant, where that is clear, or left out; what is missing is stood in for.
Then what holds between the parts can be looked at too. What is told of a part that had to be left out, or of what
stands beside it, might be our own doing, and is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from itertools import islice
from typing import Any

from pydantic import ValidationError

from goodword.domain.checks import cross_faults
from goodword.domain.document import Document
from goodword.domain.faults import (
    MAX_FAULTS,
    Fault,
    allowed_words,
    fault_of,
    first_of,
    inner,
    keys_at,
    meant,
    nearest,
    written,
)

Place = tuple[Any, ...]

_ROUNDS = 6
"""After which a document that cannot be mended is told of by its schema alone."""
_SURELY = 0.75
"""How near a key is to the one that it is taken for."""
_STAND_INS: Mapping[str, Any] = {
    "name": "x", "program": "x", "currency": "USD", "code": "x", "when": "true", "by": "x", "metric": "submitted",
    "from": 1, "price": 1, "target": 1, "percent": 1, "weight": 1, "amount": 1, "trait": "x", "keep": "all",
    "flow": "sales", "every": "month", "to": "referrer", "per": "program", "on": "order.completed",
    "give": {"type": "recognition"}, "gift": {"type": "recognition"}, "type": "recognition", "rules": ["x", "y"],
}  # fmt: skip
"""By key, what stands in for a required part that is missing or was left out."""
_STAND_INS_IN: Mapping[tuple[str, str], Any] = {
    ("campaigns", "from"): "2026-01-01", ("campaigns", "to"): "2026-01-02",
    ("contests", "from"): "2026-01-01", ("contests", "to"): "2026-01-02",
    ("contests", "prizes"): [{"id": "x", "place": 1, "give": {"type": "recognition"}}],
    ("goals", "rewards"): [{"id": "x", "give": {"type": "recognition"}}],
    ("reverse", "on"): ["order.refunded"], ("tiers", "metric"): "qualified_referrals",
}  # fmt: skip
"""The same where the part it is in says more."""
_ALL_OF_IT = ("amount", "metric", "group")
"""What may be written in several forms: with a fault inside, all of it is left out."""
_WIDE = frozenset({"on", "to", "give", "gift", "kind", "type", "units", "currency"})
"""What all of the part it stands in depends on."""
_ORDERED = frozenset({"tiers", "stacking"})
"""Lists whose entries are compared."""
_LEANS_ON = frozenset({("rewards", "stacking"), ("lifecycle", "registration")})
"""Parts, and others that say something only beside them."""
_LISTS_OF_PARTS = frozenset(
    {"rewards", "limits", "tiers", "campaigns", "catalogue", "goals", "contests", "prizes", "stacking", "refer"}
    | {"be_referred"}
)
_NAMED = _LISTS_OF_PARTS | {"units", "lifecycle"}
"""Where what others name stands."""
_REFERENCES = frozenset(
    {"unknown_rule", "unknown_tier", "unknown_campaign", "unknown_limit", "unknown_unit", "no_step"}
)
"""Faults that what another part lost may have brought about."""


def all_faults(error: ValidationError, source: Mapping[str, Any]) -> list[Fault]:
    """Every fault that the schema finds in the source, and those between its parts that are certain all the same; of
    very many, the first that the schema finds."""
    items = meant(error, source)
    if len(items) > MAX_FAULTS:
        return first_of(fault_of(item, source) for item in items)
    found = [fault_of(item, source) for item in items]
    mended = _Mended(source)
    mended.mend(error)
    spelt = {".".join(map(str, place)) for place in mended.renamed}
    found = [fault for fault in found if fault.code != "missing" or fault.path not in spelt]
    for _ in range(_ROUNDS):
        try:
            document = Document.model_validate(mended.source)
        except ValidationError as error_:
            found += mended.mend(error_)
            continue
        told = {fault.path for fault in found}
        more = (fault for fault in mended.certain(cross_faults(document)) if fault.path not in told)
        found += islice(more, MAX_FAULTS + 1)
        break
    return first_of(sorted(found, key=lambda fault: _order(fault.path, source)))


def _order(path: str, source: Any) -> list[int]:
    """Where a path stands in the source; what is missing stands behind all that is there."""
    found, here = [], source
    for part in path.split("."):
        if isinstance(here, dict):
            found.append(list(here).index(part) if part in here else len(here))
            here = here.get(part)
        else:
            here = inner(here, int(part)) if part.isdigit() else None
            found.append(int(part) if part.isdigit() else 0)
    return found


class _Mended:
    """A source in the making. `lost`: the places of what was left out or stood in for; `renamed`: by the place of a key
    as it is meant, the key as it was written; `unknown`: the places of parts with a key that nobody knows."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.source: Any = deepcopy(dict(source))
        self.lost: set[Place] = set()
        self.unknown: set[Place] = set()
        self.renamed: dict[Place, str] = {}

    def mend(self, error: ValidationError) -> list[Fault]:
        """Mends what is wrong. Gives what is wrong with parts that can be read only since their key was mended."""
        found = []
        items = meant(error, self.source)
        for item in sorted(items, key=lambda item: item["type"] != "extra_forbidden"):
            place = tuple(written(item["loc"], self.source))
            if item["type"] != "missing" and any(place[: len(key)] == key for key in self.renamed):
                fault = fault_of(item, self.source)
                found.append(Fault(self._as_written(fault.path), fault.code, fault.message, fault.value))
            self._mend(item, place)
        return found

    def _mend(self, item: Any, place: Place) -> None:
        key, holder = place[-1], self._at(place[:-1])
        if item["type"] == "missing":
            if key not in holder:
                holder[key] = self._stand_in(place)
                self.lost.add(place)
        elif item["type"] == "extra_forbidden":
            value = holder.pop(key, None)
            near = nearest(str(key), keys_at(item["loc"]), _SURELY)
            if near and near not in holder and value is not None:
                holder[near] = value
                self.renamed[(*place[:-1], near)] = str(key)
            else:
                self.unknown.add(place[:-1])
                self.lost |= set() if "id" in holder else {(*place[:-1], "id")}
        elif item["type"] == "literal_error" and (near := _meant_word(item)):
            holder[key] = near
        else:
            self._leave_out(place)

    def _leave_out(self, place: Place) -> None:
        for index, part in enumerate(place[:-1]):
            if part in _ALL_OF_IT:
                place = place[: index + 1]
                break
        holder, key = self._at(place[:-1]), place[-1]
        if isinstance(holder, list) and place[-2] not in _LISTS_OF_PARTS:
            self._leave_out(place[:-1])
            return
        if isinstance(holder, list):
            holder[key] = {}
        else:
            holder.pop(key, None)
        self.lost.add(place)

    def _stand_in(self, place: Place) -> Any:
        key, around = place[-1], [part for part in place[:-1] if isinstance(part, str)]
        if key == "id":
            return f"missing-{'-'.join(map(str, place[:-1]))}"
        known = _STAND_INS_IN.get((around[-1], key)) if around else None
        return deepcopy(_STAND_INS.get(key) if known is None else known)

    def _at(self, place: Place) -> Any:
        here = self.source
        for part in place:
            here = inner(here, part)
        return here

    # What can be told

    def certain(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """Those of the faults between parts that what was mended did not bring about, with the keys as written."""
        unknown = {tuple(map(str, place)) for place in self.unknown}
        for fault in faults:
            lost = any(_touches(fault, place) for place in self.lost)
            if not lost and tuple(fault.path.split(".")) not in unknown:
                yield Fault(self._as_written(fault.path), fault.code, fault.message, fault.value)

    def _as_written(self, path: str) -> str:
        parts = path.split(".")
        for place, key in self.renamed.items():
            if tuple(parts[: len(place)]) == tuple(map(str, place)):
                parts[len(place) - 1] = key
        return ".".join(parts)


def _meant_word(item: Any) -> str:
    return nearest(str(item["input"]), allowed_words(item))


def _touches(fault: Fault, place: Place) -> bool:
    """Whether a fault may come of what was left out at a place."""
    whole = len(place) < 3 or place[-1] == "id"
    if place == ("kind",) or (fault.code in _REFERENCES and whole and place[0] in _NAMED):
        return True
    lost, path = tuple(map(str, place)), tuple(fault.path.split("."))
    if path[: len(lost)] == lost or lost[: len(path)] == path:
        return True
    if (lost[0] in _ORDERED and path[0] == lost[0]) or (lost[0], path[0]) in _LEANS_ON:
        return True
    if (lost[0] == "units" and path[-1] == "unit") or (path[-1] == "above" and path[:2] == lost[:2]):
        return True
    if lost[0] in ("goals", "contests") and path == ("rewards",):
        return True
    beside = path[: len(lost) - 1] == lost[:-1] and len(lost) > 1
    return beside and (len(path) == len(lost) or lost[-1] in _WIDE or "give" in lost or "gift" in lost)
