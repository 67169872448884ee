"""What holds for every page: a strict policy, the reader's language and time zone, and errors that help."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from babel.messages.pofile import read_po
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path

import goodword
from goodword.console import files, labels
from goodword.domain.reasons import REASONS
from goodword.ops.urls import urlpatterns as real
from support.browsing import Page, logged_in, stranger
from support.serving import Served

LANGUAGES = {"nb": "Deltakere", "da": "Deltagere", "ms": "Peserta"}


def broken(_request: HttpRequest) -> None:
    raise RuntimeError("broken on purpose")


def forbidden(_request: HttpRequest) -> None:
    from django.core.exceptions import PermissionDenied

    raise PermissionDenied


urlpatterns = [*real, path("broken/", broken), path("forbidden/", forbidden)]


def every_page(visit: Client) -> list[str]:
    found = re.findall(r"/w/test/participants/par_\w+/", visit.get("/w/test/participants/").content.decode())
    fixed = [
        "/w/test/",
        "/w/test/participants/",
        "/w/test/participants/?q=zz",
        "/accounts/password/",
        "/accounts/logout/",
    ]
    return [*fixed, *found, "/w/no/", "/accounts/login/"]


def test_no_page_has_what_the_policy_forbids(visit: Client, story: str) -> None:
    for address in every_page(visit):
        client = stranger() if "login" in address else visit
        answer = client.get(address)
        assert Page(answer.content.decode()).forbidden == [], address
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_every_page_has_a_title_a_language_one_main_heading_and_a_way_around_the_menu(
    visit: Client, story: str
) -> None:
    for address in every_page(visit):
        html = (stranger() if "login" in address else visit).get(address).content.decode()
        assert Page(html).language == "en"
        assert len(re.findall(r"<h1\b", html)) == 1, address
        assert len(re.findall(r'<main\b[^>]* id="main"', html)) == 1, address
        assert re.search(r"<title>[^<·]+ · (.* · )?Goodword</title>", html), address
        if 'class="frame"' in html:
            assert 'class="skip" href="#main"' in html


def test_a_language_that_was_chosen_is_kept_and_written_in(visit: Client, story: str) -> None:
    for language, heading in LANGUAGES.items():
        answer = visit.post("/i18n/setlang/", {"language": language, "next": "/w/test/participants/"})
        assert answer["Location"] == "/w/test/participants/"
        page = Page(visit.get("/w/test/participants/").content.decode())
        assert page.language == language
        assert heading in page.headings
        assert Page(visit.get("/w/test/").content.decode()).language == language


def test_the_browsers_language_is_spoken_before_one_is_chosen(db: str) -> None:
    page = Page(stranger().get("/accounts/login/", headers={"Accept-Language": "da-DK,da;q=0.9"}).content.decode())
    assert page.language == "da"
    assert "Adgangskode" in page.text


def test_amounts_and_numbers_are_written_as_the_language_does(visit: Client, story: str) -> None:
    visit.post("/i18n/setlang/", {"language": "da"})
    assert "1.000,00 USD" in Page(visit.get("/w/test/").content.decode()).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_translated(language: str) -> None:
    source = Path(goodword.__file__).parent / "locale" / language / "LC_MESSAGES" / "django.po"
    with source.open("rb") as text:
        catalogue = read_po(text, locale=language)
    lacking = [
        text
        for reason in REASONS.values()
        for text in (reason.staff, reason.participant)
        if (message := catalogue.get(text)) is None or not message.string or message.fuzzy
    ]
    assert lacking == []


def test_times_are_in_the_viewers_zone_and_say_the_instant(visit: Client, story: str) -> None:
    address = re.search(r"/w/test/participants/par_\w+/", visit.get("/w/test/participants/?q=grace").content.decode())
    assert address
    assert ">5 Jan 2026, 10:00</time>" in visit.get(address[0]).content.decode()
    visit.cookies["goodword_tz"] = "Asia%2FKuala_Lumpur"
    html = visit.get(address[0]).content.decode()
    assert 'datetime="2026-01-05T10:00:00Z" title="5 Jan 2026, 18:00:00 +08">5 Jan 2026, 18:00</time>' in html


def test_a_time_zone_that_is_none_means_utc(visit: Client, story: str) -> None:
    expected = visit.get("/w/test/participants/").content
    for zone in ("Nowhere", "../../etc/passwd", "a" * 5000, "Asia%2F"):
        visit.cookies["goodword_tz"] = zone
        assert visit.get("/w/test/participants/").content.count(b"<time") == expected.count(b"<time"), zone


@override_settings(ROOT_URLCONF=__name__)
def test_errors_have_pages_of_the_same_look_that_say_what_to_do(hire: Callable[..., User]) -> None:
    client = logged_in(hire())
    for address, status, said in (
        ("/broken/", 500, "Something broke on our side"),
        ("/forbidden/", 403, "You may not see this"),
        ("/nowhere/", 404, "This page does not exist"),
    ):
        answer = client.get(address)
        html = answer.content.decode()
        assert answer.status_code == status
        assert said in html
        assert files.address("app.css") in html
        assert "broken on purpose" not in html
        assert Page(html).forbidden == []


def test_built_files_are_served_packed_and_for_ever(server: Served) -> None:
    """Their names change with their content; see `assets/build.mjs`."""
    with urlopen(f"{server.url}/accounts/login/") as page:
        style = re.search(r'<link rel="stylesheet" href="([^"]+)"', page.read().decode())
    assert style
    with urlopen(Request(f"{server.url}{style[1]}", headers={"Accept-Encoding": "gzip"})) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"


def test_codes_nobody_named_are_shown_as_they_are() -> None:
    assert labels.state("referral", "brand_new") == ("brand_new", "plain")
    assert labels.word(labels.ROLES, "auditor") == "auditor"
    assert labels.reason("too_far_north") == "Too far north"
    assert labels.unit("stars", 2) == "stars"


def test_units_are_words_or_codes_beside_amounts() -> None:
    assert labels.unit("USD", 1) == "USD"
    assert (labels.unit("points", 1), labels.unit("points", 2)) == ("point", "points")
    assert labels.gift({"type": "discount", "percent": 10}) == "Discount of 10 %"
    month = {"type": "free_period", "duration": "P1M", "plan": "gold"}
    assert labels.gift(month) == "Free period, gold, 1 month"
    assert labels.gift({"type": "discount", "percent": 15, "applies": "next_shipment"}) == (
        "Discount of 15 %, next shipment"
    )
    assert labels.gift({"type": "donation", "recipient": "The Red Cross"}) == "Donation, The Red Cross"
    assert labels.gift({"type": "access", "name": "Beta", "duration": "P2DT1H"}) == "Access, Beta, 2 days, 1 hour"
    assert labels.gift({"type": "feature", "name": "X", "duration": "PT90M"}) == "Feature, X, PT90M"
    assert labels.gift({"type": "moon_rock"}) == "moon_rock"
