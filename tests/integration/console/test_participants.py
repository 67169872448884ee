"""The list of participants: search, live search and paging."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from goodword.insight.participants import PAGE, SEARCH_LENGTH
from support.browsing import Page
from support.story import happen

LIST = "/w/test/participants/"


def found(visit: Client, query: str = "", **headers: str) -> list[str]:
    answer = visit.get(LIST + query, headers=headers)
    assert answer.status_code == 200
    return re.findall(r'<a class="breakable" href="/w/test/participants/par_\w+/">([^<]+)</a>', answer.content.decode())


def people(workspace: str, count: int) -> None:
    happen(
        workspace,
        [
            {
                "type": "participant.identified",
                "event_id": f"person-{number}",
                "occurred_at": f"2026-01-{1 + number // 24:02}T{number % 24:02}:00:00Z",
                "participant": {"external_id": f"person-{number:03}"},
            }
            for number in range(count)
        ],
    )


def test_search_finds_by_a_part_of_name_email_and_id_whatever_the_case(visit: Client, story: str) -> None:
    for query in ("lovelace", "ADA LOVE", "ada@example", "example.com", "ada", "%20ada%20"):
        assert found(visit, f"?q={query}") == ["Ada Lovelace"], query


def test_search_finds_by_public_id(visit: Client, story: str) -> None:
    page = visit.get(f"{LIST}?q=ada").content.decode()
    public_id = re.search(r"par_\w+", page)
    assert public_id
    assert found(visit, f"?q={public_id[0]}") == ["Ada Lovelace"]


def test_signs_that_mean_something_to_the_database_are_only_signs(visit: Client, story: str) -> None:
    for query in ("%25", "_", "%5C", "'", "%00", "a%00"):
        assert visit.get(f"{LIST}?q={query}").status_code == 200
    assert found(visit, "?q=%25") == []
    assert found(visit, "?q=_ovelace") == []


def test_a_search_without_result_says_what_to_do(visit: Client, story: str) -> None:
    text = Page(visit.get(f"{LIST}?q=nobody-like-this").content.decode()).text
    assert "Nobody found" in text
    assert "“nobody-like-this”" in text


def test_what_was_searched_is_text_and_never_markup(visit: Client, story: str) -> None:
    html = visit.get(f"{LIST}?q=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_very_long_search_is_cut_to_the_limit(visit: Client, story: str) -> None:
    page = visit.get(f"{LIST}?q={'x' * 5000}").content.decode()
    assert f'value="{"x" * SEARCH_LENGTH}"' in page


def test_a_live_search_gets_the_results_alone(visit: Client, story: str) -> None:
    html = visit.get(f"{LIST}?q=grace", headers={"HX-Request": "true"}).content.decode()
    assert "Grace Hopper" in html
    assert "<html" not in html
    assert "HX-Request" in visit.get(LIST)["Vary"]


def test_an_empty_workspace_says_how_people_come_in(visit: Client) -> None:
    assert "goodword load FILE" in Page(visit.get(LIST).content.decode()).text


@pytest.mark.parametrize("count", [PAGE, PAGE + 1, 2 * PAGE + 3])
def test_paging_shows_everybody_once_newest_first(visit: Client, workspace: str, count: int) -> None:
    people(workspace, count)
    seen: list[str] = []
    query = ""
    while True:
        html = visit.get(LIST + query).content.decode()
        page = found(visit, query)
        assert len(page) <= PAGE
        seen += page
        following = re.search(r'rel="next" href="(\?[^"]+)"', html)
        if not following:
            break
        query = following[1].replace("&amp;", "&")
    assert seen == [f"person-{number:03}" for number in reversed(range(count))]


def test_paging_keeps_the_search(visit: Client, workspace: str) -> None:
    people(workspace, PAGE + 5)
    html = visit.get(f"{LIST}?q=person").content.decode()
    following = re.search(r'rel="next" href="(\?[^"]+)"', html)
    assert following
    assert following[1].startswith("?q=person&amp;after=par_")
    assert len(found(visit, following[1].replace("&amp;", "&"))) == 5


def test_a_cursor_that_is_none_is_not_found(visit: Client, story: str) -> None:
    for cursor in ("nonsense", "ref_01h455vb4pex5vsknk084sn02q", "par_!", "1' OR 1=1"):
        assert visit.get(LIST, {"after": cursor}).status_code == 404, cursor
    assert visit.get(LIST, {"after": ""}).status_code == 200
