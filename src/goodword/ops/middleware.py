"""The content security policy: a page may load from this origin only, and nothing may frame it. The name of the
address that was asked for, for those who observe. And the probes, in front of all that pages need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.decorators import sync_and_async_middleware, sync_only_middleware

from goodword.edge.http import ROUTE
from goodword.ops.observe import PROBES

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)


def always() -> dict[str, str]:
    """The headers that the middleware puts on every answer, for what is answered in front of it."""
    found = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    if settings.SECURE_HSTS_SECONDS:
        found["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return found


type_of_next = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


@sync_only_middleware
def probes(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answers those who watch the process here, whatever host they name: a balancer asks by the machine's address. They
    need no session, language or user either."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PROBES:
            return get_response(request)
        request.resolver_match = found = resolve(request.path_info)
        told: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return told

    return answer


@sync_and_async_middleware
def content_security_policy(get_response: type_of_next) -> Callable[[HttpRequest], object]:
    """Put the policy on every response that does not bring its own."""

    def mark(_request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return _then(get_response, mark)


@sync_and_async_middleware
def route_name(get_response: type_of_next) -> Callable[[HttpRequest], object]:
    """Leave the pattern of the address in the connection's scope, where the log finds it."""

    def mark(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        scope = getattr(request, "scope", None)
        if scope is not None and request.resolver_match is not None:
            scope[ROUTE] = request.resolver_match.route
        return response

    return _then(get_response, mark)


def _then(
    get_response: type_of_next, mark: Callable[[HttpRequest, HttpResponseBase], HttpResponseBase]
) -> Callable[[HttpRequest], object]:
    """A middleware that does something with each response."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            return mark(request, await get_response(request))

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        return mark(request, get_response(request))  # type: ignore[arg-type]

    return answer
