"""The catalogue of event types and the typed payload of each. `events.parse_event` reads them.

Every field has a meaning here: the API's description and `docs/reference/events.md` are made from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from goodword.domain import codes, money
from goodword.domain.links import Url
from goodword.domain.moments import parse_time


def _currency(code: str) -> str:
    if not money.is_currency(code):
        raise ValueError(f"unknown currency {code[:20]!r}; use an ISO 4217 code such as USD, in capitals")
    return code


def _day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("expected a day such as 2026-03-01")
    date.fromisoformat(text)
    return text


def _link_code(text: str) -> str:
    if told := codes.fault(text):
        raise ValueError(told)
    return text


def _instant(text: str) -> str:
    parse_time(text)
    return text


def _time(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("expected a time with an offset, such as 2026-03-14T10:22:00+00:00")
    return text


Instant = Annotated[str, AfterValidator(_instant)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Amount = Annotated[StrictInt, Field(ge=0, le=money.MAX_AMOUNT)]
Currency = Annotated[str, AfterValidator(_currency)]
Day = Annotated[str, AfterValidator(_day)]
Moment = Annotated[str, AfterValidator(_time)]
Told = Annotated[str, Field(max_length=200)]
VISITOR = "visitor.touched"
CLAIMED, APPROVED, REJECTED = "referral.claimed", "claim.approved", "claim.rejected"
IMPORT_PARTICIPANT, IMPORT_LINK = "import.participant", "import.link"
IMPORT_REFERRAL, IMPORT_REWARD = "import.referral", "import.reward"
IMPORT_UNDONE = "import.undone"
IMPORTED = frozenset({IMPORT_PARTICIPANT, IMPORT_LINK, IMPORT_REFERRAL, IMPORT_REWARD})
"""Types of event that bring what another system knew."""
PREVIOUS_ID = "Another external id of the same person, or ours (par_…): that participant is merged into this one."


class Payload(BaseModel):
    """What every event's properties may carry. Unknown properties are kept as sent."""

    model_config = ConfigDict(extra="allow", frozen=True)

    simulated: StrictBool | None = Field(None, description="True marks a made-up fact; shown wherever it leads.")


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


class Billed(Payload):
    """A payment for a time, each day as 2026-03-01; the last ones are the first days after it."""

    period_from: Day | None = Field(None, description="The first day of the billing period.", examples=["2026-03-01"])
    period_to: Day | None = Field(None, description="The day after its last one.", examples=["2026-04-01"])
    covers_from: Day | None = Field(
        None, description="The first day that is paid for, where that is not the period's.", examples=["2026-03-11"]
    )
    covers_to: Day | None = Field(None, description="The day after the last one that is paid for.")


class OrderCompleted(Billed, Traced):
    """A paid order. The first one of somebody who was not referred begins a referral where its evidence says so."""

    order_id: Name | None = Field(None, description="The shop's own id.")
    value: Amount = Field(description="Minor units of `currency`.")
    currency: Currency = Field(description="ISO 4217.")
    quantity: Amount | None = Field(None, description="How many things.")
    coupon: Code | None = Field(None, description="The coupon that was used: evidence, where it is the code of a link.")
    client_reference_id: Told | None = Field(None, description=CLIENT_REFERENCE)


class OrderRefunded(Payload):
    """All or part of an order was paid back. Without `value` and `currency` it is the whole: all that is left of the
    order that `order_id` names; the log keeps the amount that this comes to."""

    order_id: Name | None = Field(None, description="The shop's own id; needed where there is no `value`.")
    value: Amount | None = Field(
        None, description="The refunded part, in minor units of `currency`. Left out: all that is left of the order."
    )
    currency: Currency | None = Field(None, description="ISO 4217; beside `value`.")

    @model_validator(mode="after")
    def _amount(self) -> OrderRefunded:
        if self.value is None and self.currency is None and self.order_id is None:
            raise ValueError("say what is paid back: give value with currency, or order_id for all that is left of it")
        if (self.value is None) != (self.currency is None):
            raise ValueError("value and currency go together: give both, or neither for all that is left of the order")
        return self


