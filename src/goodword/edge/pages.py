"""The pages that a visitor sees where a link leads nowhere: plain, in their language, light or dark, with no script and
nothing fetched."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from html import escape

from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

STYLE = """
:root{color-scheme:light dark}
body{font:18px/1.5 system-ui,sans-serif;max-width:32rem;margin:0 auto;padding:15vh 1.5rem 2rem;text-align:center;
overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.25}
p{opacity:.85}
output{display:inline-block;font:600 1.6rem/1.2 ui-monospace,monospace;letter-spacing:.08em;padding:.6rem 1.2rem;
border:2px dashed currentColor;border-radius:.6rem;user-select:all}
"""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
BUSY_SECONDS = 3
"""After how long a page that could not be shown asks again."""

UNKNOWN, PAUSED, OVER, BUSY, WELCOME, METHOD = "unknown", "paused", "over", "busy", "welcome", "method"
STATUS = {UNKNOWN: 404, PAUSED: 404, OVER: 410, BUSY: 503, WELCOME: 200, METHOD: 405}
"""By page, the status of its answer."""
_TEXTS = {
    UNKNOWN: (
        gettext_noop("We do not know this link"),
        gettext_noop("Please look at it once more, letter by letter, or ask the person who gave it to you."),
    ),
    PAUSED: (
        gettext_noop("This link takes a break"),
        gettext_noop("The programme behind it is paused. Please try again another day."),
    ),
    OVER: (
        gettext_noop("This link has ended"),
        gettext_noop("The person who gave it to you may have a newer one."),
    ),
    BUSY: (
        gettext_noop("One moment, please"),
        gettext_noop("Many people follow links right now. This page tries again by itself in a few seconds."),
    ),
    WELCOME: (
        gettext_noop("Somebody put in a good word for you"),
        gettext_noop("Use this code when you sign up:"),
    ),
    METHOD: (gettext_noop("A link can only be opened"), gettext_noop("Nothing can be sent to it.")),
}


@lru_cache(maxsize=256)
def language_of(accepted: str) -> str:
    """The language of ours that a visitor's browser asks for first; English where it asks for none of them."""
    for wanted, _ in parse_accept_lang_header(accepted[:500].lower()):
        if wanted in ("no", "nn") or wanted.startswith(("no-", "nn-")):
            return "nb"
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return "en"


@lru_cache(maxsize=64)
def page(name: str, language: str, code: str = "") -> bytes:
    """A page as it is sent. `code` is of WELCOME."""
    with override(language):
        title, text = (gettext(told) for told in _TEXTS[name])
    again = f'<meta http-equiv="refresh" content="{BUSY_SECONDS}">' if name == BUSY else ""
    shown = f"<p><output>{escape(code.upper())}</output></p>" if code else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"{again}<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(text)}</p>{shown}</main></body></html>"
    ).encode()
