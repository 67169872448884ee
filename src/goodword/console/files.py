"""The addresses of built static files: `app.css` is served under a name that changes with its content."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

DIST = Path(__file__).parent / "static" / "console" / "dist"


@cache
def _manifest() -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError as error:
        raise ImproperlyConfigured("The files of the pages are not built yet; run `make build`.") from error
    return names


def address(name: str) -> str:
    """The address of a built file, such as `app.css`. Raises `KeyError` for a file nobody builds."""
    return static(f"console/dist/{_manifest()[name]}")