class Subscription(Billed):
    """A subscription began, went on, grew or ended."""

    subscription_id: Name | None = Field(None, description="The host's own id.")
    plan: Name | None = Field(None, description="The plan, as the host names it.")
    value: Amount | None = Field(None, description="Minor units of `currency`.")
    currency: Currency | None = Field(None, description="ISO 4217.")


class InvoicePaid(Billed):
    """An invoice was paid."""

    invoice_id: Name | None = Field(None, description="The host's own id.")
    value: Amount = Field(description="Minor units of `currency`.")
    currency: Currency = Field(description="ISO 4217.")


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


class Milestone(Payload):
    """A person reached something worth celebrating."""

    milestone: Name = Field(description="Its name.")


class LinkCreated(Payload):
    """A participant got a link and code for a program."""

    program: Code = Field(description="The program's key.")
    code: Annotated[str, AfterValidator(_link_code)] | None = Field(
        None,
        description="3 to 64 letters (a to z), digits, hyphens and underscores. Unique in the workspace; capitals and "
        "small letters are the same. Left out: one is made, without letters and digits that look alike.",
        examples=["ADA-4711"],
    )
    channel: Code | None = Field(None, description="Where it is shared, such as `email`.")
    expires_at: Instant | None = Field(None, description="From when on it leads nowhere any more (RFC 3339).")
    destination: Url | None = Field(
        None,
        description="Where it leads instead of the program's destination, on one of the program's hosts.",
        examples=["https://www.example.com/shoes"],
    )
    by: Name | None = Field(None, description="Who of the staff made it.")


class LinkUpdated(Payload):
    """A link was switched off or on, or leads elsewhere from now on. What is left out stays."""

    code: Code = Field(description="The link's code.")
    state: Literal["on", "off"] | None = Field(None, description="Whether it leads anywhere.")
    channel: Annotated[str, Field(max_length=64)] | None = Field(
        None, description='Where it is shared; `""`: nowhere in particular.'
    )
    expires_at: Instant | Literal[""] | None = Field(None, description='From when on it leads nowhere; `""`: never.')
    destination: Url | Literal[""] | None = Field(None, description='Where it leads; `""`: where the program says.')
    by: Name | None = Field(None, description="Who changed it.")


class Person(BaseModel):
    """The referred person in a submission, and what is known of the company."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: Name | None = Field(None, description="The person's name.")
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] = Field(
        description="Tells whether the person is known already."
    )
    company: Name | None = Field(None, description="Where they work.")
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(None, description="ISO 3166-1 alpha-2.")
    industry: Name | None = Field(None, description="Of the company.")
    employees: Amount | None = Field(None, description="How many people work there.")
    is_customer: StrictBool | None = Field(None, description="Whether the company buys already; left out: no.")
    in_pipeline: StrictBool | None = Field(None, description="Whether sales works on it already; left out: no.")


class Submitted(Payload):
    """A participant put in a good word for somebody."""

    referral: Name = Field(description="The sender's own id of this referral.")
    referred: Person = Field(description="Who is put forward.")
    program: Code | None = Field(
        None, description="The program's key; may be left out where one sales program is live."
    )
    need: Annotated[str, Field(max_length=2000)] | None = Field(None, description="What they look for, in words.")


class ClaimedPerson(BaseModel):
    """Whom somebody says they brought: the host product's id of them, or their address, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    external_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")] | None = Field(
        None, description="The host product's id."
    )
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = Field(
        None, description="Tells whether the person is known already."
    )
    name: Name | None = Field(None, description="The person's name.")

    @model_validator(mode="after")
    def _somebody(self) -> ClaimedPerson:
        if self.external_id is None and self.email is None:
            raise ValueError("say whom: give external_id or email")
        return self


