"""The timers that rewards and referrals set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from goodword.domain import ids
from goodword.domain.draft import Draft
from goodword.domain.rows import Referral, Reward, Timer
from goodword.domain.rules import Rule

NO_TURN_KNOWN = datetime(9998, 1, 1, tzinfo=UTC)
"""When the first of a line is due where nothing but a place given back, or a raised limit, makes room."""
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def hold(draft: Draft, reward: Reward) -> Timer:
    """The timer that ends a held reward's waiting."""
    assert reward.hold_until
    id = ids.derive(reward.hold_until, draft.state.workspace_id, "timer", "hold.ended", reward.id)
    return Timer(id, "hold.ended", reward.hold_until, reward.program_id, reward.referral_id, reward.id)


def expiry(draft: Draft, reward: Reward) -> Timer:
    """The timer that ends an issued reward."""
    assert reward.expires_at
    id = ids.derive(reward.expires_at, draft.state.workspace_id, "timer", "reward.expired", reward.id)
    return Timer(id, "reward.expired", reward.expires_at, reward.program_id, reward.referral_id, reward.id)


def waitlist(
    draft: Draft, due_at: datetime, rule: Rule, occurrence: str, place: tuple[str, str, int], told: Mapping[str, Any]
) -> Timer:
    """The timer of a rule that waits for its turn; `place` is whose line, which limit's, and the ticket in it; `told`
    what else is to be known at the turn: the kept event, and where there is no referral whose it is. It keeps the
    version."""
    subject, line, ticket = place
    detail = {
        **told,
        "rule": rule.id,
        "occurrence": occurrence,
        "subject": subject,
        "line": line,
        "ticket": ticket,
        "since": draft.event.occurred_at.isoformat(),
        "version": draft.program.version_id,
    }
    id = waitlist_id(draft.state.workspace_id, subject, line, ticket)
    if draft.referral is None and rule is not draft.program.rules[rule.id]:  # a share of a prize
        detail["amount"] = rule.give.amount
    referral_id = draft.referral.id if draft.referral else None
    return Timer(id, "waitlist.reached", due_at, draft.program.id, referral_id, None, detail)


def waitlist_id(workspace_id: str, subject: str, line: str, ticket: int) -> str:
    """The id of the timer of that ticket: it is the same whenever its turn comes."""
    return ids.derive(_NO_TIME, workspace_id, "timer", "waitlist.reached", subject, line, str(ticket))


def referral_expiry(workspace_id: str, referral: Referral) -> Timer:
    """The timer that ends an open referral."""
    assert referral.expires_at
    id = ids.derive(referral.expires_at, workspace_id, "timer", "referral.expired", referral.id)
    return Timer(id, "referral.expired", referral.expires_at, referral.program_id, referral.id, None)
