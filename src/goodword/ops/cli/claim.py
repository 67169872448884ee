"""`goodword claim`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

import click

from goodword.domain.payloads import APPROVED, CLAIMED, REJECTED, Rejection
from goodword.ops.cli._acts import act, reason
from goodword.ops.cli._documents import user
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

SHOWN = 1_000
"""Claims that are listed."""
OPTIONS = {
    "/program": "PROGRAM",
    "/referred/external_id": "--referred",
    "/referred/email": "--email",
    "/referred/name": "--name",
    "/proof": "--proof",
    "/url": "--url",
    "/reference": "--reference",
    "/note": "--note",
    "/by": "--by",
    "/participant/external_id": "PARTICIPANT",
}
_CLAIM = "clm_01jq8x5e4me8k9d3v0h2r6t7wy"
_by = click.option("--by", help="Who decides.  [default: your user name]")
_note = click.option("--note", help="For staff, in words.")


@click.group(epilog="Example: goodword claim list --state waiting")
def command() -> None:
    """Claims of participants that they brought somebody: list, make, approve and reject them."""


@command.command("list", epilog="Example: goodword claim list --state waiting --program customer-referral")
@click.option("--state", type=click.Choice(["waiting", "approved", "rejected"]), help="Only those in this state.")
@click.option("--program", metavar="KEY", help="Only those of this program.")
@click.option("--participant", metavar="WHO", help="Only those this participant made (id, external id or e-mail).")
@click.option("--referred", metavar="WHO", help="Only those about this participant.")
@workspace_option
@json_option
@with_database
def list_(
    *,
    state: str | None,
    program: str | None,
    participant: str | None,
    referred: str | None,
    workspace: str | None,
    as_json: bool,
) -> None:
    """List claims, the newest first: id, state, program, who claims whom, and what shows it."""
    found = str(find_workspace(workspace).id)
    asked: dict[str, Any] = {name: value for name, value in (("state", state), ("program__key", program)) if value}
    if program is not None:
        from goodword.ops.cli._documents import program_named

        program_named(found, program)
    for field, who in (("participant_id", participant), ("referred_id", referred)):
        if who is not None:
            asked[field] = _person(found, who)
    rows = _read(found, **asked)
    if as_json:
        answer_json(rows[:SHOWN])
        return
    for row in rows[:SHOWN]:
        shown = row["proof"] or row["url"] or row["reference"]
        who = f"{_called(row['participant'])} claims {_called(row['referred'])}"
        click.echo(f"{row['id']}  {row['state']}  {row['program']}  {who}  {' '.join(shown.split())[:80]}")
    if len(rows) > SHOWN:
        click.echo(f"… and more than {SHOWN:,}; ask for fewer, such as with --state waiting.", err=True)
    if not rows:
        click.echo("There is no such claim.", err=True)


@command.command(epilog=f"Example: goodword claim show {_CLAIM}")
@click.argument("claim")
@workspace_option
@json_option
@with_database
def show(*, claim: str, workspace: str | None, as_json: bool) -> None:
    """Show CLAIM (clm_…) with its proof, what staff said and the referral in which the person stands."""
    row = _known(str(find_workspace(workspace).id), claim)
    if as_json:
        answer_json(row)
        return
    for name, value in row.items():
        if value is not None and value != "":
            click.echo(f"{name}: {_called(value) if isinstance(value, dict) else value}")


@command.command(
    epilog="Example: goodword claim submit u1 ride-credit --email grace@example.org --proof 'I told her over lunch.'"
)
@click.argument("participant")
@click.argument("program")
@click.option("--referred", metavar="ID", help="Whom they brought, by the host product's id.")
@click.option("--email", help="Whom they brought, by e-mail address.")
@click.option("--name", help="The name of whom they brought.")
@click.option("--proof", help="What shows it, in words.")
@click.option("--url", help="Where it can be seen (http or https).")
@click.option("--reference", help="A number or name by which it can be found.")
@click.option("--at", type=Instant(), help="When they told the person; now, when left out.")
@workspace_option
@json_option
@with_database
def submit(
    *,
    participant: str,
    program: str,
    referred: str | None,
    email: str | None,
    name: str | None,
    at: datetime | None,
    workspace: str | None,
    as_json: bool,
    **evidence: str | None,
) -> None:
    """Claim for PARTICIPANT, by their external id, that they brought somebody to PROGRAM. Give --referred, --email or
    both, and at least one of --proof, --url and --reference."""
    found = str(find_workspace(workspace).id)
    if referred is None and email is None:
        raise Refused("Say whom they brought: give --referred, --email or both.")
    if not any(evidence.values()):
        raise Refused("A claim needs proof: give --proof (words), --url or --reference.")
    whom = {"external_id": referred, "email": email, "name": name}
    told = {"program": program, "referred": whom, "at": at.isoformat() if at else None, **evidence}
    raw = {
        "type": CLAIMED,
        "participant": {"external_id": participant},
        "properties": _given({**told, "referred": _given(whom)}),
    }
    done = act(found, raw, OPTIONS)
    from goodword.domain import ids

    rows = _read(found, id=ids.internal("evt", done.event.public_id))
    if done.applied and not rows:
        raise Refused(f"{reason(done)}.")
    _tell(done, rows[0] if rows else None, as_json)


@command.command(epilog=f"Example: goodword claim approve {_CLAIM} --note 'the order names her'")
@click.argument("claim")
@_note
@_by
@workspace_option
@json_option
@with_database
def approve(*, claim: str, note: str | None, by: str | None, workspace: str | None, as_json: bool) -> None:
    """Believe CLAIM (clm_…). Of somebody who came it begins the referral; else it counts when they come."""
    _decide(claim, APPROVED, {"note": note, "by": by or user()}, workspace, as_json)


@command.command(epilog=f"Example: goodword claim reject {_CLAIM} --reason not_proven")
@click.argument("claim")
@click.option("--reason", "why", type=click.Choice(get_args(Rejection)), required=True, help="The participant is told.")
@_note
@_by
@workspace_option
@json_option
@with_database
def reject(*, claim: str, why: str, note: str | None, by: str | None, workspace: str | None, as_json: bool) -> None:
    """Do not believe CLAIM (clm_…). The participant sees why, in their language."""
    _decide(claim, REJECTED, {"reason": why, "note": note, "by": by or user()}, workspace, as_json)


def _decide(claim: str, kind: str, told: dict[str, str | None], workspace: str | None, as_json: bool) -> None:
    found = str(find_workspace(workspace).id)
    _known(found, claim)
    done = act(found, {"type": kind, "properties": {"claim": claim, **_given(told)}}, OPTIONS)
    if done.applied and all(view.outcome != "yes" for view in done.event.decisions):
        raise Refused(f"{reason(done)}.")
    _tell(done, _known(found, claim), as_json)


def _tell(done: Acted, row: dict[str, Any] | None, as_json: bool) -> None:
    if as_json:
        answer_json({**done.shown(), "claim": row})
    elif row is None:
        click.echo(f"{reason(done)}.")
    else:
        click.echo(f"{row['id']}  {row['state']}  {reason(done)}.")


def _known(workspace_id: str, claim: str) -> dict[str, Any]:
    from goodword.domain import ids

    try:
        rows = _read(workspace_id, id=ids.internal("clm", claim))
    except ids.BadId as error:
        raise Refused(f"{error}; 'goodword claim list' shows the ids that there are.") from None
    if not rows:
        raise Refused(f"There is no claim {claim}; 'goodword claim list' shows those that there are.")
    return rows[0]


def _read(workspace_id: str, **asked: Any) -> list[dict[str, Any]]:
    from goodword.api.claims import shown
    from goodword.insight import claims
    from goodword.store import tenancy

    with tenancy.workspace(workspace_id):
        rows = list(claims.claims(workspace_id, **asked).order_by("-id")[: SHOWN + 1])
        return [shown(row) for row in claims.seen(workspace_id, rows)]


def _person(workspace_id: str, who: str) -> str:
    from goodword.engine import erase

    try:
        return erase.find(workspace_id, who)
    except erase.UnknownParticipant as error:
        raise Refused(str(error)) from None


def _called(person: dict[str, Any]) -> str:
    return str(person["external_id"] or person["email"] or person["id"])


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
