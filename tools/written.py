"""What the tools share that write documents from the code: write them, or say which are not as they would be."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 40
"""Lines of a difference that are printed."""


def main(arguments: list[str], made: Callable[[], Mapping[Path, str]], usage: str | None) -> int:
    """Writes the files that `made` gives, or with `--check` compares them. Returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(usage, file=sys.stderr)
        return 2
    stale = 0
    for path, text in made().items():
        before = path.read_text() if path.exists() else ""
        if before == text:
            continue
        name = path.relative_to(ROOT)
        if arguments:
            stale = 1
            print(f"{name} is not what the code says; run: make docs")
            lines = difflib.unified_diff(before.splitlines(), text.splitlines(), "committed", "made", lineterm="")
            print("\n".join(list(lines)[:SHOWN]))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")
    return stale
