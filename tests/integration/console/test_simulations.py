"""Simulations on pages: chosen and asked with a form, watched, read with intervals, always said to be simulated."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from goodword.domain import ids
from goodword.domain.program import read
from goodword.engine import drafts, record, worker
from goodword.engine import programs as publishing
from goodword.insight.simulation.parameters import settings
from goodword.insight.simulation.runs import START, history, program_of
from goodword.insight.simulation.world import Plan
from goodword.ops.jobs import work
from goodword.store import jobs
from support.browsing import Page, logged_in
from support.stories import recipe

KEY = "ride-credit"
NEW = "/w/test/simulations/new/"
SMALL = {"customers": "60", "months": "6", "runs": "3", "seed": "1", "start": "2025-01-01",
         "p_refer_rate": "0.9", "p_through_program": "1", "p_friend_signs_up": "0.5"}  # fmt: skip


@pytest.fixture
def live(workspace: str) -> str:
    publishing.publish(workspace, recipe(KEY), by="Ada")
    return workspace


def ask(visit: Client, **asked: str) -> str:
    """Asks by the form; the address of the answer's page."""
    sent = visit.post(NEW, {**SMALL, "first": f"program:{KEY}", **asked})
    assert sent.status_code == 302, Page(sent.content.decode()).text
    return str(sent["Location"])


def answer(workspace: str) -> None:
    claim = jobs.claim(workspace)
    assert claim
    work.carry_out(claim)


def page(visit: Client, path: str) -> Page:
    found = visit.get(path)
    assert found.status_code == 200, path
    shown = Page(found.content.decode())
    assert shown.forbidden == []
    return shown


def test_a_program_is_chosen_played_watched_and_read(visit: Client, live: str) -> None:
    assert f"{NEW}?program={KEY}" in page(visit, f"/w/test/programs/{KEY}/").links
    form = page(visit, f"{NEW}?program={KEY}")
    assert f'value="program:{KEY}" selected' in form.html
    assert 'value="recipe:points-shop"' in form.html
    assert "Friends who sign up with the code." in form.text
    assert "Default 0.162." in form.text
    assert "Extole, referral metrics by industry" in form.text
    assert "An assumption of ours." in form.text

    path = ask(visit)
    waiting = visit.get(path).content.decode()
    assert "Waiting for the worker" in waiting
    assert 'http-equiv="refresh"' in waiting
    live_part = visit.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in live_part
    assert 'hx-trigger="every 1s"' in live_part
    answer(live)
    assert visit.get(path, headers={"HX-Request": "true"})["HX-Refresh"] == "true"

    job = jobs.find(live, "simulation", ids.internal("sim", path.split("/")[-2]))
    assert job
    assert job.result
    assert job.question["parameters"] == {"refer_rate": 0.9, "through_program": 1.0, "friend_signs_up": 0.5}
    figures = job.result["programs"][0]["figures"]
    assert figures["cost"]["mean"] > 0
    shown = page(visit, path)
    assert "Simulated, not measured" in shown.text
    assert f"Cost {round(figures['cost']['mean']) / 100:,.2f} USD" in shown.text
    low, high = (f"{figures['new_customers'][part]:.1f}" for part in ("p10", "p90"))
    assert f"New customers {figures['new_customers']['mean']:.1f} {low} to {high}" in shown.text
    assert f"K-factor {figures['k_factor']['mean']:.3f}" in shown.text
    assert "Months until payback" in shown.text
    assert "brings the referrer 10.00 USD and the friend 10.00 USD" in shown.text
    assert "refer_rate 0.9 0.15" in shown.text
    assert path in page(visit, "/w/test/simulations/").links
    table = visit.get(f"{path}figures.csv")
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert b"true,ride-credit,,cost,minor," in table.content
    assert table.content.startswith(b"\xef\xbb\xbf")
    again = page(visit, f"{NEW}?from={path.split('/')[-2]}").html
    assert "program: ride-credit" in again
    assert 'name="p_refer_rate" min="0" max="10" step="any" inputmode="decimal" value="0.9"' in again


def test_a_changed_text_is_compared_with_what_is_live(visit: Client, live: str) -> None:
    shown = visit.post(NEW, {**SMALL, "first": f"program:{KEY}", "second": f"program:{KEY}", "show": "second"})
    assert shown.status_code == 200
    html = shown.content.decode()
    assert "amount: 1000" in html
    assert '<option value="text" selected>' in html
    assert 'name="p_refer_rate" min="0" max="10" step="any" inputmode="decimal" value="0.9"' in html
    double = recipe(KEY).replace("amount: 1000", "amount: 2000").replace("\n", "\r\n")
    path = ask(visit, second="text", second_text=double)
    answer(live)
    answered = page(visit, path)
    assert "Both programs were played on the same people." in answered.text
    assert "the first: a first friend brings the referrer 10.00 USD" in answered.text
    assert "the second: a first friend brings the referrer 20.00 USD" in answered.text
    assert "Second less first" in answered.text


