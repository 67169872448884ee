"""Who may see which page: every address of the console against every kind of person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from goodword.domain import ids
from goodword.domain.program import read
from goodword.engine import drafts
from goodword.insight import backtests
from goodword.ops.jobs import work
from goodword.store import jobs, staff, tenancy
from goodword.store.models import Membership, Participant
from support.browsing import logged_in, stranger
from support.documents import self_serve
from support.stories import recipe
from support.story import tell

ROLES = ("owner", "manager", "finance", "support")
PAGES = {
    "overview": "/w/test/",
    "participants": "/w/test/participants/",
    "participant": "/w/test/participants/{ada}/",
    "links": "/w/test/participants/{ada}/links/",
    "programs": "/w/test/programs/",
    "program": "/w/test/programs/b2b-sales/",
    "migrate": "/w/test/programs/b2b-sales/migrate/",
    "drafts": "/w/test/drafts/",
    "draft": "/w/test/drafts/{draft}/",
    "statements": "/w/test/statements/",
    "claims": "/w/test/claims/",
    "aside": "/w/test/aside/",
    "backtests": "/w/test/backtests/",
    "backtest": "/w/test/backtests/{tried}/",
    "backtest_decisions": "/w/test/backtests/{tried}/decisions/",
    "backtest_csv": "/w/test/backtests/{tried}/cost.csv",
}
ELSEWHERE = {
    "statement", "backtest_new", "backtest_cancel", "accept_terms", "program_move", "simulation", "simulation_cancel",
    "simulation_csv", "simulation_new", "simulations", "api_keys", "api_key_step", "imports", "import", "import_csv",
    "import_step", "link_qr", "link_step", "settings", "claim_step", "aside_retry",
}  # fmt: skip
"""See the tests that are named after them."""
WRITERS = {"draft_new": "/w/test/drafts/new/", "draft_save": "/w/test/drafts/save/",
           "draft_step": "/w/test/drafts/{draft}/submit/"}  # fmt: skip
"""Where programs are written: for those who may publish them."""


def ada(workspace_id: str) -> str:
    with tenancy.workspace(workspace_id):
        return ids.public("par", Participant.objects.get(external_id="ada").id)


def draft(workspace_id: str) -> str:
    return ids.public("drf", drafts.save(workspace_id, self_serve(), by="sam@example.com")[0].id)


def tried(workspace_id: str) -> str:
    """A backtest that is answered."""
    question = backtests.question(read(recipe("b2b-sales"))[1], None, None, None, None)
    job = jobs.ask(workspace_id, "backtest", "b2b-sales", question, "tests")
    claim = jobs.claim(workspace_id)
    assert claim
    work.carry_out(claim)
    return ids.public("bkt", job.id)


@pytest.fixture
def pages(story: str) -> dict[str, str]:
    return {name: path.format(ada=ada(story), draft=draft(story), tried=tried(story)) for name, path in PAGES.items()}


def test_the_matrix_knows_every_page_of_a_workspace() -> None:
    names = {
        pattern.name
        for part in get_resolver().url_patterns
        for inner in getattr(part, "url_patterns", [])
        for pattern in getattr(inner, "url_patterns", [])
        if str(getattr(pattern, "pattern", "")).startswith("w/")
    }
    assert names == set(PAGES) | set(WRITERS) | ELSEWHERE


@pytest.mark.parametrize("role", ROLES)
def test_only_who_may_publish_writes_drafts(story: str, hire: Callable[..., User], role: str) -> None:
    client, path = logged_in(hire(role)), {name: path.format(draft=draft(story)) for name, path in WRITERS.items()}
    answers = (
        client.get(path["draft_new"]).status_code,
        client.post(path["draft_save"], {"text": "program: other"}).status_code,
        client.post(path["draft_step"]).status_code,
    )
    assert answers == ((200, 302, 302) if role in ("owner", "manager") else (403, 403, 403))
    assert logged_in(hire("owner", email="x@x.example")).get(path["draft_step"]).status_code == 405


def test_a_draft_is_written_by_nobody_from_elsewhere(story: str, hire: Callable[..., User], elsewhere: str) -> None:
    client, path = logged_in(hire("owner", where=elsewhere)), draft(story)
    assert client.post(f"/w/test/drafts/{path}/submit/").status_code == 404
    assert client.post(f"/w/elsewhere/drafts/{path}/submit/").status_code == 404
    assert client.get(f"/w/elsewhere/drafts/{path}/").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_every_member_may_read_every_page(pages: dict[str, str], hire: Callable[..., User], role: str) -> None:
    client = logged_in(hire(role))
    assert {name: client.get(path).status_code for name, path in pages.items()} == dict.fromkeys(PAGES, 200)


def test_who_is_not_logged_in_is_sent_to_the_login_and_back(pages: dict[str, str]) -> None:
    for path in pages.values():
        answer = stranger().get(path)
        assert answer.status_code == 302
        assert answer["Location"] == f"/accounts/login/?next={path}"


def test_a_live_request_without_login_reloads_its_page_instead_of_showing_a_login_in_it(pages: dict[str, str]) -> None:
    answer = stranger().get(pages["participants"], headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"], answer.content) == (401, "true", b"")


def test_a_page_of_a_workspace_does_not_exist_for_members_of_another(
    pages: dict[str, str], hire: Callable[..., User], elsewhere: str
) -> None:
    client = logged_in(hire("owner", where=elsewhere))
    assert {client.get(path).status_code for path in pages.values()} == {404}
    assert client.get("/w/there-is-no-such-workspace/").status_code == 404


def test_a_member_who_was_removed_sees_nothing_more(
    pages: dict[str, str], hire: Callable[..., User], story: str
) -> None:
    user = hire("manager")
    client = logged_in(user)
    with tenancy.workspace(story):
        Membership.objects.filter(user=user).delete()
    assert {client.get(path).status_code for path in pages.values()} == {404}


def test_a_participant_of_another_workspace_is_not_found_in_mine(visit: Client, story: str, elsewhere: str) -> None:
    tell(elsewhere)
    theirs, mine = ada(elsewhere), ada(story)
    assert theirs != mine, "ids are made of facts; the same facts elsewhere are still another person"
    assert visit.get(f"/w/test/participants/{mine}/").status_code == 200
    assert visit.get(f"/w/test/participants/{theirs}/").status_code == 404
    assert visit.get(f"/w/elsewhere/participants/{theirs}/").status_code == 404


def test_a_list_never_holds_people_of_another_workspace(visit: Client, story: str, elsewhere: str) -> None:
    tell(elsewhere)
    assert visit.get("/w/test/participants/?q=ada@example.com").content.count(b'<tr>\n      <th scope="row">') == 1


ACTS = ("migrate", "links")
"""Pages on which something is done."""


def test_other_pages_are_read_only(pages: dict[str, str], visit: Client) -> None:
    for path in [*(path for name, path in pages.items() if name not in ACTS), "/"]:
        assert {visit.post(path).status_code, visit.delete(path).status_code} == {405}


def test_the_start_leads_to_the_first_workspace_by_name(
    visit: Client, elsewhere: str, hire: Callable[..., User]
) -> None:
    assert visit.get("/")["Location"] == "/w/test/"
    staff.grant("owner@example.com", elsewhere, "support")
    assert visit.get("/")["Location"] == "/w/elsewhere/"
    menu = visit.get("/w/test/").content.decode()
    assert 'href="/w/elsewhere/"' in menu


def test_who_is_in_no_workspace_is_told_how_to_get_into_one(
    visit: Client, workspace: str, hire: Callable[..., User]
) -> None:
    with tenancy.workspace(workspace):
        Membership.objects.all().delete()
    answer = visit.get("/")
    assert answer.status_code == 200
    assert b"goodword user grant" in answer.content


def test_answers_are_kept_by_no_cache(pages: dict[str, str], visit: Client) -> None:
    for path in pages.values():
        assert "no-store" in visit.get(path)["Cache-Control"]
