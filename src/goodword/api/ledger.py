"""The ledger, to read: accounts and the trial balance, now or at any past instant."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from goodword.api import ledger_shapes, params, shaping
from goodword.api.keys import caller
from goodword.api.params import person_filter
from goodword.insight import ledger

router = Router(tags=["Ledger"])


@router.get(
    "/accounts",
    response=ledger_shapes.LedgerAccounts,
    operation_id="list_ledger_accounts",
    summary="List ledger accounts",
)
def list_accounts(
    request: HttpRequest,
    participant: str | None = params.id_query("par", "Only this participant's accounts."),
    at: params.Time | None = params.AT,
) -> Any:
    """A participant's ledger accounts or, without `participant`, those of the programs, with their
    debits and credits now or at any past instant.
    """
    workspace_id = caller(request).workspace_id
    who = person_filter(workspace_id, participant, "participant")
    found = ledger.accounts(workspace_id, who, at)
    return {"at": at, "data": [shaping.ledger_account(account) for account in found]}


@router.get(
    "/trial-balance",
    response=ledger_shapes.TrialBalance,
    operation_id="get_trial_balance",
    summary="Get the trial balance",
)
def get_trial_balance(request: HttpRequest, at: params.Time | None = params.AT) -> Any:
    """Debits and credits by unit and kind of account, added up from the transfers themselves."""
    return shaping.trial_balance(ledger.trial_balance(caller(request).workspace_id, at))
