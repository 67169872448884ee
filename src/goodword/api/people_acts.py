"""Acts upon participants and accounts: made, changed, merged and taken apart. Each is one event, applied before the
answer, with the participant or account as it is afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import Field

from goodword.api import act_shapes as shapes
from goodword.api import params, sent, shaping
from goodword.api import participants as read_participants
from goodword.api.act_bodies import WAIT, Country, Fact, Id, SentPerson, given, record, refused, somebody
from goodword.api.acts import Acted
from goodword.api.keys import caller
from goodword.api.paging import page
from goodword.api.params import inner
from goodword.api.participants import found_participant
from goodword.api.problems import Refusal, not_found
from goodword.domain import ids
from goodword.domain.payloads import AccountUpdated
from goodword.store import tenancy
from goodword.store.models import Account, Participant

participants, accounts = read_participants.router, Router(tags=["Participants"])

PERSON = params.id_path("par", "participant")
NAMES = ("external_id", "email", "name")


class UpsertParticipant(Fact, SentPerson):
    """A participant as you know them. What is left out stays as it was."""

    country: Country | None = Field(None, description="ISO 3166-1 alpha-2.")
    locale: sent.Code | None = Field(None, description="BCP 47, such as `nb-NO`.")
    traits: sent.Traits | None = Field(None, description="Facts of your own that conditions may read.")
    account: Id | None = Field(None, description="The external id of the account they belong to.")


class UpsertAccount(Fact):
    """An account as you know it. What is left out stays as it was."""

    external_id: Id = Field(description="Your own id of it.")
    name: sent.Name | None = None
    status: sent.Code | None = Field(None, description="`paying`, `trial`, `churned`, … as you name them.")
    plan: sent.Name | None = None
    since: sent.Moment | None = Field(None, description="When it became a customer.")
    country: Country | None = None
    industry: sent.Name | None = None
    employees: sent.Amount | None = None
    owner: sent.Name | None = Field(None, description="The account executive or CSM.")
    territory: sent.Name | None = None
    in_collections: bool | None = None
    open_dispute: bool | None = None
    active_days_30: sent.Amount | None = None
    traits: sent.Traits | None = Field(None, description="Facts of your own that conditions may read.")


assert set(AccountUpdated.model_fields) - {"simulated"} <= set(UpsertAccount.model_fields)


class SentMerge(Fact):
    """Who turned out to be the same person."""

    previous_id: Id = Field(description="Who is merged into the participant: their external id, or ours (par_…).")


class SentSplit(Fact):
    """Nothing more to say."""


@participants.post(
    "",
    response=dict.fromkeys((200, 202), shapes.ParticipantAct),
    operation_id="upsert_participant",
    summary="Make or change a participant",
    openapi_extra=sent.body_of(
        UpsertParticipant,
        plain=("By your own id", {"external_id": "u1", "email": "ada@example.com", "name": "Ada Lovelace"}),
        more=("With an account and traits", {"external_id": "u1", "account": "acme", "traits": {"role": "admin"}}),
    ),
)
def upsert_participant(request: HttpRequest, wait: params.Flag = WAIT) -> Any:
    """A participant is known by your own `external_id`, for ever: the first call makes them, later ones change what
    they name. Somebody who is known by e-mail alone so far is found by it. It is the event `participant.identified`.
    """
    asked = sent.read(request, UpsertParticipant)
    somebody(asked)
    _no_names(asked.traits, NAMES)
    told = {"country": asked.country, "locale": asked.locale}
    raw = {
        **asked.envelope(),
        "type": "participant.identified",
        "participant": {**(asked.traits or {}), **given({name: getattr(asked, name) for name in NAMES})},
        "account": asked.account,
        "properties": given(told),
    }
    done = record(request, raw, wait, {"/participant": "", "/properties": ""})
    return Status(done.status, {**done.shown(), "participant": _participant(request, _who(done))})


@participants.post(
    "/{participant_id}/merge",
    response=dict.fromkeys((200, 202), shapes.ParticipantAct),
    operation_id="merge_participant",
    summary="Merge a participant into this one",
    openapi_extra=sent.body_of(SentMerge, by_id=("By your own id", {"previous_id": "u2"})),
)
def merge_participant(request: HttpRequest, participant_id: str = PERSON, wait: params.Flag = WAIT) -> Any:
    """Two participants turned out to be one person: the one whom `previous_id` names is merged into this one, with
    referrals, rewards and balances. It is the event `participant.identified` with `previous_id`.
    """
    row, asked = found_participant(request, participant_id), sent.read(request, SentMerge)
    if asked.previous_id in (participant_id, row.external_id):
        raise refused("same_participant", "is this participant", "previous_id")
    _known(request, asked.previous_id)
    raw = {
        **asked.envelope(),
        "type": "participant.identified",
        "participant": _named(row),
        "properties": {"previous_id": asked.previous_id},
    }
    done = record(request, raw, wait)
    return Status(done.status, {**done.shown(), "participant": _participant(request, str(row.id))})


@participants.post(
    "/{participant_id}/split",
    response=dict.fromkeys((200, 202), shapes.ParticipantAct),
    operation_id="split_participant",
    summary="Take a merged participant apart again",
    openapi_extra=sent.body_of(SentSplit, required=False, act=("Nothing more to say", {})),
)
def split_participant(request: HttpRequest, participant_id: str = PERSON, wait: params.Flag = WAIT) -> Any:
    """They are two people after all: the participant of this id, who was merged into another, stands for themselves
    again. It is the event `participant.split`.
    """
    asked = sent.read(request, SentSplit)
    workspace_id, known = caller(request).workspace_id, inner("par", participant_id, "participant")
    with tenancy.workspace(workspace_id):
        row = Participant.objects.filter(workspace_id=workspace_id, id=known).first()
    if row is None:
        raise not_found("participant", participant_id, "par")
    if row.merged_into_id is None:
        raise Refusal("wrong_state", "This participant is not merged into another.")
    done = record(
        request, {**asked.envelope(), "type": "participant.split", "properties": {"previous_id": participant_id}}, wait
    )
    return Status(done.status, {**done.shown(), "participant": _participant(request, known)})


@accounts.get("", response=shapes.AccountList, operation_id="list_accounts", summary="List accounts")
def list_accounts(
    request: HttpRequest,
    external_id: params.Text | None = Query(None, description="Your own id of it."),
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """Companies and subscriptions, the newest first. Who belongs to one: `GET /v1/participants?account=…`."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        query = Account.objects.filter(workspace_id=workspace_id)
        return page(
            query.filter(external_id=external_id) if external_id is not None else query,
            _account,
            workspace_id=workspace_id,
            route="accounts",
            filters={"external_id": external_id},
            limit=limit,
            cursor=cursor,
        )


