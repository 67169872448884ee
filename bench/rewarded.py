"""Rewarded events: one worker in a workspace of a million people, and what it costs beside a small one.

Each event is a sign-up with a code: eligibility in CEL, attribution, a referral, two rewards under a cap per
referrer and a budget, two held transfers, two timers, a decision with its trace, three rows of the outbox.

The floor: the very same rows of all tables, as many in a transaction, written into a copy of the same
database (its keys, indexes, row-level security and ledger triggers included) by one statement per table.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench import _floor, _house, _world
from bench._figures import Figure
from bench._options import SMALL, Options
from bench._worker import Work, work

WARM = 2
"""Batches before those that are measured."""
SMALL_BATCHES = 3
"""Batches that are measured in the small workspace, which must stay small."""
PROFILED = 3
"""Batches under the profiler, after those that are measured."""
MEGABYTE = 1_000_000


def run(options: Options) -> Iterator[Figure]:
    """Applies rewarded events in a small workspace and in a large one."""
    people = options.participants
    large, floor = _large(options)
    events = large.events
    yield Figure(
        f"rewarded events, {people:,} people", events / large.seconds, "events/s", events / floor.seconds,
        "≥ 5,000; ratio ≥ 0.5",
    )  # fmt: skip
    yield Figure(
        f"rewarded events, {people:,} people, of a processor", events / large.processor, "events/s",
        events / floor.processor,
    )  # fmt: skip
    for whose, used, least in (
        ("the worker", large.own, floor.own),
        ("the database", large.session, floor.session),
    ):
        yield Figure(f"a rewarded event's processor time of {whose}", used / events * 1e6, "µs", least / events * 1e6)
    if options.quick:
        return
    small, twice = _small(options)
    beside = f"{people:,} people : {SMALL:,}"
    costs = [done.seconds / done.events * 1e6 for done in (large, small)]
    yield Figure(f"a rewarded event's time, {beside}", costs[0], "µs", costs[1], "ratio ≤ 1.3")
    costs = [done.processor / done.events * 1e6 for done in (large, small)]
    yield Figure(f"a rewarded event's processor time, {beside}", costs[0], "µs", costs[1], "ratio ≤ 1.3")
    peaks = [done.peak_bytes / MEGABYTE for done in (large, small, twice)]
    yield Figure(f"worker's peak memory, {beside}", peaks[0], "MB", peaks[1], "≤ 400; ratio ≤ 1.1")
    yield Figure("worker's peak memory, a backlog twice as long", peaks[2], "MB", peaks[1], "≤ 400; ratio ≤ 1.1")


def _large(options: Options) -> tuple[Work, _floor.Floor]:
    """The work in the large workspace, and its floor; prints the profile."""
    profiled = PROFILED if options.profile else 0
    with _house.house() as server:
        world = _world.make(server, options.participants)
        world.record(world.rewarded(), WARM + options.batches + profiled)
        _floor.keep(server)
        done = work(world.workspace_id, warm=WARM, measured=options.batches, profiled=profiled)
        if done.profile:
            print(done.profile)
        return done, _floor.write(server, world.workspace_id, WARM, options.batches)


def _small(options: Options) -> tuple[Work, Work]:
    """The work in the small workspace, and work there with a backlog twice as long."""
    batches = min(options.batches, SMALL_BATCHES)
    with _house.house() as server:
        world = _world.make(server, SMALL)
        world.record(world.rewarded(), WARM + batches)
        once = work(world.workspace_id, warm=WARM, measured=batches)
        world.record(world.rewarded(), 2 * (WARM + batches))
        return once, work(world.workspace_id, warm=WARM, measured=2 * batches + WARM)
