"""`goodword backtest`."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
import orjson

from goodword.insight import traces
from goodword.insight.sheets import BACKTEST, flat, write_csv
from goodword.ops.cli._documents import FILE, text
from goodword.ops.cli._shared import (
    Instant,
    Refused,
    answer_json,
    find_workspace,
    json_option,
    say,
    with_database,
    workspace_option,
)

SHOWN = 100
"""Changed decisions, and people, in the answer; the folder of --csv has all."""
ELASTICITY = (Decimal(-10), Decimal(10))


class Elasticity(click.ParamType[Decimal]):
    """A number from -10 to 10."""

    name = "X"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            number = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value!r} is not a number; give one such as 0.5.", param, ctx)
        if not (number.is_finite() and ELASTICITY[0] <= number <= ELASTICITY[1]):
            self.fail(f"{value!r} is not from {ELASTICITY[0]} to {ELASTICITY[1]}.", param, ctx)
        return number


@click.command(
    epilog="""\b
Examples:
  goodword backtest program.yaml --workspace demo
  goodword backtest program.yaml --since 2010-12-01T00:00:00Z --csv results
  goodword backtest program.yaml --as-of-version 2 --json
  goodword backtest program.yaml --elasticity 0.5
  goodword backtest program.yaml --cluster 10.0.0.5:6379

\b
Amounts in JSON and CSV are whole numbers of minor units (cents), beside their unit."""
)
@click.argument("file", type=FILE)
@workspace_option
@click.option("--since", type=Instant(), help="Count only what happened from then on.")
@click.option("--until", type=Instant(), help="Leave out what happened from then on.")
@click.option(
    "--as-of-version", type=click.IntRange(1), metavar="N", help="Compare with what version N would have done."
)
@click.option("--elasticity", type=Elasticity(), help="Percent more referrals for each percent more reward.")
@click.option("--csv", "folder", type=click.Path(path_type=Path, file_okay=False), help="Write tables to this folder.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=lambda: os.cpu_count() or 1,
    show_default="one a core",
    help="How many work at it, where nobody's rewards depend on everybody's.",
)
@click.option("--cluster", metavar="ADDRESS", help="Let the nodes of a Ray cluster work at it; its head's HOST:PORT.")
@json_option
@with_database
def command(
    *,
    file: Path,
    workspace: str | None,
    since: datetime | None,
    until: datetime | None,
    as_of_version: int | None,
    elasticity: Decimal | None,
    folder: Path | None,
    processes: int,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Try a document on the workspace's own history: what it would have cost, who would have got more or less, and
    every decision that would have been another one; - reads the standard input.

    Nothing is written to the database, and live work may go on meanwhile.
    """
    from goodword.domain.faults import ProgramError
    from goodword.engine.backtest import job

    found = find_workspace(workspace)
    shown: list[dict[str, Any]] = []
    question = job.Question(text(file), since, until, as_of_version, elasticity)
    try:
        with _changes(folder) as write:

            def tell(change: dict[str, Any]) -> None:
                if len(shown) < SHOWN:
                    shown.append(change)
                write(change)

            result = job.run(
                str(found.id), question, tell=tell, progress=_progress, processes=processes, cluster=cluster
            )
    except ProgramError as error:
        for fault in error.faults:
            say(f"{fault.path or 'document'}: {fault.code}: {fault.message}")
        number = len(error.faults)
        raise Refused(f"The document has {number} fault{'' if number == 1 else 's'}; nothing was tried.") from None
    except job.BacktestRefused as error:
        raise Refused(f"{error}.".replace("?.", "?")) from None
    if folder:
        _tables(folder, result)
    if as_json:
        result["changed"]["decisions"] = [_public(change) for change in shown]
        answer_json(result)
        return
    _tell(result)
    if folder:
        click.echo(f"Every table and all changed decisions are in {folder}.")


def _public(change: dict[str, Any]) -> dict[str, Any]:
    """A changed decision as it is told: with public ids."""
    return change | {
        name: side and side | {"trace": traces.public(side["trace"])}
        for name, side in (("before", change["before"]), ("after", change["after"]))
    }


def _given(side: Mapping[str, int], unit: str) -> str:
    """So many rewards, and what they come to."""
    from goodword.domain.money import display

    return f"{side['rewards']:,} rewards {display(side['amount'], unit) if unit else ''}".strip()