MAX_PROOF = 2_000
"""Characters of the proof of a claim."""


class Claimed(Payload):
    """A participant claims that they brought somebody, with proof. It waits until staff approve or reject it."""

    program: Code = Field(description="The program's key.")
    referred: ClaimedPerson = Field(description="Whom they brought.")
    proof: Annotated[str, Field(min_length=1, max_length=MAX_PROOF, pattern=r"\S")] | None = Field(
        None, description="What shows it, in words."
    )
    url: Annotated[str, Field(max_length=2_000, pattern=r"^https?://[^\s]+$")] | None = Field(
        None, description="Where it can be seen (http or https)."
    )
    reference: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")] | None = Field(
        None, description="A number or name by which it can be found, such as an order's."
    )
    at: Instant | None = Field(
        None, description="When they told the person (RFC 3339); the event's moment, if left out."
    )

    @model_validator(mode="after")
    def _proven(self) -> Claimed:
        if self.proof is None and self.url is None and self.reference is None:
            raise ValueError("a claim needs proof: give proof (words), url or reference")
        return self


ClaimId = Annotated[str, Field(pattern=r"^clm_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
Rejection = Literal["not_proven", "brought_by_another", "known_before", "claim_refused"]
"""Why staff reject a claim: each has a text for the participant."""


class ClaimApproved(Payload):
    """Staff believe a claim."""

    claim: ClaimId = Field(description="The claim, clm_….")
    by: Name | None = Field(None, description="Who decided.")
    note: Annotated[str, Field(max_length=500)] | None = Field(None, description="For staff, in words.")


class ClaimRejected(ClaimApproved):
    """Staff do not believe a claim, or it comes to nothing."""

    reason: Rejection = Field(description="Why; the participant is told in their language.")


class ReferralMoved(Payload):
    """Sales moved a referral along, or ended it."""

    referral: Name = Field(description="The referral's id (ref_…) or the sender's own id of it.")
    value: Amount | None = Field(None, description="The deal, in minor units of `currency`.")
    currency: Currency | None = Field(None, description="ISO 4217.")
    reason: Code | None = Field(None, description="Why, as a code of your own.")


class RewardMoved(Payload):
    """A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule."""

    reward: Name | None = Field(None, description="The reward's id (rwd_…).")
    referral: Name | None = Field(None, description="Or the referral's id, with `rule`.")
    rule: Code | None = Field(None, description="The id of the rule that gave it.")
    by: Name | None = Field(None, description="Who decided, as the sender says; it is kept and not looked up.")
    reason: Code | None = Field(None, description="Why, as a code of your own.")


class CatalogueRedeemed(Payload):
    """A participant spends points on something of a loyalty program's catalogue."""

    program: Code = Field(description="The program's key.")
    item: Code = Field(description="The id of what they want from its catalogue.")


def _rate(text: object) -> object:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,12})?", text):
        raise ValueError('expected a decimal as text, such as "1.0842": at most 9 digits before the point, 12 after')
    if not text.strip("0."):
        raise ValueError("a rate is more than 0: what one unit of base costs in quote")
    return text


def _calendar_day(text: str) -> str:
    try:
        date.fromisoformat(text if len(text) == 10 else "")
    except ValueError as error:
        raise ValueError("expected a day that exists, such as 2026-03-14") from error
    return text


class RatePublished(Payload):
    """What one currency costs in another on a day. A later event of the same pair and day takes its place."""

    base: Currency = Field(description="ISO 4217: one of this …")
    quote: Currency = Field(description="… costs `rate` of this. Another currency than `base`.")
    rate: Annotated[str, BeforeValidator(_rate)] = Field(description="A decimal as text, more than 0.")
    date: Annotated[str, AfterValidator(_calendar_day)] = Field(description="The day it is of, such as `2026-03-14`.")
    source: Name = Field(description="Who says so, such as `ECB`.")

    @field_validator("quote")
    @classmethod
    def _another(cls, quote: str, info: ValidationInfo) -> str:
        if quote == info.data.get("base"):
            raise PydanticCustomError("same_currency", "is the base too; a rate is between two currencies")
        return quote


