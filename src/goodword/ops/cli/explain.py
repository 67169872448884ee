"""`goodword explain`."""

from __future__ import annotations

import click

from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)


@click.command(
    epilog="""\b
Examples:
  goodword explain cdnow-4711 --workspace demo
  goodword explain evt_01h455vb4pex5vsknk084sn02q --json"""
)
@click.argument("event")
@workspace_option
@click.option("--source", help="Where it came from, if several sources sent an event of that id.")
@json_option
@with_database
def command(*, event: str, workspace: str | None, source: str | None, as_json: bool) -> None:
    """Say what was decided about an event, for each program, and why.

    EVENT is Goodword's id (evt_…) or the event_id that was sent.
    """
    from goodword.api import shaping
    from goodword.insight import explain

    found = find_workspace(workspace)
    try:
        explanation = explain.explain(str(found.id), event, source=source)
    except (explain.EventNotFound, explain.AmbiguousEvent) as error:
        raise Refused(str(error.args[0])) from None
    if as_json:
        answer_json(shaping.event(explanation))
    else:
        click.echo(explain.render_text(explanation))