@accounts.get("/{account_id}", response=shapes.Account, operation_id="get_account", summary="Get an account")
def get_account(request: HttpRequest, account_id: str = params.id_path("acc", "account")) -> Any:
    """One account, by our id."""
    workspace_id, known = caller(request).workspace_id, inner("acc", account_id, "account")
    with tenancy.workspace(workspace_id):
        row = Account.objects.filter(workspace_id=workspace_id, id=known).first()
    if row is None:
        raise not_found("account", account_id, "acc")
    return _account(row)


@accounts.post(
    "",
    response=dict.fromkeys((200, 202), shapes.AccountAct),
    operation_id="upsert_account",
    summary="Make or change an account",
    openapi_extra=sent.body_of(
        UpsertAccount, paying=("A paying customer", {"external_id": "acme", "name": "Acme", "status": "paying"})
    ),
)
def upsert_account(request: HttpRequest, wait: params.Flag = WAIT) -> Any:
    """An account is known by your own `external_id`, for ever: the first call makes it, later ones change what they
    name. It is the event `account.updated`.
    """
    asked = sent.read(request, UpsertAccount)
    _no_names(asked.traits, tuple(UpsertAccount.model_fields))
    told = asked.model_dump(exclude_none=True, exclude={"external_id", "traits", "event_id", "occurred_at"})
    raw = {
        **asked.envelope(),
        "type": "account.updated",
        "account": {"external_id": asked.external_id},
        "properties": {**(asked.traits or {}), **told},
    }
    done = record(request, raw, wait, {"/account": "", "/properties": ""})
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        row = Account.objects.filter(workspace_id=workspace_id, external_id=asked.external_id).first()
    return Status(done.status, {**done.shown(), "account": _account(row) if row else None})


def _no_names(traits: Mapping[str, Any] | None, names: tuple[str, ...]) -> None:
    """Refuse traits that have a field's name: one of the two would be lost."""
    for name in traits or ():
        if name in names:
            raise refused("not_a_trait", "has a field of its own beside traits", "traits", name)


def _known(request: HttpRequest, named: str) -> None:
    """Refuse to merge somebody whom nobody knows. Raises `Refusal`."""
    workspace_id = caller(request).workspace_id
    with tenancy.workspace(workspace_id):
        everybody = Participant.objects.filter(workspace_id=workspace_id)
        ours = named.startswith("par_")
        found = everybody.filter(id=_inner(named)) if ours else everybody.filter(external_id=named)
        if not found.exists():
            raise refused("unknown_participant", "there is no such participant in this workspace", "previous_id")


def _inner(named: str) -> str:
    try:
        return ids.internal("par", named)
    except ids.BadId as error:
        raise refused("bad_id", str(error), "previous_id") from None


def _named(row: Participant) -> dict[str, str]:
    """How an event names a participant who is known."""
    return {"external_id": row.external_id} if row.external_id is not None else {"email": row.email}


def _who(done: Acted) -> str | None:
    return done.event.participant.id if done.event.participant else None


def _participant(request: HttpRequest, known: str | None) -> dict[str, Any] | None:
    if known is None:
        return None
    return shaping.participant(found_participant(request, shaping.public("par", known) or ""))


def _account(row: Account) -> dict[str, Any]:
    return {
        "id": shaping.public("acc", row.id),
        "external_id": row.external_id,
        "name": row.name,
        "since": row.since,
        "traits": row.traits,
        "updated_at": row.updated_at,
    }
