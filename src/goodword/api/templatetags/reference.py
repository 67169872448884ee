"""Our own descriptions as HTML, for the page at /docs."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from goodword.api import reference

register = template.Library()


@register.filter
def paragraphs(text: str) -> SafeString:
    """Paragraphs of `inline` text."""
    parts = re.split(r"\n\s*\n", text.strip())
    return mark_safe("".join(f"<p>{inline(part)}</p>" for part in parts if part))  # noqa: S308 (escaped)


@register.filter
def inline(text: str) -> SafeString:
    """`code`, **strong** and [links](#to); everything else is escaped, so that a value which slipped
    into a description stays text."""
    shown = str(escape(" ".join(text.split())))
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", shown)
    shown = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", shown)
    shown = re.sub(r"\[([^\]]+)\]\((#[\w-]+)\)", r'<a href="\2">\1</a>', shown)
    return mark_safe(shown)  # noqa: S308 (escaped)


@register.filter
def anchor(name: str) -> str:
    """The anchor of an object."""
    return reference.anchor(name)


@register.filter
def verb(method: str) -> str:
    """The colour of a method's tag."""
    return "tag-good" if method == "POST" else "tag-info"
