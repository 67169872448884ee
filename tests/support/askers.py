"""Which places of the product ask the database, by reading the code, and which of them were come to."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import goodword

ROOT = Path(goodword.__file__).parent
ASKING = {"fetch", "execute"}
PASSES_ON = {"store/sql.py"}
"""Files whose functions run what others say."""


@dataclass(frozen=True, order=True)
class Place:
    """A function, and the lines of a statement in it; no lines where it asks through a model."""

    file: str
    function: str
    first: int = 0
    last: int = 0


@dataclass
class Seen:
    """What one thread came to: functions entered, and lines from which a statement was run."""

    entered: set[tuple[str, str]] = field(default_factory=set)
    asked: set[tuple[str, int]] = field(default_factory=set)

    def has(self, place: Place) -> bool:
        if not place.first:
            return (place.file, place.function) in self.entered
        return any((place.file, line) in self.asked for line in range(place.first, place.last + 1))


def places() -> list[Place]:
    """Every statement that the code runs, and every function that asks through a model."""
    found = set()
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name in PASSES_ON or "migrations" in path.parts:
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and node.attr == "objects":
                    found.add(Place(name, function.name))
                elif isinstance(node, ast.Call) and _runs(node):
                    found.add(Place(name, function.name, node.lineno, node.end_lineno or node.lineno))
    return sorted(found)


def _runs(node: ast.Call) -> bool:
    if isinstance(node.func, ast.Name):
        return node.func.id in ASKING
    return isinstance(node.func, ast.Attribute) and node.func.attr == "execute"


@contextmanager
def watched() -> Iterator[Seen]:
    """What this thread comes to in the block."""
    seen, codes = Seen(), set[CodeType]()
    ours = str(ROOT)

    def note(frame: FrameType, what: str, _: Any) -> None:
        if what != "call":
            return
        codes.add(frame.f_code)
        caller = frame.f_back
        if frame.f_code.co_name in ASKING and caller is not None and caller.f_code.co_filename.startswith(ours):
            seen.asked.add((_file(caller.f_code), caller.f_lineno))

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)
        seen.entered |= {(_file(code), code.co_name) for code in codes if code.co_filename.startswith(ours)}


def _file(code: CodeType) -> str:
    return Path(code.co_filename).relative_to(ROOT).as_posix()