def _by_rule(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str, Counter[str], Counter[str]]]:
    """What each rule gave in each unit, over all months: rewards and amount before, and after."""
    found: dict[tuple[str, str], tuple[Counter[str], Counter[str]]] = {}
    for row in rows:
        before, after = found.setdefault((row["rule"], row["unit"]), (Counter(), Counter()))
        before.update(row["before"])
        after.update(row["after"])
    for (rule, unit), (before, after) in found.items():
        yield rule, unit, before, after


def _progress(done: int, total: int) -> None:
    if done:
        say(f"{done:>10,} of {total:,} events")


@contextlib.contextmanager
def _changes(folder: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Where changed decisions go, each as it is found."""
    if folder is None:
        yield lambda change: None
        return
    columns = (
        "position", "event", "type", "occurred_at", "participant", "before_outcome", "before_reason", "after_outcome",
        "after_reason", "before_trace", "after_trace",
    )  # fmt: skip
    with _file(folder, "changed") as file:
        write_csv(file, columns, [])

        def write(change: dict[str, Any]) -> None:
            event, sides = change["event"], (change["before"], change["after"])
            row = [change["position"], event["id"], event["type"], event["occurred_at"], event["participant"]]
            row += [side[name] if side else "" for side in sides for name in ("outcome", "reason")]
            row += [orjson.dumps(traces.public(side["trace"])).decode() if side else "" for side in sides]
            write_csv(file, (), [row])

        yield write


@contextlib.contextmanager
def _file(folder: Path, name: str) -> Iterator[Any]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise Refused(f"{folder / name}.csv cannot be written ({error.strerror}).") from None


def _tables(folder: Path, result: dict[str, Any]) -> None:
    """Each table of the result as a file; what happened and what would have stand in columns beside each other."""
    for name in ("totals", "cost", "people", "caps", "budgets", "liability"):
        columns = BACKTEST[name]
        with _file(folder, name) as file:
            write_csv(file, columns, ([flat(row)[column] for column in columns] for row in result[name]))


def _tell(result: dict[str, Any]) -> None:
    from goodword.domain.money import display

    against = result["compared_with"]
    other = "what happened" if against == "what_happened" else f"version {against['version']}"
    click.echo(
        f"{result['program']} over {result['events']:,} events and {result['timers']:,} timers in "
        f"{result['seconds']:.1f} s, beside {other}:"
    )
    if result["whole"]:
        say(f"Decided in one pass: {result['whole']}.")
    if cluster := result["cluster"]:
        say(
            f"Decided in {cluster['parts']} parts on {cluster['nodes']} nodes; "
            f"{cluster['recomputed']} were begun again because a node was lost."
        )
    for line in result["assumptions"]:
        click.echo(f"  {line}")
    for row in result["totals"]:
        click.echo(f"  cost       {_given(row['before'], row['unit'])} → {_given(row['after'], row['unit'])}")
    for rule, unit, was, now in _by_rule(result["cost"]):
        click.echo(f"  rule       {_given(was, unit)} → {_given(now, unit)}  {rule}")
    for row in result["liability"]:
        for name, words in (("owed", "to people"), ("debt", "by people, paid by their next rewards"), ("net", "net")):
            before, after = (display(row[side][name], row["unit"]) for side in ("before", "after"))
            click.echo(f"  owed       {before} → {after}  {words}")
    sides = (result["return"][side]["ratio"] or "-" for side in ("before", "after"))
    click.echo(f"  return     {' → '.join(sides)}  (what referrals brought less cost, by cost)")
    gained = sum(row["change"] > 0 for row in result["people"])
    lost = sum(row["change"] < 0 for row in result["people"])
    click.echo(f"  people     {gained:,} get more, {lost:,} get less")
    for row in result["caps"]:
        where = f"{row['rule']}, per {row['per']}, {row['every']}"
        click.echo(f"  {row['led_to']:<10} {row['before']:,} → {row['after']:,}  {where}")
    click.echo(f"  changed    {result['changed']['count']:,} decisions")
    for kind in result["changed"]["kinds"][:10]:
        click.echo(f"             {kind['count']:>8,}  {kind['before']} → {kind['after']}")
