"""Runs an import: participants first, then links, referrals, rewards and balances, each page once.

What a page became is written in one transaction: its events, its lines of the report, and how far the import is. So
one that was broken off anywhere goes on where it was, and nothing comes twice. The events are applied before the next
page is looked at, which may name what they made.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext_noop as N_

from goodword.domain import ids
from goodword.domain.reasons import staff_text
from goodword.engine import apply, load, record
from goodword.engine.imports import keys, mapping, store
from goodword.engine.imports.kinds import KINDS, STATUSES
from goodword.engine.imports.mapping import Kind, Mapping_, Part
from goodword.engine.imports.planning import Planner, new_keys
from goodword.engine.imports.reading import Row, Stream, Table, Unreadable, plain
from goodword.engine.imports.records import Recorder, kind_of
from goodword.store import tenancy
from goodword.store.models import ImportRun
from goodword.store.sql import array, execute, fetch

PAGE = 2_000
"""Records that are looked at, recorded and applied at once."""
SAMPLES = 50
"""Rows of JSON by whose fields a file is known."""
COLUMNS_TOLD = 200
"""Columns of a file that are told."""
PATIENCE = 60.0
"""Seconds to wait for the engine while it is busy with the workspace."""

Progress = Callable[[int, int], None]


class ImportRefused(ValueError):
    """An import that cannot be run as it was asked; the message says what to do. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of one file."""

    file: int
    kind: Kind
    part: Part


def run(workspace_id: str, id: str, progress: Progress = lambda done, total: None) -> ImportRun:
    """Runs an import to its end, or goes on with one that was broken off. Raises `ImportRefused` where it cannot be
    run, and `store.WrongState` where it is over or in the hands of another process."""
    with alone(workspace_id):
        run = store.find(workspace_id, id)
        if run.state not in ("waiting", "running"):
            raise store.WrongState(N_("Only an import that waits, or was broken off, can be run."))
        began = run.started_at or datetime.now(UTC)
        store.change(workspace_id, id, state="running", started_at=began, failure="", detail="")
        try:
            _Run(workspace_id, run, progress).all()
        except (ImportRefused, Unreadable) as error:
            _over(workspace_id, id, "failed", error.code, str(error))
            raise ImportRefused(error.code, str(error)) from None
    return store.find(workspace_id, id)


def cancel(workspace_id: str, id: str) -> None:
    """Gives up an import; who runs it stops after the page in hand, and what it brought stays until it is undone.
    Raises `store.WrongState`."""
    store.find(workspace_id, id)
    if not store.change(workspace_id, id, only=("waiting", "running"), state="cancelled", ended_at=datetime.now(UTC)):
        raise store.WrongState(N_("It is over; only an import that waits or runs can be cancelled."))
    store.drop_files(workspace_id, id)


@contextmanager
def alone(workspace_id: str) -> Iterator[None]:
    """One import of a workspace at a time; a process that dies lets go. Raises `store.WrongState`."""
    holder = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"goodword.import:{workspace_id}"])
            if not cursor.fetchone()[0]:
                raise store.WrongState(N_("Another import of this workspace runs; wait for it."))
            yield
    finally:
        holder.close()


def _over(workspace_id: str, id: str, state: str, failure: str = "", detail: str = "", *, keep: bool = False) -> None:
    """The import has ended. The files go, unless they are to `keep`, so that what was tried can be imported."""
    now = datetime.now(UTC)
    if store.change(
        workspace_id, id, only=("running",), state=state, ended_at=now, failure=failure, detail=detail[:1000]
    ):
        if not keep:
            store.drop_files(workspace_id, id)
        with tenancy.workspace(workspace_id):
            keys.forget(workspace_id, id, id)


class _Run:
    """An import in the hands of one process."""

    def __init__(self, workspace_id: str, run: ImportRun, progress: Progress) -> None:
        self.workspace_id = workspace_id
        self.run = run
        self.id = str(run.id)
        self.mapping = mapping.read(run.document["text"])
        self._progress = progress
        self._counts: dict[str, dict[str, int]] = run.counts or {}
        self._place: dict[str, int] = run.position or {"step": 0, "row": 0, "number": 1, "settled": 0}
        self._done = 0

    def all(self) -> None:
        steps = self._steps()
        program = self._program()
        now = self.run.asked_at
        names = [file["name"] for file in self.run.files]
        planner = Planner(
            self.workspace_id, self.id, self.run.mapping, program, self.run.rule, now, dry=self.run.dry_run, files=names
        )
        total = self._place["of"] = sum(self.run.files[step.file]["rows"] for step in steps)
        self._settle()
        for place in range(self._place["step"], len(steps)):
            step = steps[place]
            self._done = sum(self.run.files[before.file]["rows"] for before in steps[:place])
            recorder = Recorder(self.mapping, step.part, program.document.currency, now)
            if not self._step(step, place, recorder, planner, total):
                return
            self._place |= {"step": place + 1, "row": 0}
        _over(self.workspace_id, self.id, "done", keep=self.run.dry_run)
        self._progress(total, total)

    def _program(self) -> Any:
        with tenancy.workspace(self.workspace_id):
            state = load.programs(self.workspace_id)
        found = next((row for row in state.programs.values() if row.key == self.run.program), None)
        if found is None:
            known = ", ".join(sorted(row.key for row in state.programs.values())) or "none"
            raise ImportRefused(
                "unknown_program", f"No program {self.run.program!r} is published here; there are {known}."
            )
        if found.is_test:
            raise ImportRefused("program_in_test", f"{found.key} is in test mode and has no past; name the live one.")
        return found

    def _steps(self) -> list[Step]:
        """Every part of every file, in the order of kinds. The first time, every file is read once, so that one that
        cannot be read to its end brings nothing."""
        found: list[Step] = []
        files = self.run.files
        for place, file in enumerate(files):
            kind = self._look(place, file)
            asked = file["kind"] if file["kind"] != kind.name else ""
            found += [Step(place, kind, part) for part in kind.makes if part.kind == asked or asked not in KINDS]
        store.change(self.workspace_id, self.id, files=files)
        order = {kind.name: place for place, kind in enumerate(self.mapping.files)}
        return sorted(found, key=lambda step: (KINDS.index(step.part.kind), order[step.kind.name]))

    def _look(self, place: int, file: dict[str, Any]) -> Kind:
        known = {kind.name: kind for kind in self.mapping.files}
        if "rows" in file:
            return known[file["is"]]
        table = self._table(place, file)
        rows = 0
        samples: list[Mapping[str, Any]] = []
        first: Row | None = None
        try:
            for row in table:
                rows += 1
                first = first or row
                if len(samples) < SAMPLES and not row.trouble:
                    samples.append(row.data)
        except Unreadable as error:
            raise Unreadable(error.code, f"{file['name']}: {error}") from None
        if not rows:
            raise Unreadable("empty_file", f"{file['name']} has no rows.")
        if not (samples or table.columns or file["kind"]) and first and first.trouble:
            said = f"{file['name']} has no row that can be read. Line {first.line}: {first.trouble.message}."
            raise Unreadable("no_readable_row", said)
        kind = self._kind(file, table, samples)
        self._check_columns(file, table, kind)
        names = table.columns or tuple(dict.fromkeys(name for row in samples for name in row))
        file |= {"rows": rows, "is": kind.name, "columns": _columns(names, kind, is_table=bool(table.columns))}
        return kind

    def _table(self, place: int, file: Mapping[str, Any], records: str = "") -> Table:
        return Table(Stream(store.body(self.workspace_id, self.id, place)), store.format_of(file), records)

    def _kind(self, file: Mapping[str, Any], table: Table, samples: Sequence[Mapping[str, Any]]) -> Kind:
        """Which kind of file it is: as was said, else by its columns, or by those of its first rows."""
        asked, known = file["kind"], self.mapping.files
        looked_at: Sequence[Any] = [table.columns] if table.columns else samples
        fitting = [kind for columns in looked_at for kind in kind_of(self.mapping, columns)]
        if asked:
            named = [kind for kind in known if kind.name == asked]
            named = named or [kind for kind in known if any(part.kind == asked for part in kind.makes)]
            best = [kind for kind in fitting if kind in named] or named
            if not best:
                allowed = ", ".join(kind.name for kind in known)
                raise ImportRefused("unknown_kind", f"{file['name']}: the mapping has no {asked!r}; it has {allowed}.")
            return best[0]
        if not fitting:
            expected = "; ".join(f"{kind.name}: {', '.join(kind.has) or 'any'}" for kind in known)
            have = ", ".join((table.columns or tuple(samples[0] if samples else ()))[:30])
            raise ImportRefused(
                "unknown_columns",
                f"{file['name']} is no kind of file that the mapping knows. It has the columns {have}. "
                f"Expected: {expected}.",
            )
        return fitting[0]

    def _check_columns(self, file: Mapping[str, Any], table: Table, kind: Kind) -> None:
        read = {plain(column): column for part in kind.makes for column in part.columns()}
        twice = sorted(read[name] for name in table.twice & read.keys())
        if twice:
            raise ImportRefused(
                "duplicate_column", f"{file['name']}: column {twice[0]!r} stands more than once; name each differently."
            )

    # Pages

    def _step(self, step: Step, place: int, recorder: Recorder, planner: Planner, total: int) -> bool:
        """Imports one part of one file; False where the import was cancelled meanwhile."""
        rows = iter(self._table(step.file, self.run.files[step.file], step.kind.records))
        for _ in islice(rows, self._place["row"]):
            pass
        while page := list(islice(rows, PAGE)):
            if not self._page(page, step, recorder, planner):
                return False
            self._progress(self._done + self._place["row"], total)
        return True

    def _page(self, page: list[Row], step: Step, recorder: Recorder, planner: Planner) -> bool:
        records = [found for row in page for found in recorder.of(row)]
        first = self._place["number"]
        with tenancy.workspace(self.workspace_id):
            mine = fetch(
                "SELECT FROM import_run WHERE workspace_id = %s AND id = %s AND state = 'running' FOR UPDATE",
                [self.workspace_id, self.id],
            )
            if not mine:
                return False
            lines = planner.page(records, once=step.part.once, first=first, file=step.file)
            events = {number: line.event for number, line in enumerate(lines, first) if line.event}
            logged: dict[int, str] = {}
            if events and not self.run.dry_run:
                written = record.write(self.workspace_id, list(events.values()), datetime.now(UTC))
                logged = dict(zip(events, (receipt.id for receipt in written.receipts), strict=True))
            store.add_lines(self.workspace_id, self.id, step.file, first, lines, logged)
            only = self.id if self.run.dry_run else ""
            seen = [row for line in lines if line.status != "error" for row in new_keys(line, logged, only)]
            keys.add(self.workspace_id, self.id, step.file, seen)
            for line in lines:
                if not line.quiet:
                    self._count(line.record.kind, line.status, 1)
            row = self._place["row"] + len(page)
            self._place |= {"row": row, "number": first + len(lines), "done": self._done + row}
            self._note()
        if logged:
            self._apply(list(logged.values()))
            self._settle()
        return True

    def _count(self, kind: str, status: str, change: int) -> None:
        counts = self._counts.setdefault(kind, dict.fromkeys(STATUSES, 0))
        counts[status] += change

    def _note(self) -> None:
        ImportRun.objects.filter(workspace_id=self.workspace_id, id=self.id).update(
            position=self._place, counts=self._counts
        )

    def _apply(self, event_ids: list[str]) -> None:
        apply_patiently(self.workspace_id, event_ids)

    def _settle(self) -> None:
        """What the engine made of the events of the last page: one that it refused was not accepted after all."""
        until = self._place["number"] - 1
        after = self._place["settled"]
        if self.run.dry_run or after >= until:
            return
        with tenancy.workspace(self.workspace_id):
            waiting = fetch(
                """
                SELECT event_id::text FROM import_row
                WHERE workspace_id = %s AND run_id = %s AND number > %s AND number <= %s AND event_id IS NOT NULL
                """,
                [self.workspace_id, self.id, after, until],
            )
        self._apply([row[0] for row in waiting])
        with tenancy.workspace(self.workspace_id):
            refused = fetch(
                """
                SELECT line.number, line.kind, decision.reason
                FROM import_row AS line
                JOIN decision ON decision.workspace_id = line.workspace_id AND decision.event_id = line.event_id
                WHERE line.workspace_id = %s AND line.run_id = %s AND line.number > %s AND line.number <= %s
                  AND line.status = 'accepted' AND decision.outcome = 'no'
                """,
                [self.workspace_id, self.id, after, until],
            )
            if refused:
                execute(
                    """
                    UPDATE import_row AS line SET status = 'error', code = told.code, message = told.message
                    FROM unnest(%s::int[], %s::text[], %s::text[]) AS told (number, code, message)
                    WHERE line.workspace_id = %s AND line.run_id = %s AND line.number = told.number
                    """,
                    [
                        array("int", [row[0] for row in refused]),
                        array("text", [row[2].upper() for row in refused]),
                        array("text", [staff_text(row[2]) for row in refused]),
                        self.workspace_id, self.id,
                    ],
                )  # fmt: skip
                for kind, number in Counter(row[1] for row in refused).items():
                    self._count(kind, "accepted", -number)
                    self._count(kind, "error", number)
            self._place["settled"] = until
            self._note()


def apply_patiently(workspace_id: str, event_ids: list[str]) -> None:
    """Applies events here, or waits until a worker has. Raises `apply.Busy` after a while."""
    if not event_ids:
        return None
    began = time.monotonic()
    while True:
        try:
            return apply.apply_until(workspace_id, event_ids)
        except apply.Busy:
            if time.monotonic() - began > PATIENCE:
                raise


def _columns(names: Sequence[str], kind: Kind, *, is_table: bool) -> list[dict[str, str]]:
    """Which of our fields each column of a file is; '' for those that are left out."""
    told = []
    for name in names[:COLUMNS_TOLD]:
        fields = [
            f"{part.kind}.{field}"
            for part in kind.makes
            for field, source in part.fields.items()
            for column in (*source.columns, *([part.each] if part.each else []))
            if plain(column if is_table else column.split(".")[0]) == plain(name)
        ]
        told.append({"column": name[:200], "fields": ", ".join(dict.fromkeys(fields))[:500]})
    return told


def programs(workspace_id: str) -> list[str]:
    """The keys of the live programs that may take an import."""
    with tenancy.workspace(workspace_id):
        state = load.programs(workspace_id)
    return sorted(row.key for row in state.programs.values() if not row.is_test)


def public(run: ImportRun) -> str:
    """The import's id, imp_…."""
    return ids.public("imp", str(run.id))


def mapping_of(run: ImportRun) -> Mapping_:
    """The mapping that an import was asked with."""
    return mapping.read(run.document["text"])
