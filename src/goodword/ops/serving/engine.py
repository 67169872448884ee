"""The engine's worker as a process: applies what was recorded, rings the timers, and has long questions answered by
processes of their own. Run as a module, it is the child of `goodword serve`."""

from __future__ import annotations

import os
import signal
import threading

from goodword.ops.serving.family import follow_parent


def run_worker() -> None:
    """Run the worker until SIGTERM or SIGINT; the batch in hand is finished first. Needs Django set up."""
    from goodword.engine import worker
    from goodword.ops.jobs import runner

    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda _signal, _frame: stop.set())
    beside = runner.beside(stop)
    try:
        worker.run(stop)
    finally:
        stop.set()
        beside.join()


def main() -> None:
    """The child process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")
    import django

    django.setup()
    follow_parent()
    run_worker()


if __name__ == "__main__":
    main()
