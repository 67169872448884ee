"""What other tools and people call the words of a document, so that a fault can say which of ours is meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_OURS: Mapping[str, tuple[str, ...]] = {
    "advocate": ("referrer", "participant"), "inviter": ("referrer",), "sender": ("referrer",),
    "member": ("participant", "referrer"), "user": ("participant", "referred"), "customer": ("participant", "referred"),
    "friend": ("referred",), "referee": ("referred",), "invitee": ("referred",), "new_customer": ("referred",),
    "times": ("multiply",), "factor": ("multiply",), "plus": ("add",), "extra": ("add",),
    "replace": ("set",), "override": ("set",),
    "min": ("floor", "minimum"), "minimum": ("floor",), "max": ("ceiling", "count", "best", "better"),
    "maximum": ("ceiling", "count"), "cap": ("ceiling", "count"), "highest": ("best", "better"), "pct": ("percent",),
    "percentage": ("percent",), "won": ("closed_won", "closed_won_referrals"), "lost": ("closed_lost",),
    "first": ("earliest", "first_touch"), "first_click": ("first_touch",), "last_click": ("last_touch",),
    "last": ("last_touch",), "split": ("share",), "keep": ("keep_until_period_end",), "cancel": ("void",),
    "queue": ("waitlist",), "wait": ("waitlist",), "partly": ("partial", "proportional"),
    "partial": ("proportional",), "pro_rata": ("proportional",), "condition": ("when",), "if": ("when",),
    "event": ("on",), "trigger": ("on",), "recipient": ("to",), "receiver": ("to",), "gift": ("give",),
    "reward": ("give",), "credit": ("account_credit",), "money": ("cash",), "voucher": ("gift_card",),
    "coupon": ("discount",), "free_month": ("free_period",), "badge": ("recognition",), "charity": ("donation",),
    "period": ("every",), "rolling": ("within",), "key": ("program",), "title": ("name",), "start": ("from",),
    "end": ("to",), "until_date": ("to",), "threshold": ("from", "target"), "delay": ("hold",), "waiting": ("hold",),
    "clawback": ("reverse",), "expires": ("expire",), "expiry": ("expire",), "caps": ("limits",), "rules": ("rewards",),
    "amount": ("budget",), "total": ("budget",), "max_amount": ("budget", "ceiling"), "sum": ("budget",),
}  # fmt: skip
"""By a word of the field, ours; where several are, the first that is allowed at the place."""


def ours(word: str, allowed: Collection[str]) -> str:
    """The word that is allowed and means what another one does; '' where there is none, or the word is itself one."""
    plain = re.sub(r"[^a-z0-9]+", "_", word.strip().lower()).strip("_")
    if plain in allowed:
        return plain
    return next((name for name in _OURS.get(plain, ()) if name in allowed), "")
