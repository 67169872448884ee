"""The statements of partners, as they were closed, with the movements behind each. Reads only.

A statement is the decision that closed it: its trace has the figures, its place in the applied order says which
movements are on it: those after the partner's statement before, up to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from goodword.domain import ids
from goodword.domain.statements import CARRIED, MOVEMENTS, OWED, PAYABLE
from goodword.insight.merged import family
from goodword.store import tenancy
from goodword.store.models import Decision
from goodword.store.sql import array, fetch

LINES = 10_000
"""Movements shown of one statement, the first; its figures tell of all."""
PAGE = 1_000
STATES = {"payable": PAYABLE, "carried": CARRIED}


@dataclass(frozen=True, slots=True)
class Movement:
    """How often something moved a balance, and by how much in all."""

    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One closed statement. Amounts are in minor units of `currency`. `payable_now` is what is left to pay of the
    partner's latest statement; 0 of earlier ones. `timezone` is the program's, in which the period begins and ends."""

    id: str
    number: int
    program: str
    participant_id: str
    external_id: str | None
    name: str
    email: str
    period: str
    begins_at: datetime
    ends_at: datetime
    timezone: str
    currency: str
    opening: int
    approved: Movement
    reversed: Movement
    netted: Movement
    paid: Movement
    moved: Movement
    owed: Movement
    closing: int
    minimum: int
    payable: int
    carried: int
    debt: int
    payable_now: int
    state: str

    @property
    def participant(self) -> str:
        """The partner's public id."""
        return ids.public("par", self.participant_id)

    @property
    def public_id(self) -> str:
        """The statement's public id: that of the decision which closed it."""
        return ids.public("dec", self.id)

    def told(self) -> dict[str, Any]:
        """The statement as others see it: public ids, and nothing of the person but those."""
        shown = asdict(self) | {"id": self.public_id}
        del shown["participant_id"], shown["name"], shown["email"]
        whole = list(shown.items())
        place = list(shown).index("external_id")
        return dict([*whole[:place], ("participant", self.participant), *whole[place:]])

    @property
    def label(self) -> str:
        """What people call the partner."""
        return self.name or self.external_id or self.email or self.participant


@dataclass(frozen=True, slots=True)
class Line:
    """One movement on a statement: `kind` is one of `MOVEMENTS`, and `amount` is added to the balance, so taken from it
    below zero; or `owed`, which leaves the balance as it is: what became a debt."""

    at: datetime
    kind: str
    code: str
    amount: int
    rule: str
    reward: str
    referral: str | None
    event: str


def statements(
    workspace_id: str,
    *,
    program: str | None = None,
    participant_id: str | None = None,
    period: str | None = None,
    state: str | None = None,
) -> QuerySet[Decision]:
    """The decisions that closed statements (decision_statement, decision_statement_of): of a program by its key, of a
    participant and those merged into it, of a period such as `2026-03` or `2026-Q1`, in a state: `payable` or
    `carried`."""
    query = Decision.objects.filter(
        workspace_id=workspace_id, reason__in=(PAYABLE, CARRIED), trace__has_key="statement"
    )
    if state is not None:
        query = query.filter(reason=STATES[state])
    if program is not None:
        query = query.filter(program__workspace_id=workspace_id, program__key=program)
    if participant_id is not None:
        query = query.filter(participant_id__in=family(workspace_id, participant_id))
    if period is not None:
        query = query.filter(trace__statement__period=period)
    return query


def read(workspace_id: str, statement_ids: Collection[str]) -> list[Statement]:
    """These statements, the newest first."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            SELECT decision.id::text, program.key, decision.participant_id::text, participant.external_id,
                   participant.name, participant.email, decision.reason, decision.trace -> 'statement',
                   closed.count, payable.amount, coalesce(version.document ->> 'timezone', 'UTC')
            FROM decision
            JOIN program_version AS version
              ON version.workspace_id = decision.workspace_id AND version.id = decision.version_id
            JOIN program ON program.workspace_id = decision.workspace_id AND program.id = decision.program_id
            JOIN participant
              ON participant.workspace_id = decision.workspace_id AND participant.id = decision.participant_id
            LEFT JOIN counter AS closed
              ON closed.workspace_id = decision.workspace_id
             AND closed.subject_id = decision.participant_id
             AND closed.name = concat(
                 'statement:', program.key, ':', decision.trace -> 'statement' ->> 'currency', ':balance')
            LEFT JOIN counter AS payable
              ON payable.workspace_id = decision.workspace_id
             AND payable.subject_id = decision.participant_id
             AND payable.name = concat(
                 'statement:', program.key, ':', decision.trace -> 'statement' ->> 'currency', ':payable')
            WHERE decision.workspace_id = %s
              AND decision.id = ANY(%s::uuid[])
              AND decision.reason IN ('statement_payable', 'statement_carried')
            ORDER BY decision.id DESC
            """,
            [workspace_id, array("uuid", statement_ids)],
        )
    return [_statement(*row) for row in rows]


