"""Over programmes and histories that nobody thought of: a backtest of the live version over its own history changes
no decision, however late facts came and however the events were cut into batches."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.engine import apply, record, worker
from goodword.engine import programs as publishing
from goodword.engine.backtest import compare, job
from goodword.store import workspaces as directory
from properties.test_random_programs import Told, told
from support.random_programs import Document, documents

_NUMBERS = count()


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    told=told,
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
