"""Links, referrals, claims of them, and what becomes of rewards."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)

from goodword.domain.links import Url
from goodword.domain.payloads.base import Amount, Code, Currency, Instant, Name, Payload, _link_code

CLAIMED, APPROVED, REJECTED = "referral.claimed", "claim.approved", "claim.rejected"


class LinkCreated(Payload):
    """A participant got a link and code for a program."""

    program: Code = Field(description="The program's key.")
    code: Annotated[str, AfterValidator(_link_code)] | None = Field(
        None,
        description="3 to 64 letters (a to z), digits, hyphens and underscores, a letter or digit first. Unique in the "
        "workspace; capitals, hyphens and underscores do not tell two codes apart. Left out: one is made, without "
        "letters and digits that look alike.",
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
