"""Who somebody is, what tells who brought them, and what they agreed to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
)

from goodword.domain.payloads.base import Amount, Code, Instant, Name, Payload, Told

VISITOR = "visitor.touched"
PREVIOUS_ID = "Another external id of the same person, or ours (par_…): that participant is merged into this one."


class Touched(BaseModel):
    """One piece of evidence of who brought a person."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["code", "coupon", "link", "invitation", "crm"] = Field(description="What it was.")
    code: Code = Field(description="The code of the referrer's link.")
    at: Instant | None = Field(None, description="When (RFC 3339); the event's moment, when left out.")
    click: Annotated[str, Field(pattern=r"^clk_[0-9a-z]{26}$")] | None = Field(None, description="The click, clk_….")
    proof: Annotated[str, Field(max_length=500)] | None = Field(None, description="What shows it.")


class Evidence(Payload):
    """What may tell who brought a person."""

    code: Code | None = Field(None, description="The link code the person came with.")
    click_id: Annotated[str, Field(pattern=r"^clk_[0-9a-z]{26}$")] | None = Field(
        None,
        description="The click that the destination was told. It and the earlier visits of the same browser become "
        "touches.",
        examples=["clk_01jq8x5e4me8k9d3v0h2r6t7wy"],
    )
    touches: list[Touched] | None = Field(
        None, description="Other evidence of who brought the person; clicks are added to it.", max_length=50
    )


AnonymousId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"\S")]
CLIENT_REFERENCE = "What your checkout was given: a click (clk_…) is one, anything else is kept as sent."
ANONYMOUS_ID = "Your own id of the visitor before they were known: what was told of it becomes theirs."


class VisitorTouched(Evidence):
    """A visitor whom nobody knows yet came by a link or a code. It is kept under `anonymous_id`, and counts for the
    person whom a later event names beside that id."""

    anonymous_id: AnonymousId = Field(description="Your own id of the visitor, such as the one in your cookie.")


class Traced(Evidence):
    """Evidence of who brought a person who is named."""

    anonymous_id: AnonymousId | None = Field(None, description=ANONYMOUS_ID)


class Identified(Traced):
    """A person's traits, as the host product knows them. Later facts replace earlier ones. Evidence of who brought the
    person is kept until they sign up or order."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(None, description="ISO 3166-1 alpha-2.")
    locale: Code | None = Field(None, description="BCP 47, such as `nb-NO`.")
    previous_id: Name | None = Field(None, description=PREVIOUS_ID)


class SignedUp(Traced):
    """A person joined the host product, perhaps through a link or with a code."""

    client_reference_id: Told | None = Field(None, description=CLIENT_REFERENCE)
    previous_id: Name | None = Field(None, description=PREVIOUS_ID)


class SplitApart(Payload):
    """Two participants who were merged are two people after all: the merge is taken back. It is about the one whom
    `previous_id` names; a `participant` beside it is not read."""

    previous_id: Name = Field(description="Who was merged into another: their external id, or ours (par_…).")


class AccountUpdated(Payload):
    """Facts about a company or subscription; the ones left out stay as they were."""

    name: Name | None = Field(None, description="What people call it.")
    status: Code | None = Field(None, description="`paying`, `trial`, `churned`, … as the host names them.")
    plan: Name | None = Field(None, description="The plan, as the host names it.")
    since: str | None = Field(None, description="When it became a customer (RFC 3339).")
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(None, description="ISO 3166-1 alpha-2.")
    industry: Name | None = Field(None, description="As the host names it.")
    employees: Amount | None = Field(None, description="How many people work there.")
    owner: Name | None = Field(None, description="The account executive or CSM.")
    territory: Name | None = Field(None, description="The sales territory.")
    in_collections: StrictBool | None = Field(None, description="Whether it owes overdue money.")
    open_dispute: StrictBool | None = Field(None, description="Whether it disputes an invoice.")
    active_days_30: Amount | None = Field(None, description="Days with activity in the last 30.")


class TermsAccepted(Payload):
    """A participant accepted the terms of a program. Somebody may record it for them, with `by`."""

    program: Code = Field(description="The program's key.")
    terms: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)] = Field(
        description="The number of the text they accepted: `terms.version` of the document."
    )
    by: Name | None = Field(None, description="Who recorded it, where they did not themselves.")
    how: Name | None = Field(None, description="How it was obtained then, such as `by phone` or `signed on paper`.")


class Erased(Payload):
    """What identified a person was removed. Recorded by `goodword participant erase` and its API alone."""

    participant: Name = Field(description="The person's id, par_….")
