"""Limits at their very value and one beyond, where no other test does both; and that every limit is in the list."""

from __future__ import annotations

import importlib.util
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from goodword.api import body
from goodword.api.problems import Refusal
from goodword.domain import events, faults, money, program, reading
from goodword.domain.calendar import MAX_YEARS, Duration
from goodword.domain.events import EventError, parse_event
from goodword.engine import watch
from goodword.ops import database

NOW = datetime(2026, 3, 14, tzinfo=UTC)
TOOLS = Path(__file__).parents[2] / "tools"


def order(**changes: Any) -> dict[str, Any]:
    facts = {"value": 1, "currency": "USD"} | changes.pop("properties", {})
    return {"type": "order.completed", "event_id": "1", "participant": "ada", "properties": facts} | changes


def codes(raw: dict[str, Any]) -> list[str]:
    try:
        parse_event(raw, NOW)
    except EventError as error:
        return [problem.code for problem in error.problems]
    return []


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"x": value}
    return value


def sized(size: int) -> dict[str, Any]:
    """An event that is so many bytes of JSON."""
    texts = ["x" * events.MAX_TEXT] * 6
    raw = order(properties={"x": texts, "y": ""})
    raw["properties"]["y"] = "y" * (size - len(orjson.dumps(raw)))
    assert len(orjson.dumps(raw)) == size
    return raw


@pytest.mark.parametrize(
    ("within", "beyond", "code"),
    [
        (order(event_id="x" * events.MAX_ID), order(event_id="x" * (events.MAX_ID + 1)), "bad_event_id"),
        (order(participant="x" * events.MAX_ID), order(participant="x" * (events.MAX_ID + 1)), "bad_external_id"),
        (order(account="x" * events.MAX_ID), order(account="x" * (events.MAX_ID + 1)), "bad_account"),
        (
            order(occurred_at=(NOW + events.MAX_AHEAD).isoformat()),
            order(occurred_at=(NOW + events.MAX_AHEAD + timedelta(seconds=1)).isoformat()),
            "time_in_future",
        ),
        # The event and its properties are two of the levels.
        (
            order(properties={"x": deep(events.MAX_DEPTH - 2)}),
            order(properties={"x": deep(events.MAX_DEPTH - 1)}),
            "too_deep",
        ),
        (sized(events.MAX_EVENT_BYTES), sized(events.MAX_EVENT_BYTES + 1), "event_too_large"),
        (
            order(properties={"value": money.MAX_AMOUNT}),
            order(properties={"value": money.MAX_AMOUNT + 1}),
            "out_of_range",
        ),
    ],
    ids=["event_id", "participant", "account", "clock", "depth", "bytes", "amount"],
)
def test_an_event_at_a_limit_and_beyond(within: dict[str, Any], beyond: dict[str, Any], code: str) -> None:
    assert codes(within) == []
    assert codes(beyond) == [code]


def test_a_duration_at_its_limit_and_beyond() -> None:
    assert Duration.parse(f"P{MAX_YEARS}Y").months == MAX_YEARS * 12
    with pytest.raises(ValueError, match="longer than 100 years"):
        Duration.parse(f"P{MAX_YEARS}Y1M")


def test_a_document_as_deep_as_may_be_and_one_deeper() -> None:
    for levels, said in ((reading.MAX_DEPTH - 1, "is missing"), (reading.MAX_DEPTH, "nested deeper than")):
        with pytest.raises(faults.ProgramError, match=said):
            program.read("a: " + "[" * levels + "]" * levels)


def test_a_body_of_so_many_levels_and_values_and_no_more() -> None:
    body.check(deep(body.MAX_DEPTH))
    with pytest.raises(Refusal, match="nested deeper"):
        body.check(deep(body.MAX_DEPTH + 1))
    body.check([0] * body.MAX_VALUES)
    with pytest.raises(Refusal, match="values"):
        body.check([0] * (body.MAX_VALUES + 1))


def test_the_largest_pool_and_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWORD_DB_POOL", str(database.LARGEST_POOL))
    assert database.settings()["OPTIONS"]["pool"]["max_size"] == database.LARGEST_POOL
    monkeypatch.setenv("GOODWORD_DB_POOL", str(database.LARGEST_POOL + 1))
    with pytest.raises(database.DatabaseUrlError):
        database.settings()


@pytest.mark.parametrize(("count", "named"), [(watch.MAX_REQUESTS, watch.MAX_REQUESTS), (21, watch.MAX_REQUESTS)])
def test_a_batch_names_so_many_requests_and_counts_the_rest(
    count: int, named: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(watch.log, "info", lambda _, **words: said.append(words))
    requests = frozenset(f"r{number:03}" for number in range(count))
    watch.Batch("b", "w", count, 0, 0.1, watch.tally([]), requests).tell()
    assert (len(said[0]["requests"]), said[0]["requests_count"]) == (named, count)


def make_limits() -> ModuleType:
    sys.path.insert(0, str(TOOLS))
    spec = importlib.util.spec_from_file_location("make_limits", TOOLS / "make_limits.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_limits"] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


def test_every_limit_of_the_code_is_listed_with_its_tests() -> None:
    assert make_limits().faults() == []


def test_a_limit_that_is_not_listed_is_found(tmp_path: Path) -> None:
    tool = make_limits()
    (tmp_path / "new.py").write_text("MAX_NOVELTIES = 7\nPLENTY = 3\n")
    assert tool.unlisted(tmp_path) == ["new:MAX_NOVELTIES"]


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        ("tests/unit/test_limits.py::test_there_is_no_such", "there is no test"),
        ("tests/unit/test_nothing.py::test_a_duration_at_its_limit_and_beyond", "there is no test"),
    ],
)
def test_a_limit_without_its_tests_is_found(test: str, fault: str) -> None:
    tool = make_limits()
    row = tool.Limit("domain.calendar:MAX_YEARS", "Years.", "Refused.", (test,))
    assert fault in tool.untested(row)[0]
    assert tool.untested(tool.Limit("domain.calendar:MAX_YEARS", "Years.", "Refused.", ())) != []
