"""`goodword ledger`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from goodword.insight.sheets import write_csv
from goodword.ops.cli._shared import (
    Instant,
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

if TYPE_CHECKING:
    from goodword.insight.partner_statements import Statement as PartnerStatement
    from goodword.store.models import Participant

at_option = click.option("--at", type=Instant(), help="As the books stood then, such as 1997-12-31T23:59:59-05:00.")
csv_option = click.option("--csv", "as_csv", is_flag=True, help="Answer in CSV, for spreadsheets.")


@click.group(
    epilog="""\b
Examples:
  goodword ledger trial-balance --workspace demo
  goodword ledger balances --at 1997-12-31T23:59:59Z --csv > owed.csv
  goodword ledger statement --participant b2b-028
  goodword ledger statements --program partner-first-year --period 2026-03 --csv

\b
Amounts in JSON and CSV are whole numbers of minor units (cents), beside their unit."""
)
def command() -> None:
    """Read the books: does it balance, what is owed to whom, and how did it come about."""


@command.command("trial-balance", epilog="Example: goodword ledger trial-balance --at 1997-12-31T23:59:59Z")
@workspace_option
@at_option
@json_option
@csv_option
@with_database
def trial_balance(*, workspace: str | None, at: datetime | None, as_json: bool, as_csv: bool) -> int:
    """Debits and credits per unit and kind of account. Exit code 1: they do not balance."""
    from goodword.api import shaping
    from goodword.insight import ledger, summary

    _one_format(as_json, as_csv)
    trial = ledger.trial_balance(str(find_workspace(workspace).id), at)
    if as_json:
        answer_json(shaping.trial_balance(trial))
    elif as_csv:
        rows = [(unit.unit, row.kind, *asdict(row.sums).values()) for unit in trial.units for row in unit.kinds]
        write_csv(sys.stdout, ["unit", "kind", *(field.name for field in fields(ledger.Sums))], rows)
    else:
        click.echo(summary.render_trial_balance(trial))
    return 0 if trial.balanced else 1


@command.command(epilog="Example: goodword ledger balances --participant b2b-028")
@workspace_option
@click.option("--participant", help="Only this one: external id, e-mail address or par_… id.")
@at_option
@json_option
@csv_option
@with_database
def balances(
    *, workspace: str | None, participant: str | None, at: datetime | None, as_json: bool, as_csv: bool
) -> None:
    """What participants have, per unit: reserved (held), available (approved), issued, and owed back."""
    from goodword.insight import ledger, statement

    _one_format(as_json, as_csv)
    workspace_id = str(find_workspace(workspace).id)
    if participant is None:
        found: Iterable[tuple[Any, ledger.Balance]] = statement.everybody(workspace_id, at)
    else:
        row = _participant(workspace_id, participant)
        owner = statement.Owner(str(row.id), row.external_id, row.email, row.name)
        found = ((owner, balance) for balance in ledger.balances(workspace_id, owner.id, at))
    columns = ["participant", "external_id", "email", "name", *(field.name for field in fields(ledger.Balance))]
    rows = (
        (owner.public_id, owner.external_id or "", owner.email, owner.name, *asdict(balance).values())
        for owner, balance in found
    )
    _answer(columns, rows, as_json=as_json, as_csv=as_csv, text=_balance_line, empty="Nothing is booked there.")


@command.command(epilog="Example: goodword ledger statement --participant b2b-028 --csv")
@workspace_option
@click.option("--participant", required=True, help="External id, e-mail address or par_… id.")
@at_option
@json_option
@csv_option
@with_database
def statement(*, workspace: str | None, participant: str, at: datetime | None, as_json: bool, as_csv: bool) -> None:
    """Every movement on one participant's accounts, oldest first: the newest 10,000."""
    from goodword.insight import statement as movements

    _one_format(as_json, as_csv)
    workspace_id = str(find_workspace(workspace).id)
    row = _participant(workspace_id, participant)
    rows = (asdict(entry).values() for entry in movements.entries(workspace_id, str(row.id), at))
    columns = [field.name for field in fields(movements.Entry)]
    _answer(columns, rows, as_json=as_json, as_csv=as_csv, text=_entry_line, empty="Nothing is booked there.")