class ContestMoved(Payload):
    """Staff took a participant out of a contest, or let them back in, before its result is final."""

    program: Code = Field(description="The program's key.")
    contest: Code = Field(description="The contest's id.")
    by: Name | None = Field(None, description="Who decided.")
    reason: Code | None = Field(None, description="Why, as a code of your own.")


class TermsAccepted(Payload):
    """A participant accepted the terms of a program. Somebody may record it for them, with `by`."""

    program: Code = Field(description="The program's key.")
    terms: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)] = Field(
        description="The number of the text they accepted: `terms.version` of the document."
    )
    by: Name | None = Field(None, description="Who recorded it, where they did not themselves.")
    how: Name | None = Field(None, description="How it was obtained then, such as `by phone` or `signed on paper`.")


class TimerRang(Payload):
    """A moment the engine had set has come. Recorded by the engine alone."""

    timer: Name = Field(description="Which one.")


class ProgramPublished(Payload):
    """A version of a program went live. Recorded by the engine alone."""

    program: Code = Field(description="Its key.")
    version: Name = Field(description="The version's id.")


class ProgramScheduled(Payload):
    """A version of a program goes live at a moment. Recorded by the engine alone."""

    program: Code = Field(description="Its key.")
    version: Name = Field(description="The version's id.")
    at: Name = Field(description="When (RFC 3339).")


MAX_REASON = 200
"""Characters of why somebody did something with a program."""


class ProgramMoved(Payload):
    """Somebody paused, resumed or ended a program. Recorded by `goodword program`, the API and the console alone."""

    program: Code = Field(description="Its key.")
    by: Name = Field(description="Who.")
    reason: Annotated[str, Field(max_length=MAX_REASON)] | None = Field(None, description="Why, in words.")


Public = Annotated[str, Field(pattern=r"^ref_[0-9a-z]{26}$")]


class ProgramMigrated(ProgramMoved):
    """Running referrals move to another version of their program. Recorded by `goodword program migrate`, the API and
    the console alone."""

    to_version: Annotated[StrictInt, Field(ge=1)] = Field(description="The number of the version they move to.")
    from_versions: list[StrictInt] = Field(description="The numbers of the versions they come from.")
    referrals: list[Public] | None = Field(None, description="Only these (ref_…); left out: all that run.")


class MigrationUndone(ProgramMoved):
    """A migration is taken back, for each referral with no reward under the new version. Recorded as the migration."""

    migration: Annotated[str, Field(pattern=r"^evt_[0-9a-z]{26}$")] = Field(description="The migration's event, evt_….")
    to_version: Annotated[StrictInt, Field(ge=1)] = Field(description="The number of the version they had moved to.")
    referrals: list[Public] | None = Field(None, description="Those that the migration named, where it did.")


class Erased(Payload):
    """What identified a person was removed. Recorded by `goodword participant erase` and its API alone."""

    participant: Name = Field(description="The person's id, par_….")


Vendor = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
ReferralState = Literal[
    "submitted", "nurture", "qualified", "opportunity", "closed_won", "closed_lost", "disqualified", "expired"
]
"""What an imported referral may be."""
RewardState = Literal[
    "pending", "approved", "issued", "redeemed", "rejected", "cancelled", "expired", "reversed", "failed"
]
"""What an imported reward may be."""


class Imported(Payload):
    """What every fact from another system's file says of where it is from. Recorded by an import alone."""

    import_id: Annotated[str, Field(pattern=r"^imp_[0-9a-z]{26}$")] = Field(description="The import, imp_….")
    vendor: Vendor = Field(description="Whose file it was: the name of the mapping.")
    source_id: Told | None = Field(None, description="Its id there.")
    source_state: Told | None = Field(None, description="Its state there, as it was written.")


