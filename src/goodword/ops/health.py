"""GET /health: 200 while the process serves and its database answers, 503 otherwise."""

from __future__ import annotations

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from goodword import __version__


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answers `{"status": "ok"|"database_unavailable", "version": …}`."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "database_unavailable", "version": __version__}, status=503)
    return JsonResponse({"status": "ok", "version": __version__})
