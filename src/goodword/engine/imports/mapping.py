"""The document that says which column of a file is what: read strictly, with every fault at once.

A ready one for each vendor is in `mappings/`; anybody may write their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from goodword.domain import reading
from goodword.domain.faults import Fault, ProgramError
from goodword.engine.imports.kinds import FIELDS, KINDS, NEEDED, SKIP, STATES, TRAITS

MONEY = ("minor", "decimal", "hundredths")
"""How a file writes money: whole minor units; a decimal of the currency; hundredths, whatever the currency has."""
TIMES = ("auto", "iso", "epoch_s", "epoch_ms")
"""How a file writes times, beside patterns such as `%d/%m/%Y`."""
ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-1")
DELIMITERS = (",", ";", "\t", "|")
MAX_FILES, MAX_PARTS, MAX_COLUMNS, MAX_WORDS = 20, 20, 20, 200
"""Kinds of file in a mapping, parts of one, columns of one field, words of one map."""
MAX_TEXT = 200
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
_TRAIT = re.compile(r"^traits\.[a-z][a-z0-9_]{0,39}$")
_TOP = ("mapping", "title", "about", "money", "zone", "time", "encoding", "delimiter", "decimal_comma", "files")
_FILE = ("about", "has", "lacks", "records", "makes")
_PART = ("kind", "each", "when", "once", "fields")
_SOURCE = ("column", "columns", "join", "value", "default", "map", "time", "money", "take")
TAKES = ("code",)


class MappingError(ValueError):
    """A mapping that cannot be used. `faults` has every reason."""

    code = "invalid_mapping"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.path or 'mapping'}: {fault.message}" for fault in faults))


class UnknownMapping(LookupError):
    """There is no ready mapping of that name."""

    code = "unknown_mapping"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's value comes from: the first of `columns` that has one, all joined by `join`, or `value`."""

    columns: tuple[str, ...] = ()
    join: str | None = None
    value: str | None = None
    default: str | None = None
    map: Mapping[str, str] | None = None
    time: str = ""
    money: str = ""
    take: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What a kind of file makes of each of its rows. `each`: one for each entry of that list. `when`: only of rows
    with these words. `once`: a repeat of the same thing is not worth a line of the report."""

    kind: str
    fields: Mapping[str, Source]
    each: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    once: bool = False

    def columns(self) -> tuple[str, ...]:
        """Every column that it reads."""
        found = [name for source in self.fields.values() for name in source.columns]
        return tuple(dict.fromkeys([*found, *self.when]))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: the columns by which it is known, and what it makes."""

    name: str
    has: tuple[str, ...]
    lacks: tuple[str, ...]
    records: str
    makes: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Mapping_:
    """A mapping, checked."""

    name: str
    title: str
    money: str
    zone: ZoneInfo
    time: str
    encoding: str
    delimiter: str
    decimal_comma: bool
    files: tuple[Kind, ...]
    source: Mapping[str, Any]


