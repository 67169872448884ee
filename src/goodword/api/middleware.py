"""What other middleware refuses before the API sees it (a wrong host, a broken header) is a problem too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from goodword.api.problems import MEDIA_TYPE, Refusal, answer

PREFIX = "/v1/"

Next = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def problems(get_response: Next) -> Callable[[HttpRequest], object]:
    """Turn a refusal under /v1 that is not JSON into problem details."""

    def turned(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if response.status_code < 400 or kind == MEDIA_TYPE or not request.path.startswith(PREFIX):
            return response
        if response.status_code >= 500:
            return answer(Refusal("internal_error"))
        return answer(Refusal("bad_request", "The request's address or headers are not valid for this server."))

    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            return turned(request, await get_response(request))

        return answer_async

    def answer_sync(request: HttpRequest) -> HttpResponseBase:
        return turned(request, get_response(request))  # type: ignore[arg-type]

    return answer_sync
