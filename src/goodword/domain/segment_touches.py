"""What a Segment call tells of who brought its person: codes and clicks in the address of a page, and the campaign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

ALIASES = ("via", "ref", "fpr", "mbsy", "rsCode", "ucc")
"""Names under which links, also those of other systems, carry their code."""
CLICK = "gw_click"
"""The parameter, and the cookie, by which a destination is told of the click."""
COUPONS = ("coupon", "coupon_code", "coupon_id", "coupon_name")
CODES = ("code", "referral_code", "referralCode", "referred_by")
"""Properties with a code that the person typed."""
_QUERY = 4_000
"""Characters of an address that is read."""
CAMPAIGN = ("source", "medium", "campaign", "term", "content")

_CLICK = re.compile(r"clk_[0-7][0-9a-hjkmnp-tv-z]{25}")
_CODE = re.compile(r"\S{1,64}")
_ESCAPED = re.compile(rb"%([0-9a-fA-F]{2})")


def of_pages(addresses: Iterable[object]) -> dict[str, Any]:
    """The click that addresses carry, or else the link's code, as properties of an event; empty where there is neither.
    A click says whether somebody was there, so no code beside it is read."""
    queries = [query_of(address) for address in addresses]
    for query in queries:
        if _CLICK.fullmatch(query.get(CLICK, "")):
            return {"click_id": query[CLICK]}
    for query in queries:
        for name in ALIASES:
            if _CODE.fullmatch(query.get(name, "")):
                return {"touches": [{"kind": "link", "code": query[name]}]}
    return {}


def of_coupon(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The coupon of a call, as a touch. Whether anybody's link has that code is for the engine to know."""
    codes = [properties[name] for name in COUPONS if isinstance(properties.get(name), str)]
    touches = [{"kind": "coupon", "code": code} for code in dict.fromkeys(codes) if _CODE.fullmatch(code)]
    return {"touches": touches} if touches else {}


def typed(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The code that a person typed when they signed up."""
    codes = (properties.get(name) for name in CODES)
    code = next((code.strip() for code in codes if isinstance(code, str) and _CODE.fullmatch(code.strip())), None)
    return {"code": code} if code is not None else {}


def campaign(context: Mapping[str, Any], addresses: Iterable[object]) -> dict[str, str]:
    """The campaign that the context names (`name` is its campaign), or the UTM values of an address."""
    told = context.get("campaign")
    if isinstance(told, Mapping) and told:
        named = {("campaign" if key == "name" else str(key)): value for key, value in told.items()}
        return {key: named[key][:100] for key in CAMPAIGN if isinstance(named.get(key), str) and named[key]}
    for query in map(query_of, addresses):
        found = {key: query[f"utm_{key}"][:100] for key in CAMPAIGN if query.get(f"utm_{key}")}
        if found:
            return found
    return {}


def query_of(address: object) -> dict[str, str]:
    """The fields of an address's query, each as it is given first; none of one that is too long or no text."""
    if not isinstance(address, str) or len(address) > _QUERY:
        return {}
    query = address.partition("#")[0].partition("?")[2]
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        found.setdefault(_unescaped(name), _unescaped(value))
    return found


def _unescaped(text: str) -> str:
    raw = text.replace("+", " ").encode("utf-8", "replace")
    plain = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), raw)
    return plain.decode("utf-8", "replace").replace("\0", "")
