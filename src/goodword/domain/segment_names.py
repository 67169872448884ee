"""What Segment's names mean here: of its documented e-commerce and B2B events those that we have a type for, and a
custom type for every other."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from goodword.domain.payloads import CATALOGUE, RESERVED_NOUNS

COUPON = "coupon"
"""Stands for no type: a coupon tells who brought its person."""
KNOWN = {
    "order completed": "order.completed",
    "completed order": "order.completed",
    "order refunded": "order.refunded",
    "refunded order": "order.refunded",
    "order cancelled": "order.refunded",
    "order canceled": "order.refunded",
    "signed up": "participant.signed_up",
    "user signed up": "participant.signed_up",
    "subscription started": "subscription.started",
    "subscription created": "subscription.started",
    "subscription renewed": "subscription.renewed",
    "subscription upgraded": "subscription.upgraded",
    "subscription cancelled": "subscription.cancelled",
    "subscription canceled": "subscription.cancelled",
    "invoice paid": "invoice.paid",
    "milestone reached": "milestone.reached",
    "account created": "account.updated",
    "account deleted": "account.updated",
    "account added user": "participant.identified",
    "coupon applied": COUPON,
}
"""The names that mean a type of ours, in small letters with a space between words."""
CUSTOM = {
    "signed in": "user.signed_in",
    "signed out": "user.signed_out",
    "account removed user": "user.removed_from_account",
}
"""Names whose custom type does not follow from the rule."""
_LONGEST = 31
"""Characters of either half of a type."""

_WORD = re.compile(r"[a-z0-9]+")


def words(name: str) -> list[str]:
    """The words of a name, in small letters without accents: `orderCompleted`, `order_completed` and `Order Completed`
    are the same."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    plain = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode()
    return _WORD.findall(plain.lower())


def type_of(name: str) -> str:
    """The type of event that a name stands for, or `COUPON`.

    A name without a meaning here becomes a custom type: its last word behind the point, the others before it
    (`Product Viewed` is `product.viewed`); a single word, and a noun that is kept for standard events, comes behind
    `track.`. What is too long, or has no letter of the Latin alphabet, ends in eight characters that tell names apart.
    """
    found = words(name)
    known = " ".join(found)
    if meant := KNOWN.get(known) or CUSTOM.get(known):
        return meant
    noun, verb = "_".join(found[:-1]), found[-1] if found else ""
    if not noun or noun in RESERVED_NOUNS or f"{noun}.{verb}" in CATALOGUE or not (_fits(noun) and _fits(verb)):
        noun, verb = "track", "_".join(found)
    return f"{noun}.{verb if _fits(verb) else _cut(verb, name)}"


def _fits(half: str) -> bool:
    return half[:1].isalpha() and len(half) <= _LONGEST


def _cut(half: str, name: str) -> str:
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    begin = half if half[:1].isalpha() else f"event_{half}"
    return f"{begin[: _LONGEST - 9].rstrip('_')}_{mark}"
