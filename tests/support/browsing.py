"""Staff in front of the console, in this process: logins, clients, and pages taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from django.test import Client

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PASSWORD = "correct horse battery"  # opens databases of tests only


def logged_in(user: User) -> Client:
    """A browser in which this person is logged in."""
    client = stranger()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def stranger(*, csrf: bool = False) -> Client:
    """A browser in which nobody is logged in."""
    return Client(headers={"Host": "localhost"}, raise_request_exception=False, enforce_csrf_checks=csrf)


@dataclass
class Page(HTMLParser):
    """What a page shows and where it leads: its text on one line, links, and what a strict policy forbids."""

    html: str
    text: str = ""
    links: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    language: str = ""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)
        self._words: list[str] = []
        self._open = ""
        self.feed(self.html)
        self.text = re.sub(r"\s+", " ", " ".join(self._words)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.forbidden.append(tag)
        self.forbidden += [name for name in given if name == "style" or name.startswith("on")]
        self.forbidden += [
            str(url) for url in given.values() if (url or "").startswith(("http", "//", "data:", "java"))
        ]

    def handle_data(self, data: str) -> None:
        if self._open in ("title", "script"):
            return
        self._words.append(data.strip())
        if self._open in ("h1", "h2") and data.strip():
            self.headings.append(data.strip())
