"""Files as they come: separators, encodings, quotes, pages of an API, and what cannot be read; and values of cells."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from goodword.engine.imports import cells, reading
from goodword.engine.imports.cells import Bad
from goodword.engine.imports.mapping import Mapping_, read
from goodword.engine.imports.reading import Detector, Row, Stream, Table, Unreadable, cell, format_of
from goodword.engine.imports.records import MAX_EACH, Record, Recorder

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def table(content: bytes, name: str = "f.csv", *, size: int = 7, records: str = "", encoding: str = "") -> Table:
    """The file in parts of so many bytes."""
    parts = [content[start : start + size] for start in range(0, len(content), size)]
    detector = Detector()
    for part in parts:
        detector.see(part)
    return Table(Stream(iter(parts)), format_of(name, detector, encoding), records)


def rows(content: bytes, name: str = "f.csv", **how: Any) -> list[Row]:
    return list(table(content, name, **how))


def data(content: bytes, name: str = "f.csv", **how: Any) -> list[dict[str, Any]]:
    return [dict(row.data) for row in rows(content, name, **how)]


ADA = [{"name": "Ada", "email": "a@x.example"}]


@pytest.mark.parametrize(
    "content",
    [
        b"Name,E-mail\nAda,a@x.example\n",
        b"\xef\xbb\xbfName,Email\r\nAda,a@x.example\r\n",
        b"name;e_mail\rAda;a@x.example",
        b"name\temail\nAda\ta@x.example\n\n",
        b'\n\nname|email\n"Ada"|a@x.example\n',
        "name,email\nAda,a@x.example\n".encode("utf-16"),
        b"name,email\nAda,a@x.example,,\n",
    ],
)
def test_a_table_is_read_however_it_is_written(content: bytes) -> None:
    assert data(content) == ADA


def test_quotes_hold_separators_and_lines_and_a_row_has_the_line_it_begins_on() -> None:
    found = rows(b'name,email\n"Ada ""the first""\nLovelace, A.",a@x.example\nKay,k@x.example\n')
    assert [(row.line, row.data["name"]) for row in found] == [(2, 'Ada "the first"\nLovelace, A.'), (4, "Kay")]


def test_letters_of_windows_are_read_and_others_are_not_guessed() -> None:
    assert data("name\nJörg – €\n".encode("windows-1252"))[0]["name"] == "Jörg – €"
    assert data("name\nBjørn\n".encode("latin-1"))[0]["name"] == "Bjørn"
    with pytest.raises(Unreadable, match=r"f\.csv is neither UTF-8 \(byte 0xFF at place 6\) nor Windows-1252"):
        rows(b"name\n\xff\x81\n")
    detector = Detector()
    for part in (b"name\n\xe2", b"\x82\xac\x81"):  # a letter that stands in two parts of the file, then none
        detector.see(part)
    with pytest.raises(Unreadable, match=r"byte 0x81 at place 9\)"):
        detector.encoding()
    with pytest.raises(Unreadable, match=r"byte 0xE2 at place 8\)"):  # cut off
        rows(b"name\n\xc2\x81\xe2\x82", size=8)
    with pytest.raises(Unreadable) as refused, override("nb"):
        rows(b" \n")
    with override("nb"):
        assert refused.value.said() == "f.csv er tom."
    assert data("name\nПривет\n".encode())[0]["name"] == "Привет"
    assert data(b"name\n\xe5\n", encoding="iso-8859-1")[0]["name"] == "å"
    with pytest.raises(Unreadable, match="cannot be read in its encoding"):
        rows(b"name\n\xff\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \n ", "empty_file"),
        (b",,\n\n", "empty_file"),
        (b"PK\x03\x04 an Excel sheet", "not_a_table"),
        (b'name\n"Ada\n', "not_csv"),
        (b'name\n"' + b"x" * 1_000_100 + b'"\n', "not_csv"),
        (b"name\n" + b"x" * 4_000_100, "line_too_long"),
        (b"na\0me\nAda\n", "bad_header"),
    ],
)
def test_what_cannot_be_read_is_told_before_anything_comes_of_it(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as told:
        rows(content, size=100_000)
    assert told.value.code == code


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (b"Ada", "WRONG_NUMBER_OF_CELLS", ""),
        (b"Ada,a,b", "WRONG_NUMBER_OF_CELLS", ""),
        (b"A\0da,a", "BAD_TEXT", "Name"),
        (b"Ada," + b"x" * (reading.MAX_CELL + 1), "CELL_TOO_LONG", "email"),
    ],
)
def test_a_row_that_is_wrong_is_told_and_the_next_is_read(row: bytes, code: str, column: str) -> None:
    bad, good = rows(b"Name,email\n" + row + b"\nKay," + b"x" * reading.MAX_CELL + b"\n", size=5_000)
    assert bad.trouble
    assert (bad.line, bad.trouble.code, bad.trouble.column) == (2, code, column)
    assert good.trouble is None


def test_a_table_has_so_many_columns_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = ",".join(f"c{number}" for number in range(reading.MAX_COLUMNS))
    assert len(rows(f"{wide}\n{wide}\n".encode())) == 1
    with pytest.raises(Unreadable, match="501 columns; at most 500"):
        rows(f"{wide},x\n{wide},x\n".encode())
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    assert len(rows(b"a\n1\n2\n")) == len(rows(b'{"a":1}\n{"a":2}\n', "f.jsonl")) == 2
    for content, name in ((b"a\n1\n2\n3\n", "f.csv"), (b'{"a":1}\n{"a":2}\n{"a":3}\n', "f.jsonl")):
        with pytest.raises(Unreadable, match="over 2 rows"):
            rows(content, name)


def test_a_column_that_stands_twice_is_known() -> None:
    assert table(b"E-mail,name,email\n1,2,3\n").twice == frozenset()
    twice = table(b"E-mail,name,email\n1,2,3\n")
    list(twice)
    assert twice.twice == {"email"}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'{"id":1}\n\n{"id":2}\n', "f.jsonl"),
        (b'{"data":[{"id":1}],"next":null}\n{"data":[{"id":2}]}\n', "pages.ndjson"),
        (b'[{"id":1},{"id":2}]', "f.json"),
        (b'{"pagination":{},"data":[\n{"id":1},{"id":2}]}', "page.json"),
        (b'[{"data":[{"id":1}]},{"data":[{"id":2}]}]', "pages.json"),
        (b'{"data":{"items":[{"id":1},{"id":2}],"has_more":false},"status":200}', "envelope.json"),
        (b'{"id":1}\n{"id":2}\n', "unnamed"),
    ],
)
def test_json_is_read_by_line_as_a_document_and_as_pages(content: bytes, name: str) -> None:
    assert data(content, name) == [{"id": 1}, {"id": 2}]


def test_pages_may_have_a_name_of_their_own() -> None:
    assert data(b'{"people":[{"a":1}]}\n', "f.jsonl", records="people") == [{"a": 1}]


def test_json_that_is_wrong_is_told() -> None:
    found = rows(b'{"a":1\n[1]\n{"a":"x\\u0000"}\n{"a":{"b":["' + b"x" * 10_001 + b'"]}}\n', "f.jsonl", size=9_000)
    assert [(row.line, row.trouble.code, row.trouble.column) for row in found if row.trouble] == [
        (1, "NOT_JSON", ""), (2, "NOT_AN_OBJECT", ""), (3, "BAD_TEXT", "a"), (4, "CELL_TOO_LONG", "a.b.0"),
    ]  # fmt: skip
    deep = b'{"a":' * 12 + b"1" + b"}" * 12
    trouble = rows(deep + b"\n", "f.jsonl")[0].trouble
    assert trouble
    assert (trouble.code, trouble.column) == ("TOO_DEEP", ".".join("a" * 11))
    for content, code in ((b'[{"a":1},', "not_json"), (b'{"a":\xff}', "unknown_encoding")):
        with pytest.raises(Unreadable) as told:
            rows(content, "f.json", encoding="utf-8")
        assert told.value.code == code


def test_a_json_document_and_a_line_have_a_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_DOCUMENT", 20)
    assert data(b'[{"id":"1234567890"}]'[:20], "f.jsonl") == [{}]
    with pytest.raises(Unreadable, match="up to 20 characters"):
        rows(b'[{"id":"1234567890"}]', "f.json")
    with pytest.raises(Unreadable, match="Line 1 has over 20"):
        rows(b'{"id":"1234567890123"}\n', "f.jsonl")


def test_bytes_are_read_as_they_are_needed() -> None:
    asked = itertools.count()

    def parts() -> Iterator[bytes]:
        yield b"a\n"
        for _ in range(1_000):
            next(asked)
            yield b"1\n" * 100_000

    found = iter(Table(Stream(parts()), reading.Format("csv", "utf-8")))
    next(found)
    assert next(asked) < 10


def test_a_cell_is_found_by_its_name_however_it_is_spelt() -> None:
    flat = {"customeremail": "a@x", "id": "1"}
    assert cell(flat, "customer.email") == cell(flat, "Customer Email") == "a@x"
    nested = {"customer": {"eMail": "a@x"}, "x": None}
    assert cell(nested, "customer.email") == "a@x"
    assert cell(nested, "x.y") is cell(nested, "nobody") is cell({"customer": 1}, "customer.email") is None
    assert cell(nested, "each.token", {"token": "t"}) == "t"


# Values


def test_texts_are_trimmed_and_lists_are_none() -> None:
    assert [cells.text(value) for value in (None, " a ", 12, True, 1.5)] == ["", "a", "12", "true", "1.5"]
    for value in ({}, []):
        with pytest.raises(Bad, match="name one of its fields"):
            cells.text(value)


@pytest.mark.parametrize(
    ("value", "currency", "how", "minor"),
    [
        ("1250", "USD", "minor", 1250),
        ("1250.00", "USD", "minor", 1250),
        ("12.50", "USD", "decimal", 1250),
        ("12.5", "NOK", "decimal", 1250),
        ("1,250", "JPY", "decimal", 1250),
        ("1 250", "JPY", "minor", 1250),
        ("125000", "JPY", "hundredths", 1250),
        ("1.255", "KWD", "decimal", 1255),
        ("125", "KWD", "hundredths", 1250),
        ("1,234,567.89", "USD", "decimal", 123_456_789),
        ("40", "points", "decimal", 40),
        ("1e2", "USD", "minor", 100),
        ("$1,234.50", "USD", "decimal", 123_450),
        ("$ 20.5", "AUD", "decimal", 2050),
        ("US$20", "USD", "decimal", 2000),
        ("USD 12.50", "USD", "decimal", 1250),
        ("12.50 kr", "NOK", "decimal", 1250),
        ("RM12.50", "MYR", "decimal", 1250),
        ("¥1,200", "JPY", "decimal", 1200),
        (".5", "USD", "decimal", 50),
        ("1\u202f250.00", "EUR", "decimal", 125_000),
    ],
)
def test_an_amount_is_whole_minor_units_of_its_currency(value: str, currency: str, how: str, minor: int) -> None:
    assert cells.amount(value, currency, how) == minor


@pytest.mark.parametrize(
    ("value", "currency", "how", "code"),
    [
        ("12.505", "USD", "decimal", "AMOUNT_TOO_FINE"),
        ("0.5", "JPY", "decimal", "AMOUNT_TOO_FINE"),
        ("12.5", "USD", "minor", "AMOUNT_TOO_FINE"),
        ("-1", "USD", "minor", "AMOUNT_NEGATIVE"),
        ("$5", "EUR", "decimal", "AMOUNT_INVALID"),
        ("5 EUR", "USD", "decimal", "AMOUNT_INVALID"),
        ("-$5", "USD", "decimal", "AMOUNT_NEGATIVE"),
        ("$-5", "USD", "decimal", "AMOUNT_NEGATIVE"),
        ("$", "USD", "decimal", "AMOUNT_INVALID"),
        ("1_000", "USD", "minor", "AMOUNT_INVALID"),
        ("12,34,567", "USD", "minor", "AMOUNT_INVALID"),
        ("$1,2", "USD", "decimal", "AMOUNT_INVALID"),
        (".", "USD", "decimal", "AMOUNT_INVALID"),
        ("12,50", "USD", "decimal", "AMOUNT_INVALID"),
        ("NaN", "USD", "minor", "AMOUNT_INVALID"),
        ("1e30", "USD", "minor", "AMOUNT_INVALID"),
        ("10000000000000000", "USD", "minor", "AMOUNT_TOO_LARGE"),
    ],
)
def test_an_amount_that_cannot_be_is_never_rounded(value: str, currency: str, how: str, code: str) -> None:
    with pytest.raises(Bad) as told:
        cells.amount(value, currency, how)
    assert told.value.code == code


def test_a_comma_may_be_the_decimal_mark() -> None:
    assert cells.amount("1.234,50", "EUR", "decimal", comma=True) == 123_450
    assert cells.amount("1.234 €", "EUR", "decimal", comma=True) == 123_400
    with pytest.raises(Bad, match="a point is the decimal mark"):
        cells.amount("12.50", "EUR", "decimal", comma=True)
    with pytest.raises(Bad, match="say decimal_comma: true"):
        cells.amount("1.234,50", "EUR", "decimal")


@pytest.mark.parametrize(
    ("value", "how", "at"),
    [
        ("2026-03-14T10:22:00Z", "auto", "2026-03-14T10:22:00+00:00"),
        ("2026-03-14 10:22:00 UTC", "iso", "2026-03-14T10:22:00+00:00"),
        ("2026-03-14T10:22:00.5+0100", "auto", "2026-03-14T09:22:00.500000+00:00"),
        ("2026-03-14 10:22", "auto", "2026-03-14T09:22:00+00:00"),
        ("2026-07-14", "auto", "2026-07-13T22:00:00+00:00"),
        ("1710411720", "auto", "2024-03-14T10:22:00+00:00"),
        ("1710411720000", "auto", "2024-03-14T10:22:00+00:00"),
        ("1710411720000", "epoch_ms", "2024-03-14T10:22:00+00:00"),
        ("1710411720.25", "epoch_s", "2024-03-14T10:22:00.250000+00:00"),
        ("14/03/2024", "%d/%m/%Y", "2024-03-13T23:00:00+00:00"),
        ("14/03/2024 +0000", "%d/%m/%Y %z", "2024-03-14T00:00:00+00:00"),
    ],
)
def test_a_time_is_read_and_one_without_an_offset_is_of_the_zone(value: str, how: str, at: str) -> None:
    assert cells.moment(value, how, ZoneInfo("Europe/Oslo"), NOW).isoformat() == at


@pytest.mark.parametrize(
    ("value", "how", "code"),
    [
        ("14/03/2024", "auto", "TIME_INVALID"),
        ("20240314", "auto", "TIME_INVALID"),
        ("2026-02-30", "auto", "TIME_INVALID"),
        ("14.03.2024", "%d/%m/%Y", "TIME_INVALID"),
        ("1710411720000", "epoch_s", "TIME_OUT_OF_RANGE"),
        ("1969-12-31T00:00:00Z", "auto", "TIME_OUT_OF_RANGE"),
        ("2027-01-01", "auto", "TIME_OUT_OF_RANGE"),
        ("yesterday", "iso", "TIME_INVALID"),
    ],
)
def test_a_time_that_cannot_be_is_told(value: str, how: str, code: str) -> None:
    with pytest.raises(Bad) as told:
        cells.moment(value, how, UTC_ZONE, NOW)
    assert told.value.code == code


def test_some_times_lie_ahead() -> None:
    assert cells.moment("2027-01-01", "auto", UTC_ZONE, NOW, ahead=True).year == 2027


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("ada", "ada"),
        ("https://x.example/?a=1&via=ada", "ada"),
        ("https://x.example/r/ada-2/", "ada-2"),
        ("https://x.example/j%C3%B6rg", "jörg"),
    ],
)
def test_a_code_is_taken_from_a_link(value: str, code: str) -> None:
    assert cells.code(value, take="code") == code


@pytest.mark.parametrize("value", ["https://x.example/", "a b", "x" * 65, "a?b", "https://x.example/?via="])
def test_what_has_no_code_is_told(value: str) -> None:
    with pytest.raises(Bad):
        cells.code(value, take="code")


def test_countries_currencies_units_and_lengths() -> None:
    assert (cells.country("no"), cells.currency("usd"), cells.unit("usd"), cells.unit("points")) == (
        "NO", "USD", "USD", "points"
    )  # fmt: skip
    for reader, value in ((cells.country, "Norway"), (cells.currency, "XYZ"), (cells.short, "x" * 201)):
        with pytest.raises(Bad):
            reader(value)
    assert cells.short("x" * 200)


# Records


def mapping(*makes: dict[str, Any], **top: Any) -> Mapping_:
    return read({"mapping": "m", "files": {"f": {"makes": list(makes)}}, **top})


def records(found: Mapping_, *given: dict[str, Any]) -> list[Record]:
    recorder = Recorder(found, found.files[0].makes[0], "USD", NOW)
    return [record for line, row in enumerate(given, 1) for record in recorder.of(Row(line, row))]


REFERRAL = {"referrer.email": "by", "referred.email": "who"}


def test_a_record_has_what_the_mapping_says() -> None:
    people = mapping(
        {
            "kind": "participants",
            "fields": {
                "email": {"column": ["mail", "email"]}, "name": {"columns": ["first", "last"]},
                "source_state": {"column": "state", "default": "active"}, "traits.plan": {"value": "gold"},
                "country": {"column": "land", "map": {"Norway": "NO"}},
            },
        }
    )  # fmt: skip
    [record] = records(people, {"email": " A@X.example ", "first": "Ada", "last": "", "land": "norway"})
    assert record.fields == {
        "email": "a@x.example", "name": "Ada", "source_state": "active", "traits.plan": "gold", "country": "NO",
    }  # fmt: skip


def test_a_state_is_ours_beside_theirs_and_one_that_nobody_mapped_is_told() -> None:
    states = {"column": "s", "map": {"Won": "closed_won", "visit": "skip"}}
    found = mapping({"kind": "referrals", "fields": {**REFERRAL, "state": states}})
    people = {"by": "a@x.example", "who": "g@x.example"}
    won, visit, other, none = records(found, *({**people, "s": word} for word in ("WON", "visit", "lost", "")))
    assert (won.get("state"), won.get("source_state")) == ("closed_won", "WON")
    assert visit.skip
    assert visit.skip.code == "NOT_IMPORTED"
    assert [(r.trouble.code, r.trouble.column, r.trouble.value) for r in (other, none) if r.trouble] == [
        ("STATE_UNKNOWN", "s", "lost"), ("STATE_MISSING", "s", ""),
    ]  # fmt: skip
    as_is = mapping({"kind": "referrals", "fields": {**REFERRAL, "state": "s"}})
    assert records(as_is, {**people, "s": "qualified"})[0].get("state") == "qualified"


def test_an_amount_is_in_its_own_currency_whatever_comes_first() -> None:
    fields = {"participant.email": "m", "amount": "a", "unit": "c", "state": {"value": "issued"}}
    found = mapping({"kind": "rewards", "fields": fields}, money="decimal")
    given = [{"m": "a@x.example", "a": "12.5", "c": code} for code in ("usd", "KWD", "JPY", "")]
    assert [r.get("amount") or (r.trouble and r.trouble.code) for r in records(found, *given)] == [
        1250, 12500, "AMOUNT_TOO_FINE", 1250,
    ]  # fmt: skip


def test_each_entry_of_a_list_is_one_and_when_leaves_rows_out() -> None:
    link = {"kind": "links", "each": "links", "when": {"on": ["yes", "1"]},
            "fields": {"participant.source_id": "id", "code": {"column": "each.token"}}}  # fmt: skip
    found = mapping(link)
    row = {"id": 7, "on": True, "links": [{"token": "a"}, {"token": "b"}]}
    assert records(found, row) == []
    assert [(r.get("participant.source_id"), r.get("code")) for r in records(found, {**row, "on": "Yes"})] == [
        ("7", "a"), ("7", "b")
    ]  # fmt: skip
    assert records(found, {**row, "on": 1, "links": None}) == []
    plain = mapping({"kind": "links", "each": "links", "fields": {"participant.source_id": "id", "code": "each.value"}})
    assert [r.get("code") for r in records(plain, {"id": 7, "links": ["a", "b"]})] == ["a", "b"]
    assert len(records(plain, {"id": 7, "links": ["a"] * (MAX_EACH + 1)})) == MAX_EACH


def test_the_first_cell_that_is_wrong_is_told_with_its_column() -> None:
    found = mapping({"kind": "participants", "fields": {"email": "mail", "external_id": "id"}})
    [record] = records(found, {"mail": "nobody", "id": "1"})
    assert record.trouble
    assert (record.trouble.code, record.trouble.column, record.trouble.value) == ("EMAIL_INVALID", "mail", "nobody")
    [other] = records(found, {"mail": {"is": "an object"}})
    assert other.trouble
    assert other.trouble.code == "NOT_A_TEXT"
    assert json.loads(json.dumps(other.trouble.message))


def test_a_name_that_stands_twice_in_json_is_an_error() -> None:
    lines = (
        b'{"name": "Ada", "name": "Kay"}\n{"name": "Grace: x"}\n'
        b'{"a\\u003a": 1, "b": {"n": 1, "n": 2}}\n{"n\\u003a": 1}\n'
    )
    troubles = [row.trouble and (row.trouble.code, row.trouble.column) for row in rows(lines, "f.jsonl")]
    assert troubles == [("NAME_TWICE", "name"), None, ("NAME_TWICE", "n"), None]
    with pytest.raises(Unreadable, match="'name' stands twice"):
        rows(b'[{"name": 1, "name": 2}]', "f.json")
