"""Takes an import out again, the last row first: rewards, then referrals, links and people.

Row by row: whatever something later depends on is kept, and the report says why. What becomes of a reward or referral
the engine decides; whether a code was used, or anything else was heard of a person, is looked up here. Broken off
anywhere, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_noop as N_

from goodword.domain import facts, ids
from goodword.domain.events import Event, PersonRef, from_log, parse_event
from goodword.domain.payloads import IMPORT_LINK, IMPORT_PARTICIPANT, IMPORT_REFERRAL, IMPORT_UNDONE
from goodword.domain.reasons import staff_text
from goodword.engine import record
from goodword.engine.imports import store
from goodword.engine.imports.kinds import KINDS
from goodword.engine.imports.planning import SOURCE
from goodword.engine.imports.running import Progress, alone, apply_patiently
from goodword.store import tenancy
from goodword.store.models import ImportRun
from goodword.store.sql import array, execute, fetch

PAGE = 1_000
"""Rows that are taken out at once."""
CAN_BE_UNDONE = (*store.CAN_BEGIN_TO_BE_UNDONE, "undoing")
_USED = "LINK_USED", "somebody came by this code since"
_NEEDED = "SOMETHING_DEPENDS", "links, referrals, rewards or later events of this person are here"


@dataclass(frozen=True, slots=True)
class _Row:
    """An accepted row: its number, the event that it became, and what that led to."""

    number: int
    event: Event
    participant_id: str | None
    referral_id: str | None
    reward_id: str | None


DRY_RUN = N_("It was a dry run; there is nothing to undo.")
NOT_OVER = N_("Only an import that is over can be undone, and once.")


def undo(workspace_id: str, id: str, progress: Progress = lambda done, total: None) -> ImportRun:
    """Takes an import out, or goes on with that. Raises `store.WrongState` where it is none that can be."""
    with alone(workspace_id):
        run = store.find(workspace_id, id)
        if run.dry_run:
            raise store.WrongState(DRY_RUN)
        if run.state not in CAN_BE_UNDONE:
            raise store.WrongState(NOT_OVER)
        if "step" in run.position or not run.position:  # it is still that of the import
            last = int(run.position.get("number", 1))
            store.change(workspace_id, id, state="undoing", position={"number": last, "of": last - 1})
            run = store.find(workspace_id, id)
        _Undoing(workspace_id, run, progress).all()
    return store.find(workspace_id, id)


class _Undoing:
    """An import on its way out, in the hands of one process."""

    def __init__(self, workspace_id: str, run: ImportRun, progress: Progress) -> None:
        self.workspace_id = workspace_id
        self.id = str(run.id)
        self.program = run.program
        self._public = ids.public("imp", self.id)
        self._asked_at = run.asked_at
        self._place: dict[str, int] = run.position
        self._progress = progress

    def all(self) -> None:
        while rows := self._rows(self._place["number"]):
            self._page(rows)
            self._place["number"] = rows[-1].number
            self._note()
            self._progress(self._place["of"] + 1 - self._place["number"], self._place["of"])
        self._progress(self._place["of"], self._place["of"])
        with tenancy.workspace(self.workspace_id):
            execute(
                """
                DELETE FROM import_key
                WHERE workspace_id = %(own)s AND run_id = %(id)s
                  AND NOT EXISTS (
                      SELECT FROM import_row
                      WHERE import_row.workspace_id = %(own)s AND import_row.run_id = %(id)s
                        AND import_row.event_id = import_key.event_id AND import_row.status = 'kept'
                  )
                """,
                {"own": self.workspace_id, "id": self.id},
            )
        now = datetime.now(UTC)
        store.change(self.workspace_id, self.id, state="undone", undone_at=now)

    def _rows(self, before: int) -> list[_Row]:
        """The next accepted rows, the last first, with what they led to."""
        with tenancy.workspace(self.workspace_id):
            rows = fetch(
                """
                SELECT line.number, applied.participant_id::text, decided.referral_id::text, decided.reward,
                       event.id::text, event.type, event.source, event.event_id, event.occurred_at, event.received_at,
                       event.payload
                FROM import_row AS line
                JOIN event ON event.workspace_id = %(own)s AND event.id = line.event_id
                LEFT JOIN applied ON applied.workspace_id = %(own)s AND applied.event_id = line.event_id
                LEFT JOIN LATERAL (
                    SELECT decision.referral_id, decision.trace->'rewards'->0->>'reward' AS reward FROM decision
                    WHERE decision.workspace_id = %(own)s AND decision.event_id = line.event_id
                      AND decision.outcome = 'yes'
                    LIMIT 1
                ) AS decided ON true
                WHERE line.workspace_id = %(own)s AND line.run_id = %(id)s AND line.number < %(before)s
                  AND line.status IN ('accepted', 'undone', 'kept')
                ORDER BY line.number DESC
                LIMIT %(page)s
                """,
                {"own": self.workspace_id, "id": self.id, "before": before, "page": PAGE},
            )
        return [_Row(row[0], from_log(*row[4:]), *row[1:4]) for row in rows]

    def _page(self, rows: Sequence[_Row]) -> None:
        """Rows of one kind at a time, in the order in which they leave."""
        for kind in (None, IMPORT_REFERRAL, IMPORT_LINK, IMPORT_PARTICIPANT):
            mine = [row for row in rows if (row.event.type == kind if kind else row.reward_id)]
            if not mine:
                continue
            kept = {}
            if kind == IMPORT_LINK:
                kept = self._links(mine)
            elif kind == IMPORT_PARTICIPANT:
                kept = self._people({row.number: row.participant_id for row in mine if row.participant_id})
            else:
                what = ("referral", "ref") if kind else ("reward", "rwd")
                sent = {row.number: self._told(row, *what) for row in mine}
                kept = self._send({number: told for number, told in sent.items() if told})
            if kind == IMPORT_REFERRAL:
                self._referred([row for row in mine if row.number not in kept])
            self._mark([row.number for row in mine], kept)

    def _told(self, row: _Row, what: str, prefix: str) -> dict[str, Any] | None:
        id = row.referral_id if what == "referral" else row.reward_id
        return {"program": self.program, what: ids.public(prefix, id)} if id else None

    def _send(self, told: dict[int, dict[str, Any]], mark: str = "") -> dict[int, tuple[str, str]]:
        """Records what is taken out, by the number of its row, and applies it; gives what the engine kept, and why."""
        if not told:
            return {}
        now = datetime.now(UTC)
        events = [
            parse_event(
                {
                    "type": IMPORT_UNDONE,
                    "event_id": f"{self._public}:undo:{number}{mark}",
                    "properties": {"import_id": self._public, **properties},
                },
                now,
                SOURCE,
                internal=True,
            )
            for number, properties in told.items()
        ]
        with tenancy.workspace(self.workspace_id):
            logged = [receipt.id for receipt in record.write(self.workspace_id, events, now).receipts]
        apply_patiently(self.workspace_id, logged)
        numbers = dict(zip(logged, told, strict=True))
        with tenancy.workspace(self.workspace_id):
            refused = fetch(
                """
                SELECT event_id::text, reason FROM decision
                WHERE workspace_id = %s AND event_id = ANY(%s::uuid[]) AND outcome = 'no'
                """,
                [self.workspace_id, array("uuid", logged)],
            )
        return {numbers[id]: (reason.upper(), staff_text(reason)) for id, reason in refused}

    # Links

    def _links(self, rows: Sequence[_Row]) -> dict[int, tuple[str, str]]:
        """Takes out the codes by which nobody came (click_link); gives the others. What is gone is taken out."""
        codes = {row.event.properties["code"].lower(): row.number for row in rows}
        with tenancy.workspace(self.workspace_id):
            links = dict(
                fetch(
                    "SELECT code, id::text FROM link WHERE workspace_id = %s AND code = ANY(%s::text[])",
                    [self.workspace_id, array("text", codes)],
                )
            )
            used = {
                row[0]
                for row in fetch(
                    """
                    SELECT link.code FROM link
                    WHERE link.workspace_id = %(own)s AND link.code = ANY(%(codes)s::text[])
                      AND EXISTS (
                          SELECT FROM click WHERE click.workspace_id = %(own)s AND click.link_id = link.id
                      )
                    UNION
                    SELECT lower(event.payload->'properties'->>'code') FROM event
                    WHERE event.workspace_id = %(own)s AND event.type = 'participant.signed_up'
                      AND event.received_at >= %(since)s
                      AND lower(event.payload->'properties'->>'code') = ANY(%(codes)s::text[])
                    """,
                    {"own": self.workspace_id, "codes": array("text", codes), "since": self._asked_at},
                )
            }
        kept = {number: _USED for code, number in codes.items() if code in used}
        told = {
            codes[code]: {"program": self.program, "link": ids.public("lnk", id)}
            for code, id in links.items()
            if code not in used
        }
        return kept | self._send(told)

    # People

    def _referred(self, rows: Sequence[_Row]) -> None:
        """Takes out those whom a referral made known, and of whom nothing else is known."""
        made: dict[int, str] = {}
        for row in rows:
            ref = facts.referred(row.event)
            if not ref.id:
                key = facts.new_key(PersonRef(ref.external_id, ref.email))
                made[row.number] = ids.derive(row.event.occurred_at, self.workspace_id, "participant", *key)
        self._people(made, mark=":referred")

    def _people(self, people: dict[int, str], mark: str = "") -> dict[int, tuple[str, str]]:
        """Takes out those on whom nothing depends; gives the others. Of one whom a row that is taken out still names,
        the bare id stays."""
        with tenancy.workspace(self.workspace_id):
            found = {
                row[0]: (row[1], row[2])
                for row in fetch(
                    """
                    SELECT person.id::text,
                           person.merged_into_id IS NOT NULL
                           OR EXISTS (SELECT FROM link WHERE workspace_id = %(own)s AND participant_id = person.id)
                           OR EXISTS (
                               SELECT FROM referral WHERE workspace_id = %(own)s AND referrer_id = person.id
                                 AND reason <> 'import_undone'
                           )
                           OR EXISTS (
                               SELECT FROM referral WHERE workspace_id = %(own)s AND referred_id = person.id
                                 AND reason <> 'import_undone'
                           )
                           OR EXISTS (
                               SELECT FROM reward WHERE workspace_id = %(own)s AND participant_id = person.id
                                 AND reason <> 'import_undone'
                           )
                           OR EXISTS (
                               SELECT FROM participant WHERE workspace_id = %(own)s AND merged_into_id = person.id
                           )
                           OR EXISTS (
                               SELECT FROM applied
                               JOIN event ON event.workspace_id = %(own)s AND event.id = applied.event_id
                               WHERE applied.workspace_id = %(own)s AND applied.participant_id = person.id
                                 AND event.payload->'properties'->>'import_id' IS DISTINCT FROM %(import)s
                           ),
                           EXISTS (
                               SELECT FROM referral
                               WHERE workspace_id = %(own)s AND (referrer_id = person.id OR referred_id = person.id)
                           )
                           OR EXISTS (SELECT FROM reward WHERE workspace_id = %(own)s AND participant_id = person.id)
                    FROM participant AS person
                    WHERE person.workspace_id = %(own)s AND person.id = ANY(%(people)s::uuid[])
                    """,
                    {"own": self.workspace_id, "import": self._public, "people": array("uuid", people.values())},
                )
            }
        told, kept = {}, {}
        for number, id in people.items():
            needed, named = found.get(id, (False, False))
            if needed:
                kept[number] = _NEEDED
            elif id in found:
                told[number] = {"participant": ids.public("par", id)} | ({"kept": True} if named else {})
        self._send(told, mark)
        return kept

    # The report

    def _mark(self, numbers: Sequence[int], kept: dict[int, tuple[str, str]]) -> None:
        with tenancy.workspace(self.workspace_id):
            execute(
                """
                UPDATE import_row AS line SET status = told.status, code = told.code, message = told.message
                FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[]) AS told (number, status, code, message)
                WHERE line.workspace_id = %s AND line.run_id = %s AND line.number = told.number
                """,
                [
                    array("int", numbers), array("text", ["kept" if n in kept else "undone" for n in numbers]),
                    array("text", [kept.get(n, ("", ""))[0] for n in numbers]),
                    array("text", [kept.get(n, ("", ""))[1] for n in numbers]), self.workspace_id, self.id,
                ],
            )  # fmt: skip

    def _note(self) -> None:
        """How far it is, and how many lines have which end now."""
        with tenancy.workspace(self.workspace_id):
            counts: dict[str, dict[str, int]] = {}
            for kind, status, number in fetch(
                """
                SELECT kind, status, count(*) FROM import_row
                WHERE workspace_id = %s AND run_id = %s
                GROUP BY kind, status
                """,
                [self.workspace_id, self.id],
            ):
                counts.setdefault(kind, {})[status] = number
            ordered = {kind: counts[kind] for kind in KINDS if kind in counts}
            ImportRun.objects.filter(workspace_id=self.workspace_id, id=self.id).update(
                position=self._place, counts=ordered
            )
