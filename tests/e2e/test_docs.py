"""The reference page in a real browser: readable on a phone, in light and dark, and by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from support.browser import AXE, chromium
from support.serving import Served

SEEN: tuple[tuple[Literal["light", "dark"], str, int, int], ...] = (
    ("light", "desk", 1300, 900),
    ("dark", "phone", 390, 844),
)
"""Each scheme and each size once: axe takes most of a minute for the whole reference."""

pytestmark = pytest.mark.browser


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_the_reference_is_accessible_and_loads_from_its_own_origin(server: Served, browser: Browser) -> None:
    for scheme, size, width, height in SEEN:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            bypass_csp=True,  # for axe, which is injected; the policy itself is tested below
        )
        page = context.new_page()
        page.goto(f"{server.url}/docs")
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document).then(result => result.violations)")
        told = [(fault["id"], fault["nodes"][0]["html"]) for fault in found]
        assert told == [], (scheme, size)
        wide, shown = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= shown, f"it scrolls sideways on a {size}"
        context.close()


def test_the_policy_stops_nothing_the_page_needs(server: Served, browser: Browser) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda request: said.append(request.url))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/docs")
    assert said == []
    assert all(url.startswith(server.url) for url in asked)
    page.get_by_role("link", name="List rewards").click()
    assert page.url.endswith("#list_rewards")
    heading = page.get_by_role("heading", name="List rewards")
    assert heading.bounding_box()["y"] > 50, "not hidden under the bar"
