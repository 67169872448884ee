"""Statements of the edge's own connections: several in one trip, one transaction, and nobody's trouble another's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from uuid_utils import uuid7

from goodword.edge import commits
from goodword.edge.commits import ANEW, FOLLOW, Code, Commits, _Waiting
from goodword.edge.connection import Line, Unavailable
from goodword.ops import database
from goodword.store.clicks import Click
from goodword.store.models import Link
from goodword.store.tenancy import workspace as scope
from goodword.store.trip import Step, workspace_scope
from integration.edge.conftest import clicks

BACKEND = Step(b"SELECT pg_backend_pid()", name=b"backend")


@pytest.fixture
def ask(db: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs what is asked of a line of this test's database."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(work: Callable[[Line], Awaitable[Any]], **parameters: Any) -> Any:
        async def whole() -> Any:
            line = Line(lambda: {**database.parameters(), **parameters})
            try:
                return await work(line)
            finally:
                await line.close()

        return asyncio.run(whole())

    return run


def test_the_steps_of_a_trip_are_one_transaction_and_give_their_rows(ask: Callable[..., Any], workspace: str) -> None:
    async def work(line: Line) -> Any:
        own = Step(b"SELECT current_setting('goodword.workspace_id'), txid_current()")
        first = await line.run(workspace_scope(workspace), own, Step(b"SELECT $1::int, $2::text", [b"4", None]), own)
        [[[after]]] = await line.run(Step(b"SELECT current_setting('goodword.workspace_id', true)"))
        return first, after

    (one, values, again), after = ask(work)
    assert one == again
    assert one[0][0] == workspace
    assert values == [(4, None)]
    assert after == ""


@pytest.mark.parametrize("kept", [5, None])
def test_a_session_keeps_a_statement_only_where_sessions_may(ask: Callable[..., Any], kept: int | None) -> None:
    async def work(line: Line) -> Any:
        await line.run(BACKEND)
        await line.run(BACKEND)
        return await line.run(Step(b"SELECT name FROM pg_prepared_statements ORDER BY name"))

    assert ask(work, prepare_threshold=kept) == [[("backend",), ("begin",), ("commit",)] if kept else []]


def test_more_than_the_connection_takes_at_once_is_sent_whole(ask: Callable[..., Any]) -> None:
    text = b"x" * 8_000_000

    async def work(line: Line) -> Any:
        return await line.run(*[Step(b"SELECT length($1), repeat($1, 1)", [text])] * 3)

    rows = ask(work)
    assert [row[0][0] for row in rows] == [len(text)] * 3
    assert all(row[0][1] == text.decode() for row in rows)


def test_what_the_database_refuses_is_told_and_undone_and_the_line_goes_on(ask: Callable[..., Any]) -> None:
    async def work(line: Line) -> Any:
        with pytest.raises(psycopg.errors.DivisionByZero):
            await line.run(Step(b"CREATE TEMP TABLE half (x int)"), Step(b"SELECT 1 / $1::int", [b"0"]), BACKEND)
        return await line.run(Step(b"SELECT to_regclass('half')::text"))

    assert ask(work) == [[(None,)]]


def test_a_connection_that_was_broken_meanwhile_is_made_anew_once(ask: Callable[..., Any]) -> None:
    async def work(line: Line) -> Any:
        [[[first]]] = await line.run(BACKEND)
        with psycopg.connect(**database.parameters(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [first])
        [[[second]]] = await line.run(BACKEND)
        with pytest.raises(Unavailable):  # one that ends itself ends itself again
            await line.run(Step(b"SELECT pg_terminate_backend(pg_backend_pid())"))
        return first, second

    first, second = ask(work)
    assert first != second


def test_a_click_that_the_database_refuses_is_in_no_others_way(house: str, ask: Callable[..., Any]) -> None:
    with scope(house):
        link_id = str(Link.objects.get(workspace_id=house).id)

    def click(device: str = "phone") -> Click:
        return Click(str(uuid7()), link_id, datetime.now(UTC), "visit", device, "", "", "", {}, None, None, None)

    good, bad = [click() for _ in range(3)], click("x" * 200)

    async def work(_: Line) -> Any:
        commits, told = Commits(database.parameters), []
        for one in (*good[:2], bad, good[2]):
            commits.keep(house, one, lambda error, _: told.append(error))
        await commits.close()
        return told

    told = ask(work)
    assert [type(one) for one in told] == [type(None), type(None), Unavailable, type(None)]
    assert {str(one.id) for one in clicks(house)} == {one.id for one in good}


def test_a_code_is_looked_up_by_its_key_in_a_table_that_was_small_a_moment_ago(house: str, database_url: str) -> None:
    """The plan is kept, and made anew every few seconds."""
    with psycopg.connect(database_url) as one:
        one.execute("SET plan_cache_mode = force_generic_plan")
        one.execute(workspace_scope(house).statement)
        one.execute(b"PREPARE follow AS " + FOLLOW)

        def plan() -> str:
            rows = one.execute(f"EXPLAIN EXECUTE follow ({', '.join(['NULL'] * 14)})").fetchall()
            return "\n".join(line for (line,) in rows)

        assert "link_code on link" not in plan(), "a plan for few links does for few"
        one.execute(
            """
            INSERT INTO link (workspace_id, id, program_id, participant_id, code, typed, channel, simulated, created_at)
            SELECT workspace_id, gen_random_uuid(), program_id, participant_id, 'x-' || number, 'x' || number, '',
                   false, created_at
            FROM link CROSS JOIN generate_series(1, 5000) AS number
            """
        )
        assert "link_code on link" not in plan(), "the plan is kept"
        one.execute(ANEW.statement)
        assert "Index Scan using link_code on link" in plan()


def test_plans_are_made_anew_every_few_seconds(house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    async def run(self: Line, *steps: Step) -> list[Any]:
        asked.append(ANEW in steps)
        return []

    monkeypatch.setattr(Line, "run", run)
    clock = iter([10.0, 10.1, 12.9, 13.0, 13.1])
    monkeypatch.setattr(commits, "monotonic", lambda: next(clock))
    click = Click(str(uuid7()), "", datetime.now(UTC), "visit", "phone", "", "", "", {}, None, None, None)

    async def work() -> None:
        one = Commits(dict)
        for _ in range(5):
            await one._keep([_Waiting(house, click, lambda *_: None, Code("ada", []))])

    asyncio.run(work())
    assert asked == [True, False, False, True, False]
