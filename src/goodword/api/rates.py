"""The rate limit: so many requests a minute for each key. A publishable key lies open in every browser: there each
address has a limit of its own beneath the key's, so that one browser uses up no other's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil
from uuid import UUID, uuid5

from django.conf import settings
from django.http import HttpRequest

from goodword.api.problems import Refusal
from goodword.store.rate_windows import SECONDS, Window, counted

REQUESTS_PER_MINUTE = 6_000
"""For each key; the setting `GOODWORD_API_REQUESTS_PER_MINUTE` overrides it."""

ADDRESS_SHARE = 10
"""Of a publishable key, one address may make the tenth part of that."""
PAGE_TIMES = 10
"""Of a publishable key, all addresses together may make ten times that."""
ADDRESSES = 1_024
"""Parts into which the addresses of a publishable key fall, by a hash; none is kept."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the present window. `reset` is in seconds."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def limit() -> int:
    """Requests a minute for each key."""
    return int(getattr(settings, "GOODWORD_API_REQUESTS_PER_MINUTE", REQUESTS_PER_MINUTE))


def count_of_page(workspace_id: str, key_id: str, address: str) -> Allowance:
    """The same for a publishable key, of a client's IP address; what is nearer to its end. The key's own window counts
    only what the address may still ask. Raises `Refusal`."""
    part = str(uuid5(UUID(key_id), f"address {_hash(address)}"))
    near = max(1, limit() // ADDRESS_SHARE)
    own = allowance(counted(workspace_id, part, 1), near, "From one address this key")
    whole = allowance(counted(workspace_id, key_id, 1), limit() * PAGE_TIMES)
    return min(own, whole, key=lambda one: one.remaining)


def address_of(request: HttpRequest) -> str:
    """The client's IP address; behind a proxy of ours the one it saw, the last of its list. Of IPv6 the first half,
    which one household has; '' where none is told."""
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.GOODWORD_BEHIND_PROXY else ""
    text = told.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False).network_address)


def _hash(address: str) -> int:
    return uuid5(UUID(int=0), address).int % ADDRESSES


def allowance(window: Window, allowed: int | None = None, whose: str = "This key") -> Allowance:
    """What is left of a window. Raises `Refusal` rate_limited when it is used up."""
    allowed = limit() if allowed is None else allowed
    left = SECONDS - (datetime.now(UTC) - window.began).total_seconds()
    found = Allowance(allowed, max(0, allowed - window.requests), min(max(1, ceil(left)), SECONDS))
    if window.requests > allowed:
        raise Refusal(
            "rate_limited",
            f"{whose} may make {allowed:,} requests in {SECONDS} seconds; "
            f"wait {found.reset} seconds, and send events in batches.",
            headers={**found.headers(), "Retry-After": str(found.reset)},
        )
    return found
