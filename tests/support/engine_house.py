"""The house of the real engine: a workspace in a database, events recorded and applied in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection

from goodword.domain import ids
from goodword.engine import apply, programs, record
from goodword.insight import ledger, partner_statements
from goodword.insight.entitlements import Entitlement, entitlements
from goodword.store import tenancy, workspaces
from goodword.store.models import Applied, Decision, Participant, Referral, Reward, Transfer
from support.cases import Row, source
from support.houses import Given, Moved, Said, as_sum, label, rules_of


class EngineHouse:
    """See `support.houses.House`. `batch` is how many events one transaction may take."""

    def __init__(self, slug: str, recipe: str, batch: int) -> None:
        self.batch = batch
        self.id = str(workspaces.create(slug, slug).id)
        programs.publish(self.id, source(recipe), by="the cases")

    def send(self, rows: Sequence[Row]) -> list[Said]:
        """Rows that name a reward wait for what comes before them; the others go in together, and what is sent twice
        comes again behind them, before and after it was applied."""
        said: list[Said] = []
        together: list[Mapping[str, Any]] = []
        again = [row.raw for row in rows if row.twice]
        for row in rows:
            if row.reward:
                said += self._record(together)
                together = []
                said += self._record([{**row.raw, "properties": {"reward": self._reward(row.reward)}}])
            else:
                together.append(row.raw)
        said += self._record(together, again)
        assert not again or not record.record(self.id, again).inserted
        return said

    def _record(self, raws: Sequence[Mapping[str, Any]], again: Sequence[Mapping[str, Any]] = ()) -> list[Said]:
        if not raws:
            return []
        recorded = record.record(self.id, [*raws, *again])
        inserted = recorded.inserted
        assert (len(inserted), len(recorded.duplicates)) == (len(raws), len(again))
        while apply.apply_pending(self.id, limit=self.batch, wait=True, ring=False).more:
            pass
        with tenancy.workspace(self.id):
            rows = Decision.objects.filter(event_id__in=inserted).values_list("event_id", "reason", "trace")
            found = {str(event): Said(reason, rules_of(trace or {})) for event, reason, trace in rows}
            assert len(found) == len(rows), "one program, one decision an event"
            assert Applied.objects.filter(event_id__in=inserted).count() == len(inserted)
        return [found.get(event, Said(None, {})) for event in inserted]

    def _reward(self, wanted: Mapping[str, str]) -> str:
        with tenancy.workspace(self.id):
            for reward in Reward.objects.filter(rule=wanted["rule"]).select_related("referral__referred"):
                if (_label(reward.referral.referred) if reward.referral else "") == wanted["for"]:
                    return ids.public("rwd", reward.id)
        raise AssertionError(f"there is no such reward: {wanted}")

    def rings(self) -> list[str]:
        with tenancy.workspace(self.id):
            rows = Applied.objects.filter(event__source="timer").order_by("position").select_related("event")
            reasons = dict(Decision.objects.filter(event__source="timer").values_list("event_id", "reason"))
            return [f"{row.event.type} {reasons[row.event_id]}" for row in rows]

    def referrals(self) -> list[tuple[str, str, str]]:
        with tenancy.workspace(self.id):
            rows = Referral.objects.order_by("submitted_at").select_related("referred")
            return [(_label(row.referred), row.state, row.reason) for row in rows]

    def _analyze(self) -> None:
        """Thousands of rows that the database has not looked at yet would be joined one with each other."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE reward, transfer, participant, referral, ledger_account")

    def rewards(self) -> list[Given]:
        with tenancy.workspace(self.id):
            self._analyze()
            rows = Reward.objects.select_related("participant", "referral__referred")
            return [
                Given(
                    row.rule,
                    _label(row.participant),
                    _label(row.referral.referred) if row.referral else "",
                    row.state,
                    row.amount,
                    row.reversed,
                    row.hold_until,
                    row.notify_by,
                    row.fulfil_by,
                )
                for row in rows
            ]

    def transfers(self) -> list[Moved]:
        with tenancy.workspace(self.id):
            self._analyze()
            rows = Transfer.objects.select_related("debit", "credit", "reward__participant")
            return [
                Moved(
                    str(row.id),
                    row.debit.kind,
                    row.credit.kind,
                    row.amount,
                    row.phase,
                    str(row.pending_id) if row.pending_id else None,
                    _label(row.reward.participant),
                )
                for row in rows
            ]

    def entitlements(self, at: datetime) -> dict[str, dict[str, datetime | None]]:
        with tenancy.workspace(self.id):
            people = {_label(row): str(row.id) for row in Participant.objects.all()}
        found = {who: _until(entitlements(self.id, id, at)) for who, id in people.items()}
        return {who: rights for who, rights in found.items() if rights}

    def statements(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in reversed(list(partner_statements.each(self.id))):
            found.setdefault(self._named(row), []).append(as_sum(asdict(row), row.state))
        return found

    def payable(self) -> dict[str, int]:
        rows = partner_statements.each(self.id)
        return {self._named(row): row.payable_now for row in rows if row.payable_now}

    def _named(self, row: partner_statements.Statement) -> str:
        return label(row.external_id, row.email)

    def told(self) -> dict[str, dict[str, int]]:
        """The balances as `insight` tells them, in the words of the cases."""
        words = {"reserved": "reserved", "available": "available", "issued": "issued", "owed": "debt"}
        with tenancy.workspace(self.id):
            people = {_label(row): str(row.id) for row in Participant.objects.all()}
        found = {}
        for person, id in people.items():
            for balance in ledger.balances(self.id, id):
                sums = {word: getattr(balance, name) for name, word in words.items() if getattr(balance, name)}
                found |= {person: sums} if sums else {}
        return found


def _label(participant: Any) -> str:
    return label(participant.external_id, participant.email)


def _until(rights: Sequence[Entitlement]) -> dict[str, datetime | None]:
    """By name, until when; of several of a name, the last."""
    ends: dict[str, datetime | None] = {}
    for row in rights:
        known = ends.get(row.name, row.until)
        ends[row.name] = max(known, row.until) if known and row.until else None
    return ends
