"""A backtest in parts, each in a process of its own: the same result as in one pass, to the cent.

Where people who never met cannot matter to each other (`coupling`), the history is cut into components of who appears
with whom (`survey`). All processes see the same moment of the database. The processes are this machine's (`Local`) or
a cluster's (`on_ray`); changed decisions are gathered in a file per part, and put together in the order of the log.
"""

from __future__ import annotations

import gc
import heapq
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson
from django.db import DEFAULT_DB_ALIAS, connections

from goodword.domain.program import Program, compile_program
from goodword.engine import apply
from goodword.engine.backtest import compare, log, reach, survey
from goodword.engine.backtest.past import Past

ENTRIES = 500_000
"""Entries of a part, about: what is in memory at once are the people of the parts in hand."""
LOOK = 0.5
"""Seconds between looks at how far the parts are."""
Version = tuple[str, str, int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """What a process is given: plain data, so that it can be sent. `late` see `log.late_beginnings`; `end`: how far
    time goes after the last entry; `versions`, `others` and `debtors` see `reach.Cast`."""

    workspace_id: str
    snapshot: str
    tested: Version
    versions: tuple[Version, ...]
    others: tuple[str, ...]
    debtors: frozenset[reach.Holding]
    other: Version | None
    begins: bool
    span: compare.Span
    late: Sequence[tuple[int, datetime]]
    end: datetime
    steps: Path
    first: bool
    database: dict[str, Any] = field(repr=False)


class Word(NamedTuple):
    """What a process says of its part now and then: how many entries are done, the decisions that changed since it
    last spoke (a line of JSON each), and with the last word what it found."""

    done: int
    changes: bytes
    found: compare.Found | None = None


class Workers(Protocol):
    """Those who share a backtest's parts. `count`: how many at least, so that all have something to do. `work` gives
    what each part came to, in any order; meanwhile its changed decisions are written to `changes_of` it. `told`: what
    the result says of them."""

    count: int

    def work(self, parts: Sequence[Part], progress: Callable[[int], None]) -> Iterator[compare.Found]: ...

    def told(self) -> dict[str, Any] | None: ...


def run(
    workspace_id: str,
    tested: Program,
    cast: reach.Cast,
    *,
    begins: bool,
    span: compare.Span,
    tell: Callable[[compare.Change], None],
    other: Program | None,
    progress: Callable[[int], None],
    workers: Workers,
    count: int,
    moment: str,
) -> compare.Found:
    """As `compare.run`, on several processes; inside a transaction of `log.snapshot`, which sees the `moment`."""
    known = tuple(_plain(row) for row in cast.versions)
    late, end = log.late_beginnings(workspace_id), compare.end(workspace_id)
    orders = any(row.is_loyalty for row in (tested, *cast.versions))
    with tempfile.TemporaryDirectory(prefix="goodword-backtest-") as name:
        question = (
            _plain(tested),
            known,
            cast.others,
            cast.debtors,
            _plain(other) if other else None,
            begins,
            span,
            late,
            end,
        )
        database = dict(connections.settings[DEFAULT_DB_ALIAS])
        parts = [
            Part(workspace_id, moment, *question, file, number == 0, database)
            for number, file in enumerate(survey.cut(workspace_id, Path(name), count, orders=orders))
        ]
        found = compare.Found()
        for one in workers.work(parts, progress):
            found.add(one)
        for change in merged([changes_of(part) for part in parts]):
            tell(change)
    return found


def how_many(events: int, workers: Workers) -> int:
    """Into how many parts a history is cut: one for each who works, and more where that keeps them small."""
    return max(workers.count, -(-events // ENTRIES))


class Local:
    """Processes of this machine."""

    def __init__(self, count: int) -> None:
        self.count = count

    def work(self, parts: Sequence[Part], progress: Callable[[int], None]) -> Iterator[compare.Found]:
        """See `Workers`."""
        paths = [path for path in sys.path if path]
        with ProcessPoolExecutor(
            min(self.count, len(parts)), multiprocessing.get_context("spawn"), initializer=_set_up, initargs=(paths,)
        ) as pool:
            waiting = [pool.submit(decide, part) for part in parts]
            try:
                while wait(waiting, timeout=LOOK, return_when=FIRST_EXCEPTION).not_done:
                    if any(future.done() and future.exception() for future in waiting):
                        break
                    progress(sum(_done(part) for part in parts))
                for future in waiting:
                    yield future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def told(self) -> None:
        """See `Workers`."""


def _set_up(paths: Sequence[str]) -> None:
    """A new process finds Goodword where this one did."""
    sys.path[:] = list(dict.fromkeys([*paths, *sys.path]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")


def decide(part: Part) -> compare.Found:
    """One part, in this process: its find; its changed decisions are in a file beside its steps."""
    with changes_of(part).open("wb") as file:
        for word in decided(part):
            file.write(word.changes)
            part.steps.with_suffix(".done").write_text(str(word.done))
    assert word.found is not None
    return word.found


def decided(part: Part) -> Iterator[Word]:
    """One part, in a process that has nothing to do with the database yet; a word after each page."""
    import django

    django.setup()
    connections.settings[DEFAULT_DB_ALIAS].update(part.database)
    connections.close_all()
    try:
        with log.snapshot(part.workspace_id, part.snapshot), apply.no_collection():
            yield from said(part)
    finally:
        connections.close_all()
        gc.collect()  # the next part's people need the room


def said(part: Part) -> Iterator[Word]:
    """One part, in the open transaction; a word after each page."""
    versions = [compile_program(*row) for row in part.versions]
    tested = compile_program(*part.tested)
    other = compile_program(*part.other) if part.other else None
    past = Past(part.workspace_id, versions, tested, part.late, begins=part.begins)
    against = Past(part.workspace_id, versions, other, part.late, begins=part.begins) if other else None
    lines: list[bytes] = []

    def tell(change: compare.Change) -> None:
        lines.append(orjson.dumps([comparison.position, change], option=orjson.OPT_APPEND_NEWLINE))

    def changes() -> bytes:
        text = b"".join(lines)
        lines.clear()
        return text

    comparison = compare.Comparison(past, against, part.span, tell, debtors=part.debtors, first=part.first)
    done = 0
    for done in _take(part, comparison, decisions=other is None):
        yield Word(done, changes())
    found = comparison.close(part.end, comparison.position)
    yield Word(done, changes(), found)


def _take(part: Part, comparison: compare.Comparison, *, decisions: bool) -> Iterator[int]:
    """Every step of the part, in pages; after each, how many entries are done."""
    done, steps = 0, survey.steps(part.steps)
    while page := list(islice(steps, log.PAGE)):
        last = page.pop() if page[-1].position == survey.LAST else None
        if page:
            rows = log.rows_at(part.workspace_id, [step.position for step in page])
            told = log.page(
                part.workspace_id, part.tested[0], rows, decisions=decisions, erased=False, others=part.others
            )
            everybodys = {step.position for step in page if step.everybodys}
            comparison.take(told, [step.clock for step in page], everybodys)
            comparison.position = page[-1].position
            done += len(page)
        if last and last.clock is not None:
            comparison.ring(last.clock, comparison.position)
        yield done


def changes_of(part: Part) -> Path:
    """The file of a part's changed decisions."""
    return part.steps.with_suffix(".changes")


def _done(part: Part) -> int:
    try:
        return int(part.steps.with_suffix(".done").read_text() or 0)
    except FileNotFoundError:
        return 0


def merged(files: Sequence[Path]) -> Iterator[compare.Change]:
    """The changes of all files in the order of the log."""

    def lines(file: Path) -> Iterator[tuple[int, compare.Change]]:
        with file.open("rb") as opened:
            for line in opened:
                position, change = orjson.loads(line)
                yield position, change

    for _, change in heapq.merge(*map(lines, files), key=lambda line: line[0]):
        yield change


def _plain(program: Program) -> Version:
    return program.id, program.version_id, program.number, dict(program.source)
