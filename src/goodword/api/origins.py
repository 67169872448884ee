"""What browsers of other origins may do: the answers that CORS asks for (Fetch standard), with no cookies ever."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from goodword.api.access import Access
from goodword.api.keys import Caller
from goodword.api.problems import Refusal
from goodword.store.keys import ANYWHERE

PREFLIGHT_SECONDS = 600
SENT = "Authorization, Content-Type, Goodword-Token, Idempotency-Key, If-None-Match"
SHOWN = (
    "ETag, Idempotency-Replayed, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, WWW-Authenticate"
)


def for_browsers(access: Access) -> bool:
    """Whether a page of another origin may have any use of the route: a secret key has no place in one."""
    return access.publishable or access.person or access.public


def preflight(request: HttpRequest, methods: Mapping[str, Access]) -> HttpResponse | None:
    """The answer to what a browser asks before it asks; None where the request is no such question, or the route is
    not for browsers. It has no key yet, so that the origin is only checked with the request itself."""
    wanted = request.headers.get("Access-Control-Request-Method", "")
    origin = request.headers.get("Origin")
    if request.method != "OPTIONS" or not origin or wanted not in methods or not for_browsers(methods[wanted]):
        return None
    allowed = sorted(method for method, access in methods.items() if for_browsers(access))
    response = HttpResponse(
        status=204,
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": ", ".join(allowed),
            "Access-Control-Allow-Headers": SENT,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            "Vary": "Origin, Access-Control-Request-Method",
        },
    )
    del response.headers["Content-Type"]
    return response


def check(request: HttpRequest, who: Caller) -> None:
    """Refuse a key or token in a page of an origin that it does not name. Raises `Refusal` bad_origin. A secret key
    names none: a browser does not show a page what it answers."""
    origin = request.headers.get("Origin")
    if origin is None or who.kind == "secret" or {ANYWHERE, origin} & who.origins or _own(request, origin):
        return
    raise Refusal("bad_origin", f"{origin[:100]!r} is not an origin of this key; it names its own when it is made.")


def mark(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the page that asks read the answer."""
    origin = request.headers.get("Origin")
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = SHOWN
        patch_vary_headers(response, ["Origin"])


def _own(request: HttpRequest, origin: str) -> bool:
    return origin == f"{request.scheme}://{request.get_host()}"
