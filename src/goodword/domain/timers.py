"""The timers that rewards and referrals set."""

from __future__ import annotations

from goodword.domain import calendar, ids
from goodword.domain.document import Limit, Rule
from goodword.domain.draft import Draft
from goodword.domain.state import Referral, Reward, Timer


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


def waitlist(draft: Draft, limit: Limit, rule: Rule) -> Timer:
    """The timer that tries a rule again when the limit's next period begins."""
    assert limit.every
    due_at = calendar.period(draft.event.occurred_at, limit.every, draft.program.zone).end
    id = ids.derive(due_at, draft.state.workspace_id, "timer", "waitlist.reached", draft.subject_id, rule.id)
    return Timer(
        id,
        "waitlist.reached",
        due_at,
        draft.program.id,
        draft.referral.id if draft.referral else None,
        None,
        {"rule": rule.id},
    )


def referral_expiry(workspace_id: str, referral: Referral) -> Timer:
    """The timer that ends an open referral."""
    assert referral.expires_at
    id = ids.derive(referral.expires_at, workspace_id, "timer", "referral.expired", referral.id)
    return Timer(id, "referral.expired", referral.expires_at, referral.program_id, referral.id, None)
