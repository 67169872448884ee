"""Links at the edge: where they lead, and what is kept."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from django.conf import settings
from psycopg import sql
from tests.integration.edge.conftest import CHROME, Browser, clicks, configure, link, publish

from goodword.domain import ids
from goodword.edge import commits, connection, known, redirects
from goodword.engine import apply, programs, record
from goodword.store import tenancy, workspaces
from goodword.store.models import Link as Row
from goodword.store.sql import execute
from support.databases import TestServer
from support.imports import bring
from support.serving import Served


def test_a_visitor_is_sent_on_with_the_code_and_the_click_that_was_kept(house: str, browser: Browser) -> None:
    answer = browser.get(
        "/r/ada-4711?utm_source=News%20letter&utm_medium=email",
        headers={"Referer": "https://mail.example/inbox/7?user=ada@example.com"},
    )

    assert answer.status_code == 302
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    where = urlsplit(answer.headers["location"])
    assert (where.netloc, where.path, where.fragment) == ("www.example.com", "/welcome", "top")
    told = parse_qs(where.query)
    assert (told["lang"], told["via"], told["utm_source"]) == (["en"], ["ada-4711"], ["News letter"])
    [click] = clicks(house)
    assert told["gw_click"] == [ids.public("clk", click.id)]
    assert (click.kind, click.device, click.channel, click.language) == ("visit", "desktop", "email", "nb-NO")
    assert click.referrer == "mail.example/inbox/7"
    assert click.utm == {"source": "News letter", "medium": "email"}
    assert click.ip is None
    assert click.ip_hash is not None
    assert len(bytes(click.ip_hash)) == 16


TYPED = (
    ["/r/ADA4711", "/r/ada%204711", "/r/Ada_47-11/", "/r/test/ada-4711"]
    + [f"/r/?{name}=ada4711" for name in ("via", "ref", "fpr", "mbsy", "rsCode", "ucc")]
    + ["/?via=ADA-4711", "/r?ref=ada-4711"]
)


def test_a_code_is_known_however_it_is_typed_and_by_the_names_that_others_use(house: str, browser: Browser) -> None:
    for path in TYPED:
        answer = browser.get(path)
        assert (path, answer.status_code) == (path, 302)
        assert urlsplit(answer.headers["location"]).netloc == "www.example.com"
    assert len(clicks(house)) == len(TYPED)


ELSEWHERES = ["ada.lovelace", "100%off", "a+b&c", "åse", "jo@hn", "日本", "--", "<b>", 'a"b\\c,{d}']
"""Codes that another system gave out."""


def test_the_codes_of_other_systems_work_whatever_is_in_them(house: str, browser: Browser) -> None:
    people = [{"id": f"af{n}", "email": f"a{n}@example.com", "token": code} for n, code in enumerate(ELSEWHERES)]
    table = io.StringIO()
    writer = csv.DictWriter(table, ["id", "first_name", "email", "token"])
    writer.writeheader()
    writer.writerows(people)
    bring(house, "rewardful", ("affiliates.csv", table.getvalue().encode()))

    for code in ELSEWHERES:
        for path in (f"/r/{quote(code.upper(), safe='')}", f"/r/?via={quote(code, safe='')}"):
            answer = browser.get(path)
            assert (path, answer.status_code) == (path, 302)
            assert parse_qs(urlsplit(answer.headers["location"]).query)["via"] == [code]
    assert browser.get("/r/ada.lovelac").status_code == 404
    assert browser.get("/r/-").status_code == 404


def test_a_query_may_say_the_code_of_any_workspace(house: str, browser: Browser) -> None:
    assert browser.get("/r/test/?via=ada-4711").status_code == 302
    assert browser.get("/r/test/?via=nobody").status_code == 404
    assert browser.get("/r/ada-4711?via=nobody").status_code == 302
    assert browser.get("/r/test?via=ada-4711").status_code == 302
    assert browser.get("/r/test?via=nobody").status_code == 404
    assert browser.get("/r/test?via=").status_code == 404
    workspaces.create("bob-77", "Bob's")
    assert browser.get("/r/bob-77?via=ada-4711").status_code == 404
    link(house, "bob-77")
    assert "via=bob-77&" in browser.get("/r/bob-77?via=ada-4711").headers["location"], "a link's code comes first"


DEEPER = [
    ("/pricing", "https://www.example.com/pricing"),
    ("https://shop.example.com/a", "https://shop.example.com/a"),
    ("https://x.example.org", "https://x.example.org/"),
    ("https://evil.net", "https://www.example.com/welcome"),
    ("//evil.net", "https://www.example.com/welcome"),
    ("/%5Cevil.net", "https://www.example.com/welcome"),
    ("https://www.example.com%40evil.net", "https://www.example.com/welcome"),
    ("https://www.example.com%252F@evil.net", "https://www.example.com/welcome"),
    ("javascript:alert(1)", "https://www.example.com/welcome"),
]


def test_a_link_leads_deeper_and_never_to_a_host_that_is_not_listed(house: str, browser: Browser) -> None:
    for to, leads_to in DEEPER:
        answer = browser.get(f"/r/ada-4711?to={to}")
        assert (to, answer.headers["location"].partition("?")[0]) == (to, leads_to)


UNKNOWN = [
    "/r/nobody", "/r/", "/r", "/r/a/b/c", "/r/nowhere/ada-4711", "/r/%00", "/r/ada%00", "/r/" + "a" * 3_000,
    "/r/%F0%9F%8D%92", "/r/..%2f..%2fetc", "/?via=nobody", "/r/?via=", "/r/'%20OR%201=1--", "/r/%22%7B%5C",
]  # fmt: skip


def test_an_unknown_code_gets_a_friendly_page_in_the_visitors_language(house: str, browser: Browser) -> None:
    for path in UNKNOWN:
        answer = browser.get(path)
        assert (path, answer.status_code) == (path, 404)
        assert '<html lang="nb">' in answer.text
        assert "Vi kjenner ikke" in answer.text
        assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert clicks(house) == []


def test_an_unknown_code_leads_to_the_workspaces_fallback_where_it_has_one(house: str, browser: Browser) -> None:
    configure(house, fallback="https://www.example.com/hello")

    answer = browser.get("/r/nobody")

    assert (answer.status_code, answer.headers["location"]) == (302, "https://www.example.com/hello")


def test_a_paused_and_an_ended_programme_lead_to_the_fallback(house: str, browser: Browser) -> None:
    programs.pause(house, "friends", by="test")
    assert browser.get("/r/ada-4711").headers["location"] == "https://www.example.com/over"
    programs.end(house, "friends", by="test")
    assert clicks(house) == []


@pytest.mark.parametrize(("how", "status"), [("pause", 404), ("end", 410)])
def test_without_a_fallback_a_page_says_so(workspace: str, browser: Browser, how: str, status: int) -> None:
    publish(workspace, links={"destination": "https://www.example.com/"})
    link(workspace, "ada")
    getattr(programs, how)(workspace, "friends", by="test")

    assert browser.get("/r/ada").status_code == status


def test_a_programme_without_a_destination_shows_the_code(workspace: str, browser: Browser) -> None:
    publish(workspace, links={})
    link(workspace, "ada-4711")

    answer = browser.get("/r/ada-4711")

    assert answer.status_code == 200
    assert "<output>ADA-4711</output>" in answer.text
    assert [click.kind for click in clicks(workspace)] == ["visit"]
    assert "set-cookie" not in answer.headers
    agreed = browser.get("/r/ada-4711?gw_consent=1")
    assert (agreed.status_code, "gw_click=clk_" in agreed.headers["set-cookie"]) == (200, True)


MACHINES: list[tuple[dict[str, str], str]] = [
    ({"User-Agent": "WhatsApp/2.23.20.0"}, "preview"),
    ({"Sec-Purpose": "prefetch;prerender"}, "preview"),
    ({"User-Agent": "curl/8.5.0"}, "bot"),
    ({"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, "bot"),
    ({"User-Agent": ""}, "bot"),
]


def test_previews_and_robots_are_sent_on_but_are_no_visits(house: str, browser: Browser) -> None:
    configure(house, cookie="always")
    for headers, _ in MACHINES:
        answer = browser.get("/r/ada-4711", headers=headers)
        assert answer.status_code == 302
        assert "gw_click" not in answer.headers["location"]
        assert "set-cookie" not in answer.headers
    assert [click.kind for click in clicks(house)] == [kind for _, kind in MACHINES]


def test_head_is_answered_like_get_and_is_no_visit(house: str, browser: Browser) -> None:
    answer = browser.head("/r/ada-4711")

    assert (answer.status_code, answer.content) == (302, b"")
    assert [click.kind for click in clicks(house)] == ["preview"]
    assert browser.head("/r/nobody").content == b""


def test_nothing_can_be_sent_to_a_link(house: str, browser: Browser) -> None:
    answer = browser.ask("POST", "/r/ada-4711", content=b"x")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_browser_is_known_again_where_the_visitor_agreed(house: str, browser: Browser) -> None:
    assert "set-cookie" not in browser.get("/r/ada-4711").headers
    first = browser.get("/r/ada-4711?gw_consent=1")
    assert "HttpOnly; SameSite=Lax" in first.headers["set-cookie"]
    assert f"Max-Age={90 * 86_400}" in first.headers["set-cookie"]
    browser.client.cookies.set("gw_consent", "1")

    again = browser.get("/r/ada-4711")

    _, agreed, later = clicks(house)
    assert agreed.visitor_id is None
    assert later.visitor_id == agreed.id
    assert ids.public("clk", agreed.id) in again.headers["set-cookie"]


def test_who_does_not_want_to_be_known_is_not(house: str, browser: Browser) -> None:
    configure(house, cookie="always", raw_ip_days=7)
    for signal in ({"DNT": "1"}, {"Sec-GPC": "1"}):
        answer = browser.get("/r/ada-4711", headers={**signal, "Referer": "https://mail.example/"})
        assert "set-cookie" not in answer.headers
    for click in clicks(house):
        assert (click.ip, click.ip_hash, click.referrer, click.language, click.kind) == (None, None, "", "", "visit")

    configure(house, cookie="always", raw_ip_days=7, privacy_signals="ignore")
    assert "set-cookie" in browser.get("/r/ada-4711", headers=signal).headers
    assert clicks(house)[-1].ip == "127.0.0.1"


def test_a_short_domain_has_the_links_of_its_workspace_and_nothing_else(house: str, browser: Browser) -> None:
    other = str(workspaces.create("other", "Other").id)
    publish(other, links={"destination": "https://other.example.com/"})
    link(other, "bob")
    configure(house, domain="go.example.com")
    configure(other, domain="go.other.com")
    browser.get("/r/nobody")  # the directory is read with a link that is asked for, or by the look of an open server

    def leads_to(host: str, path: str) -> str | int:
        answer = browser.get(path, headers={"Host": host})
        return urlsplit(answer.headers["location"]).netloc if answer.status_code == 302 else answer.status_code

    assert leads_to("go.example.com", "/ada-4711") == "www.example.com"
    assert leads_to("go.example.com", "/pricing?via=ada-4711") == "www.example.com"
    assert leads_to("GO.example.com:8443", "/r/ada-4711") == "www.example.com"
    assert leads_to("go.other.com", "/bob") == "other.example.com"
    assert leads_to("go.other.com", "/ada-4711") == 404
    assert leads_to("go.other.com", "/r/test/ada-4711") == 404
    assert leads_to("go.example.com", "/accounts/login/") == 404
    assert leads_to("go.example.com", "/v1/workspace") == 404
    assert leads_to("127.0.0.1", "/r/other/bob") == "other.example.com"
    assert leads_to("127.0.0.1", "/r/bob") == 404, "addresses that name no workspace are the oldest one's"


def test_a_short_domain_is_known_soon_though_nobody_asks_for_a_link_elsewhere(
    house: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "FRESH", 0.05)
    browser.runner.run(browser.edge.open())
    configure(house, domain="go.example.com")

    def asked() -> int:
        browser.runner.run(asyncio.sleep(0.05))
        return browser.get("/ada-4711", headers={"Host": "go.example.com"}).status_code

    assert any(asked() == 302 for _ in range(100))


def test_a_short_domain_is_no_name_under_which_the_server_is(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["localhost", "console.example.com", ".example.net"])
    for taken in ("localhost", "console.example.com"):
        with pytest.raises(workspaces.OwnDomain):
            configure(workspace, domain=taken)
    configure(workspace, domain="go.example.net")


def test_a_short_domain_is_a_hosts_name_and_one_workspaces(workspace: str) -> None:
    other = str(workspaces.create("other", "Other").id)
    longest = ".".join(["a" * 62] * 3 + ["b" * 60, "co"])
    assert len(longest) == workspaces.MAX_DOMAIN - 1
    for domain in ("go.example.com", longest.removesuffix("co") + "com", None):
        configure(workspace, domain=domain)
    for bad in (
        "https://go.example.com",
        "Go.example.com",
        "*.example.com",
        "go.example.com:80",
        longest + "mm",
        "",
        "a",
    ):
        with pytest.raises(workspaces.BadDomain):
            configure(workspace, domain=bad)
    configure(workspace, domain="go.example.com")
    with pytest.raises(workspaces.DomainTaken):
        configure(other, domain="go.example.com")


def test_a_database_that_is_gone_is_a_page_that_asks_again_and_then_the_link_works(
    house: str, browser: Browser, database_server: TestServer, db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.get("/r/ada-4711").status_code == 302
    monkeypatch.setattr(connection, "STATEMENT_SECONDS", 0.4)
    with tenancy.workspace(house):
        execute("LOCK TABLE click IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        answer = browser.get("/r/ada-4711")
        assert time.monotonic() - began < 10, "the lock is held until after the answer"
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
    assert 'http-equiv="refresh"' in answer.text

    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {} AND pid <> pg_backend_pid()"
    database_server.superuser(sql.SQL(kill).format(sql.Literal(db)))
    assert browser.get("/r/ada-4711").status_code == 302


def test_more_than_may_wait_are_refused_at_once(house: str, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "MOST_WAITING", 5)

    async def crowd() -> list[httpx.Response]:
        return await asyncio.gather(*(browser.client.get("/r/ada-4711") for _ in range(40)))

    answers = browser.runner.run(crowd())

    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {302, 503}
    assert len(clicks(house)) == statuses.count(302)
    kept = {
        parse_qs(urlsplit(answer.headers["location"]).query)["gw_click"][0] for answer in answers if answer.is_redirect
    }
    assert kept == {ids.public("clk", click.id) for click in clicks(house)}


def _off(workspace: str, code: str) -> None:
    raw = {"type": "link.updated", "event_id": f"off-{code}", "properties": {"code": code, "state": "off"}}
    apply.apply_until(workspace, record.record(workspace, [raw]).inserted)


def test_links_that_are_remembered_and_links_that_are_not_are_followed_together(
    house: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "FRESH", 60.0)
    theirs = str(workspaces.create("other", "Other").id)
    publish(theirs)
    for workspace, code in ((house, "one"), (house, "two"), (theirs, "one"), (theirs, "off")):
        link(workspace, code, channel=f"{code}-of-{'house' if workspace == house else 'other'}")
    _off(theirs, "off")
    assert browser.get("/r/one").status_code == 302
    wanted = {
        "/r/one": ("via=one&", "one-of-house"),
        "/r/two": ("via=two&", "two-of-house"),
        "/r/T-W-O": ("via=two&", "two-of-house"),
        "/r/other/one": ("via=one&", "one-of-other"),
        "/r/other/off": ("https://www.example.com/over", ""),
        "/r/nobody": ("", ""),
    }

    async def crowd() -> list[httpx.Response]:
        return await asyncio.gather(*(browser.client.get(path) for path in wanted for _ in range(20)))

    answers = browser.runner.run(crowd())

    made = {ids.public("clk", click.id): click for click in (*clicks(house), *clicks(theirs))}
    assert len(made) == 1 + 80
    for number, answer in enumerate(answers):
        location, channel = list(wanted.values())[number // 20]
        assert answer.status_code == (302 if location else 404)
        assert location in answer.headers.get("location", "")
        if channel:
            click = made.pop(parse_qs(urlsplit(answer.headers["location"]).query)["gw_click"][0])
            assert click.channel == channel
            with tenancy.workspace(str(click.workspace_id)):
                assert Row.objects.get(workspace_id=click.workspace_id, id=click.link_id).code == channel[:3]
    assert len(made) == 1


def test_a_link_is_remembered_for_some_seconds_and_no_longer(
    house: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "FRESH", 60.0)
    assert browser.get("/r/ada-4711").status_code == 302
    _off(house, "ada-4711")
    assert browser.get("/r/ada-4711").headers["location"].startswith("https://www.example.com/welcome")
    assert len(clicks(house)) == 2
    monkeypatch.setattr(known, "FRESH", 0.0)
    assert browser.get("/r/ada-4711").headers["location"] == "https://www.example.com/over"
    assert len(clicks(house)) == 2


def test_a_programme_that_stops_while_its_link_is_looked_for_is_not_led_to(
    house: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it runs is remembered apart from the link: what the database kept no click for, is asked about again."""
    monkeypatch.setattr(known, "FRESH", 60.0)
    stopped = commits.Code._make
    monkeypatch.setattr(redirects, "Code", lambda text, _: stopped((text, ())))
    assert browser.get("/r/ada-4711").headers["location"].startswith("https://www.example.com/welcome")
    assert len(clicks(house)) == 1


def test_the_served_links_are_those_of_the_edge(house: str, server: Served) -> None:
    with httpx.Client(base_url=server.url, headers={"User-Agent": CHROME}) as client:
        answer = client.get("/r/ada-4711")
        assert (answer.status_code, len(clicks(house))) == (302, 1)
        assert client.get("/healthz").status_code == 200
        assert client.get("/r/nobody").status_code == 404
        assert "goodword_clicks_total" in client.get("/metrics").text
