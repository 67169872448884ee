"""Rows of a file: CSV with any usual separator and encoding, JSON lines, or a JSON document.

Rows come one at a time, in bounded memory. What is wrong with one row is told with it; what makes the rest of a file
unreadable is raised, before anything of it was imported.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django.utils.translation import gettext_noop as N_

from goodword.domain.json_names import GivenTwice, look_for_twice
from goodword.engine.imports.mapping import DELIMITERS
from goodword.store.worded import Worded

MAX_FILE = 64 * 1024 * 1024
"""Bytes of one file."""
MAX_DOCUMENT = 16 * 1024 * 1024
"""Bytes of a JSON document, which is read as a whole, and of one JSON line."""
MAX_CELL = 10_000
"""Characters of one cell, or of a text in JSON."""
MAX_ROWS = 500_000
"""Rows of one file."""
MAX_COLUMNS = 500
_HUGE = 1_000_000
"""Characters in one cell beyond which a quote must be missing."""
_HEAD = 65_536
PAGES = ("data", "results", "items", "rows")
"""Names under which the answers of an API keep their rows."""


class Unreadable(Worded):
    """A file that cannot be read; the message says what to do."""

    def __init__(self, code: str, text: str, **told: Any) -> None:
        self.code = code
        super().__init__(text, **told)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a row: a code, the column and its value, and what to do."""

    code: str
    message: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it begins on (of a JSON document, its number), its cells or fields, and what is wrong with it."""

    line: int
    data: Mapping[str, Any]
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written."""

    kind: str
    encoding: str
    delimiter: str = ","


class Stream(io.RawIOBase):
    """Parts of a file's bytes, one after another, as a file that is read forward once."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = part
        number = min(len(buffer), len(self._left))
        buffer[:number] = self._left[:number]
        self._left = self._left[number:]
        return number


NO_LETTERS = N_(
    "%(name)s is neither UTF-8 (byte %(byte)s at place %(place)s) nor Windows-1252; save it as UTF-8, or say encoding "
    "in the mapping."
)


class Detector:
    """Looks at a file's bytes as they come: their encoding. UTF-8 where all of it is that; else Windows-1252, which
    holds all that Latin-1 has, unless a byte stands in it that neither has."""

    def __init__(self) -> None:
        self.head = b""
        self.size = 0
        self._utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._windows = True
        self._wrong = 0, 0
        """The first byte that is no UTF-8, and its place from 1 on."""

    def see(self, part: bytes) -> None:
        """The next part of the file."""
        if len(self.head) < _HEAD:
            self.head += part[: _HEAD - len(self.head)]
        if self._utf8:
            try:
                self._utf8.decode(part)
            except UnicodeDecodeError as error:
                self._utf8 = None
                before = len(error.object) - len(part)  # what the parts before have left
                self._wrong = error.object[error.start], self.size - before + error.start + 1
        if self._windows:
            self._windows = not re.search(rb"[\x81\x8d\x8f\x90\x9d]", part)
        self.size += len(part)

    def encoding(self, told: str = "", name: str = "The file") -> str:
        """The name of the encoding; as `told` where the mapping says it. Raises `Unreadable`."""
        if told:
            return "utf-8-sig" if told == "utf-8" else told
        if self.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if self._utf8:
            try:
                self._utf8.decode(b"", final=True)
                return "utf-8-sig"
            except UnicodeDecodeError as error:
                self._wrong = error.object[0], self.size - len(error.object) + 1
        if self._windows:
            return "windows-1252"
        byte, place = self._wrong
        raise Unreadable("unknown_encoding", NO_LETTERS, name=name, byte=f"0x{byte:02X}", place=f"{place:,}")


def format_of(name: str, detector: Detector, encoding: str = "", delimiter: str = "") -> Format:
    """How a file is written, by its name and first bytes. Raises `Unreadable`."""
    known = detector.encoding(encoding, name)
    if not detector.head.strip():
        raise Unreadable("empty_file", N_("%(name)s is empty."), name=name)
    head = detector.head.decode(known, errors="replace").lstrip("\ufeff").lstrip()
    lowered = name.lower()
    if lowered.endswith((".jsonl", ".ndjson")):
        return Format("jsonl", known)
    if lowered.endswith(".json") or head[:1] in "[{":
        first = head.split("\n", 1)[0].strip()
        lines = head[:1] == "{" and _is_object(first) and len(head) > len(first)
        return Format("jsonl" if lines and not lowered.endswith(".json") else "json", known)
    if head.startswith("PK\x03\x04"):
        raise Unreadable("not_a_table", N_("%(name)s is a ZIP or Excel file; save the sheet as CSV."), name=name)
    return Format("csv", known, delimiter or _delimiter(head))


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _delimiter(head: str) -> str:
    """What stands most often between the names of the first line."""
    plain = re.sub(r'"[^"]*"', "", head.split("\n", 1)[0])
    counts = {mark: plain.count(mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: counts[mark])
    return best if counts[best] else ","


@lru_cache(maxsize=8_192)
def plain(name: str) -> str:
    """A column's name as it is compared: `Invoice ID`, `invoiceId` and `invoice_id` are one."""
    return re.sub(r"[^a-z0-9]+", "", name.lower()) or name.strip().lower()


