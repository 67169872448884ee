"""The console as people use it: with a mouse, with keys alone, on a phone, without scripts, in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browser import EMAIL, PHONE, SMALL_PHONE, WIDE, Tab
from support.browsing import PASSWORD
from support.embedded import wait_for

pytestmark = pytest.mark.browser

Open = Callable[..., Tab]

PAGES = {
    "overview": "/w/test/",
    "empty overview": "/w/empty/",
    "participants": "/w/test/participants/",
    "search without result": "/w/test/participants/?q=nobody",
    "nobody yet": "/w/empty/participants/",
    "simulations": "/w/test/simulations/",
    "simulation": "/w/test/simulations/new/?recipe=points-shop",
    "programs": "/w/test/programs/",
    "program": "/w/test/programs/b2b-sales/",
    "end of a program": "/w/test/programs/b2b-sales/end/",
    "claims": "/w/test/claims/",
    "password": "/accounts/password/",
    "log out": "/accounts/logout/",
    "not found": "/w/nowhere/",
}


def visit(tab: Tab, name: str) -> None:
    if name == "participant":
        tab.open_ada()
    else:
        tab.go(PAGES[name])


def test_from_the_login_to_the_reason_behind_a_reward(tab: Open) -> None:
    one = tab()
    page = one.page
    one.go("/w/test/")
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    expect(page.locator(".chart[data-drawn=true] canvas")).to_be_visible()
    expect(page.get_by_text("The books balance")).to_be_visible()
    page.get_by_label("Find a participant").fill("lovelace")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("heading", level=1, name="Ada Lovelace")).to_be_visible()
    events = page.locator("li.moment:has(h3)")
    for shown in (20, 40):
        expect(events).to_have_count(shown)
        page.get_by_role("link", name="Show older events").click()
    won = page.locator(".moment", has_text="crm.deal_won")
    expect(won).to_contain_text("1,000.00")
    expect(won).to_contain_text("held 30 days")
    expect(page.get_by_role("link", name="Show older events")).to_have_count(0)


def test_the_chart_is_drawn_in_the_colours_of_the_theme(tab: Open) -> None:
    inks = []
    for dark in (False, True):
        one = tab(dark=dark)
        one.go("/w/test/")
        page = one.page
        canvas = page.locator(".chart[data-drawn=true] canvas")
        expect(canvas).to_be_visible()
        inks.append(
            set(
                canvas.evaluate(
                    """canvas => {
                        const {width, height} = canvas;
                        const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
                        const seen = [];
                        for (let i = 0; i < pixels.length; i += 4)
                            if (pixels[i + 3] === 255) seen.push(pixels.slice(i, i + 3).join());
                        return [...new Set(seen)];
                    }"""
                )
            )
        )
    assert "11,110,91" in inks[0], "the brand's colour in light"
    assert "63,196,164" in inks[1], "the brand's colour in the dark"


def test_the_search_answers_while_one_types(tab: Open) -> None:
    one = tab()
    page = one.page
    one.go("/w/test/participants/")
    page.evaluate("window.still = 'the same page'")
    page.get_by_label("Name, e-mail or id").press_sequentially("grace", delay=20)
    expect(page.locator(".results tbody tr")).to_have_count(1)
    expect(page.locator(".results [role=status]")).to_have_text("1 participant shown")
    expect(page).to_have_url(re.compile(r"\?q=grace$"))
    assert page.evaluate("window.still") == "the same page"
    page.get_by_label("Name, e-mail or id").fill("nobody like this")
    expect(page.locator(".results")).to_contain_text("Nobody found")


def test_a_session_that_ended_meanwhile_leads_to_the_login_and_back(tab: Open) -> None:
    one = tab()
    page = one.page
    one.expected += [r"401 \(Unauthorized\)"]
    one.go("/w/test/participants/")
    page.context.clear_cookies(name="goodword_session")
    page.get_by_label("Name, e-mail or id").fill("grace")
    page.wait_for_url("**/accounts/login/?next=/w/test/participants/*")


def test_everything_can_be_done_with_keys_alone(tab: Open) -> None:
    one = tab(login=False)
    page = one.page
    keys = page.keyboard
    one.go("/accounts/login/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    keys.type(EMAIL)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/w/*/")
    keys.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    workspaces = page.locator("summary", has_text="Workspace")
    workspaces.focus()
    keys.press("Enter")
    expect(page.locator("details.menu[open]")).to_have_count(1)
    keys.press("Escape")
    expect(page.locator("details.menu[open]")).to_have_count(0)
    expect(workspaces).to_be_focused()
    keys.press("Enter")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url("**/w/test/")

    keys.press("/")
    expect(page.get_by_label("Find a participant")).to_be_focused()
    keys.type("lovelace")
    keys.press("Enter")
    page.wait_for_url("**/participants/?q=lovelace")
    for _ in range(40):
        keys.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Ada Lovelace":
            break
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Ada Lovelace")).to_be_visible()


def test_the_focus_is_always_seen(tab: Open) -> None:
    one = tab()
    page = one.page
    one.go("/w/test/participants/")
    for _ in range(14):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
                    || style.boxShadow !== "none";
            }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_any_page(tab: Open, size: dict[str, int], dark: bool) -> None:
    one = tab(size, dark=dark, login=False)
    one.expected += [r"404 \(Not Found\)"]
    one.go("/accounts/login/")
    found = {"login": one.axe()}
    one.log_in()
    for name in (*PAGES, "participant"):
        visit(one, name)
        found[name] = one.axe()
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_in_what_opens(tab: Open) -> None:
    one = tab()
    page = one.page
    for address in ("/w/test/", None):
        one.go(address) if address else one.open_ada()
        for opener in page.locator("details:not(.menu) > summary").all():
            opener.click()
        for menu in page.locator("details.menu > summary").all():
            menu.click()
            assert one.axe() == []


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["phone", "small phone"])
def test_nothing_is_wider_than_a_phone(tab: Open, size: dict[str, int]) -> None:
    one = tab(size)
    one.expected += [r"404 \(Not Found\)"]
    for name in (*PAGES, "participant"):
        visit(one, name)
        assert one.too_wide() <= 0, name


def test_a_phone_has_its_menu_behind_a_button(tab: Open) -> None:
    one = tab(PHONE)
    page = one.page
    one.go("/w/test/")
    link = page.get_by_role("navigation").get_by_role("link", name="Participants")
    expect(link).to_be_hidden()
    button = page.get_by_role("button", name="Menu", exact=True)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    link.click()
    page.wait_for_url("**/participants/")


def test_fingers_find_what_they_must_touch(tab: Open) -> None:
    """24 by 24 CSS pixels, as WCAG 2.2 asks, for every control that is not a link within text."""
    one = tab(PHONE)
    page = one.page
    for name in ("overview", "participants", "participant"):
        visit(one, name)
        for control in page.locator("button:visible, summary.top-button:visible, input:visible, .btn:visible").all():
            box = control.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 24, control.evaluate("e => e.outerHTML.slice(0, 200)")


def test_everything_works_without_scripts(tab: Open) -> None:
    one = tab(PHONE, scripts=False)
    page = one.page
    one.go("/w/test/participants/")
    page.get_by_label("Name, e-mail or id").fill("lovelace")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/?q=lovelace")
    page.get_by_role("link", name="Ada Lovelace").click()
    page.get_by_role("link", name="Show older events").click()
    page.wait_for_url("**/?before=*")
    page.get_by_role("link", name="Back to the newest").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Overview").click()
    page.get_by_text("The same as a table").click()
    expect(
        page.get_by_role("cell", name="Feb 2026").or_(page.get_by_role("rowheader", name="Feb 2026"))
    ).to_be_visible()
    page.locator("summary", has_text="Your menu").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login/**")


def test_the_theme_follows_the_system_until_one_is_chosen_and_is_kept(tab: Open) -> None:
    one = tab(dark=True)
    page = one.page
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    one.go("/w/test/participants/")
    expect(root).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize(
    ("language", "heading"), [("Norsk", "Oversikt"), ("Dansk", "Overblik"), ("Melayu", "Gambaran keseluruhan")]
)
def test_the_language_is_chosen_in_ones_menu(tab: Open, language: str, heading: str) -> None:
    one = tab(PHONE)
    page = one.page
    one.go("/w/test/")
    page.locator("summary", has_text="Your menu").click()
    page.get_by_role("button", name=language).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert one.axe() == []
    assert one.too_wide() <= 0


def test_times_are_those_of_the_viewers_clock(tab: Open) -> None:
    one = tab()
    one.open_ada()
    page = one.page
    newest = page.locator(".moment time").first
    expect(newest).to_have_attribute("datetime", "2026-02-21T00:44:00Z")
    expect(newest).to_have_text("21 Feb 2026, 01:44")
    expect(newest).to_have_attribute("title", re.compile("CET$"))


def test_an_id_is_copied_and_said_so(tab: Open) -> None:
    one = tab()
    page = one.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    one.open_ada()
    page.get_by_role("button", name=re.compile("^Copy par_")).click()
    expect(page.locator("#announce")).to_have_text("Copied")
    assert re.fullmatch(r"par_\w{26}", page.evaluate("navigator.clipboard.readText()"))


def test_a_page_prints_without_the_frame(tab: Open) -> None:
    one = tab()
    page = one.page
    one.open_ada()
    page.emulate_media(media="print")
    for part in (".side", ".top", ".crumbs", ".copy"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()


def test_a_wrong_page_would_be_noticed(tab: Open) -> None:
    """The watch itself: an unlabelled button, an inline style, a script from elsewhere, a page too wide."""
    one = tab(PHONE)
    page = one.page
    one.go("/w/test/")
    assert (one.axe(), one.too_wide(), one.complaints) == ([], 0, [])
    one.expected += ["Content Security Policy"]
    page.evaluate(
        """() => {
            document.getElementById("main").insertAdjacentHTML("beforeend",
                "<button></button><p style='color: red'>" + "wide".repeat(200) + "</p>");
            const script = document.createElement("script");
            script.src = "https://elsewhere.example/x.js";
            document.head.append(script);
        }"""
    )
    assert any(said.startswith("button-name") for said in one.axe())
    assert one.too_wide() > 0

    def complained() -> bool:
        page.wait_for_timeout(20)  # in which the browser tells what it found
        return all(any(part in said for said in one.complaints) for part in ("style", "elsewhere.example"))

    wait_for(complained)
