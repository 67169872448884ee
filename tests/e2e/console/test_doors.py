"""From a link to a sign-up in a real browser, on a host product's own page; and an import as staff do it."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from goodword.domain import ids
from goodword.engine import programs
from goodword.store import keys, staff, workspaces
from support import imports
from support.browser import EMAIL, PHONE, Tab
from support.browsing import PASSWORD
from support.databases import TestServer
from support.host import Host, hosting
from support.serving import served
from support.story import happen

pytestmark = pytest.mark.browser

Open = Callable[..., Tab]
PERSON = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0.0.0 Mobile Safari/537.36"
"""What a person's browser says of itself; this one says that nobody looks at it, and is taken for a bot."""
CSV = "id,first_name,last_name,email,token\naf1,Grace,Hopper,grace@old.example,grace-h\naf2,Kay,,nobody,kay\n"


def link(who: str, code: str) -> dict[str, Any]:
    told = {"program": "friends", "code": code}
    return {"type": "link.created", "event_id": f"link-{code}", "participant": who, "properties": told}


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with hosting() as running:
        yield running


@pytest.fixture(scope="module")
def url(database_server: TestServer, tmp_path_factory: pytest.TempPathFactory, host: Host) -> Iterator[str]:
    """A served workspace in which Ada and Bob have links that lead to the host's page."""
    with database_server.database() as name:
        workspace = str(workspaces.create("test", "Test Trading").id)
        staff.create_user(EMAIL, PASSWORD, workspace, "owner")
        links = {"destination": f"{host.url}/welcome", "fallback": f"{host.url}/welcome"}
        programs.publish(workspace, imports.FRIENDS | {"links": links}, by="tests")
        happen(workspace, [link("ada", "ada-1"), link("bob", "bob-1")])
        host.key = keys.create_key(workspace, "host")[1]
        with served(tmp_path_factory.mktemp("house"), database_server.url(name), worker=True) as server:
            host.goodword = server.url
            yield server.url


def signs_up(tab: Tab, name: str) -> None:
    tab.page.get_by_label("Name").fill(name)
    tab.page.get_by_role("button", name="Sign up").click()
    expect(tab.page.get_by_role("heading", name=f"Hello {name}")).to_be_visible()


def decision(host: Host, who: str) -> dict[str, Any]:
    """What was decided of somebody's sign-up."""
    [person] = host.ask("GET", f"/v1/participants?external_id={who}")["data"]
    [found] = host.ask("GET", f"/v1/decisions?participant={person['id']}")["data"]
    return dict(found)


def referrer(host: Host, who: str) -> dict[str, Any]:
    """Who brought somebody."""
    found = host.ask("GET", f"/v1/referrals/{decision(host, who)['referral']}")["referrer"]
    return dict(found)


def public(link_id: str) -> str:
    return link_id if link_id.startswith("lnk_") else ids.public("lnk", link_id)


def counts(host: Host, code: str) -> dict[str, int]:
    known = host.ask("GET", f"/v1/codes/{code}")["id"]
    kinds = [one["kind"] for one in host.ask("GET", f"/v1/clicks?link={known}")["data"]]
    return {kind: kinds.count(kind) for kind in ("visit", "preview", "bot")}


