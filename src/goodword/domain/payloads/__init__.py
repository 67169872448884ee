"""The catalogue of event types and the typed payload of each. `events.parse_event` reads them.

Every field has a meaning here: the API's description and `docs/reference/events.md` are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from goodword.domain.payloads.base import Payload
from goodword.domain.payloads.imports import (
    IMPORT_LINK,
    IMPORT_PARTICIPANT,
    IMPORT_REFERRAL,
    IMPORT_REWARD,
    IMPORT_UNDONE,
    IMPORTED,
    ImportedLink,
    ImportedParticipant,
    ImportedPerson,
    ImportedReferral,
    ImportedReward,
    ImportUndone,
    ReferralState,
    RewardState,
)
from goodword.domain.payloads.orders import (
    InvoicePaid,
    Milestone,
    OrderCompleted,
    OrderRefunded,
    RatePublished,
    Subscription,
)
from goodword.domain.payloads.people import (
    VISITOR,
    AccountUpdated,
    Erased,
    Identified,
    SignedUp,
    SplitApart,
    TermsAccepted,
    Touched,
    VisitorTouched,
)
from goodword.domain.payloads.programs import (
    MAX_REASON,
    ContestMoved,
    MigrationUndone,
    ProgramMigrated,
    ProgramMoved,
    ProgramPublished,
    ProgramScheduled,
    TimerRang,
)
from goodword.domain.payloads.referrals import (
    APPROVED,
    CLAIMED,
    MAX_PROOF,
    REJECTED,
    CatalogueRedeemed,
    ClaimApproved,
    Claimed,
    ClaimedPerson,
    ClaimRejected,
    LinkCreated,
    LinkUpdated,
    Person,
    ReferralMoved,
    Rejection,
    RewardMoved,
    Submitted,
)

__all__ = [
    "APPROVED",
    "CATALOGUE",
    "CLAIMED",
    "IMPORTED",
    "IMPORT_LINK",
    "IMPORT_PARTICIPANT",
    "IMPORT_REFERRAL",
    "IMPORT_REWARD",
    "IMPORT_UNDONE",
    "MAX_PROOF",
    "MAX_REASON",
    "REJECTED",
    "RESERVED_NOUNS",
    "VISITOR",
    "AccountUpdated",
    "ClaimedPerson",
    "EventType",
    "ImportedPerson",
    "InvoicePaid",
    "Payload",
    "Person",
    "ReferralState",
    "Rejection",
    "RewardMoved",
    "RewardState",
    "Touched",
]

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
