"""Two participants turned out to be one: the page says so, in words."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from goodword.insight import explain
from support.browsing import Page
from support.story import happen

MERGE = {
    "type": "participant.identified",
    "event_id": "merge-1",
    "occurred_at": "2026-02-01T10:00:00Z",
    "participant": "ada-new",
    "properties": {"previous_id": "ada"},
}


def address(visit: Client, name: str) -> str:
    html = visit.get(f"/w/test/participants/?q={name}").content.decode()
    [found] = set(re.findall(r"/w/test/participants/par_\w+/", html))
    return str(found)


def page(visit: Client, name: str) -> str:
    return Page(visit.get(address(visit, name)).content.decode()).text


def test_the_page_of_either_is_that_of_the_one_who_stands_for_both(visit: Client, story: str) -> None:
    before = address(visit, "ada")
    happen(story, [MERGE])
    assert address(visit, "ada") == address(visit, "ada-new") != before  # found once, by either id
    answer = visit.get(before)
    assert (answer.status_code, answer["Location"]) == (302, address(visit, "ada-new"))
    text = page(visit, "ada-new")
    assert "Also known as" in text
    assert "Two participants are one from now on" in text
    assert "named by the event" in text
    assert "Held 1,000.00 USD" in text  # what ada had
    assert "referral.submitted" in text  # what ada did


def test_the_page_of_one_who_was_taken_apart_tells_both(visit: Client, story: str) -> None:
    before = address(visit, "ada")
    happen(story, [MERGE, {"type": "participant.split", "event_id": "split-1", "occurred_at": "2026-02-02T10:00:00Z",
                           "properties": {"previous_id": "ada"}}])  # fmt: skip
    text = Page(visit.get(before).content.decode()).text
    assert "Two merged participants are two again" in text
    assert "Two participants are one from now on" in text
    assert "Also known as" not in text
    assert "Held 1,000.00 USD" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("To deltakere er én fra nå av", "Også kjent som", "Hvem er hvem")),
        ("da", ("To deltagere er én fra nu af", "Også kendt som", "Hvem er hvem")),
        ("ms", ("Dua peserta menjadi satu mulai sekarang", "Juga dikenali sebagai", "Siapa ialah siapa")),
    ],
)
def test_it_reads_in_every_language(visit: Client, story: str, language: str, words: tuple[str, ...]) -> None:
    happen(story, [MERGE])
    where = address(visit, "ada-new")
    text = Page(visit.get(where, headers={"Accept-Language": language}).content.decode()).text
    for word in words:
        assert word in text


def test_a_refusal_and_a_merge_are_explained_in_a_terminal(story: str) -> None:
    happen(story, [MERGE, {**MERGE, "event_id": "merge-2"}])
    text = explain.render_text(explain.explain(story, "merge-1"))
    assert "└ who is who  ✓ merged" in text
    assert " merged into " in text
    assert "by previous_id" in text
    assert re.search(r"moved 1 link, 3 referrals made, .* 1,000.00 USD reserved", text), text
    assert "└ who is who  ✗ already_merged" in explain.render_text(explain.explain(story, "merge-2"))
