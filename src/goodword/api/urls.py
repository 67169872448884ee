"""The API's addresses: /v1, its description, and the pages that explain it."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path

from goodword.api import access, body, docs, openapi
from goodword.api.app import Renderer, api
from goodword.api.door import Route, guarded, no_route


def description(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    content = Renderer().render(request, openapi.document(), response_status=200)
    return HttpResponse(content, content_type="application/json")


def _guarded() -> Iterator[URLPattern]:
    """Ninja's routes, each behind the door, with what the description says of them."""
    routes, _, _ = api.urls
    for found in routes:
        assert isinstance(found, URLPattern)
        pattern = str(found.pattern)
        if not pattern:
            continue
        operations = openapi.document()["paths"].get(_described(pattern))
        if operations is None:
            continue
        methods = {
            method.upper(): Route(
                frozenset(
                    parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"
                ),
                access.of(operation["operationId"]),
                limit=openapi.LIMITS.get(operation["operationId"], body.MAX_BODY)
                if "requestBody" in operation
                else None,
                fields=openapi.fields(operation),
            )
            for method, operation in operations.items()
        }
        yield path(pattern, guarded(found.callback, methods), name=found.name)


def _described(pattern: str) -> str:
    """`events/<event_id>` as the description writes it."""
    return f"{openapi.PREFIX}/{pattern.replace('<', '{').replace('>', '}')}".rstrip("/")


_description = Route(frozenset(), access.Access(public=True), limit=None)

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "v1/",
        include(
            (
                [
                    path("openapi.json", guarded(description, {"GET": _description}), name="openapi"),
                    *_guarded(),
                    re_path(r"^.*$", no_route),
                ],
                "api",
            )
        ),
    ),
    path("v1", no_route),
    path("docs", docs.reference, name="api_docs"),
]
