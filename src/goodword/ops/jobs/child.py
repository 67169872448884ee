"""The process that works at one question: `python -m goodword.ops.jobs.child WORKSPACE JOB RUN`.

It is the first of a session of its own, so that it and whatever it starts end together.
"""

from __future__ import annotations

import os
import signal
import sys

from goodword.ops.serving.family import follow_parent

NICE = 10
"""How far behind live work it stands for the processors."""


def main(workspace_id: str, id: str, run: str) -> None:
    """Answers the question and ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")
    import django

    django.setup()
    from goodword.ops.jobs import work
    from goodword.store.jobs import Claim

    signal.signal(signal.SIGTERM, lambda _signal, _frame: _end())
    follow_parent()
    os.nice(NICE)
    work.carry_out(Claim(workspace_id, id, run), _end)


def _end() -> None:
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
