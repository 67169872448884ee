"""Cuts a history into parts that cannot affect each other: components of the graph of who appears with whom.

A look over the log's names, without deciding anything: whoever an event names together (a person by id and address, a
company, a code, a referral, a reward) belongs together. Each part then takes its own entries, and knows how far time
went by the others' in between, so that its timers ring when they would have. What is kept of an entry meanwhile is a
record in a temporary file.
"""

from __future__ import annotations

import array as arrays
import struct
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from goodword.domain import ids
from goodword.domain.decide import TIMERS
from goodword.domain.payloads import CLAIMED
from goodword.engine.backtest.components import Components, pack
from goodword.engine.backtest.past import EVERYBODYS, INSTANT
from goodword.store.sql import array, fetch

PAGE = 4_000
MOST_PARTS = 256
"""Each is a file that is open while the history is cut."""
KEPT = 4_096
"""Moments kept before those are forgotten that nobody asks for."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROW = struct.Struct("<qqq")
"""Of an entry: position, node (-1: everybody's, -2: nobody's, so the first part's), microseconds since 1970."""
_PART = struct.Struct("<qq?")
"""Of an entry of a part: position (-1: after the last), how far time went by others' entries since the one before,
whether it is everybody's."""
_NOT_BEFORE = -(2**63)
EVERYBODY, NOBODY = -1, -2
LAST = -1
"""The position of a part's last step, which is none of the log's."""


class Step(NamedTuple):
    """An entry of a part by its position, how far time went before it by other parts' entries, and whether it is in
    every part."""

    position: int
    clock: datetime | None
    everybodys: bool


def cut(workspace_id: str, folder: Path, count: int, *, orders: bool = False) -> list[Path]:
    """Writes at most `count` files of steps (`steps`), about as long as each other; empty parts are left out. With
    `orders`, people who name the same order belong together, as they do to a loyalty program."""
    shared = _shared_orders(workspace_id) if orders else frozenset()
    with Components(folder) as together, tempfile.TemporaryFile(dir=folder) as spool:
        for row in _rows(workspace_id, shared):
            spool.write(_record(together, *row))
        with closing(together.weights()) as column:
            parts = column.cells
            for _, node, _ in _read(spool):
                if node >= 0:
                    parts[together.root(node)] += 1
            return _write(spool, together, parts, _packed(parts, count), folder)


def steps(file: Path) -> Iterator[Step]:
    """A part's entries in the order of the log; the last has the position -1."""
    with file.open("rb") as opened:
        while chunk := opened.read(_PART.size * PAGE):
            for position, micros, everybodys in _PART.iter_unpack(chunk):
                yield Step(position, None if micros == _NOT_BEFORE else _EPOCH + micros * INSTANT, everybodys)


def _record(together: Components, position: int, type: str, at: datetime, names: Sequence[str]) -> bytes:
    everybodys = type not in TIMERS or type in EVERYBODYS
    node = together.join(names) if names else EVERYBODY if everybodys else NOBODY
    # A timer that rang lets those before it ring; the others of its moment have their own place.
    micros = (at - _EPOCH) // INSTANT - (type in TIMERS)
    return _ROW.pack(position, node, micros)


def _read(spool: IO[bytes]) -> Iterator[tuple[int, int, int]]:
    spool.seek(0)
    while chunk := spool.read(_ROW.size * PAGE):
        yield from _ROW.iter_unpack(chunk)


def _packed(weights: list[int] | memoryview[int], count: int) -> list[int]:
    """See `pack`; there is a first part, if only for what is everybody's."""
    return pack(weights, min(count, MOST_PARTS)) or [0]


def _write(
    spool: IO[bytes], together: Components, parts: Sequence[int], used: Sequence[int], folder: Path
) -> list[Path]:
    """A file for each part that is used; `parts`: by component its part."""
    paths = [folder / f"part-{part}.steps" for part in used]
    numbers = {part: number for number, part in enumerate(used)}
    files = [path.open("wb") for path in paths]
    everyone = range(len(files))
    before = [0] * len(files)
    latest = _Latest(before)
    try:
        for position, node, micros in _read(spool):
            own = everyone if node == EVERYBODY else [0] if node == NOBODY else [numbers[parts[together.root(node)]]]
            for part in own:
                files[part].write(_PART.pack(position, latest.since(before[part]), node == EVERYBODY))
                before[part] = position
            if node != EVERYBODY:
                latest.add(position, micros)
        for part, file in enumerate(files):
            file.write(_PART.pack(LAST, latest.since(before[part]), False))
    finally:
        for file in files:
            file.close()
    return paths


class _Latest:
    """The latest moment since each part's last entry. `before`: the positions of those, which move on. Kept are the
    entries after which none is as late: few, where time mostly goes on. Where it goes back, only those that a part may
    yet ask for."""

    def __init__(self, before: Sequence[int]) -> None:
        self._before = before
        self._positions = arrays.array("q")
        self._micros = arrays.array("q")
        self._most = 2 * len(before) + KEPT

    def add(self, position: int, micros: int) -> None:
        """An entry's moment; positions rise."""
        while self._micros and self._micros[-1] <= micros:
            self._micros.pop()
            self._positions.pop()
        self._micros.append(micros)
        self._positions.append(position)
        if len(self._micros) > self._most:
            self._forget()

    def since(self, position: int) -> int:
        """The latest moment of the entries after a position, which is one of `before` or later than all added."""
        place = bisect_right(self._positions, position)
        return self._micros[place] if place < len(self._micros) else _NOT_BEFORE

    def _forget(self) -> None:
        """Of the entries between two positions that may be asked for, the first is later than the others."""
        last = len(self._positions)
        places = sorted({bisect_right(self._positions, position) for position in self._before} - {last})
        self._positions = arrays.array("q", (self._positions[place] for place in places))
        self._micros = arrays.array("q", (self._micros[place] for place in places))


def _shared_orders(workspace_id: str) -> frozenset[str]:
    """The orders that more than one name of a person stands beside: few, so that memory is bounded by people."""
    rows = fetch(
        """
        SELECT payload->'properties'->>'order_id' AS order_id
        FROM event
        WHERE workspace_id = %s AND payload->'properties'->>'order_id' IS NOT NULL
        GROUP BY order_id
        HAVING min(coalesce(payload->'participant'->>'external_id', payload->'participant'->>'email', ''))
            <> max(coalesce(payload->'participant'->>'external_id', payload->'participant'->>'email', ''))
        """,
        [workspace_id],
    )
    return frozenset(name for (name,) in rows)


def _rows(workspace_id: str, orders: frozenset[str]) -> Iterator[tuple[int, str, datetime, list[str]]]:
    """Of each entry: position, type, moment, and every name in it, of orders those of `orders`."""
    last = 0
    while rows := fetch(
        """
        SELECT applied.position, event.type, least(event.occurred_at, event.received_at),
               coalesce(applied.participant_id::text, rung.participant_id::text),
               event.payload->'participant'->>'external_id', lower(trim(event.payload->'participant'->>'email')),
               event.payload->'account'->>'external_id', lower(event.payload->'properties'->>'code'),
               event.payload->'properties'->'touches',
               (
                   SELECT link.code FROM link
                   WHERE link.workspace_id = %(own)s AND link.code = lower(event.payload->'properties'->>'coupon')
               ),
               event.payload->'properties'->>'anonymous_id',
               CASE event.type WHEN %(claimed)s THEN event.id::text ELSE event.payload->'properties'->>'claim' END,
               event.payload->'properties'->>'referral', event.payload->'properties'->>'reward',
               event.payload->'properties'->>'previous_id',
               lower(trim(event.payload->'properties'->'referred'->>'email')),
               event.payload->'properties'->'referred'->>'external_id',
               event.payload->'properties'->>'order_id'
        FROM applied
        JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
        LEFT JOIN LATERAL (
            SELECT decision.participant_id
            FROM decision
            WHERE event.source = 'timer' AND decision.workspace_id = %(own)s
              AND decision.event_id = event.id AND decision.participant_id IS NOT NULL
            LIMIT 1
        ) AS rung ON true
        WHERE applied.workspace_id = %(own)s AND applied.position > %(last)s
        ORDER BY applied.position
        LIMIT %(page)s
        """,
        {"own": workspace_id, "last": last, "page": PAGE, "claimed": CLAIMED},
    ):
        last = rows[-1][0]
        owners = _owners(workspace_id, {name for row in rows for name in row[12:14] if name})
        for position, type, at, *names, order in rows:
            found = _names(names, owners)
            yield position, type, at, [*found, "o" + order] if order in orders else found


def _names(told: Sequence[Any], owners: dict[str, str]) -> list[str]:
    person, external_id, email, account, code, touches, coupon, visitor, claim, referral, reward, *others = told
    previous, referred, imported = others
    found = [
        kind + name
        for kind, name in (
            ("i", person), ("x", external_id), ("m", email), ("a", account), ("c", code), ("c", coupon),
            ("v", visitor), ("r", referral), ("w", reward), ("m", referred), ("x", imported),
        )
        if name
    ]  # fmt: skip
    found += ["c" + touch["code"].lower() for touch in touches or ()]
    if claim:
        found.append("k" + (ids.internal("clm", claim) if claim.startswith("clm_") else claim))
    if previous:
        found.append(_participant(previous))
    found += ["i" + owners[name] for name in (referral, reward) if name in owners]
    return found


def _participant(name: str) -> str:
    try:
        return "i" + ids.internal("par", name)
    except ids.BadId:
        return "x" + name


def _owners(workspace_id: str, names: Iterable[str]) -> dict[str, str]:
    """By public id of a referral or reward, a participant of it (the keys)."""
    wanted: dict[str, dict[str, str]] = {"ref": {}, "rwd": {}}
    for name in names:
        kind = name.partition("_")[0]
        if kind in wanted:
            try:
                wanted[kind][ids.internal(kind, name)] = name
            except ids.BadId:
                continue
    found = {}
    for kind, table, column in (("ref", "referral", "referrer_id"), ("rwd", "reward", "participant_id")):
        if wanted[kind]:
            for id, owner in fetch(
                f"SELECT id::text, {column}::text FROM {table} WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
                [workspace_id, array("uuid", wanted[kind])],
            ):
                found[wanted[kind][id]] = owner
    return found
