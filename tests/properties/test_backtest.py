"""Over programmes and histories that nobody thought of: a backtest of the live version over its own history changes
no decision, however late facts came and however the events were cut into batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from goodword.domain.program import Program, compile_program
from goodword.engine import apply, record, worker
from goodword.engine import programs as publishing
from goodword.engine.backtest import compare, coupling, job, log, parts, reach
from goodword.store import workspaces as directory
from properties.test_random_programs import Told, told
from support.random_programs import Document, documents, with_limits
from support.rich_programs import loyal, shopping
from support.rich_programs import told as told_of_all

_NUMBERS = count()
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=SLOW,
)
@given(
    told=st.one_of(told, told_of_all),
    second=documents("q", "sales"),
    chunk=st.integers(1, 40),
    batch=st.integers(1, 30),
    beside=st.booleans(),
    rung=st.booleans(),
)
@pytest.mark.usefixtures("db")
def test_the_live_version_over_its_own_history_changes_nothing(
    told: Told, second: Document, chunk: int, batch: int, beside: bool, rung: bool
) -> None:
    document, events = told
    workspace = str(directory.create(f"b{next(_NUMBERS)}", "W").id)
    publishing.publish(workspace, document, by="test")
    if beside:
        publishing.publish(workspace, second, by="test")
    for start in range(0, len(events), chunk):
        piece = list({event["event_id"]: event for event in events[start : start + chunk]}.values())
        record.record(workspace, piece)
        while apply.apply_pending(workspace, limit=batch, ring=False).more:
            pass
        if rung and start % 3 == 0:
            worker.drain(workspace)
    changes: list[compare.Change] = []
    found = job.run(workspace, job.Question(document), tell=changes.append)
    assert changes == []
    assert (found["changed"]["count"], found["people"]) == (0, [])
    for table in ("totals", "cost", "caps", "liability"):
        assert all(row["before"] == row["after"] for row in found[table]), table
    again = job.run(workspace, job.Question(document, as_of_version=1), tell=changes.append)
    assert changes == []
    assert again["cost"] == found["cost"]


def in_parts(workspace: str, tested: Program, cast: reach.Cast) -> tuple[compare.Found, list[Any]]:
    """Three parts at most, one after another in this process."""
    workers = _Here()
    changes: list[Any] = []
    with log.snapshot(workspace) as moment:
        found = parts.run(
            workspace, tested, cast, begins=False, span=compare.Span(), tell=changes.append, other=None,
            progress=lambda done: None, workers=workers, count=workers.count, moment=moment,
        )  # fmt: skip
    return found, changes


class _Here:
    """Each part in the open transaction."""

    count = 3

    def work(self, given: Sequence[parts.Part], progress: Callable[[int], None]) -> Iterator[compare.Found]:
        for part in given:
            words = list(parts.said(part))
            parts.changes_of(part).write_bytes(b"".join(word.changes for word in words))
            assert words[-1].found is not None
            yield words[-1].found

    def told(self) -> None:
        return None


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[*SLOW, HealthCheck.filter_too_much],
)
@given(told=told, other=documents("p"))
@pytest.mark.usefixtures("db")
def test_parts_come_to_the_same_as_one_pass(told: Told, other: Document) -> None:
    def apart(document: Document) -> Document:
        """Without what couples people who never met."""
        return with_limits(document, lambda limit: limit["per"] in coupling.LIMITED)

    document, events = told
    other = apart(other) | {"lifecycle": document["lifecycle"], "currency": document["currency"]}
    same_in_parts(apart(document), other, events)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[*SLOW, HealthCheck.filter_too_much],
)
@given(data=st.data(), document=loyal(together=False), other=loyal(together=False))
@pytest.mark.usefixtures("db")
def test_parts_of_a_shops_history_come_to_the_same_also_where_orders_are_named_by_several(
    data: st.DataObject, document: Document, other: Document
) -> None:
    def apart(document: Document) -> Document:
        return with_limits(document, lambda limit: limit["per"] in coupling.LIMITED)

    events = data.draw(shopping(document))
    for event in events:
        if event["properties"].get("order_id") == "o1":
            event["properties"] = event["properties"] | {"order_id": "o0"}
    same_in_parts(apart(document), apart(other), events)


def same_in_parts(document: Document, other: Document, events: list[Any]) -> None:
    """Another document tried on the history of one comes to the same in parts and in one pass."""
    workspace = str(directory.create(f"p{next(_NUMBERS)}", "W").id)
    publishing.publish(workspace, document, by="test")
    record.record(workspace, list({event["event_id"]: event for event in events}.values()))
    worker.drain(workspace)
    with log.snapshot(workspace):
        versions = job._versions(workspace)
        tested = compile_program(versions[0].id, versions[0].version_id, 1, other)
        assume(coupling.couples([*versions, tested]) == "")
        changes: list[Any] = []
        cast = reach.cast(workspace, [tested], versions, ())
        whole = compare.run(workspace, tested, cast, begins=False, span=compare.Span(), tell=changes.append)
    found, changed = in_parts(workspace, tested, cast)
    held, found.held = found.held, whole.held  # a program's other people are in each part
    assert found == whole
    assert held["rewards"] == whole.held["rewards"]
    assert sorted(changed, key=str) == sorted(changes, key=str)
