"""A real server with the story in it, and a real browser that reports everything that is wrong with a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, ConsoleMessage

from goodword.store import staff, workspaces
from support.browser import EMAIL, PATIENCE, WIDE, Tab, chromium
from support.browsing import PASSWORD
from support.databases import TestServer
from support.serving import served
from support.story import happen, tell

ORDERS = 45
CLAIM = {
    "type": "referral.claimed",
    "event_id": "claim-1",
    "occurred_at": "2026-02-20T23:00:00Z",
    "participant": "ada",
    "properties": {
        "program": "b2b-sales",
        "referred": {"email": "someone.with.a.rather.long.address@department.example.org", "name": "Mary"},
        "proof": "I told her over lunch on Monday.\n" + "Averylongwordwithoutanyspace" * 8,
        "url": "https://x.example/photos/" + "1234567890" * 12,
        "reference": "order 77",
    },
}


@pytest.fixture(scope="module")
def url(database_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served workspace `test` with the story and many orders, and an empty one, `empty`."""
    with database_server.database() as name:
        workspace = str(workspaces.create("test", "Test Trading").id)
        empty = str(workspaces.create("empty", "Empty Shelf").id)
        staff.create_user(EMAIL, PASSWORD, workspace, "owner")
        staff.grant(EMAIL, empty, "support")
        tell(workspace)
        happen(workspace, [CLAIM])
        happen(
            workspace,
            [
                {
                    "type": "order.completed",
                    "event_id": f"more-{number}",
                    "occurred_at": f"2026-02-21T00:{number:02}:00Z",
                    "participant": "ada",
                    "properties": {"value": 1000 + number, "currency": "USD"},
                }
                for number in range(ORDERS)
            ],
        )
        with served(tmp_path_factory.mktemp("house"), database_server.url(name), worker=False) as server:
            yield server.url


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Browser]:
    """Starts after the database was filled and ends before it is dropped: while Playwright runs in a thread,
    Django refuses to talk to a database there."""
    with chromium() as running:
        yield running


@pytest.fixture
def tab(browser: Browser, url: str) -> Iterator[Callable[..., Tab]]:
    """Opens a tab of its own: `tab(PHONE, dark=True)`. A page that complains fails the test."""
    with ExitStack() as stack:
        opened: list[Tab] = []

        def make(
            size: dict[str, int] = WIDE,
            *,
            dark: bool = False,
            scripts: bool = True,
            login: bool = True,
            agent: str | None = None,
        ) -> Tab:
            context = browser.new_context(
                viewport=size,  # type: ignore[arg-type]
                color_scheme="dark" if dark else "light",
                java_script_enabled=scripts,
                user_agent=agent,
                locale="en-GB",
                timezone_id="Europe/Oslo",
                reduced_motion="reduce",
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            made = Tab(context.new_page(), url)

            def listen(message: ConsoleMessage) -> None:
                if message.type in ("error", "warning"):
                    made.complaints.append(f"{message.type}: {message.text} at {message.location.get('url')}")

            made.page.on("console", listen)
            made.page.on("pageerror", lambda error: made.complaints.append(f"exception: {error}"))
            opened.append(made)
            if login:
                made.log_in()
            return made

        yield make
        for one in opened:
            wrong = [said for said in one.complaints if not any(re.search(fine, said) for fine in one.expected)]
            assert wrong == []
