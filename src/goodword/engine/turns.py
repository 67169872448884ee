"""One does the work that many wait for: callers of one workspace in this process take turns.

Whoever comes while a run is under way waits for the next one. That run begins after all of them came, so it does
what they came for, and one of them carries it out for all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")


class Turn(Generic[T]):
    """The runs of one kind for one workspace."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = False
        self._begun = 0
        self._ended = 0
        self._result: T

    def take(self, run: Callable[[], T]) -> T:
        """The result of a run that began after this call. A run that fails is its runner's own: the others go on
        to the next."""
        with self._changed:
            wanted = self._begun + 1
            while self._running and self._ended < wanted:
                self._changed.wait()
            if self._ended >= wanted:
                return self._result
            self._running = True
            self._begun += 1
            number = self._begun
        try:
            result = run()
        except BaseException:
            with self._changed:
                self._running = False
                self._changed.notify_all()
            raise
        with self._changed:
            self._running, self._ended, self._result = False, number, result
            self._changed.notify_all()
        return result


class Turns(Generic[T]):
    """A `Turn` for each workspace, for as long as somebody uses it."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[str, Turn[T]] = WeakValueDictionary()
        self._lock = threading.Lock()

    def of(self, workspace_id: str) -> Turn[T]:
        """The workspace's turn; keep it while you use it."""
        with self._lock:
            turn = self._turns.get(workspace_id)
            if turn is None:
                turn = self._turns[workspace_id] = Turn()
            return turn