def _statement(
    id: str,
    program: str,
    participant_id: str,
    external_id: str | None,
    name: str,
    email: str,
    reason: str,
    told: dict[str, Any],
    closed: int | None,
    payable: int | None,
    timezone: str,
) -> Statement:
    movements = {name: Movement(**told.get(name, {"count": 0, "amount": 0})) for name in (*MOVEMENTS, OWED)}
    return Statement(
        id=id,
        program=program,
        participant_id=participant_id,
        external_id=external_id,
        name=name,
        email=email,
        number=told["number"],
        period=told["period"],
        begins_at=datetime.fromisoformat(told["from"]),
        ends_at=datetime.fromisoformat(told["to"]),
        timezone=timezone,
        currency=told["currency"],
        opening=told["opening"],
        approved=movements["approved"],
        reversed=movements["reversed"],
        netted=movements["netted"],
        paid=movements["paid"],
        moved=movements["moved"],
        owed=movements[OWED],
        closing=told["closing"],
        minimum=told["minimum"],
        payable=told["payable"],
        carried=told["carried"],
        debt=told["debt"],
        payable_now=(payable or 0) if closed == told["number"] else 0,
        state="payable" if reason == PAYABLE else "carried",
    )


def each(workspace_id: str, **filters: str | None) -> Iterator[Statement]:
    """All statements that the filters of `statements` leave, the newest first."""
    last = None
    while True:
        with tenancy.workspace(workspace_id):
            query = statements(workspace_id, **filters)
            found = query.filter(id__lt=last) if last else query
            page = [str(id) for id in found.order_by("-id").values_list("id", flat=True)[:PAGE]]
        yield from read(workspace_id, page)
        if len(page) < PAGE:
            return
        last = page[-1]


def one(workspace_id: str, statement_id: str) -> Statement | None:
    """The statement of this id."""
    return next(iter(read(workspace_id, [statement_id])), None)


def lines(workspace_id: str, statement: Statement) -> list[Line]:
    """The movements on a statement, in the order in which they were heard of: the first `LINES`."""
    with tenancy.workspace(workspace_id):
        rows = fetch(
            """
            WITH closing AS (
                SELECT (decision.trace -> 'statement' ->> 'number')::int AS number, applied.position
                FROM decision
                JOIN applied ON applied.workspace_id = decision.workspace_id AND applied.event_id = decision.event_id
                WHERE decision.workspace_id = %(own)s                           -- decision_statement_of
                  AND decision.participant_id = %(participant)s::uuid
                  AND decision.reason IN ('statement_payable', 'statement_carried')
                  AND decision.program_id = (SELECT id FROM program WHERE workspace_id = %(own)s AND key = %(program)s)
                  AND decision.trace -> 'statement' ->> 'currency' = %(currency)s
            ),
            mine AS (
                SELECT id, kind FROM ledger_account                             -- ledger_account_participant
                WHERE workspace_id = %(own)s
                  AND participant_id = %(participant)s::uuid
                  AND unit = %(currency)s
                  AND kind IN ('participant_balance', 'participant_debt')
            )
            SELECT transfer.effective_at, transfer.code, transfer.amount, debit.kind, credit.kind,
                   credit.kind = 'participant_balance' AND credit.id IN (SELECT id FROM mine),
                   reward.rule, reward.id::text, reward.referral_id::text, transfer.event_id::text
            FROM transfer
            JOIN applied ON applied.workspace_id = transfer.workspace_id AND applied.event_id = transfer.event_id
            JOIN reward ON reward.workspace_id = transfer.workspace_id AND reward.id = transfer.reward_id
            JOIN ledger_account AS debit ON debit.workspace_id = transfer.workspace_id AND debit.id = transfer.debit_id
            JOIN ledger_account AS credit
              ON credit.workspace_id = transfer.workspace_id AND credit.id = transfer.credit_id
            WHERE transfer.workspace_id = %(own)s
              AND transfer.phase IN ('posted', 'post')
              AND (transfer.debit_id IN (SELECT id FROM mine) OR transfer.credit_id IN (SELECT id FROM mine))
              AND ('participant_balance' IN (debit.kind, credit.kind)
                   OR (debit.kind = 'participant_debt' AND credit.kind IN ('program_cost', 'opening')))
              AND reward.program_id = (SELECT id FROM program WHERE workspace_id = %(own)s AND key = %(program)s)
              AND applied.position > coalesce((SELECT position FROM closing WHERE number = %(number)s - 1), 0)
              AND applied.position <= (SELECT position FROM closing WHERE number = %(number)s)
            ORDER BY applied.position, transfer.id
            LIMIT %(limit)s
            """,
            {
                "own": workspace_id,
                "participant": statement.participant_id,
                "program": statement.program,
                "currency": statement.currency,
                "number": statement.number,
                "limit": LINES,
            },
        )
    return [_line(*row) for row in rows]


def _line(
    at: datetime,
    code: str,
    amount: int,
    debit: str,
    credit: str,
    takes: bool,
    rule: str,
    reward: str,
    referral: str | None,
    event: str,
) -> Line:
    if debit == "participant_debt":
        kind = OWED
    elif credit == debit:
        kind = "moved"
    elif takes:
        kind = "approved"
    else:
        kind = {"fulfilled": "paid", "participant_debt": "netted"}.get(credit, "reversed")
    added = amount if takes or kind == OWED else -amount
    referred = ids.public("ref", referral) if referral else None
    return Line(at, kind, code, added, rule, ids.public("rwd", reward), referred, ids.public("evt", event))
