"""One's own: what the participant whom a token names may see and do. Whom the token names is the only person that any
of these routes knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext, override
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import Field
from uuid_utils import uuid7

from goodword.api import acts, ledger_shapes, params, program_shapes, sent, shapes, shaping
from goodword.api import me_shapes as mine
from goodword.api.acts import Acted
from goodword.api.keys import caller, person
from goodword.api.paging import page
from goodword.api.problems import Refusal
from goodword.api.sent import Sent
from goodword.domain import ids
from goodword.domain.linking import OFF
from goodword.domain.reasons import participant_text
from goodword.engine import sharing
from goodword.insight import entitlements, ledger, merged, partner_statements, running, statement, terms
from goodword.insight import links as shown_links
from goodword.store import tenancy
from goodword.store.models import Link, Participant, Program, Referral, Reward

router = Router(tags=["Me"])

SOURCE = sharing.SOURCE
"""The source of events that participants send themselves: their ids never meet those of the host's."""
MOVEMENTS = 500
MAX_LINKS = 200
"""Links of one person beyond which they get none for a channel of their own naming."""
LOCALE = Query("en", description="The language of the texts.")
Locale = Literal["en", "nb", "da", "ms"]
TOLD = ("name", "email", "company")
Text = Annotated[str, Field(max_length=200)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class SentMe(Sent):
    """What a person may say of themselves. Name and e-mail are what the token says."""

    country: Country | None = Field(None, description="ISO 3166-1 alpha-2.")
    locale: sent.Code | None = Field(None, description="BCP 47, such as `nb-NO`.")
    anonymous_id: Annotated[str, Field(min_length=1, max_length=128, pattern=r"\S")] | None = Field(
        None, description="Your own id of the visitor before they were known: what was told of it becomes theirs."
    )
    click_id: Annotated[str, Field(pattern=r"^clk_[0-9a-z]{26}$")] | None = Field(
        None, description="The click that your page was told: evidence of who brought them."
    )


class SentFriend(Sent):
    """Whom they refer."""

    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    name: Text | None = None
    company: Text | None = None
    country: Country | None = None
    industry: Text | None = None
    employees: sent.Amount | None = None


class SentReferral(Sent):
    """A good word for somebody."""

    program: sent.Code | None = Field(None, description="The program's key; may be left out where there is one.")
    referred: SentFriend = Field(description="Who is put forward.")
    need: sent.Words | None = Field(None, description="What they look for, in words.")


class SentMyLink(Sent):
    """A link that they want."""

    program: sent.Code = Field(description="The program's key.")
    channel: sent.Code | None = Field(None, description="Where it is shared, such as `email`.")


class SentRedemption(Sent):
    """What they want of a catalogue."""

    program: sent.Code = Field(description="The program's key.")
    item: sent.Code = Field(description="The id of what they want.")


class SentAcceptance(Sent):
    """Terms that they accept."""

    program: sent.Code = Field(description="The program's key.")
    terms: Annotated[int, Field(ge=1, le=1_000_000_000)] = Field(description="The number of the text.")


@router.get("", response=mine.Me, operation_id="get_me", summary="Who am I")
def get_me(request: HttpRequest) -> Any:
    """The person, as the workspace knows them. 404 where they are not known yet: introduce them first."""
    return _me(_who(request), person(request).external_id)


@router.post(
    "",
    response={200: mine.Me, 202: mine.MyAct},
    operation_id="identify_me",
    summary="Introduce me",
    openapi_extra=sent.body_of(
        SentMe,
        required=False,
        plain=("What the token says", {}),
        language=("With a language", {"locale": "nb-NO", "country": "NO"}),
    ),
)
def identify_me(request: HttpRequest) -> Any:
    """Make the person known by the token's `sub`, `email` and `name`, and by what is said here. Again: changes it."""
    asked = sent.read(request, SentMe)
    done = act(request, "participant.identified", asked.model_dump(exclude_none=True))
    if not done.applied:
        return Status(202, answer(done, "en"))
    return _me(_who(request), person(request).external_id)


@router.get("/links", response=mine.MyLinkList, operation_id="list_my_links", summary="My links")
def list_links(request: HttpRequest, limit: params.Whole = params.LIMIT, cursor: str | None = params.CURSOR) -> Any:
    """Links and codes to share, the newest first. Who has none in a program that runs gets one by asking here."""
    workspace_id, people = family(request)
    if cursor is None:
        who = person(request)
        sharing.provide(workspace_id, people, sharing.Person(who.external_id, who.external_id, ""))
    begins = shown_links.begins(workspace_id, settings.PUBLIC_URL)
    with tenancy.workspace(workspace_id):
        return page(
            _links(workspace_id).filter(participant_id__in=people),
            lambda row: _link(row, begins),
            workspace_id=workspace_id,
            route="my_links",
            filters={"person": people[0]},
            limit=limit,
            cursor=cursor,
        )


@router.post(
    "/links",
    response=dict.fromkeys((200, 202), mine.MyNewLink),
    operation_id="create_my_link",
    summary="A link of mine",
    openapi_extra=sent.body_of(SentMyLink, email=("For e-mail", {"program": "customer-referral", "channel": "email"})),
)
def create_link(request: HttpRequest, locale: Locale = LOCALE) -> Any:
    """A link and code to share in a program, with a code that is made. Asked for again, it is the one that is there."""
    asked = sent.read(request, SentMyLink)
    workspace_id, sub = caller(request).workspace_id, person(request).external_id
    told = asked.model_dump(exclude_none=True)
    _check_room(workspace_id, sub, asked.channel or "")

    def tell(ending: str) -> sharing.Answered[Acted]:
        event_id = sharing.event_name(sub, asked.program, asked.channel or "", ending)
        return acts.link_answer(act(request, "link.created", told, event_id=event_id))

    answered = sharing.ask(workspace_id, asked.program, tell)
    done, made = answered.what, answered.reason == sharing.LINKED
    code = str(done.event.properties["code"]).lower() if made else ""
    begins = shown_links.begins(workspace_id, settings.PUBLIC_URL)
    with override(locale), tenancy.workspace(workspace_id):
        row = _links(workspace_id).filter(code=code).first() if made else None
    return Status(done.status, {**answer(done, locale), "link": _link(row, begins) if row else None})


@router.get("/referrals", response=mine.MyReferralList, operation_id="list_my_referrals", summary="My referrals")
def list_referrals(
    request: HttpRequest,
    locale: Locale = LOCALE,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """The referrals they made, the newest first."""
    workspace_id, people = family(request)
    with override(locale), tenancy.workspace(workspace_id):
        return page(
            _referrals(workspace_id).filter(referrer_id__in=people),
            _referral,
            workspace_id=workspace_id,
            route="my_referrals",
            filters={"person": people[0]},
            limit=limit,
            cursor=cursor,
        )


@router.post(
    "/referrals",
    response=dict.fromkeys((200, 202), mine.MySubmission),
    operation_id="submit_my_referral",
    summary="Refer somebody",
    openapi_extra=sent.body_of(
        SentReferral,
        company=(
            "A company",
            {
                "program": "b2b-sales",
                "referred": {"name": "Grace Hopper", "email": "grace@example.org", "company": "Compilers Inc."},
                "need": "A faster compiler.",
            },
        ),
    ),
)
def submit_referral(request: HttpRequest, locale: Locale = LOCALE) -> Any:
    """Put in a good word for somebody. Send an Idempotency-Key, so that a repeat is not another referral."""
    asked = sent.read(request, SentReferral)
    told = asked.model_dump(exclude_none=True) | {"referral": f"me-{uuid7()}"}
    done = act(request, "referral.submitted", told)
    found = done.referral_id()
    with override(locale), tenancy.workspace(caller(request).workspace_id):
        row = _referrals(caller(request).workspace_id).filter(id=found).first() if found else None
        own = row is not None and row.external_id == told["referral"]
        shown = _referral(row) if row is not None and own else None
    return Status(done.status, {**answer(done, locale), "referral": shown})


@router.get("/rewards", response=mine.MyRewardList, operation_id="list_my_rewards", summary="My rewards")
def list_rewards(
    request: HttpRequest,
    locale: Locale = LOCALE,
    limit: params.Whole = params.LIMIT,
    cursor: str | None = params.CURSOR,
) -> Any:
    """The rewards promised to them, the newest first, those that came to nothing too."""
    workspace_id, people = family(request)
    with override(locale), tenancy.workspace(workspace_id):
        query = Reward.objects.filter(workspace_id=workspace_id, participant_id__in=people, program__test=False)
        return page(
            query.select_related("program__live_version", "referral"),
            lambda row: _reward(row, people),
            workspace_id=workspace_id,
            route="my_rewards",
            filters={"person": people[0]},
            limit=limit,
            cursor=cursor,
        )


@router.get("/balances", response=ledger_shapes.Balances, operation_id="get_my_balances", summary="My balances")
def get_balances(request: HttpRequest) -> Any:
    """What they have in each unit."""
    who = str(_who(request).id)
    return {"at": None, "data": [asdict(one) for one in ledger.balances(caller(request).workspace_id, who)]}


@router.get("/movements", response=mine.MyMovements, operation_id="list_my_movements", summary="My movements")
def list_movements(request: HttpRequest) -> Any:
    """What moved their balances: the newest 500, the newest first."""
    who = str(_who(request).id)
    found = statement.entries(caller(request).workspace_id, who)[: -MOVEMENTS - 1 : -1]
    return {
        "data": [
            {
                "at": one.effective_at,
                "phase": one.phase,
                "amount": one.amount,
                "unit": one.unit,
                "program": one.program,
                "reward": one.reward,
            }
            for one in found
        ]
    }


@router.get(
    "/statements", response=ledger_shapes.StatementList, operation_id="list_my_statements", summary="My statements"
)
def list_statements(
    request: HttpRequest, limit: params.Whole = params.LIMIT, cursor: str | None = params.CURSOR
) -> Any:
    """Of a partner: the statements that were closed, the newest first."""
    workspace_id, who = caller(request).workspace_id, str(_who(request).id)
    with tenancy.workspace(workspace_id):
        found = page(
            partner_statements.statements(workspace_id, participant_id=who),
            lambda row: {"id": str(row.id)},
            workspace_id=workspace_id,
            route="my_statements",
            filters={"person": who},
            limit=limit,
            cursor=cursor,
        )
        rows = partner_statements.read(workspace_id, [row["id"] for row in found["data"]])
    return {**found, "data": [shaping.statement(row) for row in rows]}


@router.get(
    "/entitlements",
    response=shapes.Entitlements,
    operation_id="get_my_entitlements",
    summary="My entitlements",
)
def get_entitlements(request: HttpRequest) -> Any:
    """What they have a right to now. With the `ETag` of the last answer as `If-None-Match`, 304 says that it holds."""
    try:
        found = entitlements.entitlements(caller(request).workspace_id, external_id=person(request).external_id)
    except entitlements.UnknownPerson:
        raise _nobody() from None
    return {"at": None, "data": [asdict(one) for one in found]}


@router.get("/running", response=program_shapes.RunningList, operation_id="get_my_running", summary="What runs for me")
def get_running(request: HttpRequest, locale: Locale = LOCALE) -> Any:
    """Campaigns, contests and goals that run now, and how far they are."""
    who = str(_who(request).id)
    with override(locale):
        found = running.running(caller(request).workspace_id, who)
    return {"at": None, "data": [asdict(one) for one in found]}


@router.post(
    "/redemptions",
    response=dict.fromkeys((200, 202), mine.MyAct),
    operation_id="redeem_my_points",
    summary="Redeem points",
    openapi_extra=sent.body_of(
        SentRedemption, mug=("A mug from the catalogue", {"program": "points-shop", "item": "mug"})
    ),
)
def redeem(request: HttpRequest, locale: Locale = LOCALE) -> Any:
    """Spend points on something of a catalogue. Send an Idempotency-Key, so that a repeat buys nothing more."""
    asked = sent.read(request, SentRedemption)
    done = act(request, "catalogue.redeemed", asked.model_dump())
    return Status(done.status, answer(done, locale))


@router.get("/terms", response=program_shapes.Acceptances, operation_id="list_my_terms", summary="Terms I accepted")
def list_terms(request: HttpRequest) -> Any:
    """Every acceptance on record, the last first."""
    who = str(_who(request).id)
    found = terms.acceptances(caller(request).workspace_id, who)
    return {"data": [{name: getattr(one, name) for name in program_shapes.Acceptance.model_fields} for one in found]}


@router.post(
    "/terms",
    response=dict.fromkeys((200, 202), mine.MyAct),
    operation_id="accept_my_terms",
    summary="Accept terms",
    openapi_extra=sent.body_of(SentAcceptance, first=("The first text", {"program": "partner", "terms": 1})),
)
def accept_terms(request: HttpRequest, locale: Locale = LOCALE) -> Any:
    """Accept the terms of a program, by the number of their text."""
    asked = sent.read(request, SentAcceptance)
    done = act(request, "terms.accepted", asked.model_dump())
    return Status(done.status, answer(done, locale))


def act(request: HttpRequest, kind: str, properties: Mapping[str, Any], event_id: str | None = None) -> Acted:
    """Record what the person did, about nobody but them."""
    who = person(request)
    named = {"external_id": who.external_id, "email": who.email, "name": who.name}
    raw = {
        "type": kind,
        "event_id": event_id,
        "participant": {name: value for name, value in named.items() if value},
        "properties": dict(properties),
    }
    return acts.act(caller(request).workspace_id, raw, source=SOURCE)


def answer(done: Acted, locale: str) -> dict[str, Any]:
    with override(locale):
        outcomes = [
            {
                "program": view.program or None,
                "outcome": view.outcome,
                "said": gettext(participant_text(view.reason)),
            }
            for view in done.event.decisions
            if not view.test
        ]
    return {"event": done.event.public_id, "applied": done.applied, "outcomes": outcomes}


def _who(request: HttpRequest) -> Participant:
    """The participant whom the token names, or who stands for them. Raises `Refusal` not_found."""
    workspace_id, named = caller(request).workspace_id, person(request).external_id
    with tenancy.workspace(workspace_id):
        everybody = Participant.objects.filter(workspace_id=workspace_id)
        row = everybody.filter(external_id=named).first()
        if row is not None and row.merged_into_id is not None:
            row = everybody.filter(id=merged.survivor_id(workspace_id, str(row.id))).first()
    if row is None:
        raise _nobody()
    return row


def _nobody() -> Refusal:
    return Refusal("not_found", "Nobody is known by the token's sub yet: introduce them with POST /v1/me.")


def family(request: HttpRequest) -> tuple[str, list[str]]:
    """The workspace, and the ids of the person and of those merged into them, theirs first."""
    workspace_id = caller(request).workspace_id
    return workspace_id, merged.family(workspace_id, str(_who(request).id))


def _me(row: Participant, named: str) -> dict[str, Any]:
    traits = row.traits
    return {
        "id": shaping.public("par", row.id),
        "external_id": named,
        "name": row.name,
        "email": row.email,
        "country": _text(traits.get("country")),
        "locale": _text(traits.get("locale")),
        "since": row.first_seen_at,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def program_of(row: Program) -> dict[str, str]:
    document = row.live_version.document if row.live_version else {}
    return {"key": row.key, "name": document.get("name") or row.key}


def _check_room(workspace_id: str, sub: str, channel: str) -> None:
    """Raises `Refusal` where the person has so many links that they get none for one more channel."""
    with tenancy.workspace(workspace_id):
        who = Participant.objects.filter(workspace_id=workspace_id, external_id=sub).values_list("id", flat=True)
        channels = Link.objects.filter(workspace_id=workspace_id, participant_id__in=list(who)).values_list("channel")
        there = [name for (name,) in channels[:MAX_LINKS]]
    if len(there) == MAX_LINKS and channel not in there:
        raise Refusal("too_many_links", f"{MAX_LINKS} links are theirs already, and none has this channel.")


def _links(workspace_id: str) -> Any:
    return Link.objects.filter(workspace_id=workspace_id, program__test=False).select_related("program__live_version")


def _link(row: Link, begins: str) -> dict[str, Any]:
    return {
        "id": ids.public("lnk", row.id),
        "program": program_of(row.program),
        "code": row.code,
        "url": shown_links.address(begins, row.code),
        "channel": row.channel,
        "state": OFF if row.state == OFF else "on",
        "expires_at": row.expires_at,
        "created_at": row.created_at,
    }


def _referrals(workspace_id: str) -> Any:
    query = Referral.objects.filter(workspace_id=workspace_id, program__test=False)
    return query.select_related("program__live_version")


def _referral(row: Referral) -> dict[str, Any]:
    told = row.properties.get("referred") if isinstance(row.properties.get("referred"), Mapping) else row.properties
    return {
        "id": ids.public("ref", row.id),
        "program": program_of(row.program),
        "state": row.state,
        "said": gettext(participant_text(row.reason)) if row.reason else "",
        "referred": {name: told[name] for name in TOLD if isinstance(told.get(name), str)}
        if row.source == "submission"
        else {},
        "submitted_at": row.submitted_at,
        "qualified_at": row.qualified_at,
        "closed_at": row.closed_at,
        "updated_at": row.updated_at,
    }


def _reward(row: Reward, people: list[str]) -> dict[str, Any]:
    own = row.referral is not None and str(row.referral.referrer_id) in people
    return {
        "id": ids.public("rwd", row.id),
        "program": program_of(row.program),
        "referral": ids.public("ref", row.referral_id) if own else None,
        "state": row.state,
        "said": gettext(participant_text(row.reason)) if row.reason else "",
        "gift": row.gift,
        "amount": row.amount,
        "unit": row.unit,
        "reversed": row.reversed,
        "netted": row.basis.get("netted", 0),
        "granted_at": row.granted_at,
        "hold_until": row.hold_until,
        "approved_at": row.approved_at,
        "issued_at": row.issued_at,
        "expires_at": row.expires_at,
    }
