"""The page of one participant: who they are, what they have, and why."""

from __future__ import annotations

import re
from importlib.resources import files

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.domain import ids
from goodword.engine import erase, programs
from goodword.insight import timeline
from support.browsing import Page
from support.documents import self_serve
from support.story import happen, lead


def address(visit: Client, name: str) -> str:
    html = visit.get(f"/w/test/participants/?q={name}").content.decode()
    found = re.search(r"/w/test/participants/par_\w+/", html)
    assert found, f"nobody is called {name}"
    return found[0]


def page(visit: Client, name: str, query: str = "") -> Page:
    answer = visit.get(address(visit, name) + query)
    assert answer.status_code == 200
    return Page(answer.content.decode())


def orders(workspace: str, count: int) -> None:
    happen(
        workspace,
        [
            {
                "type": "order.completed",
                "event_id": f"more-{number}",
                "occurred_at": f"2026-02-21T{number // 60:02}:{number % 60:02}:00Z",
                "participant": "ada",
                "properties": {"value": 1000 + number, "currency": "USD"},
            }
            for number in range(count)
        ],
    )


def test_it_says_who_the_person_is(visit: Client, story: str) -> None:
    text = page(visit, "lovelace").text
    for shown in ("Ada Lovelace", "ada@example.com", "Acme", "paying", "GB", "ADA".lower(), "email"):
        assert shown in text


def test_balances_are_what_the_ledger_says(visit: Client, story: str) -> None:
    """200.00 for the qualified lead is approved; 25.00 (until 4 February) is over; 1,000.00 is held."""
    text = page(visit, "lovelace").text
    assert "225.00 USD available, not yet handed over" in text
    assert "Held 1,000.00 USD" in text


def test_referrals_are_shown_from_both_sides_with_their_states(visit: Client, story: str) -> None:
    mine = page(visit, "lovelace").text
    assert re.search(r"Edith Clarke Simulated Refer a company v1 Won", mine)
    assert re.search(r"Ida Rhodes Simulated Refer a company v1 Disqualified Outside icp", mine)
    assert re.search(r"Grace Hopper Give 200 USD, get 25 USD v1 Won", mine)
    hers = page(visit, "grace").text
    assert re.search(r"Was referred by .* Ada Lovelace Acme Give 200 USD, get 25 USD v1 Won", hers)


def test_a_decision_is_laid_out_with_movement_rules_amounts_holds_and_reward(visit: Client, story: str) -> None:
    text = page(visit, "lovelace").text
    won = text[text.index("crm.deal_won") : text.index("crm.deal_opened")]
    assert "9,000.00 USD" in won
    assert re.search(r"Refer a company v1 Simulated", won)
    assert re.search(r"Ada Lovelace → referred Edith Clarke Opportunity → moved to Won", won)
    assert re.search(r"yes: A reward was earned", won)
    assert re.search(r"yes: closed 1,000\.00 USD to the referrer t1 \(1 counted\) held 30 days", won)
    assert re.search(r"rwd_\w{26} now Held", won)


def test_a_referral_that_kept_its_version_says_since_when(visit: Client, story: str) -> None:
    happen(story, [lead(3, "2026-02-22T10:00:00Z", employees=50, name="Mary Kenneth")])
    text = (files("goodword") / "recipes" / "b2b-sales.yaml").read_text()
    programs.publish(story, text.replace("P180D", "P170D"), by="tests")
    qualified = {"type": "referral.qualified", "event_id": "q-3", "properties": {"referral": "lead-3"}}
    happen(story, [qualified | {"occurred_at": "2026-02-23T10:00:00Z"}])
    assert re.search(r"Refer a company v1 \(kept from submission, 22 Feb 2026 \)", page(visit, "kenneth").text)


def test_a_no_says_its_reason_and_the_values_that_were_read(visit: Client, story: str) -> None:
    text = page(visit, "rhodes").text
    assert re.search(r"no: Outside icp", text)
    assert re.search(r"no: outside_icp .*referred\.employees = 3", text)
    assert re.search(r"yes: existing_customer", text)


def test_what_is_simulated_is_marked_wherever_it_shows(visit: Client, story: str) -> None:
    """The two leads are: referral, rewards, events and decisions; Grace's order and referral are not."""
    assert "Simulated" not in page(visit, "grace").text
    text = page(visit, "clarke").text
    assert re.search(r"referral\.submitted Simulated", text)
    assert re.search(r"welcome Simulated Refer a company", text)


def test_of_somebody_elses_event_only_what_concerns_the_two_is_told(visit: Client, story: str) -> None:
    """Grace's order has a word for each program; to Ada only the one in which she referred Grace matters."""
    hers = page(visit, "grace").text
    assert re.search(r"order\.completed .*Bronze, silver, gold v1 : Nobody referred this person", hers)
    mine = page(visit, "lovelace").text
    order = mine[mine.index("order.completed") : mine.index("participant.signed_up")]
    assert "Give 200 USD, get 25 USD" in order
    assert "Bronze" not in order


def test_a_reward_without_amount_says_what_it_is(visit: Client, story: str) -> None:
    assert re.search(r"yes: welcome Discount of 20 %, 12 months to the referred person", page(visit, "clarke").text)


def test_names_are_text_and_never_markup(visit: Client, story: str) -> None:
    happen(
        story,
        [
            {
                "type": "participant.identified",
                "event_id": "evil",
                "occurred_at": "2026-02-22T10:00:00Z",
                "participant": {"external_id": "evil", "name": "<img src=x onerror=alert(1)>"},
                "properties": {"note": "<b>bold</b>"},
            }
        ],
    )
    html = visit.get(address(visit, "evil")).content.decode()
    assert "<img src=x" not in html
    assert "<b>bold</b>" not in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html


