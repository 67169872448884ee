"""The worker of the demo's load, a process of its own beside the one that records.

`python -m goodword.ops.demo.applier WORKSPACE_ID` applies what is recorded. A line on its standard input
says that all is recorded: it then says when all is applied. The end of its input says that history is
loaded: it lets the timers ring that are due by the clock, and ends. Its standard output is one JSON object
a line: events applied and timers rung so far, whether all is applied, and at the end its peak memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time

from goodword.ops.serving.family import follow_parent

BATCH = 2_000
PAUSE = 0.02
UNIT = 1024 if sys.platform != "darwin" else 1
"""Bytes in the unit in which the system counts peak memory."""


class Applier:
    """Applies one workspace's events and counts them."""

    def __init__(self, workspace_id: str) -> None:
        self._workspace_id = workspace_id
        self._events = 0
        self._rings = 0

    def drain(self, complete: threading.Event) -> None:
        """Applies until `complete` is set and nothing waits."""
        while True:
            is_complete = complete.is_set()  # before looking: what was recorded until then will be seen
            if self._apply(ring=False):
                continue
            if is_complete:
                return
            time.sleep(PAUSE)

    def ring(self) -> None:
        """Rings what is due by the clock, in order, until nothing is."""
        while self._apply(ring=True):
            pass

    def _apply(self, *, ring: bool) -> bool:
        """Whether a batch was applied and more may be left."""
        from goodword.engine import apply

        done = apply.apply_pending(self._workspace_id, limit=BATCH, ring=ring)
        if done.busy:
            time.sleep(PAUSE)
            return True
        self._events += done.events
        self._rings += done.rings
        self.tell()
        return bool(done.events or done.rings or done.more)

    def tell(self, **more: int) -> None:
        """Writes what was done so far."""
        sys.stdout.write(json.dumps({"events": self._events, "rings": self._rings, **more}) + "\n")
        sys.stdout.flush()


def main() -> None:
    """The child process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")
    import django

    django.setup()
    follow_parent()
    recorded, loaded = threading.Event(), threading.Event()

    def listen() -> None:
        sys.stdin.readline()
        recorded.set()
        sys.stdin.read()
        loaded.set()

    threading.Thread(target=listen, daemon=True).start()
    applier = Applier(sys.argv[1])
    applier.drain(recorded)
    applier.tell(drained=1)
    loaded.wait()
    applier.ring()
    applier.tell(drained=1, peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT)


if __name__ == "__main__":
    main()
