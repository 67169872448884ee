"""Whoever is erased, and whenever: sums stay, nothing names them, and replay says the same."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.domain import ids
from goodword.engine import apply, erase, programs, record, replay, worker
from goodword.insight import ledger
from goodword.store import tenancy
from goodword.store import workspaces as directory
from properties import test_merges
from properties.test_random_histories import PEOPLE, documents, histories, sent

_NUMBERS = count()


def documents_about_people() -> list[dict[str, Any]]:
    """The documents, with conditions on what an erasure removes, on either side."""
    found = documents()
    for document in found:
        eligibility = document.setdefault("eligibility", {})
        eligibility.setdefault("refer", []).append(
            {"code": "wrong_team", "when": "!has(referrer.traits.team) || referrer.traits.team != 'red'"}
        )
        eligibility.setdefault("be_referred", []).append(
            {
                "code": "wrong_name",
                "when": "referred.external_id != 'fay-4711' && referred.email != 'eve-4711@x.example'",
            }
        )
    found[2]["rewards"][0]["when"] = "referrer.external_id != 'bob-4711' || referrer.traits.team == 'blue'"
    return found


def named(event: dict[str, Any], number: int) -> dict[str, Any]:
    """The event with names that can be looked for, and words about people."""
    who = event.get("participant")
    if who is None:
        return event
    ids = {"external_id": f"{who}-4711", "email": f"{who}-4711@x.example", "name": f"Mx {who} Smith-4711"}
    told = {"team": ("red", "blue", "green")[number % 3], "note": f"{PEOPLE[number % 6]}-4711 was there"}
    return {**event, "participant": {**ids, **told}}


names = st.sampled_from([*(f"{id}-4711" for id in test_merges.IDS), *test_merges.MAILS])
leavers = st.tuples(st.integers(0, 80), st.sampled_from(PEOPLE))


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    history=histories, leave=st.lists(st.tuples(st.integers(0, 80), st.sampled_from(PEOPLE)), min_size=1, max_size=4)
)
@pytest.mark.usefixtures("db")
def test_sums_stay_and_replay_agrees_whoever_leaves_whenever(history: list[Any], leave: list[tuple[int, str]]) -> None:
    events = [named(event, number) for number, event in enumerate(sent(history))]
    workspace = str(directory.create(f"e{next(_NUMBERS)}", "E").id)
    for document in documents_about_people():
        programs.publish(workspace, document, by="test")
    start, left = 0, set()
    for at, who in [*sorted(leave), (len(events), "")]:
        record.record(workspace, events[start : max(start, at)])
        while apply.apply_pending(workspace, limit=7, ring=False).more:
            pass
        start = max(start, at)
        if who and _known(workspace, who):
            before = _sums(workspace)
            done = erase.erase(workspace, erase.find(workspace, f"{who}-4711"), by="test")
            assert _sums(workspace) == before
            assert not _named(workspace, f"{who}-4711")
            left.add(done.participant_id)
    worker.drain(workspace)
    assert replay.verify(workspace).differences == ()
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM participant WHERE external_id IS NULL AND email = ''")
        assert cursor.fetchone()[0] == len(left)


def _known(workspace: str, who: str) -> bool:
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM participant WHERE external_id = %s", [f"{who}-4711"])
        return bool(cursor.fetchone()[0])


def _sums(workspace: str) -> Any:
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        found: list[Any] = [ledger.trial_balance(workspace)]
        for statement in (
            "SELECT rule, state, count(*), sum(amount), sum(reversed) FROM reward GROUP BY 1, 2 ORDER BY 1, 2",
            "SELECT program_id, state, count(*), sum(value) FROM referral GROUP BY 1, 2 ORDER BY 1, 2",
            "SELECT outcome, reason, count(*) FROM decision GROUP BY 1, 2 ORDER BY 1, 2",
            "SELECT subject_id, name, count, amount FROM counter ORDER BY 1, 2",
        ):
            cursor.execute(statement)
            found.append(cursor.fetchall())
        return found


def _named(workspace: str, text: str) -> list[str]:
    """Rows that hold a text, but for documents, which the workspace wrote itself."""
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            if table != "program_version":
                cursor.execute(f'SELECT row::text FROM "{table}" AS row WHERE row::text ILIKE %s', [f"%{text}%"])
                found += [row[0] for row in cursor.fetchall()]
        return found


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=test_merges.histories, leave=st.lists(st.tuples(st.integers(5, 60), names), min_size=1, max_size=3))
@pytest.mark.usefixtures("db")
def test_who_was_merged_leaves_whole(history: list[Any], leave: list[tuple[int, str]]) -> None:
    workspace = str(directory.create(f"m{next(_NUMBERS)}", "M").id)
    for document in test_merges.documents():
        programs.publish(workspace, document, by="test")
    leaving = sorted(leave)
    for number, event in enumerate([*map(_distinct, test_merges.sent(history)), None]):
        while leaving and (event is None or leaving[0][0] <= number):
            _leave(workspace, leaving.pop(0)[1])
        if event:
            previous = event["properties"].get("previous_id")
            if previous and "@" in previous:
                id = _find(workspace, previous)
                event["properties"] = {**event["properties"], "previous_id": id or "par_nobody"}
            record.record(workspace, [event])
            if number % 4 == 0:
                apply.apply_pending(workspace, ring=False)
    worker.drain(workspace)
    assert replay.verify(workspace).differences == ()


def _distinct(event: dict[str, Any]) -> dict[str, Any]:
    """The event with external ids that can be told from everything else."""
    who, properties = event.get("participant"), event["properties"]
    if who and "external_id" in who:
        event = {**event, "participant": {**who, "external_id": f"{who['external_id']}-4711"}}
    if properties.get("previous_id") in test_merges.IDS:
        event = {**event, "properties": {**properties, "previous_id": f"{properties['previous_id']}-4711"}}
    return event


def _find(workspace: str, name: str) -> str | None:
    try:
        return ids.public("par", erase.find(workspace, name))
    except erase.UnknownParticipant:
        return None


def _leave(workspace: str, name: str) -> None:
    """Erases whoever has that name, if anybody has, and holds the sums and the rest to it."""
    while apply.apply_pending(workspace, ring=False).more:
        pass
    public = _find(workspace, name)
    if public is None or erase.receipt(workspace, ids.internal("par", public)):
        return
    before = _sums(workspace)
    erase.erase(workspace, ids.internal("par", public), by="test")
    assert _sums(workspace) == before
    if "@" not in name:
        assert not _named(workspace, name)
    assert replay.verify(workspace).differences == ()