class Table:
    """A file that is read: its columns, and its rows."""

    def __init__(self, stream: io.RawIOBase, format: Format, records: str = "") -> None:
        text = io.TextIOWrapper(io.BufferedReader(stream, 262_144), format.encoding, newline="")
        self._format = format
        self._records = records
        self.columns: tuple[str, ...] = ()
        self.twice: frozenset[str] = frozenset()
        """Columns that stand twice, as they are compared."""
        self._rows = self._csv(text) if format.kind == "csv" else self._json(text)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def _csv(self, text: io.TextIOWrapper) -> Iterator[Row]:
        csv.field_size_limit(_HUGE)
        cells = csv.reader(_decoded(text), delimiter=self._format.delimiter, strict=True)
        header = _next(cells)
        while header is not None and not any(header):
            header = _next(cells)
        self._named(header or [])
        keys = [plain(name) for name in self.columns]
        number = 0
        while True:
            line = cells.line_num + 1
            row = _next(cells)
            if row is None:
                return
            if not any(row):
                continue
            number += 1
            if number > MAX_ROWS:
                raise Unreadable("too_many_rows", f"The file has over {MAX_ROWS:,} rows; split it.")
            yield _csv_row(line, self.columns, keys, row)

    def _named(self, header: Sequence[str]) -> None:
        self.columns = tuple(name.strip().lstrip("\ufeff") for name in header)
        if not any(self.columns):
            raise Unreadable("empty_file", "The first line must name the columns.")
        if len(self.columns) > MAX_COLUMNS:
            raise Unreadable("too_many_columns", f"{len(self.columns):,} columns; at most {MAX_COLUMNS} are allowed.")
        if any("\0" in name for name in self.columns):
            raise Unreadable("bad_header", "The first line has a NUL character; save the file as UTF-8 text.")
        self.twice = frozenset(name for name, count in Counter(map(plain, self.columns)).items() if name and count > 1)

    def _json(self, text: io.TextIOWrapper) -> Iterator[Row]:
        found = self._lines(text) if self._format.kind == "jsonl" else self._document(text)
        for number, (line, value) in enumerate(found, 1):
            if number > MAX_ROWS:
                raise Unreadable("too_many_rows", f"The file has over {MAX_ROWS:,} rows; split it.")
            if isinstance(value, Row):
                yield value
            elif isinstance(value, dict):
                yield Row(line, value, _deep_trouble(value))
            else:
                yield Row(line, {}, Trouble("NOT_AN_OBJECT", "write a JSON object for each row"))

    def _lines(self, text: io.TextIOWrapper) -> Iterator[tuple[int, Any]]:
        number = 0
        for raw in iter(lambda: _line(text), ""):
            number += 1
            if not raw.strip():
                continue
            if len(raw) > MAX_DOCUMENT:
                raise Unreadable("line_too_long", f"Line {number} has over {MAX_DOCUMENT:,} characters.")
            try:
                value = orjson.loads(raw)
                look_for_twice(raw, value)
            except orjson.JSONDecodeError as error:
                message = f"the line is not JSON ({error.msg} at place {error.colno}); write one object a line"
                yield number, Row(number, {}, Trouble("NOT_JSON", message))
                continue
            except GivenTwice as error:
                yield number, Row(number, {}, Trouble("NAME_TWICE", f"{error}; leave one out", error.name[:200]))
                continue
            for row in self._paged(value):
                yield number, row

    def _document(self, text: io.TextIOWrapper) -> Iterator[tuple[int, Any]]:
        try:
            whole = text.read(MAX_DOCUMENT + 1)
            if len(whole) > MAX_DOCUMENT:
                raise Unreadable(
                    "document_too_large",
                    f"A JSON document is read as a whole, up to {MAX_DOCUMENT:,} characters; write it as .jsonl.",
                )
            whole = whole.lstrip("\ufeff")
            value = orjson.loads(whole)
            look_for_twice(whole, value)
        except orjson.JSONDecodeError as error:
            raise Unreadable(
                "not_json", f"Line {error.lineno} is not JSON: {error.msg} at place {error.colno}."
            ) from None
        except GivenTwice as error:
            raise Unreadable("not_json", f"In the document {error}; leave one out.") from None
        except UnicodeError as error:
            raise Unreadable("unknown_encoding", f"The file cannot be read as {self._format.encoding}.") from error
        rows = value if isinstance(value, list) else list(self._paged(value))
        yield from enumerate((row for entry in rows for row in self._paged(entry)), 1)

    def _paged(self, value: Any) -> Iterator[Any]:
        """The rows of a value: of a page of an API's answers those it lists, else itself."""
        if isinstance(value, dict):
            for name in (self._records,) if self._records else PAGES:
                if isinstance(value.get(name), list) and (self._records or _is_page(value, name)):
                    yield from value[name]
                    return
            if not self._records and "id" not in value and isinstance(inner := value.get("data"), dict):
                # Some answers keep their page in an envelope: {"data": {"items": [...]}, "status": 200}.
                page = next((name for name in PAGES if isinstance(inner.get(name), list)), None)
                if page and _is_page(inner, page):
                    yield from inner[page]
                    return
        yield value


