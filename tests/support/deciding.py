"""A process that decides histories: `python -m support.deciding` reads lines of JSON, each {document, events}, and
answers each with what was decided and what stands at the end; the first line says whether it runs the compiled
domain. So one process can run the sources, and another one what was compiled of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from goodword import compiled

TESTS = Path(__file__).resolve().parent.parent
SOURCES = TESTS.parent / "src"


class Decider:
    """Such a process, for a `with` block. `sources`: the folder that it finds Goodword in."""

    def __init__(self, *, pure: bool, sources: Path = SOURCES) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.deciding"],
            cwd=TESTS,
            env=os.environ | {"PYTHONPATH": f"{sources}:{TESTS}", compiled.PURE: "1" if pure else ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.compiled = self._answer() == b"compiled\n"

    def __enter__(self) -> Decider:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(20)

    def _answer(self) -> bytes:
        line: bytes = self._process.stdout.readline()  # type: ignore[union-attr]
        assert line, "the process is gone"
        return line

    def decide(self, document: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> bytes:
        """All that came of a history, as a line of JSON."""
        self._process.stdin.write(orjson.dumps({"document": document, "events": events}) + b"\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]
        return self._answer()


def _decided(document: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> bytes:
    from support.memory import Memory
    from support.random_programs import BEGAN

    class Keeping(Memory):
        """Keeps every decision, and the error of an event that makes the engine fail."""

        def _step(self, event: Any) -> Any:
            try:
                found = super()._step(event)
            except Exception as error:
                kept.append([event.event_id, type(error).__name__, str(error)])
                raise
            kept.append([event.event_id, found])
            return found

    kept: list[Any] = []
    memory = Keeping(document)
    for event in {event["event_id"]: event for event in events}.values():
        memory.send(event)
    memory.ring(BEGAN + timedelta(days=400))
    state, changes = memory.state, memory.state.changes
    stands = [state.participants, state.accounts, state.links, state.referrals, state.rewards, state.timers]
    counted = [state.counters, changes.transfers, changes.notices, list(changes.ledger_accounts.values())]
    return orjson.dumps([kept, stands, counted], default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value)


def main() -> None:
    """The process."""
    from support.environment import isolate

    isolate()
    out = sys.stdout.buffer
    out.write(b"compiled\n" if compiled.in_use() else b"pure\n")
    out.flush()
    for line in sys.stdin.buffer:
        out.write(_decided(**orjson.loads(line)) + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
