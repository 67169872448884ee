"""`goodword check`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from goodword.ops import database
from goodword.ops.cli._shared import answer_json, json_option, open_database, unavailable_reason

if TYPE_CHECKING:
    from goodword.ops.checks import Finding


@click.command(epilog="Example: goodword check --json")
@json_option
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """Say what is wrong with the installation and how to mend it.

    Exit code 0 when all is well, 1 when something is not.
    """
    findings = []
    for finding in _findings():
        findings.append(finding)
        if not as_json:
            _print(finding)
    if as_json:
        answer_json({"ok": all(f.ok for f in findings), "findings": [dataclasses.asdict(f) for f in findings]})
    context.exit(0 if all(finding.ok for finding in findings) else 1)


def _findings() -> Iterator[Finding]:
    from goodword.ops import checks

    yield from checks.installation()
    try:
        with open_database(migrate=False, any_role=True):
            yield checks.Finding("database", ok=True, message="reachable")
            yield from checks.in_database()
    except Exception as error:
        reason = unavailable_reason(error)
        if reason is None:
            raise
        yield checks.Finding(
            "database",
            ok=False,
            message=reason.removesuffix("; run 'goodword check' to see what is wrong."),
            mend="Start the server that DATABASE_URL names, or unset it to use the embedded one."
            if database.url()
            else "Do what the sentence says, or set DATABASE_URL to a server of your own.",
        )


def _print(finding: Finding) -> None:
    if finding.ok:
        click.echo(f"ok       {finding.name}: {finding.message}")
    else:
        click.echo(f"problem  {finding.name}: {finding.message}")
        click.echo(f"         → {finding.mend}")
