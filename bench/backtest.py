"""The live programme of the demo tried on the demo's own history: 69,659 real orders and what was made up around.

The floor: the same rows of the log read in the same pages and made into events, with nothing decided. Processor time is
this process's own: the database reads ahead of it on another core.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench._figures import Figure
from bench._house import house
from bench._options import Options

PROGRAM = "credit-after-threshold"


def run(_options: Options) -> Iterator[Figure]:
    """Loads the demo, reads its log, and tries the programme."""
    with house():
        from goodword.engine.backtest import job, log
        from goodword.ops.demo import loading, setting_up

        workspace_id = str(setting_up.workspace().id)
        setting_up.publish_programs(workspace_id)
        loading.load(workspace_id)
        with log.snapshot(workspace_id):
            document = next(row.source for row in job._versions(workspace_id) if row.key == PROGRAM)
            began = time.process_time()
            read = sum(
                len(page.entries) for page in log.pages(workspace_id, workspace_id, decisions=False, erased=False)
            )
            floor = read / (time.process_time() - began)
        marks: list[tuple[int, float]] = [(0, time.process_time())]
        found = job.run(
            workspace_id, job.Question(document), progress=lambda done, _: marks.append((done, time.process_time()))
        )
    assert found["changed"]["count"] == 0
    (_, began), (half, passed), (all_, ended) = marks[0], marks[len(marks) // 2], marks[-1]
    yield Figure("backtest, of a processor", found["events"] / (ended - began), "events/s", floor, "≥ 20,000")
    yield Figure(
        "a backtested event's time, later beside earlier", (ended - passed) / (all_ - half) * 1e6, "µs",
        (passed - began) / half * 1e6, "ratio ≤ 1.3",
    )  # fmt: skip
