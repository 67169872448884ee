"""Codes that people read, say and type: how they are made, which are the same, which are not given away."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

ALPHABET = "34679cdfghjkmnpqrtvwxy"
"""What generated codes are made of: nothing that looks like something else (0 and O, 1 and I and L, 2 and Z, 5 and S,
8 and B), and no vowels, so that no word comes out."""
GENERATED = 8
"""Characters of a generated code: 22^8, over 54 thousand millions."""
LONGEST = 64
"""Characters of a code."""
SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,63}")
"""What a code that somebody chose may be: 3 to 64 letters, digits, hyphens and underscores, the first none of these."""
RESERVED = frozenset(
    [
        "about",
        "abuse",
        "access",
        "account",
        "accounts",
        "admin",
        "administrator",
        "api",
        "app",
        "apps",
        "assets",
        "auth",
        "billing",
        "blog",
        "career",
        "careers",
        "cdn",
        "checkout",
        "click",
        "clicks",
        "code",
        "codes",
        "console",
        "contact",
        "dashboard",
        "docs",
        "download",
        "edge",
        "email",
        "error",
        "errors",
        "events",
        "faq",
        "favicon",
        "feedback",
        "goodword",
        "healthz",
        "help",
        "home",
        "host",
        "i18n",
        "imprint",
        "info",
        "invite",
        "join",
        "legal",
        "link",
        "links",
        "login",
        "logout",
        "mail",
        "media",
        "metrics",
        "new",
        "null",
        "official",
        "owner",
        "partner",
        "partners",
        "password",
        "payment",
        "portal",
        "press",
        "privacy",
        "program",
        "programs",
        "readyz",
        "refer",
        "referral",
        "referrals",
        "register",
        "robots",
        "root",
        "sales",
        "security",
        "settings",
        "signin",
        "signout",
        "signup",
        "sitemap",
        "staff",
        "static",
        "status",
        "store",
        "support",
        "sys",
        "system",
        "team",
        "terms",
        "test",
        "true",
        "false",
        "undefined",
        "user",
        "users",
        "wellknown",
        "widget",
        "workspace",
        "www",
    ]
)
"""Codes nobody gets: addresses of ours, and words that a visitor would take for the company's own. Compared `plain`."""

_PARTS = frozenset("/?#")
"""What takes an address apart: no code has these."""
_JOINTS = dict.fromkeys(map(ord, "-_ \t\n\r\v\f\u00a0\u2010\u2011\u2012\u2013\u2014\u2212"))


def plain(text: str) -> str:
    """What tells codes apart: lower case, without spaces, hyphens and underscores: `"Ada 47-11"` is `"ada4711"`."""
    if text.isascii():
        return "".join(text.lower().replace("-", " ").replace("_", " ").split())
    return unicodedata.normalize("NFKC", text).lower().translate(_JOINTS)


def possible(text: str) -> bool:
    """Whether somebody may have that code: as people type one of ours, or one that another system gave out, such as
    `ada.lovelace`."""
    key = plain(text)
    if key.isascii() and key.isalnum():
        return True
    return text.isprintable() and bool(text.strip()) and not _PARTS.intersection(text)


def generated(seed: str) -> str:
    """The code that a seed gives; the same whenever it is asked for."""
    number = int.from_bytes(blake2b(seed.encode(), digest_size=16).digest(), "big")
    letters = []
    for _ in range(GENERATED):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def fault(code: str) -> str | None:
    """Why a code cannot be chosen, in words; None where it can."""
    if not SHAPE.fullmatch(code):
        return (
            f"{code[:80]!r} cannot be a code; use 3 to {LONGEST} letters (a to z), digits, hyphens and underscores, "
            "a letter or digit first, such as ADA-4711"
        )
    if plain(code) in RESERVED:
        return f"{code!r} is a reserved word; choose another code"
    return None
