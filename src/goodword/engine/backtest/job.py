"""A backtest from its question to its result, over one workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from hashlib import blake2b
from time import perf_counter
from typing import IO, Any

import orjson

from goodword.domain import ids
from goodword.domain.program import Program, compile_program, read
from goodword.engine import apply
from goodword.engine.backtest import compare, coupling, log, owed, parts, reach, result
from goodword.store.sql import fetch

WORTH_CUTTING = 20_000
"""Events from which several processes are quicker than one."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BacktestRefused(ValueError):
    """The question cannot be answered. The message says why, and what can be asked."""

    code = "backtest_refused"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the document, the stretch of time, a version to compare with instead of what happened, and how
    many percent more referrals there would be for each percent that a reward is worth more."""

    document: str | bytes | Mapping[str, Any]
    since: datetime | None = None
    until: datetime | None = None
    as_of_version: int | None = None
    elasticity: Decimal | None = None


def run(
    workspace_id: str,
    question: Question,
    *,
    tell: Callable[[compare.Change], None] = lambda change: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    processes: int = 1,
    cluster: str | None = None,
) -> dict[str, Any]:
    """Answers a question: the result as plain data (`result.build`). `tell` is given every changed decision in the
    order of the log; `progress` how many events are done, of how many. With several `processes`, or the nodes of a
    Ray `cluster` (its address), they share the work where the programmes allow it; the result says whether they did.

    Raises `goodword.domain.faults.ProgramError` for a bad document and `BacktestRefused` for a bad question.
    """
    checked, source = read(question.document)
    if checked.test:
        live = checked.beside or "the live program"
        raise BacktestRefused(
            f"{checked.program} is in test mode; to see what it would have done, leave out test and beside, and give "
            f"it the key of {live}"
        )
    if question.since and question.until and question.since >= question.until:
        raise BacktestRefused("since is not before until; choose an earlier since or a later until")
    began = perf_counter()
    with _workers(processes, cluster) as workers, log.snapshot(workspace_id) as moment:
        versions = _versions(workspace_id)
        own = {row.number: row for row in versions if row.key == checked.program}
        tested = _tested(workspace_id, checked.program, source, own)
        other = _other(question.as_of_version, checked.program, own, versions)
        total, waiting = log.length(workspace_id), log.waiting(workspace_id)
        progress(0, total)
        count = parts.how_many(total, workers)
        worth = 0 if cluster else WORTH_CUTTING

        def attempt(cast: reach.Cast, tell: Callable[[compare.Change], None]) -> tuple[compare.Found, str]:
            whole = _why_whole(workspace_id, [tested, *cast.versions], count, worth, total)
            ask = compare.run if whole else partial(parts.run, workers=workers, count=count, moment=moment)
            return ask(
                workspace_id,
                tested,
                cast,
                begins=not own,
                span=compare.Span(question.since, question.until),
                tell=tell,
                other=other,
                progress=lambda done: progress(min(done, total), total),  # what is everybody's is each part's
            ), whole

        with apply.no_collection():
            found, whole = _decided(workspace_id, [tested, *([other] if other else [])], versions, attempt, tell)
        if other is None:
            found.before.owed.update(owed.stored(workspace_id, tested.id, question.until))
    return result.build(
        found,
        tested,
        new=not own,
        against=other.number if other else None,
        published=tested.number if tested in own.values() else None,
        elasticity=question.elasticity,
        span=compare.Span(question.since, question.until),
        seconds=perf_counter() - began,
        processes=1 if whole or cluster else processes,
        cluster=None if whole else workers.told(),
        whole=whole,
        waiting=waiting,
    )


def _decided(
    workspace_id: str,
    tried: Sequence[Program],
    versions: Sequence[Program],
    attempt: Callable[[reach.Cast, Callable[[compare.Change], None]], tuple[compare.Found, str]],
    tell: Callable[[compare.Change], None],
) -> tuple[compare.Found, str]:
    """What an attempt comes to that decides all programmes again that can reach the one that is tried. Whether debts
    reach it is known after an attempt only: where they do, there is another one with those who share them."""
    money_of: set[str] = set()
    while True:
        cast = reach.cast(workspace_id, tried, versions, money_of)
        with tempfile.TemporaryFile() as file:

            def keep(change: compare.Change, file: IO[bytes] = file) -> None:
                file.write(orjson.dumps(change, option=orjson.OPT_APPEND_NEWLINE))

            found, whole = attempt(cast, keep if cast.live else tell)
            touched = reach.touched(workspace_id, cast.live, found.owing, found.paid)
            if touched <= money_of:
                file.seek(0)
                for line in file:
                    tell(orjson.loads(line))
                return found, whole
        money_of |= touched


@contextmanager
def _workers(processes: int, cluster: str | None) -> Iterator[parts.Workers]:
    if cluster is None:
        yield parts.Local(processes)
        return
    try:
        from goodword.engine.backtest import on_ray
    except ImportError:
        raise BacktestRefused("Ray is not installed here; run: pip install 'goodword[ray]'") from None
    try:
        with on_ray.joined(cluster) as workers:
            yield workers
    except on_ray.ClusterProblem as error:
        raise BacktestRefused(str(error)) from None


def _why_whole(workspace_id: str, programs: Iterable[Program], count: int, worth: int, events: int) -> str:
    """Why a history is decided in one pass; '' where it is cut into as many parts, being worth that."""
    if count == 1:
        return "one process"
    if events < worth:
        return "a short history"
    if log.was_undone(workspace_id):
        return "an import was taken out again"
    if log.was_erased(workspace_id):
        return "somebody was erased, so who appeared with whom is not known"
    return coupling.couples(programs)


def _versions(workspace_id: str) -> list[Program]:
    rows = fetch(
        """
        SELECT program_id::text, id::text, number, document
        FROM program_version
        WHERE workspace_id = %s
        ORDER BY program_id, number
        """,
        [workspace_id],
    )
    return [compile_program(*row) for row in rows]


def _tested(workspace_id: str, key: str, source: Mapping[str, Any], own: Mapping[int, Program]) -> Program:
    """The document as the version of its program that it is, or that it would be."""
    for number in sorted(own, reverse=True):
        if own[number].source == source:
            return own[number]
    digest = blake2b(orjson.dumps(source, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
    version_id = ids.derive(_EPOCH, workspace_id, "backtest", digest)
    if own:
        newest = own[max(own)]
        return compile_program(newest.id, version_id, newest.number + 1, source)
    return compile_program(ids.derive(_EPOCH, workspace_id, "backtest", key), version_id, 1, source)


def _other(number: int | None, key: str, own: Mapping[int, Program], versions: list[Program]) -> Program | None:
    if number is None:
        return None
    if not own:
        known = sorted({row.key for row in versions})
        near = get_close_matches(key, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there is {', '.join(known) or 'none'}"
        raise BacktestRefused(f"there is no program {key} here to compare with{hint}")
    if number not in own:
        raise BacktestRefused(f"{key} has no version {number}; it has 1 to {max(own)}")
    return own[number]
