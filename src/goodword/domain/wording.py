"""What changed between two versions of a document, in words.

Walks the parts of the schema and never a list of known fields, so that a field that is added to the schema is
told of like the others. Two documents give no change only where they mean the same: a default that is written
out is no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, get_args

from annotated_types import Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from goodword.domain import money
from goodword.domain.bounds import Limit
from goodword.domain.calendar import Duration
from goodword.domain.conditions import Condition
from goodword.domain.fields import PERCENT

_ONE = {"refer": "requirement to refer", "be_referred": "requirement to be referred", "by_tier": "tier"}
"""What one entry of a list is called, where that is not the list's own name without its s."""
_UNSAID = frozenset({"give", "amount", "count", "budget", "eligibility"})
"""Parts whose name adds nothing: the amount of a reward is what it gives."""
_NOTHING = "none"
MAX_SHOWN = 1_000
"""Characters of a value in words; of a longer one an excerpt is told."""
SHOWN_BEFORE = 100
"""Characters of an excerpt before the first difference."""


class Change(NamedTuple):
    """One difference. `kind` is new, removed, changed or order; `what` says which part, outermost first, in the
    document's spelling; `before` and `after` are its values in words, '' where there is none."""

    kind: str
    what: tuple[str, ...]
    before: str
    after: str

    @property
    def text(self) -> str:
        """The difference as one line, such as `reward qualified, tier t2: 200.00 → 250.00 USD`."""
        what = ", ".join(self.what)
        if self.kind in ("new", "removed"):
            value = self.after or self.before
            return f"{self.kind} {what}: {value}" if value else f"{self.kind} {what}"
        return f"{what}{' in another order' if self.kind == 'order' else ''}: {_arrow(self.before, self.after)}"


class Value(NamedTuple):
    """A value in words, and the unit it shares with the one beside it ('' for none)."""

    text: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.unit}".rstrip()


def changes(before: BaseModel | None, after: BaseModel) -> tuple[Change, ...]:
    """Every difference between two checked documents, in the order of the schema; all is new without a first."""
    if before is None:
        found = _parts(_Place((), _units(after)), after)
    else:
        found = _walk(_Place((), _units(before, after)), before, after)
    return tuple(map(_shortened, found))


def _shortened(change: Change) -> Change:
    """The change with long texts, such as terms, cut to what is around their first difference."""
    if max(len(change.before), len(change.after)) <= MAX_SHOWN:
        return change
    alike = 0
    for old, new in zip(change.before, change.after, strict=False):
        if old != new:
            break
        alike += 1
    start = max(0, alike - SHOWN_BEFORE)
    return change._replace(before=_excerpt(change.before, start), after=_excerpt(change.after, start))


def _excerpt(text: str, start: int) -> str:
    shown = text[start : start + MAX_SHOWN]
    return ("… " if start else "") + shown + (" …" if start + MAX_SHOWN < len(text) else "")


class _Place(NamedTuple):
    """Where a walk is: the names of the parts it is in, and the units of amounts: of each rule's gift by the
    rule's id, and under '' of amounts here."""

    what: tuple[str, ...]
    units: Mapping[str, str]

    def into(self, name: str, unit: str | None = None) -> _Place:
        what = (*self.what, name) if name else self.what
        return _Place(what, {**self.units, "": unit} if unit else self.units)


def _units(*documents: BaseModel) -> dict[str, str]:
    """Of all documents, the last one's words first: the currency, and each rule's own unit."""
    found: dict[str, str] = {}
    for document in documents:
        currency = getattr(document, "currency", "")
        found[""] = currency
        for rule in getattr(document, "rewards", ()):
            found[rule.id] = getattr(rule.give, "unit", None) or currency
    return found


def _parts(place: _Place, part: BaseModel) -> Iterator[Change]:
    """All that a first version says beyond the defaults: the entries of its lists each, the rest part by part."""
    for name, value in _fields(part):
        field = type(part).model_fields[name]
        spelling = _spelling(part, name)
        if field.is_required() and not isinstance(value, BaseModel):
            continue
        if not field.is_required() and value == field.get_default(call_default_factory=True):
            continue
        if isinstance(value, list) and value and isinstance(value[0], BaseModel):
            yield from _entries(place, spelling, [], value)
            continue
        here = place.into("" if spelling in _UNSAID else spelling.replace("_", " "))
        if spelling == "eligibility":
            yield from _parts(here, value)
        else:
            yield Change("new", here.what, "", str(_value(here, value, field)))