class ImportedParticipant(Imported):
    """A person whom another system knew. Whoever is known here already stays as they are."""


class ImportedLink(Imported):
    """A participant's code in another system. It need not follow the rules for new codes."""

    program: Code = Field(description="The program's key.")
    code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s/?#\x00-\x1f\x7f]+$")] = Field(
        description="Unique in the workspace; capitals and small letters are the same."
    )
    channel: Code | None = Field(None, description="Where it is shared, such as `email`.")


class ImportedPerson(BaseModel):
    """The referred person of an imported referral: the host product's id of them, or their address, or both."""

    model_config = ConfigDict(extra="allow", frozen=True)

    external_id: Name | None = Field(None, description="The host product's id.")
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = Field(
        None, description="Tells whether the person is known already."
    )
    name: Name | None = Field(None, description="The person's name.")

    @model_validator(mode="after")
    def _somebody(self) -> ImportedPerson:
        if self.external_id is None and self.email is None:
            raise ValueError("the referred person has no identity: give external_id or email")
        return self


class ImportedReferral(Imported):
    """A referral as it stood in another system. It begins, moves and pays nothing here."""

    program: Code = Field(description="The program's key.")
    referral: Name = Field(description="Its id there, or one made from who referred whom; ours from then on.")
    referred: ImportedPerson = Field(description="Who was referred.")
    state: ReferralState = Field(description="Where it stands here.")
    qualified_at: Moment | None = Field(None, description="When it was qualified (RFC 3339).")
    closed_at: Moment | None = Field(None, description="When it was won or ended (RFC 3339).")
    expires_at: Moment | None = Field(None, description="When it runs out while it is open (RFC 3339).")
    value: Amount | None = Field(None, description="The deal or order that won it, in minor units of `currency`.")
    currency: Currency | None = Field(None, description="ISO 4217.")
    order_id: Name | None = Field(None, description="The order that won it.")


class ImportedReward(Imported):
    """A reward as it stood in another system, or what somebody had there to spend or to be paid (a balance). It is
    theirs here from then on; nothing is decided anew."""

    program: Code = Field(description="The program's key.")
    rule: Code = Field(description="The id of the rule it stands for.")
    referral: Name | None = Field(None, description="The referral it is for, by the id it was imported with.")
    state: RewardState = Field(description="Where it stands here.")
    amount: Amount | None = Field(None, description="Minor units of `unit`.")
    unit: Code | None = Field(None, description="ISO 4217, or a unit that the program declares.")
    due_at: Moment | None = Field(None, description="When its hold ends (RFC 3339), where it is pending.")
    approved_at: Moment | None = Field(None, description="When it was approved (RFC 3339).")
    issued_at: Moment | None = Field(None, description="When it was paid or handed over (RFC 3339).")
    ended_at: Moment | None = Field(None, description="When it was taken back or refused (RFC 3339).")
    expires_at: Moment | None = Field(None, description="When it lapses (RFC 3339).")
    order_id: Name | None = Field(None, description="The payment it is for.")
    value: Amount | None = Field(None, description="What that payment was worth, in minor units of `currency`.")
    currency: Currency | None = Field(None, description="ISO 4217.")


class ImportUndone(Payload):
    """Something that an import brought is taken out again. Recorded by the undoing of an import alone."""

    import_id: Annotated[str, Field(pattern=r"^imp_[0-9a-z]{26}$")] = Field(description="The import, imp_….")
    program: Code | None = Field(None, description="The program's key.")
    participant: Name | None = Field(None, description="The person, par_…, where it is one.")
    kept: StrictBool | None = Field(None, description="True: something refers to the person; the bare id stays.")
    link: Name | None = Field(None, description="The link, lnk_…, where it is one.")
    referral: Name | None = Field(None, description="The referral, ref_…, where it is one.")
    reward: Name | None = Field(None, description="The reward, rwd_…, where it is one.")


