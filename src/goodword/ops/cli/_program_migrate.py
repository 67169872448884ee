"""`goodword program migrate`, `migrations` and `unmigrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._documents import program_named, user
from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

if TYPE_CHECKING:
    from goodword.engine.migration_preview import Assumed, Cost, Preview
    from goodword.engine.migrations import Migration

PATIENCE = 600.0
"""Seconds that the command moves referrals itself; what is left then is the worker's."""
ROWS = 20
"""Referrals that a preview lists in the terminal."""


@click.command(
    epilog="""\b
Examples:
  goodword program migrate b2b-sales --to 3 --preview
  goodword program migrate b2b-sales --to 3 --from 1 --reason "better terms for everybody"
  goodword program migrate b2b-sales --to 3 --only ref_01jq8x5e4me8k9d3v0h2r6t7wy"""
)
@click.argument("program")
@workspace_option
@click.option("--to", required=True, type=click.IntRange(1), help="The version that referrals move to.")
@click.option("--from", "sources", multiple=True, type=click.IntRange(1), help="Only those of this version; again.")
@click.option("--only", multiple=True, metavar="REFERRAL", help="Only this referral, by its id or yours; again.")
@click.option("--preview", is_flag=True, help="Say who is affected, what changes and what it costs; move nobody.")
@click.option("--reason", default="", help="Why; kept with the event.")
@click.option("--by", help="Who does it.  [default: your user name]")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_database
def migrate(
    *,
    program: str,
    workspace: str | None,
    to: int,
    sources: tuple[int, ...],
    only: tuple[str, ...],
    preview: bool,
    reason: str,
    by: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Move running referrals to another version of their program.

    Rewards and places in line keep the version they were given under; what comes later is judged by the new one.
    """
    from goodword.api.migration_shapes import previewed
    from goodword.engine import migration_preview, migrations, programs

    found = find_workspace(workspace)
    row = program_named(str(found.id), program)
    try:
        chosen = migrations.choose(str(found.id), row.key, to, sources, only)
    except (migrations.NotFound, programs.StateError) as error:
        raise Refused(str(error)) from None
    looked = None if yes and not preview else migration_preview.preview(str(found.id), chosen)
    if looked and as_json and preview:
        answer_json(previewed(looked))
    elif looked and not as_json:
        _show(looked)
    if preview:
        return
    if looked and not looked.referrals:
        raise Refused("No referral would be moved.")
    if looked and not yes:
        click.confirm(f"Move {_some(looked.referrals)} to version {to}?", abort=True)
    id = migrations.migrate(str(found.id), chosen, by=by or user(), reason=reason)
    _tell(_wait(str(found.id), row.key, id), as_json=as_json)


@click.command(epilog="Example: goodword program migrations b2b-sales")
@click.argument("program")
@workspace_option
@json_option
@with_database
def list_migrations(*, program: str, workspace: str | None, as_json: bool) -> None:
    """List when running referrals were moved to another version."""
    from goodword.domain.moments import shown
    from goodword.engine import migrations

    found = find_workspace(workspace)
    row = program_named(str(found.id), program)
    zone = row.live_version.document.get("timezone", "UTC") if row.live_version else "UTC"
    rows = migrations.listed(str(found.id), row.key)
    if as_json:
        answer_json([_plain(one) for one in rows])
    elif not rows:
        click.echo(f"No referral of {program} was ever moved to another version.")
    for one in () if as_json else rows:
        click.echo(f"{one.id}  {shown(one.at, zone)}  {_line(one)}")


@click.command(epilog="Example: goodword program unmigrate b2b-sales evt_01jq8x5e4me8k9d3v0h2r6t7wy")
@click.argument("program")
@click.argument("migration")
@workspace_option
@click.option("--reason", default="", help="Why; kept with the event.")
@click.option("--by", help="Who does it.  [default: your user name]")
@json_option
@with_database
def unmigrate(
    *, program: str, migration: str, workspace: str | None, reason: str, by: str | None, as_json: bool
) -> None:
    """Take a migration back: each referral has its earlier version again.

    One that a reward was given to under the new version stays there.
    """
    from goodword.engine import migrations, programs

    found = find_workspace(workspace)
    row = program_named(str(found.id), program)
    try:
        migrations.undo(str(found.id), row.key, migration, by=by or user(), reason=reason)
    except (migrations.NotFound, programs.StateError) as error:
        raise Refused(str(error)) from None
    _tell(_wait(str(found.id), row.key, migration), as_json=as_json)


def _wait(workspace_id: str, key: str, id: str) -> Migration:
    """The migration when it is done, or when this took too long."""
    import time

    from goodword.engine import migrations

    until = time.monotonic() + PATIENCE
    while (row := migrations.one(workspace_id, key, id)).state in ("moving", "going_back"):
        if time.monotonic() > until:
            break
        migrations.carry_on(workspace_id, migrations.PATIENCE)
        time.sleep(0.1)
    return row


def _plain(row: Migration) -> dict[str, Any]:
    from goodword.api.migration_shapes import shown

    return shown(row)


def _tell(row: Migration, *, as_json: bool) -> None:
    if as_json:
        answer_json(_plain(row))
    else:
        click.echo(f"{row.id}: {_line(row)}")


_STATES = {"moving": "under way", "moved": "done", "going_back": "being taken back", "undone": "taken back"}


def _line(row: Migration) -> str:
    versions = ", ".join(f"v{number}" for number in row.sources)
    stayed = f", {row.stayed} stayed" if row.stayed else ""
    back = f"; {row.back} back, {row.kept} kept" if row.state in ("going_back", "undone") else ""
    why = f" ({row.reason})" if row.reason else ""
    undone = f"; taken back by {row.undone_by}" if row.undone_by else ""
    undone += f" ({row.undone_reason})" if row.undone_reason else ""
    return f"{versions} → v{row.to}, {_STATES[row.state]}: {row.moved} moved{stayed}{back}, by {row.by}{why}{undone}"


def _some(number: int) -> str:
    return f"{number:,} referral{'' if number == 1 else 's'}"


def _show(looked: Preview) -> None:
    from goodword.domain.reasons import staff_text

    states = ", ".join(f"{number:,} {state}" for state, number in looked.states.items())
    click.echo(
        f"{looked.program}: {_some(looked.referrals)} would move to v{looked.to}" + (f": {states}." if states else ".")
    )
    for reason, number in looked.stays.items():
        click.echo(f"  {_some(number)} would stay: {staff_text(reason)}.")
    for source in looked.sources:
        if source.referrals:
            click.echo(f"\nOf v{source.number} ({_some(source.referrals)}), v{looked.to} changes:")
            for change in source.changes:
                click.echo(f"  {change.text}")
    if looked.rows:
        more = looked.referrals - min(ROWS, len(looked.rows))
        click.echo(
            "\nFor each" + (f" (the first {ROWS}; the API and the console have the rest)" if more > 0 else "") + ":"
        )
    for row in looked.rows[:ROWS]:
        click.echo(f"  {row.id}  {row.referrer.label} → {row.referred.label}  {row.state}  v{row.version}")
        told = [staff_text(row.stays)] if row.stays else [change.text for change in row.changes]
        for line in told or ["nothing that is still ahead of it changes"]:
            click.echo(f"      {line}")
    if looked.costs:
        click.echo("\nIf every one of them went on to each state ahead, without limits, campaigns and conditions:")
    for cost in (*looked.costs, *looked.totals):
        click.echo(f"  {_cost(cost)}")
    if looked.later:
        click.echo("\nAnd each time that happens later (how often nobody knows, so it is in no total):")
    for cost in looked.later:
        click.echo(f"  {_cost(cost)}")
    if looked.assumed and any(
        one.likely is not None for cost in (*looked.costs, *looked.later) for one in (cost.before, cost.after)
    ):
        click.echo(f"\nWhat is told with about: {_assumed(looked.assumed)}.")
    if not looked.exact:
        click.echo("\nSo many referrals are not looked at one by one: what depends on a tier is told as a range.")


def _assumed(assumed: Assumed) -> str:
    from goodword.domain.money import display

    many = f"{assumed.referrals:,} referral{' that was' if assumed.referrals == 1 else 's that were'} won"
    worth = display(assumed.value, assumed.currency)
    return f"an order whose value is not known yet is taken to be worth {worth}, the mean of {many}"


def _cost(cost: Cost) -> str:
    from goodword.domain.expected import in_words

    before, after = (in_words(found, cost.unit) for found in (cost.before, cost.after))
    name = f"{cost.rule} ({cost.on}, to {cost.to})" if cost.rule else "in all"
    return f"{name:<36} {before} → {after}" + (" where its condition holds" if cost.rule and cost.conditional else "")
