"""Links as people of the workspace ask for them, and those that everybody has: one event each, applied at once.

Who has no link in a program that runs gets one when somebody first looks for it. Nothing is made ahead: a million
participants who never share cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Generic, NamedTuple, TypeVar

from uuid_utils import uuid7

from goodword.domain import codes
from goodword.domain.events import MAX_ID
from goodword.engine import apply, record
from goodword.engine.record import Receipt
from goodword.store import tenancy
from goodword.store.models import Participant
from goodword.store.sql import array, fetch

LINKED = "linked"
"""The reason of a decision that gave somebody a link."""
ATTEMPTS = 4
"""Codes that are made for one link before it is given up: two in a million are taken, where a million are."""
FIRST = "00000000-0000-0000-0000-000000000000"
"""No id comes before it."""
PAGE = 500
"""People who get their links in one step."""
SOURCE = "participant"
"""The source of links that come by themselves: the same as of those that participants ask for, so that they are one."""


class Refused(ValueError):
    """There is no such link, or it cannot be changed so: a reason of `domain.reasons`, or what is wrong with the event
    in words."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class Wanted(NamedTuple):
    """A link that is asked for. Without a code one is made; empty texts are the program's."""

    program: str
    code: str = ""
    channel: str = ""
    destination: str = ""
    expires_at: datetime | None = None


Found = TypeVar("Found")


class Answered(NamedTuple, Generic[Found]):
    """What became of a question for a link: a reason of `domain.reasons`, whether the very same was asked before, and
    what was found."""

    reason: str
    before: bool
    what: Found


class Person(NamedTuple):
    """Whom an event names: `key` is how they are told apart in its id."""

    key: str
    external_id: str | None
    email: str

    @property
    def named(self) -> dict[str, str]:
        """As an event says it; empty for somebody who was erased."""
        return {"external_id": self.external_id} if self.external_id else {"email": self.email} if self.email else {}


def person(row: Participant) -> Person:
    """Whom events about a participant name."""
    return Person(row.external_id or str(row.id), row.external_id, row.email)


def make(workspace_id: str, who: Person, wanted: Wanted, *, by: str, source: str) -> str:
    """Gives somebody a link; its code. Asked for again, with no code or with the same one, it is the one that is there.
    Raises `Refused`, and `Busy` with the event recorded."""
    if not who.named:
        raise Refused("erased", "The participant was erased; nobody shares their links.")
    if wanted.code and _is_there(workspace_id, who, wanted):
        return wanted.code.lower()
    told = {name: value for name, value in wanted._asdict().items() if value} | {"by": by}
    if wanted.expires_at:
        told["expires_at"] = wanted.expires_at.isoformat()
    # What was refused with one address or last day may be asked for with another.
    more = (wanted.code.lower(), wanted.destination, told.get("expires_at", ""))
    channel = ":".join((wanted.channel, *more)).rstrip(":")

    def tell(ending: str) -> Answered[str]:
        event_id = event_name(who.key, wanted.program, channel, ending)
        event = {"type": "link.created", "event_id": event_id, "participant": who.named, "properties": told}
        return _tell(workspace_id, event, source)

    done = ask(workspace_id, wanted.program, tell, chosen=bool(wanted.code))
    if done.reason != LINKED:
        raise Refused(done.reason)
    return done.what


def ask(
    workspace_id: str, program: str, tell: Callable[[str], Answered[Found]], *, chosen: bool = False, told: str = ""
) -> Answered[Found]:
    """Tells of a link until there is one or there cannot be one. `tell` records the event whose id ends so and applies
    it. A code that was made and is taken is made anew; one that was `chosen` is not. What was refused is asked for
    again under a name of its own once the program says something else, or `told` is something else, such as another
    destination: the same question is never in the log twice."""
    done = _with_a_code(tell, "", chosen)
    if not done.before or done.reason == LINKED:
        return done
    said = sha256(f"{_rules(workspace_id, program)}:{told}".encode()).hexdigest()[:16]
    return _with_a_code(tell, f":{said}", chosen)


def _with_a_code(tell: Callable[[str], Answered[Found]], ending: str, chosen: bool) -> Answered[Found]:
    for attempt in range(ATTEMPTS):
        done = tell(f"{ending}:{attempt}" if attempt else ending)
        if done.reason != "code_taken" or chosen:
            break
    return done