def _fields(part: BaseModel) -> Iterator[tuple[str, Any]]:
    for name in type(part).model_fields:
        yield name, getattr(part, name)


def _spelling(part: BaseModel, name: str) -> str:
    return type(part).model_fields[name].alias or name


def _walk(place: _Place, before: BaseModel, after: BaseModel) -> Iterator[Change]:
    """The differences of two parts of the same kind; of another kind, one for another."""
    if type(before) is not type(after):
        yield _changed(place, _value(place, before), _value(place, after))
        return
    for name, old in _fields(before):
        new = getattr(after, name)
        if _same(old, new):
            continue
        spelling = _spelling(after, name)
        field = type(after).model_fields[name]
        if isinstance(old, list) and isinstance(new, list) and any(isinstance(row, BaseModel) for row in (*old, *new)):
            yield from _entries(place, spelling, old, new)
            continue
        here = place.into("" if spelling in _UNSAID else spelling.replace("_", " "), _unit_here(place, before, after))
        if isinstance(old, BaseModel) and isinstance(new, BaseModel):
            yield from _walk(here, old, new)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _named(place, spelling, field, old, new, _unit_here(place, before, after))
        else:
            counted = name in ("count", "budget")
            was, now = (_period(before), _period(after)) if counted else ("", "")
            yield _changed(here, _value(here, old, field, was), _value(here, new, field, now))


def _same(old: Any, new: Any) -> bool:
    """Whether two values of a field mean the same. Conditions are the same where their texts are."""
    if isinstance(old, BaseModel) and type(old) is type(new):
        return all(_same(value, getattr(new, name)) for name, value in _fields(old))
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_same(value, new[key]) for key, value in old.items())
    if isinstance(old, Condition) and isinstance(new, Condition):
        return old.source == new.source
    if isinstance(old, Duration) and isinstance(new, Duration):
        return _length(old) == _length(new)
    return bool(old == new)


def _unit_here(place: _Place, before: BaseModel, after: BaseModel) -> str | None:
    """The unit of the amounts in a part that names one."""
    for part in (after, before):
        if "unit" in type(part).model_fields and part.__dict__["unit"]:
            return str(part.__dict__["unit"])
    return None


def _period(part: BaseModel) -> str:
    """What a limit's number is for: `a month`, `in all`."""
    if not isinstance(part, Limit):
        return ""
    if part.within:
        return f"in {_length(part.within)}"
    return f"a {part.every}" if part.every else "in all"


def _entries(place: _Place, list_name: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """The differences of two lists of parts: entries are the same where their names are."""
    olds, news = _by_name(before), _by_name(after)
    one = _one(list_name)
    for name, new in news.items():
        here = place.into(f"{one} {name}", place.units.get(name))
        if name not in olds:
            yield Change("new", here.what, "", _described(here, new))
        else:
            yield from _walk(here, olds[name], new)
    for name, old in olds.items():
        if name not in news:
            here = place.into(f"{one} {name}", place.units.get(name))
            yield Change("removed", here.what, _described(here, old), "")
    kept_before = [name for name in olds if name in news]
    kept_after = [name for name in news if name in olds]
    if kept_before != kept_after:
        here = place.into(list_name.replace("_", " "))
        yield Change("order", here.what, ", ".join(kept_before), ", ".join(kept_after))


def _by_name(entries: Sequence[Any]) -> dict[str, Any]:
    """The entries of a list by what tells them apart; those that nothing tells apart are numbered."""
    found: dict[str, Any] = {}
    for place, entry in enumerate(entries, start=1):
        name = _name(entry) or str(place)
        alike = sum(known == name or known.startswith(f"{name} (") for known in found)
        found[f"{name} ({alike + 1})" if alike else name] = entry
    return found


def _one(list_name: str) -> str:
    """What one entry of a list is called."""
    return _ONE.get(list_name, list_name.removesuffix("s").replace("_", " "))


def _name(entry: Any) -> str:
    if isinstance(entry, Limit):
        rules = f" of {', '.join(entry.rules)}" if entry.rules else ""
        budget = " budget" if entry.budget is not None else ""
        return f"per {entry.per}{rules}{budget}"
    for key in ("id", "code", "name"):
        if isinstance(found := getattr(entry, key, None), str):
            return found
    return ""


def _named(
    place: _Place, name: str, field: FieldInfo, before: Mapping[Any, Any], after: Mapping[Any, Any], unit: str | None
) -> Iterator[Change]:
    """The differences of two sets of named values."""
    one = _one(name)
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        here = place.into(f"{one} {key}", unit or place.units.get(str(key)))
        if key in before and key in after and _same(old, new):
            continue
        if isinstance(old, BaseModel) and isinstance(new, BaseModel):
            yield from _walk(here, old, new)
        elif key not in before:
            yield Change("new", here.what, "", str(_value(here, new, field)))
        elif key not in after:
            yield Change("removed", here.what, str(_value(here, old, field)), "")
        else:
            yield _changed(here, _value(here, old, field), _value(here, new, field))


def _changed(place: _Place, before: Value, after: Value) -> Change:
    if before.unit == after.unit and before.text != _NOTHING:
        return Change("changed", place.what, before.text, str(after))
    return Change("changed", place.what, str(before), str(after))


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}"


