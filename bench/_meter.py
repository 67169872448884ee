"""What a stretch of work costs: seconds of the clock and of the processors, so that a figure can be read on a
machine that others use too."""

from __future__ import annotations

import time

import psutil


class Meter:
    """Measures this process and its session at the database between `start` and `stop`. `seconds` of the clock;
    `own` and `session` of the processors."""

    def __init__(self, workspace_id: str) -> None:
        self._workspace_id = workspace_id
        self.seconds = self.own = self.session = 0.0

    def start(self) -> None:
        """From here on."""
        self._session = self._find_session()
        self._before = (_used(psutil.Process()), _used(self._session))
        self._began = time.perf_counter()

    def stop(self) -> None:
        """Until here."""
        self.seconds = time.perf_counter() - self._began
        self.own = _used(psutil.Process()) - self._before[0]
        self.session = _used(self._session) - self._before[1]
        assert self._find_session() == self._session, "another connection was used in between"

    def _find_session(self) -> psutil.Process:
        from goodword.store import tenancy
        from goodword.store.sql import fetch

        with tenancy.workspace(self._workspace_id):
            return psutil.Process(fetch("SELECT pg_backend_pid()")[0][0])


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
