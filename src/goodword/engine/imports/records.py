"""Records of rows: what a mapping makes of each row of a file, field by field, or why it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from goodword.engine.imports import cells
from goodword.engine.imports.cells import Bad
from goodword.engine.imports.kinds import FIELDS, SKIP, STATES, TRAITS
from goodword.engine.imports.mapping import Kind, Mapping_, Part, Source
from goodword.engine.imports.reading import Row, Trouble, cell, plain

AHEAD = frozenset({"due_at", "expires_at"})
"""Times that may lie in the future."""
MAX_EACH = 1_000
"""Entries of one list that are made into records."""
_LATE = ("money",)
"""What can be read only when the currency is known."""


@dataclass(slots=True)
class Record:
    """What one row is: its kind, our fields of it, and why it is left out (`skip`) or cannot be taken (`trouble`)."""

    kind: str
    line: int
    fields: dict[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None
    skip: Trouble | None = None

    def get(self, name: str) -> Any:
        """A field's value; None where the row has none."""
        return self.fields.get(name)

    def refuse(self, code: str, message: str, name: str = "", value: object = None) -> None:
        """Notes why it cannot be taken, with the column of a field and what stands there."""
        told = self.fields.get(name) if value is None else value
        self.trouble = Trouble(code, message, self.columns.get(name, name), str(told if told is not None else "")[:200])


class Recorder:
    """Makes records of one part of one kind of file. `currency` is what amounts without one are in."""

    def __init__(self, mapping: Mapping_, part: Part, currency: str, now: datetime) -> None:
        self._mapping = mapping
        self._part = part
        self._currency = currency
        self._now = now
        self._kinds = FIELDS[part.kind]
        names = sorted(part.fields, key=lambda name: self._kinds.get(name) in _LATE)
        self._sources = [(name, part.fields[name]) for name in names]
        self._columns = {name: source.columns[0] if source.columns else name for name, source in self._sources}

    def of(self, row: Row) -> Iterator[Record]:
        """The records of a row: none where the part is not about such rows."""
        if row.trouble:
            yield Record(self._part.kind, row.line, trouble=row.trouble)
            return
        if not self._meant(row.data):
            return
        if not self._part.each:
            yield self._record(row, None)
            return
        for entry in islice(_entries(row.data, self._part.each), MAX_EACH):
            yield self._record(row, entry)

    def _meant(self, data: Mapping[str, Any]) -> bool:
        """Whether the row has one of these words in each column; `*` is any."""
        for column, words in self._part.when.items():
            value = cells.text(cell(data, column)).casefold()
            if value not in words and not (value and "*" in words):
                return False
        return True

    def _record(self, row: Row, own: Mapping[str, Any] | None) -> Record:
        record = Record(self._part.kind, row.line, columns=self._columns)
        for name, source in self._sources:
            column, raw = self._columns[name], ""
            try:
                column, raw = self._raw(row.data, own, source)
                if self._kinds.get(name) == "state":
                    self._put_state(record, name, source, raw)
                elif raw := raw or source.default or "":
                    self._put(record, name, source, raw)
            except Bad as bad:
                record.trouble = bad.at(column, raw)
                return record
            if record.skip:
                return record
        return record

    def _raw(self, data: Mapping[str, Any], own: Mapping[str, Any] | None, source: Source) -> tuple[str, str]:
        """The column that has a value, and the value as text."""
        if source.value is not None:
            return "", source.value
        if source.join is not None:
            parts = [cells.text(cell(data, column, own)) for column in source.columns]
            return source.columns[0], source.join.join(part for part in parts if part)
        for column in source.columns:
            value = cells.text(cell(data, column, own))
            if value:
                return column, value
        return source.columns[0], ""

    def _put(self, record: Record, name: str, source: Source, raw: str) -> None:
        if source.map is not None:
            raw = source.map.get(raw.casefold(), raw)
        record.fields[name] = self._value(record, name, self._kinds.get(name, "text"), source, raw)

    def _put_state(self, record: Record, name: str, source: Source, raw: str) -> None:
        fixed = source.value is not None or (not raw and source.default is not None)
        found = (source.value or source.default or "") if fixed else ""
        if not found:
            if not raw:
                raise Bad("STATE_MISSING", "the row has no state")
            found = cells.state(raw, STATES[record.kind], source.map)
            record.fields.setdefault("source_state", cells.short(raw))
        if found == SKIP:
            record.skip = Trouble("NOT_IMPORTED", "rows in this state are not imported", self._columns[name], raw)
        record.fields[name] = found

    def _value(self, record: Record, name: str, how: str, source: Source, raw: str) -> Any:
        if how == "email":
            return cells.email(raw)
        if how == "time":
            told = source.time or self._mapping.time
            return cells.moment(raw, told, self._mapping.zone, self._now, ahead=name in AHEAD)
        if how == "money":
            unit = record.get("currency" if name == "value" else "unit") or self._currency
            told = source.money or self._mapping.money
            return cells.amount(raw, unit, told, comma=self._mapping.decimal_comma)
        if how == "code":
            return cells.code(raw, take=source.take)
        if name.endswith(".code"):
            return cells.code(raw, take=source.take).lower()
        if name.endswith(".email"):
            return cells.email(raw)
        reader = {"country": cells.country, "currency": cells.currency, "unit": cells.unit}.get(how, cells.short)
        return reader(raw)


def _entries(data: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The entries of a list; of an object, or of the columns of a table whose names begin so (`codes.friends`), each
    with its `key` and `value`."""
    found = cell(data, name)
    if isinstance(found, list):
        yield from (entry if isinstance(entry, Mapping) else {"value": entry} for entry in found)
    elif isinstance(found, Mapping):
        yield from ({"key": key, "value": value} for key, value in found.items() if value)
    elif found is None:
        start = plain(name)
        for key, value in data.items():
            if key.startswith(start) and value:
                yield {"key": key.removeprefix(start), "value": value}


def traits(record: Record) -> dict[str, Any]:
    """The fields of a participant that are kept as they are."""
    own = ("country", "locale", "company")
    found = {name: record.fields[name] for name in own if name in record.fields}
    return found | {
        name.removeprefix(TRAITS): value for name, value in record.fields.items() if name.startswith(TRAITS)
    }


def kind_of(mapping: Mapping_, columns: Mapping[str, Any] | tuple[str, ...]) -> list[Kind]:
    """The kinds of file that have these columns, those with the most of their own first."""
    found = []
    for kind in mapping.files:
        has = all(_there(columns, name) for name in kind.has)
        if has and not any(_there(columns, name) for name in kind.lacks):
            found.append(kind)
    return sorted(found, key=lambda kind: (-len(kind.has), kind.name))


def _there(columns: Mapping[str, Any] | tuple[str, ...], name: str) -> bool:
    if isinstance(columns, tuple):
        return plain(name) in {plain(column) for column in columns}
    value: Any = columns
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return False
        key = next((key for key in value if plain(key) == plain(part)), None)
        if key is None:
            return plain(name) in {plain(column) for column in columns}
        value = value[key]
    return True
