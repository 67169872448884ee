"""What the request of a link says, read from the bare connection: the code, and what is kept of the visit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from goodword.edge.http import Message

PATH = "/r"
"""Where links are, on a host that has other things too."""
ALIASES = ("via", "ref", "fpr", "mbsy", "rsCode", "ucc")
"""Names under which links of other systems carry their code."""
MAX_QUERY = 4_000
"""Characters of a query that is read; of a longer one nothing is."""
MAX_FIELDS = 50
"""Fields of a query that is read."""
MAX_VALUE = 100
"""Characters of what is kept of a campaign."""
MAX_REFERRER = 300
"""Characters of the page that a visitor came from."""
CAMPAIGN = ("source", "medium", "campaign", "term", "content")
COOKIE = "gw_click"
CONSENT = "gw_consent"

_VISITOR = re.compile(rf"(?:^|;\s*){COOKIE}=(clk_[0-7][0-9a-hjkmnp-tv-z]{{25}})\s*(?:;|$)")
_AGREED = re.compile(rf"(?:^|;\s*){CONSENT}=1\s*(?:;|$)")
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3})(?:[,;\s]|$)")
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_NONE: Mapping[str, str] = {}


class Asked(NamedTuple):
    """A request: its method, its host without the port, its path, and its query where there is one."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def alias(self) -> str:
        """The code that the query carries; '' for none."""
        return next((self.query[name] for name in ALIASES if self.query.get(name)), "") if self.query else ""

    @property
    def visitor(self) -> str:
        """The id of this browser's first click, clk_…, as its cookie says; '' for none."""
        cookies = self.headers.get("cookie")
        found = _VISITOR.search(cookies) if cookies else None
        return found[1] if found else ""

    @property
    def agreed(self) -> bool:
        """Whether the visitor agreed to a cookie."""
        cookies = self.headers.get("cookie")
        return self.query.get(CONSENT) == "1" or bool(cookies and _AGREED.search(cookies))

    @property
    def private(self) -> bool:
        """Whether the browser says that its user does not want to be known again."""
        return self.headers.get("dnt") == "1" or self.headers.get("sec-gpc") == "1"

    @property
    def purpose(self) -> str:
        """What a browser says that it loads the page for; '' where somebody looks at it."""
        if self.headers.keys().isdisjoint(_PURPOSES):
            return ""
        return next(self.headers[name] for name in _PURPOSES if name in self.headers)

    @property
    def campaign(self) -> dict[str, str]:
        """The UTM values, without `utm_`."""
        if not self.query:
            return {}
        found = {name: _printable(self.query.get(f"utm_{name}", ""))[:MAX_VALUE] for name in CAMPAIGN}
        return {name: value for name, value in found.items() if value}


def asked(scope: Message) -> Asked:
    """The request of a connection's scope."""
    headers = {str(name, "latin-1").lower(): str(value, "latin-1") for name, value in scope["headers"]}
    given = scope["query_string"]
    query = _query(str(given, "latin-1")) if given else _NONE
    return Asked(scope["method"], host_of(headers.get("host", "")), scope["path"], query, headers)


@lru_cache(maxsize=256)
def host_of(header: str) -> str:
    """The name in a Host header."""
    return header.rpartition(":")[0].lower() if header[-1:].isdigit() and ":" in header else header.lower()


def _query(text: str) -> Mapping[str, str]:
    """The fields of a query, each as it is given first."""
    if len(text) > MAX_QUERY:
        return _NONE
    try:
        fields = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        return _NONE
    return dict(reversed(fields))


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


@lru_cache(maxsize=4_096)
def referrer_of(header: str) -> str:
    """Host and path of the page that a visitor came from, without what its query says of them; '' for none."""
    try:
        parts = urlsplit(header)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return _printable(f"{host}{parts.path}" if host else "")[:MAX_REFERRER].rstrip("/")


@lru_cache(maxsize=1_024)
def language_of(header: str) -> str:
    """The first language a browser asks for, as it says it, such as `nb-NO`; '' for none."""
    found = _LANGUAGE.match(header[:100])
    return found[1] if found else ""
