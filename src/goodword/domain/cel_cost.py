"""What a CEL expression with macros may cost, reckoned from its tokens and the sizes of what it reads, before it runs.

A macro goes through a list. `map` and `filter` copy what they have gathered at every entry, and what is read inside a
macro is read once for each; so lists of lists, and long texts, cost far more than the number of entries says. One
`map` behind another can double what it is given, so an expression has one. A pattern of `matches` is built anew for
each entry, and `((a{1,60}){1,60})` is large however short it is written (`pattern_cost`).
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
    what it finds, how often macros read the entry in hand, how often each fact, and what the patterns in them cost for
    each entry."""

    tokens: int
    characters: int
    depth: int
    maps: int
    gathers: bool
    entries: int
    inside: Mapping[Path, int]
    patterns: int = 0


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
    patterns = sum(pattern_cost(text) for text in patterns_of(tokens) if text)
    return Work(len(words), sum(map(len, words)), depth, called.count("map"), gathers, entries, inside, patterns)


def patterns_of(tokens: Sequence[re.Match[str]]) -> list[str | None]:
    """The pattern of each `matches` inside a macro; None for one that is not written out: nobody knows its size."""
    found: list[str | None] = []
    open_: list[tuple[bool, bool]] = [(False, False)]  # inside a macro, of a `matches`
    for place, token in enumerate(tokens):
        if token.lastgroup == "open":
            name, before = tokens[place - 1][0] if place else "", tokens[place - 2][0] if place > 1 else ""
            macro = name in MACROS and before == "."
            open_.append((open_[-1][0] or macro, name == "matches"))
        elif token.lastgroup == "close":
            inside, of_matches = open_.pop()
            if inside and of_matches:
                alone = tokens[place - 1].lastgroup == "text" and tokens[place - 2][0] == "("
                found.append(_text_of(tokens[place - 1][0]) if alone else None)
    return found


def _text_of(literal: str) -> str | None:
    """What a text of CEL says; None where it is written with numbers of characters, which nobody reads."""
    prefix = literal[: len(literal) - len(literal.lstrip("rRbB"))]
    body = literal[len(prefix) :]
    marks = 3 if body[:3] in ("'''", '"""') else 1
    body = body[marks:-marks]
    if "r" in prefix.lower():
        return body
    if re.search(r"\\[xXuU0-7]", body.replace("\\\\", "")):
        return None
    return re.sub(r"\\(.)", r"\1", body, flags=re.DOTALL)


_PARTS_OF_PATTERN = re.compile(
    r"(?P<class>\\[pPwWdDsSbB])|(?P<one>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<times>\{\s*(?P<least>\d*)\s*,?\s*(?P<most>\d*)\s*\})|(?P<open>\()|(?P<close>\))|(?P<other>.)",
    re.DOTALL,
)
_CLASS = 100
"""What a class of all scripts (`\\w`, `\\p{L}`) counts for: it stands for hundreds of ranges of characters."""


def pattern_cost(text: str) -> int:
    """How large a pattern is once its counted repetitions are written out; a tenth of a thousandth of a second is some
    400 of it."""
    sizes, last = [len(text)], 1
    for part in _PARTS_OF_PATTERN.finditer(text):
        kind = part.lastgroup
        if kind == "open":
            sizes.append(0)
            continue
        if part[0] in ("*", "+", "?"):
            continue
        if kind == "times":
            counts = [int(count[:6]) for count in (part["least"], part["most"]) if count]
            grown = last * max([1, *counts]) - last
            sizes[-1] += grown
            last += grown
            continue
        if kind == "close" and len(sizes) > 1:
            last = sizes.pop()
        else:
            last = _CLASS if kind == "class" or ("\\" in part[0] and part[0][0] == "[") else len(part[0])
            last = max(last, 10 if part[0][:2] in (".", "[^") else 1)
        sizes[-1] += last
    return sum(sizes)


def copies(work: Work, values: Mapping[Path, Any]) -> int:
    """The most entries that the macros can read and copy over these values."""
    own = work.tokens + work.characters // _PIECE
    longest = max([work.tokens, *map(entries_of, values.values())])
    largest = max([own, *map(_size, values.values())])
    each = 1 + work.patterns + sum(number * (own + _size(values.get(path))) for path, number in work.inside.items())
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
