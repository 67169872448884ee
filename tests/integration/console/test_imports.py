"""Imports on pages: sent, tried, imported and taken out again, by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.integration.engine.helpers import send

from goodword.engine import programs
from goodword.ops.jobs import work
from goodword.store import jobs
from support import imports
from support.browsing import logged_in

CSV = b"id,first_name,last_name,email,token,other\naf1,Ada,L,ada@x.example,ada,\naf2,Kay,,nobody,kay,\n"


@pytest.fixture
def friends(workspace: str) -> str:
    programs.publish(workspace, imports.FRIENDS, by="tests")
    send(workspace)
    return workspace


def work_at_it(workspace: str) -> None:
    claim = jobs.claim(workspace)
    assert claim
    work.carry_out(claim)


def sent(**changed: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("affiliates.csv", CSV)
    return {"mapping": "rewardful", "program": "friends", "dry_run": "on", "file": file} | changed


def test_files_are_tried_imported_and_taken_out_again(visit: Client, friends: str) -> None:
    page = visit.get("/w/test/imports/").content.decode()
    assert "Nothing was imported yet" in page
    answer = visit.post("/w/test/imports/", sent())
    assert answer.status_code == 302
    tried = answer["Location"]
    assert "Waiting for the worker" in visit.get(tried).content.decode()
    work_at_it(friends)
    page = visit.get(tried).content.decode()
    assert "Tried: nothing was written." in page
    assert "EMAIL_INVALID" in page
    assert "participants.email" in page
    assert "left out" in page
    answer = visit.post(f"{tried}run/")
    made = answer["Location"]
    assert made != tried
    work_at_it(friends)
    page = visit.get(made).content.decode()
    assert "Take it out again" in page
    assert "Import it" not in page
    report = visit.get(f"{made}report.csv").content
    assert ("EMAIL_INVALID" in report.decode(), report.startswith(b"\xef\xbb\xbf")) == (True, True)
    page = visit.post(f"{made}undo/", follow=True).content.decode()
    assert "Being taken out again" in page  # also while the worker has not come to it
    assert "Take it out again" not in page
    work_at_it(friends)
    assert "Taken out again" in visit.get(made).content.decode()
    assert len(re.findall(r"/w/test/imports/imp_", visit.get("/w/test/imports/").content.decode())) == 2
    assert visit.post(f"{made}nothing/").status_code == 404
    again = visit.post(f"{tried}run/", follow=True)
    assert "no longer kept" in again.content.decode()


def test_what_is_wrong_is_said_on_the_page(visit: Client, friends: str) -> None:
    answer = visit.post("/w/test/imports/", {"mapping": "own", "text": "mapping: M", "program": "x"})
    assert answer.status_code == 422
    page = answer.content.decode()
    for said in ("Choose a file.", "Choose a program.", "expected a name of small letters"):
        assert said in page
    assert visit.post("/w/test/imports/", sent(mapping="x")).status_code == 422
    assert visit.get("/w/test/imports/imp_01jq8x5e4me8k9d3v0h2r6t7wy/").status_code == 404
    assert visit.get("/w/test/imports/nothing/").status_code == 404


def test_only_owners_and_managers_of_the_workspace_see_imports(
    visit: Client, friends: str, hire: Callable[..., User], elsewhere: str
) -> None:
    made = visit.post("/w/test/imports/", sent())["Location"]
    pages = ("/w/test/imports/", made, f"{made}report.csv")

    def answers(user: User) -> list[int]:
        client = logged_in(user)
        return [client.get(page).status_code for page in pages] + [client.post(f"{made}cancel/").status_code]

    assert answers(hire("finance")) == answers(hire("support")) == [403] * 4
    assert answers(hire("owner", where=elsewhere, email="x@x.example")) == [404] * 4
    assert answers(hire("manager")) == [200, 200, 200, 302]
