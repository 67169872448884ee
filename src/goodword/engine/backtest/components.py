"""Components of who appears with whom, of any number of names: union-find whose tables are files.

The tables are mapped into memory: the system keeps of them what there is room for, and writes back and reads again the
rest. What the process itself holds does not grow with the names. A name is known by its hash of 64 bits, which is one
of this process; should two names ever have the same, they belong together, which makes a part larger than it need be
and changes nothing else.
"""

from __future__ import annotations

import heapq
import mmap
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

FIRST = 1 << 12
"""Cells of a new table; it doubles when it has to."""
FULLEST = 0.6
"""How much of the names' table may be taken."""
ZEROS = bytes(1 << 20)
LIGHT = 100
"""A component that is less than this fraction of a part's share goes where there is room when its turn comes."""


class Column:
    """Whole numbers of 64 bits in a file without a name, zero at first."""

    def __init__(self, folder: Path, length: int = FIRST) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`
        self._lay(8 * length)
        self._map = mmap.mmap(self._file.fileno(), 8 * length)
        self.cells = memoryview(self._map).cast("q")

    def grow(self, length: int) -> None:
        """Makes it longer; whoever has taken `cells` takes them anew."""
        self._lay(8 * length - len(self._map))
        self.close_map()
        self._map = mmap.mmap(self._file.fileno(), 8 * length)
        self.cells = memoryview(self._map).cast("q")

    def _lay(self, size: int) -> None:
        """Writes zeros at the end: a full disk is told here, and not when a cell is written."""
        self._file.seek(0, 2)
        for begin in range(0, size, len(ZEROS)):
            self._file.write(ZEROS[: size - begin])
        self._file.flush()

    def close_map(self) -> None:
        """Lets go of the memory; what was written stays in the file."""
        self.cells.release()
        self._map.close()

    def close(self) -> None:
        """Lets go of everything."""
        self.close_map()
        self._file.close()


class Components:
    """Union-find over names (Tarjan 1975, path halving). Names have numbers in the order in which they come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parents = Column(folder)
        self._names = Column(folder, 2 * FIRST)
        """An open table: of each name its hash, and its number and one."""
        self.length = 0
        self._take()

    def __enter__(self) -> Components:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._parents.close()
        self._names.close()

    def join(self, names: Sequence[str]) -> int:
        """These belong together; gives the number of one of them."""
        first = self._number(names[0])
        for name in names[1:]:
            one, other = self.root(first), self.root(self._number(name))
            if one != other:
                self._cells[other] = one
        return first

    def root(self, number: int) -> int:
        """The number by which a component is known, after the last `join`."""
        parents = self._cells
        while (parent := parents[number]) != number:
            parents[number] = number = parents[parent]
        return number

    def weights(self) -> Column:
        """A column for a number of each name."""
        return Column(self._folder, max(1, self.length))

    def _number(self, name: str) -> int:
        table, mask, key = self._table, self._mask, hash(name)
        place = (key & mask >> 1) * 2
        while number := table[place + 1]:
            if table[place] == key:
                return number - 1
            place = place + 2 & mask
        if self.length >= self._most:
            self._grow()
            return self._number(name)
        number = self.length
        table[place], table[place + 1] = key, number + 1
        self._cells[number] = number
        self.length = number + 1
        return number

    def _take(self) -> None:
        self._cells, self._table = self._parents.cells, self._names.cells
        self._mask = len(self._table) - 1
        self._most = int(min(len(self._cells), len(self._table) / 2 * FULLEST))

    def _grow(self) -> None:
        """Room for twice as many names."""
        self._parents.grow(2 * len(self._parents.cells))
        old, self._names = self._names, Column(self._folder, 2 * len(self._table))
        rows = self._table
        self._take()
        table, mask = self._table, self._mask
        for row in range(0, len(rows), 2):
            number = rows[row + 1]
            if number:
                key = rows[row]
                place = (key & mask >> 1) * 2
                while table[place + 1]:
                    place = place + 2 & mask
                table[place], table[place + 1] = key, number
        old.close()


def pack(weights: list[int] | memoryview[int], count: int) -> list[int]:
    """Puts in the place of each component's weight the part that it goes to, of at most `count`: the heavy ones first,
    each to the part that is the lightest so far, then the light ones as they come. Cells of no weight mean nothing and
    stay. Gives the parts that have something."""
    light = -(-sum(weights) // (count * LIGHT))
    heavy = sorted(((weight, root) for root, weight in enumerate(weights) if weight > light), key=lambda row: -row[0])
    loads = [(0, part) for part in range(count)]

    def lightest(weight: int) -> int:
        load, part = loads[0]
        heapq.heapreplace(loads, (load + weight, part))
        return part

    places = {root: lightest(weight) for weight, root in heavy}
    for root, weight in enumerate(weights):
        if weight:
            weights[root] = places[root] if weight > light else lightest(weight)
    return sorted(part for load, part in loads if load)
