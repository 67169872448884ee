"""What another system knew, and its undoing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)

from goodword.domain.payloads.base import Amount, Code, Currency, Moment, Name, Payload, Told

IMPORT_PARTICIPANT, IMPORT_LINK = "import.participant", "import.link"
IMPORT_REFERRAL, IMPORT_REWARD = "import.referral", "import.reward"
IMPORT_UNDONE = "import.undone"
IMPORTED = frozenset({IMPORT_PARTICIPANT, IMPORT_LINK, IMPORT_REFERRAL, IMPORT_REWARD})
"""Types of event that bring what another system knew."""
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
