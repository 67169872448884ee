"""The books: accounts, and the transfers between them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from goodword.store.models._base import SHORT, Tenant, reference


class LedgerAccount(Tenant):
    """One side of transfers, in one unit. Balances are kept by the database from the transfers."""

    class Kind(models.TextChoices):
        PROGRAM_COST = "program_cost"  # what rewards cost the program (debit)
        OPENING = "opening"  # what came with an import: another system's books bore it (debit)
        PARTICIPANT_BALANCE = "participant_balance"  # approved, not yet issued (credit)
        FULFILLED = "fulfilled"  # issued (credit)
        PARTICIPANT_DEBT = "participant_debt"  # reversed after issue, nets later (debit)

    kind = models.CharField(max_length=SHORT, choices=Kind.choices)
    unit = models.CharField(max_length=SHORT)
    program = reference("Program", "ledger_accounts", null=True)
    participant = reference("Participant", "ledger_accounts", null=True)
    debits_pending = models.BigIntegerField(db_default=0)
    debits_posted = models.BigIntegerField(db_default=0)
    credits_pending = models.BigIntegerField(db_default=0)
    credits_posted = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "ledger_account"
        indexes = [
            models.Index(
                fields=["workspace", "participant"],
                name="ledger_account_participant",
                condition=Q(participant__isnull=False),
            ),
        ]


class Transfer(Tenant):
    """One immutable double-entry movement. One debit, one credit, one amount, one unit: it cannot be
    unbalanced. A pending transfer is settled once, by a `post` (whole or part) or a `void`."""

    class Phase(models.TextChoices):
        PENDING = "pending"
        POSTED = "posted"
        POST = "post"
        VOID = "void"

    debit = reference("LedgerAccount", "debits")
    credit = reference("LedgerAccount", "credits")
    unit = models.CharField(max_length=SHORT)
    amount = models.BigIntegerField()
    phase = models.CharField(max_length=8, choices=Phase.choices)
    pending = reference("Transfer", "settled_by", null=True)
    code = models.CharField(max_length=SHORT, help_text="grant, approve, issue, cancel, reverse, net")
    reward = reference("Reward", "transfers")
    event = reference("Event", "transfers")
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "transfer"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=models.F("credit")), name="transfer_two_accounts"),
            models.CheckConstraint(
                condition=Q(phase__in=["pending", "posted"], pending__isnull=True)
                | Q(phase__in=["post", "void"], pending__isnull=False),
                name="transfer_phase",
            ),
            models.UniqueConstraint(
                fields=["workspace", "pending"],
                condition=Q(pending__isnull=False),
                name="transfer_settled_once",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "debit"], name="transfer_debit"),
            models.Index(fields=["workspace", "credit"], name="transfer_credit"),
            models.Index(fields=["workspace", "reward"], name="transfer_reward"),
        ]
