"""What people are owed and how it came about: balances of everybody at an instant, and one person's
movements. Reads only; long answers are read in pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from goodword.domain import ids
from goodword.insight import ledger
from goodword.insight.ledger import AccountBalance, Balance
from goodword.insight.merged import family
from goodword.store import tenancy
from goodword.store.models import LedgerAccount, Transfer

PAGE = 1_000
ENTRIES = 10_000
"""Movements in one statement at most, the newest."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A participant as books name them."""

    id: str
    external_id: str | None
    email: str
    name: str

    @property
    def public_id(self) -> str:
        return ids.public("par", self.id)


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement on a participant's accounts. `amount` is in `unit`; `phase` is pending (held), posted,
    post (a hold came true) or void (a hold was given up)."""

    effective_at: datetime
    code: str
    phase: str
    amount: int
    unit: str
    debit: str
    credit: str
    program: str
    rule: str
    reward: str
    event: str


def everybody(workspace_id: str, at: datetime | None = None) -> Iterator[tuple[Owner, Balance]]:
    """The balances of all participants, per unit, now or at `at`; those without anything are left out.
    One page of participants costs two queries."""
    after = "00000000-0000-0000-0000-000000000000"
    while page := _owners(workspace_id, after):
        by_owner: dict[str | None, list[AccountBalance]] = {}
        for account in ledger.accounts_of(workspace_id, [owner.id for owner in page], at):
            by_owner.setdefault(account.participant_id, []).append(account)
        for owner in page:
            for balance in ledger.by_unit(by_owner.get(owner.id, [])):
                if balance.reserved or balance.available or balance.issued or balance.owed:
                    yield owner, balance
        after = page[-1].id


def _owners(workspace_id: str, after: str) -> list[Owner]:
    """The next page of those on whose accounts something was ever booked, by id."""
    with tenancy.workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.id, p.external_id, p.email, p.name
              FROM participant p                                   -- the primary key
             WHERE p.workspace_id = %(workspace)s
               AND p.id > %(after)s
               AND EXISTS (
                   SELECT 1                                        -- ledger_account_participant
                     FROM ledger_account a
                    WHERE a.workspace_id = p.workspace_id
                      AND a.participant_id = p.id)
             ORDER BY p.id
             LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "after": after, "limit": PAGE},
        )
        return [Owner(str(id_), *names) for id_, *names in cursor.fetchall()]


def entries(workspace_id: str, participant_id: str, at: datetime | None = None) -> list[Entry]:
    """The movements on the accounts of one participant, and of those merged into it, up to `at`, oldest first:
    the newest `ENTRIES`."""
    with tenancy.workspace(workspace_id):
        people = family(workspace_id, participant_id)
        mine = list(
            LedgerAccount.objects.filter(workspace_id=workspace_id, participant_id__in=people).values_list(
                "id", flat=True
            )
        )
        query = Transfer.objects.filter(
            Q(debit_id__in=mine) | Q(credit_id__in=mine), workspace_id=workspace_id
        )  # transfer_debit, transfer_credit
        if at is not None:
            query = query.filter(effective_at__lte=at)
        rows = query.order_by("-effective_at", "-id").values_list(
            "effective_at",
            "code",
            "phase",
            "amount",
            "unit",
            "debit__kind",
            "credit__kind",
            "reward__program__key",
            "reward__rule",
            "reward_id",
            "event_id",
        )[:ENTRIES]
        found = [Entry(*row[:9], ids.public("rwd", row[9]), ids.public("evt", row[10])) for row in rows]
    return found[::-1]