def test_a_draft_and_a_recipe_are_played(visit: Client, live: str) -> None:
    text = recipe(KEY).replace("amount: 1000", "amount: 777")
    draft = ids.public("drf", drafts.save(live, text, by="Ada")[0].id)
    address = f"{NEW}?draft={draft}"
    assert address in page(visit, f"/w/test/drafts/{draft}/").links
    assert f'value="draft:{draft}" selected' in page(visit, address).html
    path = ask(visit, first=f"draft:{draft}", second="recipe:signature-invite", runs="1")
    answer(live)
    text = page(visit, path).text
    assert "ride-credit: a first friend brings the referrer 7.77 USD" in text
    assert "signature-invite: a first friend brings the referrer 20.00 USD" in text
    for wrong in (f"draft={draft[:-1]}0", "draft=nothing", "recipe=none", "program=none", "from=nothing"):
        assert visit.get(f"{NEW}?{wrong}").status_code == 404


def test_what_is_wrong_stands_on_the_form_and_what_was_typed_stays(visit: Client, live: str) -> None:
    for asked, said in (
        ({"first": ""}, "Choose a program."),
        ({"first": "program:gone"}, "It is not there any more."),
        ({"first": "text", "first_text": "program: x"}, "The document cannot be a program yet"),
        ({"first": "text", "first_text": recipe(KEY).replace("currency: USD", "currency: <i>")}, "currency"),
        ({"first": "recipe:ride-credit", "second": "text", "second_text": recipe(KEY).replace("USD", "EUR")},
         "only like is compared with like"),
        ({"customers": "0"}, "greater than or equal to 1"),
        ({"months": "0"}, "greater than or equal to 1"),
        ({"runs": "9999"}, "less than or equal to 1000"),
        ({"customers": "100000", "months": "120"}, "is 36,000,000; at most 5,000,000 are played"),
        ({"p_refer_rate": "-1"}, "greater than or equal to 0"),
        ({"p_promoters": "0.7", "p_detractors": "0.4"}, "Promoters and detractors are more than everybody"),
        ({"start": "soon"}, "Enter a valid date"),
    ):  # fmt: skip
        sent = visit.post(NEW, {**SMALL, "first": f"program:{KEY}", **asked})
        shown = Page(sent.content.decode())
        assert (sent.status_code, said in shown.text) == (422, True), (said, shown.text)
        assert "<i>" not in shown.html
        assert 'value="0.5"' in shown.html
    assert jobs.newest(live, "simulation") == []
    for _ in range(jobs.MAX_OPEN):
        ask(visit)
    full = visit.post(NEW, {**SMALL, "first": f"program:{KEY}"})
    assert "Several wait or run already." in Page(full.content.decode()).text


def test_who_may_ask_and_cancel_and_who_may_read(
    visit: Client, live: str, hire: Callable[..., User], elsewhere: str
) -> None:
    path = ask(visit)
    for role, may in (("finance", False), ("support", False), ("manager", True)):
        client = logged_in(hire(role))
        assert client.get(path).status_code == client.get("/w/test/simulations/").status_code == 200
        assert ("Cancel" in Page(client.get(path).content.decode()).text) is may
        assert client.get(NEW).status_code == (200 if may else 403)
        assert client.post(NEW, {"first": "x"}).status_code == (422 if may else 403)
        assert client.post(f"{path}cancel/").status_code == (302 if may else 403)
    assert "It was cancelled" in page(visit, path).text
    assert visit.get(f"{path}figures.csv").status_code == 404
    stranger = logged_in(hire("owner", where=elsewhere, email="else@example.com"))
    for method, address in (("get", path), ("get", f"{NEW}?program={KEY}"), ("post", f"{path}cancel/")):
        assert getattr(stranger, method)(address).status_code == 404
        assert getattr(stranger, method)(address.replace("/w/test/", "/w/elsewhere/")).status_code == 404


def test_a_history_that_was_made_up_is_marked_where_it_shows(visit: Client, live: str) -> None:
    program = program_of(read(recipe(KEY))[1])
    p = settings(["refer_rate=2", "through_program=1", "friend_signs_up=0.9", "cheats=0"])
    assert record.record(live, history(program, p, Plan(4, 5, START), seed=1))
    while worker.drain(live):
        pass
    overview = page(visit, "/w/test/").text
    found = re.search(r"Referrals (\d+) \d+ won · (\d+) simulated Rewards (\d+) .* granted · (\d+) simulated", overview)
    assert found, overview
    referrals, simulated, rewards, of_these = map(int, found.groups())
    assert referrals == simulated > 0
    assert rewards == of_these > 0
    people = page(visit, "/w/test/participants/")
    assert people.text.count("Simulated") >= 4
    first = next(link for link in people.links if "/participants/par_" in link)
    assert "Simulated" in page(visit, first).text


@pytest.mark.parametrize(("language", "said"), [("nb", "Simulert, ikke målt"), ("da", "Simuleret, ikke målt"),
                                                ("ms", "Simulasi, bukan diukur")])  # fmt: skip
def test_the_pages_speak_the_readers_language(visit: Client, live: str, language: str, said: str) -> None:
    path = ask(visit, runs="1", customers="10")
    answer(live)
    visit.cookies["goodword_language"] = language
    assert said in page(visit, path).text
    assert "Friends who sign up with the code." not in page(visit, NEW).text