def names() -> list[str]:
    """The ready mappings."""
    folder = resources.files(__package__) / "mappings"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def ready_text(name: str) -> str:
    """A ready mapping as it is written. Raises `UnknownMapping`."""
    if name not in names():
        near = _near(name, names())
        raise UnknownMapping(f"There is no ready mapping {name[:40]!r}{near}; there are {', '.join(names())}")
    return (resources.files(__package__) / "mappings" / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def ready(name: str) -> Mapping_:
    """A ready mapping. Raises `UnknownMapping`."""
    return read(ready_text(name))


def read(text: str | bytes | Mapping[str, Any]) -> Mapping_:
    """Reads a mapping, as YAML, JSON or plain data. Raises `MappingError` with every fault."""
    try:
        data = reading.plain(text)
    except ProgramError as error:
        said = [Fault(f.path, f.code, f.message.replace("a program is", "a mapping is")) for f in error.faults]
        raise MappingError(
            [f if f.code != "not_an_object" else Fault("", f.code, f"a mapping has {', '.join(_TOP)}") for f in said]
        ) from None
    reader = _Reader()
    found = reader.mapping(data)
    if reader.faults:
        raise MappingError(reader.faults)
    assert found
    return found


def _near(word: str, known: Iterable[str]) -> str:
    found = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


class _Reader:
    """Reads the parts and notes their faults."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, code: str, message: str) -> None:
        self.faults.append(Fault(path, code, message))

    def known(self, path: str, data: Mapping[str, Any], allowed: Sequence[str]) -> None:
        for name in data:
            if name not in allowed:
                self.fault(
                    _at(path, name), "unknown_field",
                    f"unknown{_near(name, allowed)}; allowed: {', '.join(allowed)}",
                )  # fmt: skip

    def text(self, path: str, value: Any, otherwise: str = "") -> str:
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > MAX_TEXT:
            self.fault(path, "wrong_type", f"{_shown(value)}: expected a text of at most {MAX_TEXT} characters")
            return otherwise
        return str(value)

    def one_of(self, path: str, value: Any, allowed: Sequence[str], otherwise: str) -> str:
        text = self.text(path, value, otherwise)
        if text not in allowed:
            words = ", ".join(repr(word) if word.strip() != word else word for word in allowed)
            self.fault(path, "unknown_word", f"{text[:40]!r} is unknown{_near(text, allowed)}; allowed: {words}")
            return otherwise
        return text

    def flag(self, path: str, value: Any) -> bool:
        if value not in (None, True, False):
            self.fault(path, "wrong_type", f"{_shown(value)}: expected true or false")
        return value is True

    def texts(self, path: str, value: Any) -> tuple[str, ...]:
        listed = value if isinstance(value, list) else [] if value is None else [value]
        if len(listed) > MAX_COLUMNS:
            self.fault(path, "too_many", f"{len(listed)} entries; at most {MAX_COLUMNS} are allowed")
            return ()
        return tuple(self.text(_at(path, place), entry) for place, entry in enumerate(listed))

    def mapping(self, data: Mapping[str, Any]) -> Mapping_ | None:
        self.known("", data, _TOP)
        name = self.text("mapping", data.get("mapping"))
        if not _NAME.match(name):
            self.fault("mapping", "bad_name", f"{name!r}: expected a name of small letters, digits, - and _")
        zone = self.text("zone", data.get("zone"), "UTC")
        if zone not in available_timezones():
            self.fault(
                "zone", "unknown_zone",
                f"{zone!r} is no IANA time zone{_near(zone, available_timezones())}; write one such as Europe/Oslo",
            )  # fmt: skip
            zone = "UTC"
        files = self.files(data.get("files"))
        return Mapping_(
            name,
            self.text("title", data.get("title"), name),
            self.one_of("money", data.get("money"), MONEY, "minor"),
            ZoneInfo(zone),
            self.time("time", data.get("time")) or "auto",
            self.one_of("encoding", data.get("encoding"), ("", *ENCODINGS), ""),
            self.one_of("delimiter", data.get("delimiter"), ("", *DELIMITERS), ""),
            self.flag("decimal_comma", data.get("decimal_comma")),
            files,
            data,
        )

    def files(self, value: Any) -> tuple[Kind, ...]:
        if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_FILES:
            self.fault("files", "missing", f"expected 1 to {MAX_FILES} kinds of file by name, each with makes")
            return ()
        return tuple(self.kind(_at("files", name), name, part) for name, part in value.items())

    def kind(self, path: str, name: str, data: Any) -> Kind:
        if not isinstance(data, Mapping):
            self.fault(path, "wrong_type", f"expected {', '.join(_FILE)}")
            return Kind(name, (), (), "", ())
        if not _NAME.match(name):
            self.fault(path, "bad_name", "expected a name of small letters, digits, - and _")
        self.known(path, data, _FILE)
        makes = data.get("makes")
        if not isinstance(makes, list) or not 1 <= len(makes) <= MAX_PARTS:
            self.fault(
                _at(path, "makes"), "missing", f"expected a list of 1 to {MAX_PARTS} parts, each with kind, fields"
            )
            makes = []
        parts = [self.part(_at(path, "makes", place), entry) for place, entry in enumerate(makes)]
        return Kind(
            name,
            self.texts(_at(path, "has"), data.get("has")),
            self.texts(_at(path, "lacks"), data.get("lacks")),
            self.text(_at(path, "records"), data.get("records")),
            tuple(part for part in parts if part),
        )

    def part(self, path: str, data: Any) -> Part | None:
        if not isinstance(data, Mapping):
            self.fault(path, "wrong_type", f"expected {', '.join(_PART)}")
            return None
        self.known(path, data, _PART)
        kind = self.one_of(_at(path, "kind"), data.get("kind"), KINDS, "")
        fields = data.get("fields")
        if not isinstance(fields, Mapping) or not fields:
            self.fault(_at(path, "fields"), "missing", "expected our fields by name, each with its column")
            fields = {}
        if not kind:
            return None
        read = {}
        for name, value in fields.items():
            here = _at(path, "fields", name)
            if name not in FIELDS[kind] and not (kind == "participants" and _TRAIT.match(name)):
                allowed = [*FIELDS[kind], *([TRAITS + "<name>"] if kind == "participants" else [])]
                near = _near(name, FIELDS[kind])
                self.fault(here, "unknown_field", f"{kind} have no such field{near}; allowed: {', '.join(allowed)}")
            else:
                read[name] = self.source(here, value, kind, FIELDS[kind].get(name, "text"))
        for needed in NEEDED[kind]:
            if fields and not any(name in read for name in needed):
                self.fault(_at(path, "fields"), "missing", f"{kind} need {' or '.join(needed)}")
        return Part(
            kind, read, self.text(_at(path, "each"), data.get("each")), self.when(_at(path, "when"), data.get("when")),
            self.flag(_at(path, "once"), data.get("once")),
        )  # fmt: skip

    def when(self, path: str, value: Any) -> dict[str, tuple[str, ...]]:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fault(path, "wrong_type", "expected columns by name, each with a word or a list of words")
            return {}
        return {
            name: tuple(word.strip().casefold() for word in self.texts(_at(path, name), words))
            for name, words in value.items()
        }

    def source(self, path: str, value: Any, kind: str, how: str) -> Source:
        if isinstance(value, str):
            value = {"column": value}
        if not isinstance(value, Mapping):
            self.fault(path, "wrong_type", f"{_shown(value)}: expected a column's name, or {', '.join(_SOURCE)}")
            return Source()
        self.known(path, value, _SOURCE)
        columns = self.texts(_at(path, "column"), value.get("column"))
        joined = self.texts(_at(path, "columns"), value.get("columns"))
        given = [bool(columns), bool(joined), "value" in value]
        if sum(given) != 1:
            self.fault(path, "missing", "give one of column, columns (joined) and value")
        words = self.map(_at(path, "map"), value.get("map"))
        constant = self.text(_at(path, "value"), value["value"]) if "value" in value else None
        default = self.text(_at(path, "default"), value["default"]) if "default" in value else None
        if how == "state":
            self.states(path, kind, constant, default, words)
        join = self.text(_at(path, "join"), value.get("join"), " ") if joined else None
        return Source(
            columns or joined, join, constant, default, words, self.time(_at(path, "time"), value.get("time")),
            self.one_of(_at(path, "money"), value.get("money"), ("", *MONEY), ""),
            self.one_of(_at(path, "take"), value.get("take"), ("", *TAKES), ""),
        )  # fmt: skip

    def map(self, path: str, value: Any) -> dict[str, str] | None:
        if value is None:
            return None
        if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_WORDS:
            self.fault(path, "wrong_type", f"expected 1 to {MAX_WORDS} words of the file, each with ours")
            return None
        return {name.strip().casefold(): self.text(_at(path, name), word) for name, word in value.items()}

    def states(
        self, path: str, kind: str, constant: str | None, default: str | None, words: Mapping[str, str] | None
    ) -> None:
        """Whatever a state can become must be one of ours."""
        allowed = (*STATES[kind], SKIP)
        told = {"value": constant, "default": default, **{f"map.{name}": word for name, word in (words or {}).items()}}
        for name, word in told.items():
            if word is not None and word not in allowed:
                self.fault(
                    f"{path}.{name}", "unknown_state",
                    f"{word[:40]!r} is no state{_near(word, allowed)}; allowed: {', '.join(allowed)}",
                )  # fmt: skip

    def time(self, path: str, value: Any) -> str:
        text = self.text(path, value)
        if text and text not in TIMES and not ("%Y" in text or "%y" in text):
            self.fault(
                path, "unknown_word",
                f"{text[:40]!r} is unknown{_near(text, TIMES)}; allowed: {', '.join(TIMES)}, or a pattern: %d/%m/%Y",
            )  # fmt: skip
            return ""
        return text


def _at(path: str, *parts: object) -> str:
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else f"{path}.{part}" if path else str(part)
    return path


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
