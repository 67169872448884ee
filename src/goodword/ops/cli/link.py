"""`goodword link`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli._acts import act, reason
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
    from goodword.api.acts import Acted
    from goodword.engine.sharing import Answered
    from goodword.store.models import Link

SHOWN = 1_000
"""Links that are listed."""


@click.group(epilog="Example: goodword link create u1 customer-referral --code ADA-4711 --channel email")
def command() -> None:
    """Make, list and switch off the links of participants."""


@command.command(epilog="Example: goodword link create u1 customer-referral --code ADA-4711 --channel email")
@click.argument("participant")
@click.argument("program")
@click.option("--code", help="One that people choose; left out: one is made.")
@click.option("--channel", help="Where it is shared, such as email.")
@click.option("--destination", metavar="URL", help="Where it leads, on one of the program's hosts.")
@click.option("--expires-at", type=Instant(), help="From when on it leads nowhere.")
@workspace_option
@json_option
@with_database
def create(
    *,
    participant: str,
    program: str,
    workspace: str | None,
    as_json: bool,
    expires_at: datetime | None,
    **told: str | None,
) -> None:
    """Give PARTICIPANT, by their external id, a link in PROGRAM. The same again is answered with the same link."""
    from goodword.api import acts
    from goodword.engine import sharing

    found = str(find_workspace(workspace).id)
    properties = {"program": program, **{name: value for name, value in told.items() if value is not None}}
    if expires_at is not None:
        properties["expires_at"] = expires_at.isoformat()
    name = f"link:{participant}:{program}:{told['channel'] or ''}:{(told['code'] or '').lower()}"

    def tell(ending: str) -> Answered[Acted]:
        raw = {"type": "link.created", "participant": participant, "properties": properties}
        return acts.link_answer(act(found, raw | {"event_id": sharing.short(name + ending)}))

    elsewhere = f"{told['destination'] or ''}:{properties.get('expires_at', '')}"
    chosen = told["code"] is not None
    _tell(found, _made(found, sharing.ask(found, program, tell, chosen=chosen, told=elsewhere).what), as_json)


@command.command("list", epilog="Example: goodword link list --participant u1")
@click.option("--participant", metavar="ID", help="Only those of this participant, by their external id.")
@click.option("--program", metavar="KEY", help="Only those of this program.")
@workspace_option
@json_option
@with_database
def list_(*, participant: str | None, program: str | None, workspace: str | None, as_json: bool) -> None:
    """List links, the newest first: address, state, participant, program, channel, visits."""
    from goodword.store import tenancy
    from goodword.store.models import Link

    found = str(find_workspace(workspace).id)
    named = {"participant__external_id": participant, "program__key": program}
    with tenancy.workspace(found):
        query = Link.objects.filter(workspace_id=found, **{name: value for name, value in named.items() if value})
        rows = list(query.select_related("program", "participant").order_by("-id")[: SHOWN + 1])
    shown = _shown(found, rows[:SHOWN])
    if as_json:
        answer_json(shown)
        return
    for link in shown:
        more = f"  {link['channel']}" if link["channel"] else ""
        click.echo(f"{link['url']}  {link['state']}  {link['participant']}  {link['program']}{more}  {link['visits']}")
    if len(rows) > SHOWN:
        click.echo(f"… and more than {SHOWN:,}; ask for fewer with --participant or --program.", err=True)
    if not rows:
        click.echo("There is no such link; make one with 'goodword link create PARTICIPANT PROGRAM'.", err=True)


@command.command(epilog="Example: goodword link disable ADA-4711")
@click.argument("code")
@click.option("--enable", is_flag=True, help="Switch it on again instead.")
@workspace_option
@json_option
@with_database
def disable(*, code: str, enable: bool, workspace: str | None, as_json: bool) -> None:
    """Switch off the link with CODE: it leads nowhere any more, and nothing begins by its code."""
    import getpass

    from goodword.insight import links
    from goodword.store import tenancy

    found = str(find_workspace(workspace).id)
    with tenancy.workspace(found):
        if links.of_code(found, code) is None:
            raise Refused(f"No link has the code {code[:80]!r}; 'goodword link list' shows the codes that there are.")
    told = {"code": code, "state": "on" if enable else "off", "by": getpass.getuser()}
    _tell(found, _made(found, act(found, {"type": "link.updated", "properties": told})), as_json)


@command.command(epilog="Example: goodword link provide customer-referral")
@click.argument("program")
@workspace_option
@json_option
@with_database
def provide(*, program: str, workspace: str | None, as_json: bool) -> None:
    """Give everybody a link in PROGRAM who has none, for a mailing; without this, one gets theirs when first asking."""
    from goodword.engine import apply, sharing

    found = str(find_workspace(workspace).id)
    made = 0
    try:
        for some in sharing.provide_all(found, program):
            made += some
    except sharing.Refused as error:
        raise Refused(f"{error}.") from None
    except apply.Busy:
        raise Refused("The engine is at work here; run this again in a moment, it goes on where it was.") from None
    if as_json:
        answer_json({"program": program, "made": made})
    else:
        click.echo(f"{made:,} links made.")


def _made(workspace_id: str, done: Acted) -> Link:
    """The link that an act is about. Raises Refused where it came to nothing."""
    from goodword.store import tenancy
    from goodword.store.models import Link

    if not any(view.reason in ("linked", "link_changed") for view in done.event.decisions):
        raise Refused(f"{reason(done)}.")
    with tenancy.workspace(workspace_id):
        code = done.event.properties["code"].lower()
        return Link.objects.select_related("program", "participant").get(workspace_id=workspace_id, code=code)


def _tell(workspace_id: str, row: Link, as_json: bool) -> None:
    [link] = _shown(workspace_id, [row])
    if as_json:
        answer_json(link)
    else:
        click.echo(f"{link['url']}  {link['state']}")


def _shown(workspace_id: str, rows: list[Link]) -> list[dict[str, Any]]:
    from django.conf import settings

    from goodword.domain import ids
    from goodword.insight import links
    from goodword.store import tenancy

    begins = links.begins(workspace_id, settings.PUBLIC_URL)
    with tenancy.workspace(workspace_id):
        visits = links.visits(workspace_id, [str(row.id) for row in rows]) if rows else {}
    return [
        {
            "id": ids.public("lnk", row.id),
            "code": row.code,
            "url": links.address(begins, row.code),
            "participant": row.participant.external_id
            or row.participant.email
            or ids.public("par", row.participant_id),
            "program": row.program.key,
            "channel": row.channel,
            "state": row.state or "on",
            "expires_at": row.expires_at,
            "destination": row.destination or None,
            "visits": visits.get(str(row.id), 0),
            "created_at": row.created_at,
        }
        for row in rows
    ]
