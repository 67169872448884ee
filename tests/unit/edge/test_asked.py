"""What the request of a link says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from goodword.domain.edge_settings import EdgeSettings
from goodword.edge import known
from goodword.edge.asked import (
    MAX_FIELDS,
    MAX_QUERY,
    MAX_REFERRER,
    MAX_VALUE,
    Asked,
    asked,
    host_of,
    language_of,
    referrer_of,
)
from goodword.edge.known import Directory, Known, Link, Workspace
from goodword.edge.pages import BUSY, STATUS, UNKNOWN, WELCOME, page
from goodword.edge.pages import language_of as page_language
from goodword.edge.redirects import MAX_CODE, _place


def request(path: str = "/r/ada", query: str = "", **headers: str) -> Asked:
    named = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return asked({"method": "GET", "path": path, "query_string": query.encode(), "headers": named})


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("via=ada", "ada"),
        ("x=1&rsCode=Ada+47-11", "Ada 47-11"),
        ("ref=b&via=a", "a"),
        ("via=&fpr=c", "c"),
        ("RSCODE=a", ""),
    ],
)
def test_a_query_carries_a_code_under_the_names_that_others_use(query: str, code: str) -> None:
    assert request(query=query).alias == code


def test_a_query_that_is_too_long_has_too_many_fields_or_is_no_text_says_nothing() -> None:
    assert request(query="via=" + "a" * (MAX_QUERY - 4)).alias
    assert request(query="via=" + "a" * (MAX_QUERY - 3)).alias == ""
    assert request(query="&".join(["via=a"] * MAX_FIELDS)).alias == "a"
    assert request(query="&".join(["via=a"] * (MAX_FIELDS + 1))).alias == ""
    assert request(query="via=%ff").alias == ""


def test_what_is_kept_of_a_campaign_is_short_and_printable() -> None:
    told = request(query=f"utm_source={'a' * MAX_VALUE}&utm_medium={'b' * (MAX_VALUE + 1)}&utm_term=c%00d%0a&utm_x=e")
    assert told.campaign == {"source": "a" * MAX_VALUE, "medium": "b" * MAX_VALUE, "term": "cd"}
    assert request().campaign == {}


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("https://Mail.Example:443/inbox/7?user=ada#x", "mail.example/inbox/7"),
        ("https://user:pw@mail.example/", "mail.example"),
        ("android-app://com.slack/", "com.slack"),
        ("", ""),
        ("about:blank", ""),
        ("https://[bad", ""),
        ("https://a.example/\x07b", "a.example/b"),
        ("https://a.example/" + "b" * 400, "a.example/" + "b" * (MAX_REFERRER - 10)),
    ],
)
def test_of_the_page_a_visitor_came_from_host_and_path_are_kept(header: str, kept: str) -> None:
    assert referrer_of(header) == kept
    assert len(kept) <= MAX_REFERRER


@pytest.mark.parametrize(
    ("header", "told"),
    [("nb-NO,nb;q=0.9", "nb-NO"), (" da", "da"), ("*", ""), ("", ""), ("zh-Hant-HK;q=1", "zh-Hant-HK"), ("a\x00b", "")],
)
def test_the_first_language_is_kept(header: str, told: str) -> None:
    assert language_of(header) == told


@pytest.mark.parametrize(
    ("header", "host"),
    [("Go.Example.com", "go.example.com"), ("go.example.com:8443", "go.example.com"), ("[::1]:80", "[::1]"), ("", "")],
)
def test_a_host_is_told_without_its_port(header: str, host: str) -> None:
    assert host_of(header) == host


def test_cookies_say_who_came_before_and_who_agreed() -> None:
    visitor = "clk_01h2xcejqtf2nbrexx3vqjhp41"
    assert request(cookie=f"a=b; gw_click={visitor}; gw_consent=1").visitor == visitor
    assert request(cookie=f"gw_click={visitor}x").visitor == ""
    assert request(cookie=f"xgw_click={visitor}").visitor == ""
    assert request(cookie="gw_consent=1").agreed
    assert request(query="gw_consent=1").agreed
    assert not request(cookie="gw_consent=10").agreed


def _workspace(slug: str, domain: str | None) -> Workspace:
    return Workspace(f"id-of-{slug}", slug, domain, EdgeSettings.model_validate({}), None, None)


def test_a_code_of_any_length_beyond_the_limit_is_unknown() -> None:
    one = _workspace("one", None)
    directory = Directory({}, {"one": one}, one)
    assert _place(directory, request("/r/" + "a-" * (MAX_CODE // 2))) == (one, "a-" * (MAX_CODE // 2))
    assert _place(directory, request("/r/" + "a-" * (MAX_CODE // 2) + "-")) == (one, "")


def test_no_workspace_has_no_links() -> None:
    assert _place(Directory({}, {}, None), request("/r/ada")) == (None, "ada")


def test_memory_is_bounded_and_codes_that_are_asked_for_together_are_read_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known, "MOST_LINKS", 3)
    reads: list[list[str]] = []

    async def read(self: Known, workspace_id: str, codes: Any) -> dict[str, Link]:
        reads.append(list(codes))
        await asyncio.sleep(0)
        return {code: Link(code, code, "p", "", "", None, "", known.monotonic()) for code in codes if code != "nobody"}

    monkeypatch.setattr(Known, "_read_links", read)

    async def ask() -> Known:
        memory = Known(dict)
        found = await asyncio.gather(*(memory.link("w", code) for code in ("a", "b", "nobody", "B")))
        assert [link.id if link else None for link in found] == ["a", "b", None, "b"]
        assert await memory.link("w", "a")
        for code in ("c", "d", "e"):
            await memory.link("w", code)
        return memory

    memory = asyncio.run(ask())

    assert reads == [["a", "b", "nobody"], ["c"], ["d"], ["e"]]
    assert len(memory._links) == 3


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("fr,da;q=0.5", "da"),
        ("ms-MY", "ms"),
        ("zh", "en"),
        ("", "en"),
    ],
)
def test_a_page_is_in_the_first_language_of_ours_that_the_visitor_asks_for(accepted: str, language: str) -> None:
    assert page_language(accepted) == language


def test_pages_escape_what_they_show_and_fetch_nothing() -> None:
    for name in STATUS:
        for language in ("en", "nb", "da", "ms"):
            text = page(name, language).decode()
            assert f'<html lang="{language}">' in text
            assert "src=" not in text
            assert "href=" not in text
    assert "&lt;B&gt;" in page(WELCOME, "en", "<b>").decode()
    assert 'http-equiv="refresh"' in page(BUSY, "en").decode()
    assert 'http-equiv="refresh"' not in page(UNKNOWN, "en").decode()