def test_the_timeline_is_paged_and_leaves_nothing_out(visit: Client, story: str) -> None:
    orders(story, 45)
    seen: list[str] = []
    query = ""
    while True:
        shown = page(visit, "lovelace", query)
        seen += re.findall(r"\bmore-\d+", shown.text)
        older = [link for link in shown.links if link.startswith("?before=")]
        if not older:
            break
        query = older[0]
    assert seen == [f"more-{number}" for number in reversed(range(45))]


def test_a_live_request_gets_the_older_events_alone(visit: Client, story: str) -> None:
    orders(story, timeline.PAGE)
    first = page(visit, "lovelace")
    [older] = [link for link in first.links if link.startswith("?before=")]
    html = visit.get(address(visit, "lovelace") + older, headers={"HX-Request": "true"}).content.decode()
    assert "link.created" in html
    assert "<html" not in html


def test_a_position_that_is_none_is_not_found(visit: Client, story: str) -> None:
    for position in ("x", "-1", "1e9", "9" * 40, "²", "1 OR 1=1"):
        assert visit.get(address(visit, "lovelace"), {"before": position}).status_code == 404, position


def test_somebody_who_is_not_there_is_not_found(visit: Client) -> None:
    for public_id in ("par_00000000000000000000000000", "nonsense", "ref_01h455vb4pex5vsknk084sn02q", "par_", "1"):
        assert visit.get(f"/w/test/participants/{public_id}/").status_code == 404, public_id


def test_a_fuller_page_costs_no_more_queries(visit: Client, story: str) -> None:
    path = address(visit, "lovelace")
    with CaptureQueriesContext(connection) as few:
        visit.get(path)
    orders(story, 40)
    with CaptureQueriesContext(connection) as many:
        visit.get(path)
    assert len(many) <= len(few)


def test_entitlements_are_shown_with_what_they_are_of_and_until_when(visit: Client, story: str) -> None:
    assert "Entitled to" not in page(visit, "grace").text
    text = (files("goodword") / "recipes" / "b2b-perks.yaml").read_text()
    programs.publish(story, text.replace("from: 1000000,", "from: 1, perks: [own_manager],"), by="tests")
    told = {"occurred_at": "2026-02-22T10:00:00Z", "participant": {"external_id": "grace"}}
    order = {"type": "order.completed", "event_id": "big", "properties": {"value": 900, "currency": "USD"}}
    renewal = {"type": "subscription.renewed", "event_id": "year", "properties": {"term": "annual"}}
    happen(story, [order | told, renewal | told])
    shown = page(visit, "grace").text
    assert re.search(r"Entitled to own_manager Perk · b2b-perks · volume · since 22 Feb 2026 · until ", shown)
    assert "Priority support Feature · b2b-perks" in shown


def test_the_terms_they_accepted_are_shown_and_the_programs_page_has_the_text(visit: Client, workspace: str) -> None:
    terms = {"version": 4, "text": "You refer; we thank you.", "required": True}
    programs.publish(workspace, self_serve(terms=terms), by="tests")
    accepts = {"type": "terms.accepted", "event_id": "a", "participant": {"external_id": "ada", "name": "Ada Lovelace"}}
    happen(workspace, [{**accepts, "properties": {"program": "simple", "terms": 4, "by": "Sam"}}])
    text = page(visit, "lovelace").text
    assert "Accepted terms Simple, terms 4" in text
    assert "recorded by Sam" in text
    for bad, told in (({"text": "simple:x", "how": "y"}, "Choose which"), ({"text": "simple:4"}, "Say how"),
                      ({"text": "simple:9", "how": "y"}, "no numbered terms 9")):  # fmt: skip
        assert told in visit.post(f"{here(workspace)}terms/", bad, follow=True).content.decode()
    done = visit.post(f"{here(workspace)}terms/", {"text": "simple:4", "how": "signed on paper"}, follow=True)
    assert "recorded by owner@example.com · signed on paper" in Page(done.content.decode()).text
    program = Page(visit.get("/w/test/programs/simple/").content.decode()).text
    assert "Terms 4 · must be accepted You refer; we thank you." in program


def here(workspace: str) -> str:
    """Ada's page."""
    return f"/w/test/participants/{ids.public('par', erase.find(workspace, 'ada'))}/"


def test_the_timeline_marks_what_a_test_decided_and_shows_what_counts_together(visit: Client, workspace: str) -> None:
    goals = [{"id": "sold-together", "metric": {"sum": "order.completed"}, "target": 5000,
              "rewards": [{"id": "mug", "give": {"type": "recognition"}}]}]  # fmt: skip
    programs.publish(workspace, self_serve(goals=goals), by="tests")
    programs.publish(workspace, self_serve(program="next", name="Next", test=True, goals=goals), by="tests")
    order = {"type": "order.completed", "event_id": "o", "properties": {"value": 1250, "currency": "USD"}}
    happen(workspace, [{**order, "participant": {"external_id": "ada", "name": "Ada Lovelace"}}])
    shown = Page(visit.get(here(workspace)).content.decode()).text
    assert shown.count("sold-together + 12.50 USD · 12.50 USD / 50.00 USD") == 2
    assert "Next v1 Test mode" in shown
    assert "Simple v1 Test mode" not in shown
