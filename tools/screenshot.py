"""Takes the pictures of the documentation from a running demo: `make demo`, and beside it
`.venv/bin/python tools/screenshot.py`.

Writes docs/images/{overview,participant,decision}.png in light and …-dark.png in dark. The demo is the same
on every machine, so a picture changes only when the pages do.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from goodword.ops import home
from support.browser import chromium

IMAGES = ROOT / "docs" / "images"
EMAIL = "demo@goodword.example"
PASSWORD_FILE = "demo_password"
WINDOW = {"width": 1280, "height": 860}
WHO = "b2b-082"
"""The host's id of a customer of the demo with several referrals and rewards."""


def main() -> None:
    """Log in once per theme and take every picture."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--url", default="http://127.0.0.1:8000", help="where the demo is served")
    asked.add_argument("--password", help="the demo's password; by default the one kept in GOODWORD_HOME")
    given = asked.parse_args()
    password = given.password or (home.home() / PASSWORD_FILE).read_text().strip()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for theme, ending in (("light", ""), ("dark", "-dark")):
            take(browser, given.url, password, theme, ending)


def take(browser: Browser, url: str, password: str, theme: str, ending: str) -> None:
    """The pictures of one theme."""
    page = browser.new_page(
        viewport=WINDOW,  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()
    page.locator(".chart[data-drawn=true]").wait_for()
    keep(page, f"overview{ending}")

    page.get_by_label("Find a participant").fill(WHO)
    page.keyboard.press("Enter")
    page.locator(".results tbody a").first.click()
    page.get_by_role("heading", name="Timeline").wait_for()
    keep(page, f"participant{ending}")

    won = page.locator(".moment:has(.rules)", has_text="crm.deal_won")
    while won.count() == 0:
        page.get_by_role("link", name="Show older events").click()
        page.wait_for_load_state("networkidle")
    won.first.screenshot(path=IMAGES / f"decision{ending}.png")
    print(f"docs/images/decision{ending}.png")
    page.close()


def keep(page: Page, name: str) -> None:
    """Write the picture of what the window shows once all fonts are there."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
