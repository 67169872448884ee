"""Tables that people download and open in a spreadsheet."""

from __future__ import annotations

from django.http import HttpResponse

MARK = "\ufeff"
"""In front of UTF-8; without it a spreadsheet on Windows reads the code page of the machine, and no ø as what it is."""


def table(name: str, text: str) -> HttpResponse:
    """A CSV file of that name, without its ending."""
    return HttpResponse(
        MARK + text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
