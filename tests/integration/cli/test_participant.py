"""`goodword participant`: erase, with a question before and a receipt after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integration.cli.conftest import Cli

from goodword.domain import ids
from goodword.engine import erase, programs, replay
from goodword.insight.terms import acceptances
from support.documents import self_serve


@pytest.mark.usefixtures("story")
def test_a_person_is_erased_by_any_name_after_a_question(cli: Cli, workspace: str) -> None:
    id = erase.find(workspace, "ada")
    asked = cli("participant", "erase", "ada")
    assert asked.code == 130  # nobody answered
    assert "cannot be undone" in asked.err
    assert erase.receipt(workspace, id) is None

    ran = cli("participant", "erase", "ada", "--yes", "--by", "the clerk")
    assert ran.code == 0
    assert "Erased par_" in ran.out
    assert "event " in ran.out
    assert "Receipt ers_" in ran.out
    assert replay.verify(workspace).differences == ()

    again = cli("participant", "erase", "ada")
    assert again.code == 0
    assert "was erased already, on " in again.out
    assert "asked by the clerk." in again.out
    answer = json.loads(cli("participant", "erase", "ada", "--json").out)
    assert (answer["repeated"], answer["requested_by"]) == (True, "the clerk")


@pytest.mark.usefixtures("story")
def test_a_stranger_and_a_bad_text_are_refused(cli: Cli) -> None:
    ran = cli("participant", "erase", "nobody@example.com", "--yes")
    assert ran.code == 1
    assert "There is no participant 'nobody@example.com' here" in ran.err
    ran = cli("participant", "erase", "ada", "--yes", "--also", "x")
    assert ran.code == 1
    assert "3 to 200 characters" in ran.err


@pytest.mark.usefixtures("story")
def test_everything_held_is_given_out_as_json_or_as_a_page(cli: Cli, tmp_path: Path) -> None:
    document = json.loads(cli("participant", "export", "ada").out)
    assert document["participant"]["external_id"] == "ada"
    assert document["exported_at"].endswith("Z")
    page = tmp_path / "ada.html"
    ran = cli("participant", "export", "ada", "--html", "--language", "nb", "--out", str(page))
    assert (ran.code, ran.out) == (0, "")
    assert "Det som er lagret om deg" in page.read_text()
    ran = cli("participant", "export", "ada", "--out", str(tmp_path / "no" / "ada.json"))
    assert ran.code == 1
    assert "cannot be written" in ran.err
    assert cli("participant", "export", "nobody").code == 1


@pytest.mark.usefixtures("story")
def test_staff_record_that_somebody_accepted_terms(cli: Cli, workspace: str) -> None:
    numbered = self_serve(program="numbered", terms={"version": 2, "text": "We thank you."})
    programs.publish(workspace, numbered, by="tests")
    programs.publish(workspace, {**numbered, "terms": {"version": 5, "text": "We thank you twice."}}, by="tests")
    programs.publish(workspace, self_serve(program="bare"), by="tests")
    ran = cli("participant", "accept-terms", "ada", "numbered", "--how", "by phone", "--by", "Sam")
    assert (ran.code, "accepted terms 5 of numbered." in ran.out) == (0, True)
    assert cli("participant", "accept-terms", "ada", "numbered", "--terms", "2", "--json").json()["terms"] == 2
    [last, first] = acceptances(workspace, erase.find(workspace, "ada"))
    assert (first.terms, first.by, first.how, first.source) == (5, "Sam", "by phone", "cli")
    assert last.terms == 2
    for bad, told in (
        (("ada", "numbered", "--terms", "3"), "numbered has no numbered terms 3; published: 5, 2."),
        (("ada", "bare"), "bare has no numbered terms."),
        (("ada", "other"), "There is no program 'other'"),
        (("nobody@example.com", "numbered"), "nobody"),
        (("ada", "numbered", "--how", "x" * 201), "at most 200 are kept"),
    ):
        ran = cli("participant", "accept-terms", *bad)
        assert (ran.code, told in ran.err) == (1, True), ran.err
    id = erase.find(workspace, "ada")
    cli("participant", "erase", "ada", "--yes")
    gone = cli("participant", "accept-terms", ids.public("par", id), "numbered")
    assert (gone.code, "was erased" in gone.err) == (1, True)
