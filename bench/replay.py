"""Replay beside live: the same log applied by a worker, and rebuilt and compared by `goodword replay --verify`.

The floor is the worker, on the same events in the same database. Replay reads the whole log, decides again,
writes the rows anew into tables of its own, and compares every row with the one that stands.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench import _house, _world
from bench._figures import Figure
from bench._options import Options
from bench._worker import work

REFERRERS = 4_000


def run(options: Options) -> Iterator[Figure]:
    """Applies a log, and replays it."""
    batches = options.batches
    with _house.house():
        world = _world.empty("replayed", REFERRERS)
        links = REFERRERS // _world.BATCH
        world.record(_links(), links)
        world.record(world.rewarded(), batches)
        live = work(world.workspace_id, warm=0, measured=links + batches)
        ran = subprocess.run(
            [sys.executable, "-m", "goodword", "replay", "--verify", "--workspace", "replayed", "--json"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    told = json.loads(ran.stdout)
    assert told["same"], ran.stdout
    yield Figure(
        "replay and its comparison, beside live", told["events"] / told["seconds"], "events/s",
        live.events / live.seconds, "ratio ≥ 1",
    )  # fmt: skip


def _links() -> Iterator[dict[str, Any]]:
    """A link for each referrer."""
    for number in range(1, REFERRERS + 1):
        yield _world.linked(number, datetime.now(UTC))