@command.command(
    epilog="""\b
Examples:
  goodword ledger statements --program partner-first-year --period 2026-03 --csv
  goodword ledger statements dec_01jq8x5e4me8k9d3v0h2r6t7wy"""
)
@workspace_option
@click.argument("statement", required=False)
@click.option("--program", help="Only those of this program, by its key.")
@click.option("--participant", help="Only this partner's: external id, e-mail address or par_… id.")
@click.option("--period", help="Only those of this period: 2026-03 or 2026-Q1.")
@click.option("--state", type=click.Choice(["payable", "carried"]), help="Only those in this state.")
@json_option
@csv_option
@with_database
def statements(
    *,
    workspace: str | None,
    statement: str | None,
    program: str | None,
    participant: str | None,
    period: str | None,
    state: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Statements of partners as they were closed, the newest first; or, with the id of one, what moved its balance."""
    from goodword.insight import partner_statements
    from goodword.insight.sheets import flat

    _one_format(as_json, as_csv)
    workspace_id = str(find_workspace(workspace).id)
    filters = {"program": program, "period": period, "state": state}
    if statement is not None:
        if participant or any(filters.values()):
            raise click.UsageError("Give either the id of a statement or filters.")
        _show_statement(workspace_id, statement, as_json=as_json, as_csv=as_csv)
        return
    who = str(_participant(workspace_id, participant).id) if participant else None
    found = partner_statements.each(workspace_id, participant_id=who, **filters)
    if as_json:
        answer_json([row.told() for row in found])
        return
    if as_csv:
        shown = (flat(row.told()) for row in found)
        first = next(shown, None)
        if first:
            write_csv(sys.stdout, list(first), (row.values() for row in chain([first], shown)))
        return
    count = 0
    for count, row in enumerate(found, start=1):  # noqa: B007 (the count is used)
        click.echo(_statement_line(row))
    if not count:
        click.echo("No statement is closed yet. Programs of kind partner close them where they say `statement`.")


def _show_statement(workspace_id: str, name: str, *, as_json: bool, as_csv: bool) -> None:
    from goodword.domain import ids
    from goodword.domain.moments import shown
    from goodword.domain.money import display
    from goodword.insight import partner_statements

    try:
        found = partner_statements.one(workspace_id, ids.internal("dec", name))
    except ids.BadId:
        found = None
    if found is None:
        raise Refused(f"There is no statement {name[:100]!r}; `goodword ledger statements` lists their ids (dec_…).")
    lines = partner_statements.lines(workspace_id, found)
    if as_json:
        answer_json({**found.told(), "lines": [asdict(line) for line in lines]})
    elif as_csv:
        columns = [field.name for field in fields(partner_statements.Line)]
        write_csv(sys.stdout, columns, (asdict(line).values() for line in lines))
    else:
        click.echo(_statement_line(found))
        for name, amount in (
            ("Opening balance", found.opening), ("Approved", found.approved.amount),
            ("Taken back", -found.reversed.amount), ("Paid a debt", -found.netted.amount),
            ("Paid out", -found.paid.amount),
            ("Moved by a merge", found.moved.amount), ("Closing balance", found.closing),
            ("Minimum payout", found.minimum), ("Payable", found.payable), ("Still to be paid", found.payable_now),
            ("Owed back", found.debt),
        ):  # fmt: skip
            click.echo(f"  {name:<20}{display(amount, found.currency):>20}")
        for line in lines:
            told = display(line.amount, found.currency)
            at = shown(line.at, found.timezone)
            click.echo(f"{at}  {line.kind:<9}{told:>16}  {line.rule}  {line.reward}  {line.event}")


def _statement_line(row: PartnerStatement) -> str:
    from goodword.domain.money import display

    what = f"payable {display(row.payable, row.currency)}" if row.payable else "carried over"
    closing = display(row.closing, row.currency)
    return f"{row.public_id}  {row.program}  {row.period}  {row.label}  closing {closing}  {what}"


def _one_format(as_json: bool, as_csv: bool) -> None:
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")


def _participant(workspace_id: str, name: str) -> Participant:
    """The participant of that external id, e-mail address or public id. Raises Refused."""
    from goodword.domain import ids
    from goodword.store import tenancy
    from goodword.store.models import Participant

    with tenancy.workspace(workspace_id):
        everybody = Participant.objects.filter(workspace_id=workspace_id).select_related("merged_into")
        try:
            found = everybody.filter(id=ids.internal("par", name)).first()
        except ids.BadId:
            found = everybody.filter(external_id=name).first()
        if found is None:
            rows = everybody.filter(email=name.strip().lower()).exclude(email="")
            by_email = list({row.merged_into_id or row.id: row for row in rows[:100]}.values())
            if len(by_email) > 1:
                raise Refused(f"Several participants have the address {name}; name one by external id or par_… id.")
            found = by_email[0] if by_email else None
    if found is None:
        raise Refused(f"There is no participant {name[:100]!r}; give an external id, an e-mail address or a par_… id.")
    return found.merged_into or found


def _answer(
    columns: Sequence[str],
    rows: Iterable[Iterable[Any]],
    *,
    as_json: bool,
    as_csv: bool,
    text: Callable[..., str],
    empty: str,
) -> None:
    if as_csv:
        write_csv(sys.stdout, columns, rows)
    elif as_json:
        answer_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        count = 0
        for count, row in enumerate(rows, start=1):  # noqa: B007 (the count is used)
            click.echo(text(*row))
        if not count:
            click.echo(empty)


def _balance_line(
    public_id: str,
    external_id: str,
    email: str,
    name: str,
    unit: str,
    reserved: int,
    available: int,
    issued: int,
    owed: int,
) -> str:
    from goodword.domain.money import display

    who = f"{external_id or public_id}  {name or email}".rstrip()
    parts = {"reserved": reserved, "available": available, "issued": issued, "owed": owed}
    told = "  ".join(f"{word} {display(amount, unit)}" for word, amount in parts.items() if amount)
    return f"{who:<40}  {told or display(0, unit)}"


def _entry_line(
    at: datetime,
    code: str,
    phase: str,
    amount: int,
    unit: str,
    debit: str,
    credit: str,
    program: str,
    rule: str,
    reward: str,
    event: str,
) -> str:
    from goodword.domain.moments import shown
    from goodword.domain.money import display

    return (
        f"{shown(at)}  {code:<8} {phase:<8}{display(amount, unit):>16}  {debit} → {credit}  "
        f"{program}/{rule}  {reward}  {event}"
    )
