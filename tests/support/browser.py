"""The system's Chromium as the console's tests use it: a tab that remembers what a page complained about."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from support.browsing import PASSWORD

AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
EMAIL = "ada@staff.example"
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}
PATIENCE = 30_000
"""Milliseconds within which what is expected of a page has come, on a slow machine too."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str:
    """The Chromium of the system; GOODWORD_CHROMIUM names another one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("GOODWORD_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "no Chromium here: run tools/need_chromium, or name one in GOODWORD_CHROMIUM"
    return found


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium without a window."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Tab:
    """A page of the browser with what it complained about."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def log_in(self) -> None:
        self.go("/accounts/login/")
        self.page.get_by_label("E-mail").fill(EMAIL)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url("**/w/*/")

    def open_ada(self) -> None:
        self.go("/w/test/participants/?q=lovelace")
        self.page.get_by_role("link", name="Ada Lovelace").click()
        self.page.get_by_role("heading", name="Timeline").wait_for()

    def axe(self) -> list[str]:
        """What axe finds on the page as it is now: rule, element, advice."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Runtime.evaluate", {"expression": AXE.read_text()})
        session.detach()
        found: dict[str, Any] = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{rule['id']}: {node['html'][:200]} ({node['failureSummary']})"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def too_wide(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))