def _value(place: _Place, value: Any, field: FieldInfo | None = None, period: str = "") -> Value:
    """Any value in words; `field` tells whether a number is an amount of money."""
    if value is None:
        return Value(_NOTHING)
    if isinstance(value, bool):
        return Value("yes" if value else "no")
    if isinstance(value, int) and field is not None and _is_amount(field):
        return Value(_amount(place, value), " ".join(filter(None, (place.units[""], period))))
    if isinstance(value, int | float) and field is not None and _is_percent(field):
        return Value(f"{value:g}", "%")
    if isinstance(value, BaseModel):
        return Value(_described(place, value))
    if isinstance(value, Mapping):
        named = ", ".join(f"{key} {_value(place, each, field)}" for key, each in value.items())
        return Value(named or _NOTHING)
    if isinstance(value, list | tuple):
        return Value("; ".join(str(_value(place, each, field)) for each in value) or _NOTHING)
    if isinstance(value, Duration):
        return Value(_length(value))
    if isinstance(value, Condition):
        return Value(value.source)
    if isinstance(value, date):
        return Value(value.isoformat())
    return Value(str(value), period)


def _amount(place: _Place, value: int) -> str:
    return money.display(value, place.units[""]).rsplit(" ", 1)[0]


def _is_amount(field: FieldInfo) -> bool:
    """Whether the schema says that a field's numbers are in minor units: they have the bound of amounts."""
    return Le(money.MAX_AMOUNT) in field.metadata or _has_bound(field.annotation)


def _is_percent(field: FieldInfo) -> bool:
    """Whether the schema marks a field's numbers as parts of a hundred."""
    inner = (get_args(annotated) for annotated in get_args(field.annotation))
    return PERCENT in field.metadata or any(PERCENT in marks[1:] for marks in inner)


def _has_bound(annotation: Any) -> bool:
    for inner in get_args(annotation):
        if isinstance(inner, FieldInfo) and Le(money.MAX_AMOUNT) in inner.metadata:
            return True
        if _has_bound(inner):
            return True
    return False


def _described(place: _Place, part: BaseModel) -> str:
    """A part in words: what it says beyond the defaults, without its name."""
    unit = getattr(part, "unit", None)
    here = place.into("", unit) if isinstance(unit, str) else place
    words = []
    for name, value in _fields(part):
        field = type(part).model_fields[name]
        if name in ("id", "code") or (
            not field.is_required() and value == field.get_default(call_default_factory=True)
        ):
            continue
        spelling = _spelling(part, name)
        said = str(_value(here, value, field, _period(part) if name in ("count", "budget") else ""))
        if spelling == "unit" or (isinstance(part, Limit) and spelling in ("per", "every", "rules")):
            continue
        plain = spelling in _UNSAID or spelling in ("type", "by_tier")
        words.append(said if plain else f"{spelling.replace('_', ' ')} {said}")
    return ", ".join(words)


def _length(length: Duration) -> str:
    """A length as people say it: `30 days`, `1 month`, `5 business days`."""
    if length.business_days:
        return _some(length.business_days, "business day")
    years, months = divmod(length.months, 12)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    counted = (
        (years, "year"), (months, "month"), (length.days, "day"),
        (hours, "hour"), (minutes, "minute"), (seconds, "second"),
    )  # fmt: skip
    return " ".join(_some(count, noun) for count, noun in counted if count)


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
