"""One Goodword serves from a home folder with its embedded database, and one runs its worker."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from goodword.ops import database, home
from goodword.ops.locks import Busy, Lock


class AlreadyRunning(Exception):
    """Another process does the same on this home folder; the message names it and says what to do."""

    code = "already_running"


@contextlib.contextmanager
def serving(*, worker: bool) -> Iterator[None]:
    """Be the only server (and worker) of this home for a block; raises AlreadyRunning. A server of the
    operator's own may have any number of them."""
    with contextlib.ExitStack() as held:
        if database.url() is None:
            _hold(held, "serve.lock", "serves from")
            if worker:
                _hold(held, "worker.lock", "runs the worker of")
        yield


@contextlib.contextmanager
def working() -> Iterator[None]:
    """Be the only worker of this home for a block; raises AlreadyRunning."""
    with contextlib.ExitStack() as held:
        if database.url() is None:
            _hold(held, "worker.lock", "runs the worker of")
        yield


def _hold(held: contextlib.ExitStack, name: str, does: str) -> None:
    folder: Path = home.ensure()
    try:
        held.enter_context(Lock(folder / name).held())
    except Busy as busy:
        raise AlreadyRunning(
            f"Process {busy.holder} already {does} {folder}; end it (kill {busy.holder}), or give this one "
            "a folder of its own with GOODWORD_HOME."
        ) from None