PayloadType = type[Payload]


@dataclass(frozen=True, slots=True)
class EventType:
    """One entry of the catalogue."""

    type: str
    payload: PayloadType
    needs_person: bool = False
    needs_account: bool = False
    internal: bool = False


def _catalogue() -> dict[str, EventType]:
    person: dict[str, PayloadType] = {
        "participant.identified": Identified,
        "participant.signed_up": SignedUp,
        "order.completed": OrderCompleted,
        "order.refunded": OrderRefunded,
        "subscription.started": Subscription,
        "subscription.renewed": Subscription,
        "subscription.upgraded": Subscription,
        "subscription.cancelled": Subscription,
        "invoice.paid": InvoicePaid,
        "milestone.reached": Milestone,
        "link.created": LinkCreated,
        "referral.submitted": Submitted,
        CLAIMED: Claimed,
        "catalogue.redeemed": CatalogueRedeemed,
        "terms.accepted": TermsAccepted,
        "contest.disqualified": ContestMoved,
        "contest.reinstated": ContestMoved,
    }
    moves = ("qualified", "opportunity_opened", "closed_won", "closed_lost", "disqualified")
    internal: dict[str, PayloadType] = {
        "hold.ended": TimerRang,
        "referral.expired": TimerRang,
        "reward.expired": TimerRang,
        "waitlist.reached": TimerRang,
        "fact.recalled": TimerRang,
        "goal.reached": TimerRang,
        "contest.decided": TimerRang,
        "tier.reviewed": TimerRang,
        "anniversary.reached": TimerRang,
        "statement.closed": TimerRang,
        "program.published": ProgramPublished,
        "program.scheduled": ProgramScheduled,
        "program.due": TimerRang,
        "program.paused": ProgramMoved,
        "program.resumed": ProgramMoved,
        "program.ended": ProgramMoved,
        "program.migrated": ProgramMigrated,
        "program.migration_undone": MigrationUndone,
        "program.migrating": TimerRang,
        "participant.erased": Erased,
        IMPORT_UNDONE: ImportUndone,
    }
    imported: dict[str, PayloadType] = {
        IMPORT_PARTICIPANT: ImportedParticipant,
        IMPORT_LINK: ImportedLink,
        IMPORT_REFERRAL: ImportedReferral,
        IMPORT_REWARD: ImportedReward,
    }
    found = [EventType(name, payload, needs_person=True) for name, payload in person.items()]
    found.append(EventType("participant.split", SplitApart))
    found.append(EventType("link.updated", LinkUpdated))
    found.append(EventType(VISITOR, VisitorTouched))
    found += [EventType(APPROVED, ClaimApproved), EventType(REJECTED, ClaimRejected)]
    found.append(EventType("fx.rate_published", RatePublished))
    found.append(EventType("account.updated", AccountUpdated, needs_account=True))
    found += [EventType(f"referral.{move}", ReferralMoved) for move in moves]
    found += [
        EventType(f"reward.{move}", RewardMoved) for move in ("approved", "rejected", "issued", "redeemed", "failed")
    ]
    found += [EventType(name, payload, internal=True) for name, payload in internal.items()]
    found += [EventType(name, payload, needs_person=True, internal=True) for name, payload in imported.items()]
    return {entry.type: entry for entry in found}


CATALOGUE = _catalogue()
"""Every known type of event by name."""

RESERVED_NOUNS = frozenset(
    {"referral", "reward", "hold", "waitlist", "program", "link", "participant", "account", "catalogue", "tier", "fx"}
    | {"contest", "goal", "anniversary", "terms", "statement", "import", "visitor", "claim"}
)
"""Nouns of which only the catalogue's types exist: a misspelt `reward.aproved` must not pass as custom."""
