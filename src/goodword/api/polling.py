"""What is asked again and again: the answer has a strong ETag, and who has it already is told so in a few bytes.

An answer may be kept, but must be asked for again before it is used: rights change by events, and lapse by the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page

View = Callable[..., HttpResponse]

HEADER: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "The `ETag` of an answer that you have: 304 where it is still the same.",
            "schema": {"type": "string", "maxLength": 1000},
        }
    ]
}


def answers(shape: type) -> Mapping[int, Any]:
    """The answers of an operation that is polled: what it gives, or that it is what the caller has."""
    return {200: shape, 304: None}


def polled(view: View) -> View:
    """A view whose answer of 200 has an ETag: the hash of its bytes."""
    compared = conditional_page(view)

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        response = compared(request, *args, **values)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    return asked
