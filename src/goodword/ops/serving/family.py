"""A child process ends when its parent ends, also when the parent was killed and could not say so."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time

# Set for a direct child: the process id of the parent it belongs to.
PARENT = "GOODWORD_PARENT"
PAUSE = 0.5
GRACE = 10.0


def follow_parent() -> None:
    """End this process, gently and then firmly, once its parent is gone. Does nothing in a process that was
    not started as a child."""
    parent = _parent()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), name="follow-parent", daemon=True).start()


def _parent() -> int | None:
    spawned_by = multiprocessing.parent_process()
    if spawned_by is not None:
        return spawned_by.pid
    given = os.environ.get(PARENT, "")
    return int(given) if given.isdecimal() else None


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PAUSE)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
