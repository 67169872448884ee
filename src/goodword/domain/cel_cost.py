"""What a CEL expression with macros may cost, reckoned from its tokens and the sizes of what it reads, before it runs.

A macro goes through a list. `map` and `filter` copy what they have gathered at every entry, and what is read inside a
macro is read once for each; so lists of lists, and long texts, cost far more than the number of entries says. One
`map` behind another can double what it is given, so an expression has one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
MAX_MAPS = 1
"""`map` macros in one expression."""
MAX_COPIES = 3_000_000
"""Entries, and pieces of 16 characters, that macros may read and copy in one evaluation."""
_PIECE = 16
Path = tuple[str, ...]


class Work(NamedTuple):
    """Of an expression: its tokens and characters, how deep macros nest, how many `map` it has, whether any gathers
    what it finds, how often macros read the entry in hand, and how often each fact."""

    tokens: int
    characters: int
    depth: int
    maps: int
    gathers: bool
    entries: int
    inside: Mapping[Path, int]


def work_of(tokens: Sequence[re.Match[str]], paths: Sequence[Path], depth: int) -> Work:
    """What the tokens say; `paths` are the facts that they read."""
    words = [token[0] for token in tokens]
    called = [word for word, next_ in pairwise(words) if word in MACROS and next_ == "("]
    inside: Counter[Path] = Counter()
    entries, open_ = 0, [False]
    for place, token in enumerate(tokens):
        if token.lastgroup == "open":
            open_.append(place > 1 and words[place - 1] in MACROS and words[place - 2] == ".")
        elif token.lastgroup == "close":
            open_.pop()
        elif token.lastgroup == "name" and any(open_) and words[place - 1] != ".":
            parts = tuple(words[place : place + 6 : 2])
            read = next((path for path in paths if parts[: len(path)] == path), None)
            if read is not None:
                inside[read] += 1
            elif words[place - 2] not in MACROS:
                entries += 1
    gathers = "map" in called or "filter" in called
    return Work(len(words), sum(map(len, words)), depth, called.count("map"), gathers, entries, inside)


def copies(work: Work, values: Mapping[Path, Any]) -> int:
    """The most entries that the macros can read and copy over these values."""
    own = work.tokens + work.characters // _PIECE
    longest = max([work.tokens, *map(entries_of, values.values())])
    largest = max([own, *map(_size, values.values())])
    each = 1 + sum(number * (own + _size(values.get(path))) for path, number in work.inside.items())
    gathered = work.entries * largest + longest * each
    return int(longest**work.depth * (gathered if work.gathers else each))


def entries_of(value: Any) -> int:
    """The entries of the longest list or object in a value."""
    if isinstance(value, Mapping):
        return max(len(value), max(map(entries_of, value.values()), default=0))
    if isinstance(value, list):
        return max(len(value), max(map(entries_of, value), default=0))
    return 0


def _size(value: Any) -> int:
    """How many entries a value has in all, at every depth; a text counts by its pieces."""
    if isinstance(value, str):
        return 1 + len(value) // _PIECE
    if isinstance(value, Mapping):
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1
