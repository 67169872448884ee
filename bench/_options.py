"""How a run is wanted: read from the command line, given to every benchmark."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

SMALL = 10_000
LARGE = 1_000_000
BATCHES = 10


@dataclass(frozen=True, slots=True)
class Options:
    """`participants`: how many the large workspace has. `batches`: how many batches are measured. `quick`: a look
    of some seconds at a small workspace, whose figures compare with nothing. `profile`: say where the time goes.
    `long`: also a history of 10,000,000 events, which takes half an hour."""

    names: tuple[str, ...] = ()
    participants: int = LARGE
    batches: int = BATCHES
    quick: bool = False
    profile: bool = False
    long: bool = False


def parse(arguments: list[str]) -> Options:
    """The options of a command line; ends the process with a sentence where they are wrong."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description="Measure, beside a bare floor.")
    parser.add_argument("names", nargs="*", metavar="BENCHMARK", help="which ones; left out: all")
    parser.add_argument("--participants", type=int, default=LARGE, help="in the large workspace")
    parser.add_argument("--batches", type=int, default=BATCHES, help="measured, of 4,000 events each")
    parser.add_argument("--quick", action="store_true", help="a small workspace and few events, in seconds")
    parser.add_argument("--profile", action="store_true", help="print the top ten of where the time goes")
    parser.add_argument("--long", action="store_true", help="also a history of 10,000,000 events")
    given = parser.parse_args(arguments)
    if given.participants < SMALL or given.batches < 1:
        parser.error(f"--participants is at least {SMALL}, --batches at least 1")
    return Options(
        tuple(given.names),
        SMALL if given.quick else given.participants,
        min(given.batches, 3) if given.quick else given.batches,
        given.quick,
        given.profile,
        given.long,
    )
