"""The page at /docs: the API's reference, rendered here, without a script and without outside network."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from goodword.api.reference import reference as made


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The reference, with samples that call the server that is asked."""
    server = f"{request.scheme}://{request.get_host()}"
    return render(request, "api/reference.html", {"reference": made(server), "server": server})