def test_a_visitor_follows_two_links_and_signs_up(tab: Open, host: Host, url: str) -> None:
    one = tab(PHONE, login=False, agent=PERSON)
    one.go("/r/ada-1?gw_consent=1&utm_source=letter")
    page = one.page
    assert page.url.startswith(f"{host.url}/welcome?via=ada-1&gw_click=clk_")
    assert "utm_source=letter" in page.url
    [cookie] = [one for one in page.context.cookies() if one["name"] == "gw_click"]
    assert (cookie["value"] in page.url, cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    one.go("/r/bob-1?gw_consent=1")
    signs_up(one, "Nora")
    told = decision(host, "nora")
    assert (told["outcome"], referrer(host, "nora")["external_id"]) == ("yes", "bob"), "the last link"
    attribution = told["trace"]["attribution"]
    names = {code: host.ask("GET", f"/v1/codes/{code}")["id"] for code in ("ada-1", "bob-1")}
    assert (attribution["won"], public(attribution["by"]["link"])) == ("link", names["bob-1"])
    assert [(public(lost["link"]), lost["reason"]) for lost in attribution["kept"]] == [
        (names["ada-1"], "touch_earlier")
    ]


def test_a_link_that_was_opened_in_another_browser_brings_nobody(tab: Open, host: Host, url: str) -> None:
    first, second = tab(login=False, agent=PERSON), tab(login=False, agent=PERSON)
    first.go("/r/ada-1?gw_consent=1")
    second.page.goto(f"{host.url}/welcome")
    signs_up(second, "Omar")
    assert (decision(host, "omar")["outcome"], decision(host, "omar")["reason"]) == ("no", "not_referred")


def test_a_chat_app_that_shows_the_link_is_no_visit(host: Host, url: str) -> None:
    before = counts(host, "ada-1")
    for agent in ("WhatsApp/2.23.20.0", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "curl/8.5.0"):
        request = urllib.request.Request(f"{url}/r/ada-1", headers={"User-Agent": agent}, method="GET")
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert "gw_click" not in answer.url
            assert answer.url.startswith(f"{host.url}/welcome?via=ada-1")
    after = counts(host, "ada-1")
    assert {kind: after[kind] - before[kind] for kind in after} == {"visit": 0, "preview": 2, "bot": 1}


def test_staff_make_a_link_that_leads_there_and_copy_it(tab: Open, host: Host, url: str) -> None:
    one = tab()
    page = one.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.on("dialog", lambda dialog: dialog.accept())
    one.go("/w/test/participants/?q=ada")
    page.get_by_role("link", name="ada", exact=True).first.click()
    page.get_by_role("link", name="Links and codes").click()
    page.get_by_label("Code", exact=True).fill("admin")
    page.get_by_role("button", name="Make a link").click()
    one.expected += ["422"]
    expect(page.get_by_text("This word is reserved.")).to_be_visible()
    assert one.axe() == []
    page.get_by_label("Code", exact=True).fill("Ada-Vanity")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("The link ada-vanity is ready.")).to_be_visible()
    assert one.axe() == []
    picture = page.get_by_role("img", name="QR code of ada-vanity")
    assert picture.evaluate("async e => { await e.decode(); return e.naturalWidth }") > 0
    page.get_by_role("button", name=f"Copy {url}/r/ada-vanity").click()
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{url}/r/ada-vanity"
    with page.expect_download() as saved:
        page.get_by_role("link", name="QR · PNG ada-vanity").click()
    assert saved.value.suggested_filename == "ada-vanity.png"
    visitor = tab(PHONE, login=False, agent=PERSON)
    visitor.go("/r/ADA%20VANITY")
    assert visitor.page.url.startswith(f"{host.url}/welcome?via=ada-vanity")
    page.get_by_role("button", name="Switch off ada-vanity").click()
    expect(page.get_by_text("Switched off", exact=True)).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_a_phone_either_and_nothing_is_wider(tab: Open, dark: bool) -> None:
    one = tab(PHONE, dark=dark)
    one.go("/w/test/participants/?q=ada")
    one.page.get_by_role("link", name="ada", exact=True).first.click()
    one.page.get_by_role("link", name="Links and codes").click()
    one.page.get_by_role("heading", name="Links and codes").wait_for()
    for path in (None, "/w/test/settings/", "/w/test/imports/"):
        if path:
            one.go(path)
        for opener in one.page.locator("main details > summary").all():
            opener.click()
        assert (one.axe(), one.too_wide() <= 0) == ([], True), path
    one.go("/w/test/settings/")
    one.page.get_by_role("button", name="Save").click()
    expect(one.page.get_by_text("The settings are saved.")).to_be_visible()
    assert one.axe() == []


def test_staff_import_a_file_and_its_codes_work(tab: Open, host: Host, tmp_path: Path) -> None:
    file = tmp_path / "affiliates.csv"
    file.write_text(CSV)
    one = tab()
    page = one.page
    one.go("/w/test/imports/")
    page.get_by_label("Files (CSV, JSON lines or JSON)").set_input_files(file)
    page.get_by_label("What they are", exact=True).select_option("rewardful")
    page.get_by_label("Program", exact=True).select_option("friends")
    page.get_by_role("button", name="Send the files").click()
    expect(page.get_by_text("EMAIL_INVALID").first).to_be_visible(timeout=60_000)
    assert one.axe() == []
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_role("button", name="Take it out again")).to_be_visible(timeout=60_000)
    visitor = tab(PHONE, login=False, agent=PERSON)
    visitor.go("/r/grace-h?gw_consent=1")
    signs_up(visitor, "Pia")
    assert referrer(host, "pia")["email"] == "grace@old.example"
