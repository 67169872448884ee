"""`goodword participant`."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path

import click
import orjson

from goodword.ops.cli._documents import program_named
from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

LANGUAGES = ("en", "nb", "da", "ms")


@click.group(
    epilog="""\b
Examples:
  goodword participant export u-4711 --html --out u-4711.html
  goodword participant erase u-4711 --workspace acme"""
)
def command() -> None:
    """What a person may ask for, everything that is held about them and that it is erased; and what they accepted."""


@command.command(
    epilog="""\b
Examples:
  goodword participant erase ada@example.com --workspace acme
  goodword participant erase par_01h2xcejqtf2nbrexx3vqjhp41 --also 'Countess Ada' --yes --json"""
)
@click.argument("participant")
@workspace_option
@click.option("--also", multiple=True, metavar="TEXT", help="A further text that names the person; may be repeated.")
@click.option("--by", help="Who asks for it.  [default: your user name]")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_database
def erase(
    *, participant: str, workspace: str | None, also: tuple[str, ...], by: str | None, yes: bool, as_json: bool
) -> None:
    """Remove what identifies PARTICIPANT (par_… id, external id or e-mail) from everything that is held.

    Referrals, rewards, the ledger and all sums stay, under an id that names nobody. It cannot be undone.
    """
    from goodword.api import shaping
    from goodword.domain import ids
    from goodword.domain.moments import shown
    from goodword.engine import apply
    from goodword.engine import erase as erasing

    found = find_workspace(workspace)
    try:
        who = erasing.find(str(found.id), participant)
        done = erasing.receipt(str(found.id), who)
        if done is None and not yes:
            click.confirm(
                f"Erase {ids.public('par', who)} in {found.slug}? This cannot be undone.", abort=True, err=True
            )
        done = erasing.erase(str(found.id), who, by=by or _user(), also=also)
    except (erasing.UnknownParticipant, erasing.BadText, apply.Busy) as error:
        raise Refused(str(error)) from None
    if as_json:
        answer_json(shaping.receipt(done))
        return
    when = shown(done.erased_at)
    if done.repeated:
        click.echo(f"{ids.public('par', who)} was erased already, on {when}, asked by {done.requested_by}.")
    else:
        click.echo(f"Erased {ids.public('par', who)} in {found.slug}. {_counted(done.counts)}")
    click.echo(f"Receipt {ids.public('ers', done.id)}.")
    if done.left:
        click.echo(f"What the workspace wrote itself still names the person: {_rows(done.left)}.", err=True)


@command.command(
    epilog="""\b
Examples:
  goodword participant export ada@example.com --workspace acme > ada.json
  goodword participant export u-4711 --html --language nb --out ada.html"""
)
@click.argument("participant")
@workspace_option
@click.option("--html", is_flag=True, help="A page to read or print instead of JSON.")
@click.option(
    "--language", type=click.Choice(["en", "nb", "da", "ms"]), default="en", help="Of the page.  [default: en]"
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.  [default: printed]")
@with_database
def export(*, participant: str, workspace: str | None, html: bool, language: str, out: Path | None) -> None:
    """Give out everything that is held about PARTICIPANT (par_… id, external id or e-mail).

    One document for the person: what is other people's is left out.
    """
    from goodword.console import person_page
    from goodword.engine import erase as erasing
    from goodword.insight import export as exporting
    from goodword.insight.numbers import written

    found = find_workspace(workspace)
    try:
        document = exporting.export(str(found.id), erasing.find(str(found.id), participant))
    except erasing.UnknownParticipant as error:
        raise Refused(str(error)) from None
    if html:
        text = person_page.page(document, language)
    else:
        text = written(document, orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{out} cannot be written: {error.strerror}.") from None
    click.echo(f"Wrote {out}.", err=True)


@command.command(
    "accept-terms",
    epilog="""\b
Examples:
  goodword participant accept-terms u-4711 refer-a-friend --how "signed on paper"
  goodword participant accept-terms ada@example.com refer-a-friend --terms 2 --how "by phone" --by sam@example.com""",
)
@click.argument("participant")
@click.argument("program")
@workspace_option
@click.option("--terms", type=click.IntRange(1), help="The number of the text.  [default: that of the live version]")
@click.option("--how", default="", help="How it was obtained, such as 'by phone'.")
@click.option("--by", help="Who records it.  [default: your user name]")
@json_option
@with_database
def accept_terms(
    *,
    participant: str,
    program: str,
    workspace: str | None,
    terms: int | None,
    how: str,
    by: str | None,
    as_json: bool,
) -> None:
    """Record that PARTICIPANT (par_… id, external id or e-mail) accepted the terms of PROGRAM.

    For what somebody said or signed outside the product. It is an event in the log, as if the product had sent it.
    """
    from goodword.domain import ids
    from goodword.engine import acceptances, apply
    from goodword.engine import erase as erasing
    from goodword.engine.programs import StateError
    from goodword.insight import merged

    found = find_workspace(workspace)
    workspace_id = str(found.id)
    row = program_named(workspace_id, program)
    try:
        who = merged.survivor_id(workspace_id, erasing.find(workspace_id, participant))
        number = acceptances.accept(workspace_id, who, row.key, terms, by=by or _user(), how=how, source="cli")
    except (erasing.UnknownParticipant, StateError, apply.Busy) as error:
        raise Refused(str(error)) from None
    if as_json:
        answer_json({"participant": ids.public("par", who), "program": row.key, "terms": number})
    else:
        click.echo(f"Recorded: {ids.public('par', who)} accepted terms {number} of {row.key}.")


def _counted(counts: Mapping[str, int]) -> str:
    return f"Rows rewritten: {_rows(counts)}."


def _rows(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{table} {count:,}" for table, count in sorted(counts.items()) if count)


def _user() -> str:
    """The name of the person at the keyboard; a container's user may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "operator"
