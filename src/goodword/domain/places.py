"""Under which account a reward took its place in a limit, so that it gives back that one and no other.

A referrer may change company between a reward and its end; the place is still with the company of the day it was
given. It is kept as a counter of the referral, by rule; `-` stands for a referrer without a company.
"""

from __future__ import annotations

from goodword.domain.draft import Draft
from goodword.domain.rows import Referral

_NONE = "-"


def present_account(draft: Draft, referral: Referral) -> str:
    """The referrer's account, or the referrer where there is none."""
    referrer = draft.person(referral.referrer_id)
    return (referrer.account_id if referrer else None) or referral.referrer_id


def account(draft: Draft, referral: Referral, rule: str, sign: int) -> str:
    """The account under which the rule's reward takes its place (`sign` 1), or under which it took it (-1)."""
    prefix = f"place:{rule}:"
    if sign > 0:
        subject = present_account(draft, referral)
        kept = _NONE if subject == referral.referrer_id else subject
        draft.count(referral.id, prefix + kept, 1, 0)
        return subject
    names = (name for name in draft.state.counters.get(referral.id, ()) if name.startswith(prefix))
    taken = next((name for name in names if draft.counter(referral.id, name)[0] > 0), None)
    if taken is None:
        return present_account(draft, referral)  # given before places were kept
    draft.count(referral.id, taken, -1, 0)
    kept = taken.removeprefix(prefix)
    return referral.referrer_id if kept == _NONE else kept
