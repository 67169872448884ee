"""Over programmes and histories that nobody thought of: what a backtest comes to does not depend on whether programmes
that cannot reach the one that is tried are decided again, nor on whether the history is cut into parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from goodword.domain.program import Program, compile_program
from goodword.engine import programs as publishing
from goodword.engine import record, worker
from goodword.engine.backtest import compare, coupling, job, log, reach
from goodword.store import tenancy
from goodword.store import workspaces as directory
from goodword.store.models import Inbox
from properties.test_backtest import SLOW, in_parts
from support.random_programs import Document, Event
from support.rich_programs import apart, loyal, rich, telling

_NUMBERS = count()


@st.composite
def pairs(draw: Any, *, together: bool = True) -> tuple[Document, Document, Document, list[Event]]:
    """Two programmes over the same people, a document to try in the place of the first, and what happened to both."""
    one = st.one_of(*(rich("p", flow, together=together) for flow in ("sales", "self_serve")))
    two = (st.tuples(*[rich("p", flow, together=together)] * 2) for flow in ("sales", "self_serve"))
    first, tried = draw(st.one_of(*two, st.tuples(one, one), st.tuples(loyal("p"), loyal("p"))))
    second = draw(st.one_of(rich("q"), rich("q"), loyal("q")))
    mine, theirs = draw(telling(first)), draw(telling(second))
    own_codes = draw(st.booleans())
    events = list(mine)
    for event in theirs:
        code = {"code": f"q-{event['properties']['code']}"} if own_codes and "code" in event["properties"] else {}
        renamed = event | {"event_id": f"q-{event['event_id']}", "properties": event["properties"] | code}
        events.insert(draw(st.integers(0, len(events))), renamed)
    return first, second, tried, events


def lived(first: Document, second: Document, events: Sequence[Event]) -> str:
    """A workspace with both programmes, in which all of it happened."""
    workspace = str(directory.create(f"r{next(_NUMBERS)}", "W").id)
    publishing.publish(workspace, first, by="test")
    publishing.publish(workspace, second, by="test")
    record.record(workspace, list({event["event_id"]: event for event in events}.values()))
    for _ in range(3):
        worker.drain(workspace)
    with tenancy.workspace(workspace):
        assert list(Inbox.objects.values_list("error", flat=True)) == []  # nothing was set aside
    return workspace


def everything(tried: Sequence[Program], versions: Iterable[Program], money_of: Sequence[str] = ()) -> set[str]:
    """In the place of `reach.reaching`: every programme is decided again."""
    return {row.id for row in (*tried, *versions)}


def answer(workspace: str, tried: Document) -> tuple[dict[str, Any], list[compare.Change]]:
    """A backtest's result without how long it took, and its changes."""
    changes: list[compare.Change] = []
    found = job.run(workspace, job.Question(tried), tell=changes.append)
    return {name: found[name] for name in found.keys() - {"seconds", "in_memory", "timers"}}, changes


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(pair=pairs())
@pytest.mark.usefixtures("db")
def test_programmes_that_cannot_reach_the_tried_one_need_not_be_decided(
    pair: tuple[Document, Document, Document, list[Event]],
) -> None:
    first, second, tried, events = pair
    workspace = lived(first, second, events)
    found, changes = answer(workspace, tried)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "reaching", everything)
        whole, changed = answer(workspace, tried)
    assert found == whole
    assert changes == changed


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(pair=pairs(together=False))
@pytest.mark.usefixtures("db")
def test_parts_come_to_the_same_whatever_another_programme_shares(
    pair: tuple[Document, Document, Document, list[Event]],
) -> None:
    first, second, tried, events = pair
    first, tried = (document if document.get("kind") == "loyalty" else apart(document) for document in (first, tried))
    workspace = lived(first, second, events)
    with log.snapshot(workspace):
        versions = job._versions(workspace)
        mine = next(row for row in versions if row.key == "p")
        tested = compile_program(mine.id, mine.version_id, 1, tried)
        cast = reach.cast(workspace, [tested], versions, ())
        assume(coupling.couples([tested, *cast.versions]) == "")
        changes: list[Any] = []
        whole = compare.run(workspace, tested, cast, begins=False, span=compare.Span(), tell=changes.append)
    found, changed = in_parts(workspace, tested, cast)
    found.held = whole.held  # a programme's other people are in each part
    assert found == whole
    assert sorted(changed, key=str) == sorted(changes, key=str)
