"""The tables.

Only the engine writes referrals, rewards, balances, timers and what hangs on them, and only while
applying an event. Everybody else reads. Every table carries `workspace_id`; the migrations make it
the first column of each key and put row-level security on it. References between tenant tables are
plain columns for the database (no constraint across the tenant key) and relations for Django.
"""

from __future__ import annotations

from goodword.store.models._base import NAME, SHORT, Tenant, Workspace
from goodword.store.models.jobs import ImportFile, ImportKey, ImportRow, ImportRun, Job, JobRow
from goodword.store.models.ledger import LedgerAccount, Transfer
from goodword.store.models.log import Applied, Decision, Event, Inbox, Outbox
from goodword.store.models.people import Account, ErasedEvent, Erasure, Participant, ParticipantMerge
from goodword.store.models.programs import Program, ProgramDraft, ProgramVersion
from goodword.store.models.referrals import Claim, Click, Link, Referral
from goodword.store.models.rewards import Counter, EarlyFact, ExchangeRate, Reward, Timer
from goodword.store.models.workspaces import ApiKey, IdempotencyKey, Membership, RateWindow, SettingChange

__all__ = [
    "NAME",
    "SHORT",
    "Account",
    "ApiKey",
    "Applied",
    "Claim",
    "Click",
    "Counter",
    "Decision",
    "EarlyFact",
    "ErasedEvent",
    "Erasure",
    "Event",
    "ExchangeRate",
    "IdempotencyKey",
    "ImportFile",
    "ImportKey",
    "ImportRow",
    "ImportRun",
    "Inbox",
    "Job",
    "JobRow",
    "LedgerAccount",
    "Link",
    "Membership",
    "Outbox",
    "Participant",
    "ParticipantMerge",
    "Program",
    "ProgramDraft",
    "ProgramVersion",
    "RateWindow",
    "Referral",
    "Reward",
    "SettingChange",
    "Tenant",
    "Timer",
    "Transfer",
    "Workspace",
]
