"""Events that concern no programme: one worker in a workspace of 10,000 people and one programme.

Each event is a page that somebody looked at: it is read, its person is found, every programme is asked, and it
takes its place in the order. The floor: those places written, and the events taken out of the inbox, by one
statement per table in a copy of the same database.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench import _floor, _house, _world
from bench._figures import Figure
from bench._options import SMALL, Options
from bench._worker import work

WARM = 2
"""Batches before those that are measured."""
TIMES = 5
"""So many times the batches of the dearer events."""


def run(options: Options) -> Iterator[Figure]:
    """Applies events that nobody asks about."""
    batches = TIMES * options.batches
    with _house.house() as server:
        world = _world.make(server, SMALL)
        world.record(world.unconcerned(), WARM + batches)
        _floor.keep(server)
        done = work(world.workspace_id, warm=WARM, measured=batches)
        floor = _floor.write(server, world.workspace_id, WARM, batches)
    yield Figure(
        "unconcerned events", done.events / done.seconds, "events/s", done.events / floor.seconds, "≥ 20,000"
    )  # fmt: skip
    yield Figure(
        "unconcerned events, of a processor", done.events / done.processor, "events/s", done.events / floor.processor
    )