def _is_page(value: Mapping[str, Any], name: str) -> bool:
    """Whether an object is a page: a list of objects, and nothing beside it that a row would have."""
    return "id" not in value and all(isinstance(entry, dict) for entry in value[name])


def _line(text: io.TextIOWrapper) -> str:
    try:
        return text.readline(MAX_DOCUMENT + 2)
    except UnicodeError as error:
        raise Unreadable("unknown_encoding", "The file cannot be read in its encoding; save it as UTF-8.") from error


def _decoded(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines, each of bounded length, so that a file without line ends is no line of 64 MB."""
    for number, line in enumerate(iter(lambda: _line_of(text), ""), 1):
        if len(line) > 4 * _HUGE:
            raise Unreadable("line_too_long", f"Line {number} has over {4 * _HUGE:,} characters.")
        yield line


def _line_of(text: io.TextIOWrapper) -> str:
    try:
        return text.readline(4 * _HUGE + 1)
    except UnicodeError as error:
        raise Unreadable("unknown_encoding", "The file cannot be read in its encoding; save it as UTF-8.") from error


def _next(cells: Any) -> list[str] | None:
    try:
        return next(cells, None)
    except csv.Error as error:
        hint = "a quote is missing before it." if "field larger" in str(error) else "is a quote missing or too many?"
        raise Unreadable("not_csv", f"Line {cells.line_num} cannot be read as CSV ({error}); {hint}") from error


def _csv_row(line: int, columns: Sequence[str], keys: Sequence[str], row: Sequence[str]) -> Row:
    if len(row) != len(columns):
        few = row[: len(columns)]
        if len(row) < len(columns) or any(cell.strip() for cell in row[len(columns) :]):
            message = f"{len(row)} cells where the first line names {len(columns)} columns; is a separator unquoted?"
            return Row(line, {}, Trouble("WRONG_NUMBER_OF_CELLS", message))
        row = few
    for name, cell in zip(columns, row, strict=True):
        if len(cell) > MAX_CELL:
            return Row(line, {}, Trouble("CELL_TOO_LONG", f"{len(cell):,} characters; at most {MAX_CELL:,}", name))
        if "\0" in cell:
            return Row(line, {}, Trouble("BAD_TEXT", "has a NUL character; take it out", name))
    return Row(line, dict(zip(keys, row, strict=True)))


def _deep_trouble(value: Mapping[str, Any]) -> Trouble | None:
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        name, inner, depth = waiting.pop()
        if isinstance(inner, str):
            if len(inner) > MAX_CELL:
                return Trouble("CELL_TOO_LONG", f"{len(inner):,} characters; at most {MAX_CELL:,}", name)
            if "\0" in inner:
                return Trouble("BAD_TEXT", "has a NUL character; take it out", name)
        elif isinstance(inner, dict | list):
            if depth > 10:
                return Trouble("TOO_DEEP", "is nested deeper than 10 levels", name)
            entries = inner.items() if isinstance(inner, dict) else enumerate(inner)
            waiting += [(f"{name}.{key}" if name else str(key), held, depth + 1) for key, held in entries]
    return None


def cell(data: Mapping[str, Any], column: str, own: Mapping[str, Any] | None = None) -> Any:
    """The value in a column: of a CSV row by its compared name, of a JSON row by its path with dots. `own` is the entry
    of a list that stands for the row, whose columns begin with `each.`."""
    if column.startswith("each.") and own is not None:
        return cell(own, column.removeprefix("each."))
    if column in data:
        return data[column]
    key = plain(column)
    if key in data:
        return data[key]
    value: Any = data
    for part in column.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value[part] if part in value else _loosely(value, part)
    return value


def _loosely(data: Mapping[str, Any], name: str) -> Any:
    wanted = plain(name)
    return next((value for key, value in data.items() if plain(key) == wanted), None)
