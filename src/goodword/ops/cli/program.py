"""`goodword program`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodword.ops.cli import _program_drafts, _program_files, _program_migrate, _program_running
from goodword.ops.cli._documents import (
    FILE,
    faults_data,
    moment,
    program_named,
    programs_of,
    tell_faults,
    text,
    user,
)
from goodword.ops.cli._shared import (
    Refused,
    answer_json,
    find_workspace,
    json_option,
    with_database,
    workspace_option,
)

if TYPE_CHECKING:
    from goodword.domain.document import Document


@click.group(
    epilog="""\b
Examples:
  goodword program new --from b2b-sales --out program.yaml
  goodword program validate program.yaml
  goodword program publish program.yaml --workspace my-company"""
)
def command() -> None:
    """Write, check, compare, publish and look at programmes."""


@command.command(
    epilog="""\b
Examples:
  goodword program validate program.yaml
  goodword program validate programs/*.yaml"""
)
@click.argument("files", type=FILE, nargs=-1, required=True)
@json_option
def validate(*, files: Sequence[Path], as_json: bool) -> int:
    """Check documents; - reads the standard input.

    Every fault is reported with its path in the document. Exit code 1: there are faults. JSON of several is a list.
    """
    from goodword.domain import program as documents
    from goodword.domain.faults import ProgramError

    answers: list[dict[str, Any]] = []
    for file in files:
        named = {"file": str(file)} if len(files) > 1 else {}
        try:
            document, _plain = documents.read(text(file))
        except ProgramError as error:
            answers.append({**named, **faults_data(error)})
            if not as_json:
                tell_faults(error, file, outcome="")
            continue
        rules = [rule.id for rule in document.rewards]
        answers.append({**named, "valid": True, "program": document.program, "rules": rules})
        if not as_json:
            name = "This" if str(file) == "-" else file
            click.echo(f"{name} is a valid program: {document.program}, {_parts(document)}.")
    if as_json:
        answer_json(answers if len(files) > 1 else answers[0])
    return 0 if all(answer["valid"] for answer in answers) else 1


@command.command(epilog="Example: goodword program publish program.yaml --workspace my-company")
@click.argument("file", type=FILE)
@workspace_option
@click.option("--by", help="Who publishes it.  [default: your user name]")
@click.option("--at", metavar="TIME", help="Go live at this moment (RFC 3339), not now.")
@json_option
@with_database
def publish(*, file: Path, workspace: str | None, by: str | None, at: str | None, as_json: bool) -> int:
    """Publish a document as the next version of its program; - reads the standard input.

    Referrals that run keep the version they began under. The same document again changes nothing; where its version is
    to go live later, it goes live now, or at the new moment.
    """
    from goodword.domain.faults import ProgramError
    from goodword.domain.moments import shown
    from goodword.engine import programs

    found = find_workspace(workspace)
    try:
        made = programs.publish(str(found.id), text(file), by=by or user(), at=moment("--at", at))
    except ProgramError as error:
        tell_faults(error, file, as_json=as_json)
        return 1
    except programs.StateError as error:
        raise Refused(str(error)) from None
    if as_json:
        due_at = made.due_at.isoformat() if made.due_at else None
        told = {"workspace": found.slug, "program": made.key, "version": made.number, "new": made.new, "due_at": due_at}
        answer_json(told)
        return 0
    same = "" if made.new else "says the same and "
    stands = f"is live in {found.slug}"
    if made.due_at:
        stands = f"goes live in {found.slug} at {shown(made.due_at, made.timezone)}"
    click.echo(f"Version {made.number} of {made.key} {same}{stands}.")
    return 0


@command.command(name="list", epilog="Example: goodword program list --workspace demo")
@workspace_option
@json_option
@with_database
def list_(*, workspace: str | None, as_json: bool) -> None:
    """List the programs of a workspace: the live version, the kind, the state, the name."""
    from goodword.insight import standing

    found = find_workspace(workspace)
    known = programs_of(str(found.id))
    states = standing.states(str(found.id), [str(row.id) for row in known])
    rows = [
        {
            "program": row.key,
            "version": row.live_version.number if row.live_version else None,
            "kind": row.kind,
            "name": row.name,
            "state": states[str(row.id)],
            "test": row.test,
        }
        for row in known
    ]
    if as_json:
        answer_json(rows)
    elif not rows:
        click.echo(f"{found.slug} has no program yet; publish one with 'goodword program publish FILE'.")
    for row in () if as_json else rows:
        name = f"{row['name']} (test mode)" if row["test"] else row["name"]
        click.echo(f"{row['program']:<32} v{row['version'] or '-':<4} {row['kind']:<9} {row['state']:<9} {name}")


@command.command(
    epilog="""\b
Examples:
  goodword program show b2b-sales
  goodword program show b2b-sales --version 1 > before.yaml"""
)
@click.argument("program")
@workspace_option
@click.option("--version", "number", type=click.IntRange(1), help="A version; the live one if left out.")
@json_option
@with_database
def show(*, program: str, workspace: str | None, number: int | None, as_json: bool) -> None:
    """Print a published document as YAML, or as JSON with its version's facts."""
    from goodword.domain.moments import shown
    from goodword.insight.documents import as_yaml
    from goodword.store import tenancy
    from goodword.store.models import ProgramVersion

    found = find_workspace(workspace)
    row = program_named(str(found.id), program)
    with tenancy.workspace(found.id):
        versions = ProgramVersion.objects.filter(workspace_id=found.id, program_id=row.id)
        chosen = versions.filter(number=number).first() if number else row.live_version
        newest = versions.order_by("-number").values_list("number", flat=True).first()
    if chosen is None:
        raise Refused(f"{program} has no version {number}; the newest is {newest}.")
    if as_json:
        answer_json(
            {
                "program": row.key,
                "version": chosen.number,
                "live": chosen.id == row.live_version_id,
                "digest": chosen.digest,
                "published_at": chosen.published_at,
                "published_by": chosen.published_by,
                "document": chosen.document,
            }
        )
    else:
        live = "live" if chosen.id == row.live_version_id else "not live"
        when = shown(chosen.published_at, chosen.document.get("timezone", "UTC"))
        click.echo(f"# {row.key} v{chosen.number} ({live}), published {when} by {chosen.published_by}")
        click.echo(as_yaml(chosen.document), nl=False)


@command.command(epilog="Example: goodword program schema > program.schema.json")
def schema() -> None:
    """Print the JSON Schema of a document, for editors and checks of your own."""
    from goodword.domain import program as documents

    answer_json(documents.json_schema())


@command.command(
    epilog="""\b
Examples:
  goodword program new --from credit-after-threshold --out program.yaml
  goodword program new --list"""
)
@click.option("--from", "recipe", metavar="RECIPE", help="The recipe to begin with.")
@click.option("--list", "only_list", is_flag=True, help="List the recipes and when to use them.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this new file, not to the terminal.")
def new(*, recipe: str | None, only_list: bool, out: Path | None) -> None:
    """Begin a program of your own with a recipe that runs as it is."""
    recipes = _recipes()
    if only_list:
        for name, text in recipes.items():
            click.echo(f"{name:<28} {_purpose(text)}")
        return
    if recipe is None:
        raise click.UsageError(f"Choose a recipe with --from: {', '.join(recipes)}.")
    if recipe not in recipes:
        near = get_close_matches(recipe, recipes, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise Refused(f"There is no recipe {recipe[:60]!r}; {hint}Recipes: {', '.join(recipes)}.")
    if out is None:
        click.echo(recipes[recipe], nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(recipes[recipe])
    except FileExistsError:
        raise Refused(f"{out} exists already; name another file with --out.") from None
    except OSError as error:
        raise Refused(f"{out} cannot be written ({error.strerror}).") from None
    click.echo(f"Wrote {out}; change it, then 'goodword program validate {out}'.")


def _parts(document: Document) -> str:
    return ", ".join(
        f"{len(entries)} {noun}{'' if len(entries) == 1 else 's'}"
        for noun, entries in (
            ("reward", document.rewards),
            ("limit", document.limits),
            ("tier", document.tiers),
            ("goal", document.goals),
            ("contest", document.contests),
            ("campaign", document.campaigns),
        )
        if entries
    )


def _recipes() -> dict[str, str]:
    folder = resources.files("goodword").joinpath("recipes")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in files}


def _purpose(text: str) -> str:
    """The first sentence of the comment at its head."""
    comment = " ".join(line.lstrip("# ") for line in text.split("\nprogram:")[0].splitlines() if line.startswith("#"))
    return comment.removeprefix("When to use it: ").split(". ")[0].rstrip(".") + "."


for _each in (
    _program_files.diff, _program_files.apply, _program_files.export,
    _program_running.pause, _program_running.resume, _program_running.end,
    _program_migrate.migrate, _program_migrate.unmigrate, _program_drafts.draft,
):  # fmt: skip
    command.add_command(_each)
command.add_command(_program_migrate.list_migrations, "migrations")
