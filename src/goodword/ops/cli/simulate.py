"""`goodword simulate`."""

from __future__ import annotations

import csv
import os
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._progress import Progress
from goodword.ops.cli._shared import Refused, answer_json, json_option, say

if TYPE_CHECKING:
    from goodword.domain.program import Program

PACE = 20_000
"""Customers × months × runs that one core plays in a second, roughly."""
LONG = 20 * PACE
"""From where on it is said how long it may take."""
EPILOG = """\b
Examples:
  goodword simulate program.yaml
  goodword simulate program.yaml --customers 5000 --months 24 --set refer_rate=0.3
  goodword simulate before.yaml after.yaml --runs 50 --csv difference.csv
  goodword simulate program.yaml --events history.jsonl && goodword load history.jsonl

\b
Nothing here is measured: the people are made up by a model whose parameters, with their sources, are in
docs/concepts/simulation.md. No database is needed."""


@click.command(epilog=EPILOG)
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="PROGRAM [OTHER]")
@click.option("--customers", type=int, default=1_000, show_default=True, help="Who join by themselves.")
@click.option("--months", type=int, default=12, show_default=True, help="How long it is played.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same people.")
@click.option("--runs", type=int, default=20, show_default=True, help="How often, for the intervals.")
@click.option("--set", "changed", multiple=True, metavar="NAME=VALUE", help="Another value of a parameter.")
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The first day; campaigns and contests run on their own dates. Left out: 2025-01-01, or two months before the "
    "first contest.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=lambda: os.cpu_count() or 1,
    show_default="one for each core",
    help="How many runs are played at once.",
)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write every figure, also by month, here.")
@click.option("--events", "events_file", type=click.Path(path_type=Path), help="Write the events of the first run.")
@json_option
def command(
    *, files: tuple[Path, ...], customers: int, months: int, seed: int, runs: int, changed: tuple[str, ...],
    start: datetime | None, processes: int, csv_file: Path | None, events_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Play a programme forward on simulated people: cost, new customers, K-factor, payback, liability.

    With two programmes, both are played on the same people, and their difference is told with its interval.
    """
    from goodword.insight.simulation import runs as playing
    from goodword.insight.simulation import shown
    from goodword.insight.simulation.parameters import SimulationError, settings
    from goodword.insight.simulation.world import Plan

    if len(files) > 2:
        raise click.UsageError(f"{len(files)} programmes are given; one is simulated, or two are compared.")
    if len(files) == 2 and events_file:
        raise click.UsageError("--events writes the history of one programme; name only one.")
    _within("--customers", customers, playing.MAX_CUSTOMERS)
    _within("--months", months, playing.MAX_MONTHS)
    _within("--runs", runs, playing.MAX_RUNS)
    work = customers * months * runs * len(files)
    if work > playing.MAX_PLAYED:
        raise click.UsageError(
            f"customers × months × runs × programmes is {work:,}: at most {playing.MAX_PLAYED:,} are played."
        )
    for option, file in (("--csv", csv_file), ("--events", events_file)):
        if file:
            _writable(option, file)
    began = time.perf_counter()
    try:
        p = settings(changed)
        programs = [_program(file) for file in files]
        if len({program.document.currency for program in programs}) > 1:
            raise SimulationError("the two programmes have different currencies; only like is compared with like")
        plan = Plan(customers, months, playing.start_on(start.date() if start else playing.start_of(programs)))
        if work > LONG:
            say(f"This is about {work / PACE:,.0f} seconds of one core's work; Ctrl-C ends it.")
        with Progress("simulated months", months * runs * len(programs)) as progress:
            found = [
                playing.simulate(
                    one, p, plan, seed=seed, runs=runs, processes=processes,
                    passed=progress.part(number * months * runs),
                )
                for number, one in enumerate(programs)
            ]  # fmt: skip
        if events_file:
            _write_events(events_file, playing.history(programs[0], p, plan, seed=seed))
    except SimulationError as error:
        raise Refused(str(error) if str(error).endswith("?") else f"{error}.") from None
    took = time.perf_counter() - began
    called = shown.labels([(str(file), file.stem) for file in files], found)
    if csv_file:
        with _opened(csv_file) as out:
            csv.writer(out).writerows(shown.csv_rows(called, found))
    if as_json:
        answer_json(shown.data(called, found, p, plan, seed))
        return
    for line in shown.text(called, found, p, plan, seed):
        click.echo(line)
    events = sum(int(outcome["events"] or 0) for one in found for outcome in one.outcomes)
    say(f"{events:,} simulated events in {took:.1f} s: {events / took:,.0f} a second.")


def _writable(option: str, file: Path) -> None:
    """Said before anything is played, not after."""
    if str(file) == "-":
        raise click.UsageError(f"{option} -: name a file; --json writes the figures to the terminal.")
    if file.is_dir() or not file.parent.is_dir():
        why = "it is a folder" if file.is_dir() else f"there is no folder {file.parent}"
        raise Refused(f"{option}: {file} cannot be written ({why}).")


def _within(option: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise click.UsageError(f"{option} {value}: from 1 to {most:,} are allowed.")


def _program(file: Path) -> Program:
    """The programme of a file; every fault of the document is told."""
    from goodword.domain.faults import ProgramError
    from goodword.domain.program import read
    from goodword.domain.reading import MAX_BYTES
    from goodword.insight.simulation.runs import program_of

    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused(f"{file} cannot be read ({error.strerror}).") from None
    try:
        return program_of(read(text)[1])
    except ProgramError as error:
        for fault in error.faults:
            say(f"{fault.path or 'document'}: {fault.code}: {fault.message}")
        count = len(error.faults)
        raise Refused(f"{file} has {count} fault{'' if count == 1 else 's'}; nothing was simulated.") from None


def _opened(file: Path) -> Any:
    try:
        return file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise Refused(f"{file} cannot be written ({error.strerror}).") from None


def _write_events(file: Path, events: list[dict[str, Any]]) -> None:
    import orjson

    with _opened(file) as out:
        for event in events:
            out.write(orjson.dumps(event, option=orjson.OPT_UTC_Z).decode() + "\n")
    say(f"Wrote {len(events):,} simulated events to {file}.")