def _rules(workspace_id: str, program: str) -> str:
    """Which version of a program is live, and whether it runs."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            "SELECT live_version_id::text, state FROM program WHERE workspace_id = %s AND key = %s",
            [workspace_id, program],
        )
    return ":".join(value or "" for row in rows for value in row)


def change(workspace_id: str, code: str, told: dict[str, str], *, by: str, source: str) -> None:
    """Changes a link: `state`, `expires_at` or `destination`; '' takes away. Raises `Refused` and `Busy`."""
    properties = {"code": code, "by": by} | told
    event = {"type": "link.updated", "event_id": f"link.updated:{uuid7()}", "properties": properties}
    done = _tell(workspace_id, event, source)
    if done.reason != "link_changed":
        raise Refused(done.reason)


def provide(workspace_id: str, people: Sequence[str], who: Person) -> None:
    """Gives somebody a link in every program that runs and in which they have none. `people` are the ids of the
    participant and of those merged into them. What the engine does not come to now, it comes to later."""
    for attempt in range(ATTEMPTS if who.named else 0):
        lacking = _lacking(workspace_id, people)
        if not lacking:
            return
        try:
            _apply(workspace_id, [_given(who, key, attempt) for key in lacking], SOURCE)
        except (Refused, apply.Busy):
            return


def provide_all(workspace_id: str, program: str) -> Iterator[int]:
    """Gives everybody a link in a program who has none, page by page, and tells how many got one in each."""
    after = FIRST
    while True:
        with tenancy.workspace(workspace_id):
            rows = fetch(
                """
                SELECT participant.id::text, participant.external_id, participant.email
                FROM participant                                                      -- the key, link_participant
                WHERE participant.workspace_id = %(own)s AND participant.id > %(after)s::uuid
                  AND participant.merged_into_id IS NULL
                  AND (participant.external_id IS NOT NULL OR participant.email <> '')
                  AND NOT EXISTS (
                      SELECT FROM link
                      JOIN program ON program.workspace_id = %(own)s AND program.id = link.program_id
                      WHERE link.workspace_id = %(own)s AND link.participant_id = participant.id
                        AND program.key = %(program)s
                  )
                ORDER BY participant.id
                LIMIT %(page)s
                """,
                {"own": workspace_id, "after": after, "program": program, "page": PAGE},
            )
        if not rows:
            return
        after = rows[-1][0]
        people = [Person(external_id or id, external_id, email) for id, external_id, email in rows]
        _apply(workspace_id, [_given(who, program, 0) for who in people], SOURCE)
        yield len(people)


def _lacking(workspace_id: str, people: Sequence[str]) -> list[str]:
    """The keys of the programs that run, whose links come by themselves, and in which none of these has one."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            SELECT program.key
            FROM program
            JOIN program_version AS version
              ON version.workspace_id = %(own)s AND version.id = program.live_version_id
            WHERE program.workspace_id = %(own)s AND program.kind <> 'loyalty' AND NOT program.test
              AND program.state = '' AND coalesce((version.document->'links'->>'automatic')::boolean, true)
              AND NOT EXISTS (
                  SELECT FROM link                                                                -- link_participant
                  WHERE link.workspace_id = %(own)s AND link.participant_id = ANY(%(people)s::uuid[])
                    AND link.program_id = program.id
              )
            ORDER BY program.key
            """,
            {"own": workspace_id, "people": array("uuid", people)},
        )
    return [key for (key,) in rows]


def event_name(key: str, program: str, channel: str = "", ending: str = "") -> str:
    """The id of the event that gives a participant the link of a channel."""
    return sha256(f"link:{key}:{program}:{channel}{ending}".encode()).hexdigest()


def short(name: str) -> str:
    """The name of an event, in other letters where it is longer than one may be."""
    return name if len(name) <= MAX_ID else sha256(name.encode()).hexdigest()


def _given(who: Person, program: str, attempt: int) -> dict[str, Any]:
    event_id = event_name(who.key, program, ending=f":{attempt}" if attempt else "")
    return {"type": "link.created", "event_id": event_id, "participant": who.named, "properties": {"program": program}}


def _tell(workspace_id: str, event: dict[str, Any], source: str) -> Answered[str]:
    """What was decided about the event, with the code that it is about."""
    [receipt] = _apply(workspace_id, [event], source)
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            SELECT event.payload->'properties'->>'code', decision.reason
            FROM event
            LEFT JOIN decision ON decision.workspace_id = %(own)s AND decision.event_id = event.id
            LEFT JOIN program ON program.workspace_id = %(own)s AND program.id = decision.program_id
            WHERE event.workspace_id = %(own)s AND event.id = %(event)s::uuid AND program.test IS NOT TRUE
            ORDER BY decision.outcome DESC
            """,
            {"own": workspace_id, "event": receipt.id},
        )
    code = rows[0][0] if rows else ""
    reasons = [reason for _, reason in rows if reason]
    good = [reason for reason in reasons if reason in (LINKED, "link_changed")]
    return Answered((good or reasons or ["unknown_program"])[0], receipt.duplicate, str(code).lower())


def _apply(workspace_id: str, events: Sequence[dict[str, Any]], source: str) -> Sequence[Receipt]:
    """Records the events and applies them. Raises `Refused` and `Busy`."""
    try:
        recorded = record.record(workspace_id, list(events), source=source, wake=False)
    except record.RejectedEvents as error:
        problems = [problem for found in error.problems.values() for problem in found]
        raise Refused(problems[0].code, "; ".join(problem.message for problem in problems)) from None
    told = [receipt.id for receipt in recorded.receipts]
    try:
        apply.apply_until(workspace_id, told)
    except apply.Busy:
        with tenancy.workspace(workspace_id):
            record.call_worker(workspace_id)
        raise
    return recorded.receipts


def _is_there(workspace_id: str, who: Person, wanted: Wanted) -> bool:
    """Whether the link is there already. Raises `Refused` for a code that another link has, or that differs from one
    only in how it is typed."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            SELECT link.code, program.key, link.channel, participant.external_id, participant.id::text
            FROM link                                                                    -- link_typed, link_code
            JOIN program ON program.workspace_id = %(own)s AND program.id = link.program_id
            JOIN participant ON participant.workspace_id = %(own)s AND participant.id = link.participant_id
            WHERE link.workspace_id = %(own)s AND (link.typed = %(typed)s OR link.code IN (%(code)s, %(typed)s))
            ORDER BY link.code = %(code)s DESC, link.created_at
            LIMIT 1
            """,
            {"own": workspace_id, "typed": codes.plain(wanted.code), "code": wanted.code.lower()},
        )
    for *same, external_id, id in rows:
        if same != [wanted.code.lower(), wanted.program, wanted.channel] or who.key not in (external_id, id):
            raise Refused("code_taken")
    return bool(rows)
