"""Everything held about a person, and nothing of anybody else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import orjson
import pytest
from django.apps import apps

from goodword.console import person_page
from goodword.domain import ids
from goodword.engine import erase, programs, record, worker
from goodword.insight import export, participants
from goodword.store import workspaces as directory
from support.documents import self_serve, thanks
from support.stories import RECIPES, recipe

LEAD = {"email": "lead@x.example", "name": "Lee Lead", "employees": 50, "country": "US"}
OTHERS = ("bo@x.example", "Bo Boss", "lead@x.example", "Lee Lead", "his knee hurts", "Jane AE")


def event(number: int, kind: str, who: Any = None, **properties: Any) -> dict[str, Any]:
    found = {"type": kind, "event_id": f"e{number}", "occurred_at": f"2025-03-{number + 1:02}T10:00:00Z"}
    return {**found, "properties": properties, **({"participant": who} if who else {})}


@pytest.fixture
def ada(workspace: str) -> str:
    """Ada as referrer and as referred, rewarded, with links and words of others about her."""
    for name in RECIPES:
        programs.publish(workspace, recipe(name), by="tests")
    told = {"external_id": "ada", "email": "ada@x.example", "name": "Ada <b>Lovelace</b>", "phone": "+1 555 0100"}
    bo = {"external_id": "bo", "email": "bo@x.example", "name": "Bo Boss"}
    firm = {"status": "paying", "since": "2020-01-01T00:00:00Z", "active_days_30": 9, "owner": "Jane AE"}
    put = {"email": "ada@x.example", "name": "Ada L", "employees": 50, "country": "US", "note": "likes engines"}
    record.record(
        workspace,
        [
            event(0, "account.updated", **firm) | {"account": "acme"},
            event(1, "participant.identified", told, team="blue") | {"account": "acme"},
            event(1, "participant.identified", bo) | {"account": "acme", "event_id": "bo"},
            event(2, "link.created", "ada", program="bronze-silver-gold", code="ada-b"),
            event(3, "referral.submitted", "ada", referral="R1", referred=LEAD, need="his knee hurts"),
            event(4, "referral.submitted", "bo", referral="R2", referred=put, need="wants an engine"),
            event(5, "referral.qualified", referral="R1", note="his knee hurts"),
            event(6, "referral.qualified", referral="R2", note="she agreed"),
            event(7, "participant.signed_up", "friend", code="ada-b"),
            event(8, "order.completed", "friend", value=9_000, currency="USD", gift="for Bo Boss"),
            event(9, "order.completed", "ada", value=700, currency="USD", gift="for herself"),
        ],
    )
    worker.drain(workspace)
    return erase.find(workspace, "ada")


def test_the_document_has_everything_of_the_person(workspace: str, ada: str) -> None:
    found = export.export(workspace, ada)
    assert found["format"] == "goodword.participant/1"
    assert found["participant"]["traits"] == {"phone": "+1 555 0100", "team": "blue"}
    assert found["account"]["external_id"] == "acme"
    assert [link["code"] for link in found["links"]] == ["ada-b"]
    assert {row["program"] for row in found["referrals_made"]} == {"b2b-sales", "bronze-silver-gold"}
    [told] = [row["told"] for row in found["referrals_received"]]
    assert (told["need"], told["referred"]["note"]) == ("wants an engine", "likes engines")
    assert {row["rule"] for row in found["rewards"]} == {"qualified", "friend"}
    assert found["balances"][0]["unit"] == "USD"
    assert found["statement"]
    by_type = {row["event_id"]: row for row in found["events"]}
    assert by_type.keys() == {"e1", "e2", "e3", "e4", "e5", "e6", "e9"}
    assert by_type["e1"]["participant"]["phone"] == "+1 555 0100"
    assert by_type["e3"]["properties"] == {"referral": "R1"}
    assert by_type["e4"]["properties"] == told
    assert by_type["e5"]["properties"] == {"referral": "R1"}
    assert by_type["e6"]["properties"] == {"referral": "R2", "note": "she agreed"}
    reads = [line["read"] for row in found["decisions"] for line in row["checks"]]
    assert {"account.status": "paying"} in reads
    assert {"referred.is_customer": False} in reads
    assert all(row["text"] for row in found["decisions"])
    public = ids.public("par", ada)
    assert {"referral.submitted", "reward.approved"} <= {row["topic"] for row in found["messages"]}
    assert all(public in row["payload"].values() for row in found["messages"])
    assert found["not_whole"] == []


HELD = {
    "event": "events", "decision": "decisions", "outbox": "messages", "participant": "participant",
    "participant_merge": "merged", "account": "account", "link": "links", "click": "clicks",
    "referral": "referrals_made", "claim": "claims_made", "reward": "rewards", "ledger_account": "balances",
    "transfer": "statement", "erasure": "erasures",
}  # fmt: skip
"""By table, the part of the document that has its rows."""
SUMMED = {"applied", "inbox", "counter", "timer", "early_fact", "erased_event"}
"""What stands in other parts too: places, sums, moments to come and names of the events and rewards above."""
NOBODYS = {
    "workspace", "job", "job_row", "import_run", "import_file", "import_row", "import_key", "program",
    "program_version", "program_draft", "exchange_rate", "setting_change", "membership", "api_key", "idempotency_key",
    "rate_window",
}  # fmt: skip
"""The workspace's own words, and what is soon gone: see docs/concepts/erasure.md."""


def test_every_table_is_given_out_or_somebody_said_why_not(workspace: str, ada: str) -> None:
    tables = {model._meta.db_table for model in apps.get_app_config("store").get_models()}
    assert tables == {*HELD, *SUMMED, *NOBODYS}
    assert set(HELD.values()) <= export.export(workspace, ada).keys()


def test_claims_and_what_somebody_is_entitled_to_are_in_the_document_and_on_the_page(workspace: str, ada: str) -> None:
    access = {"type": "feature", "name": "early access", "duration": "P30D"}
    programs.publish(workspace, self_serve(program="early", rewards=[thanks(give=access)]), by="tests")
    told = {"proof": "We had lunch.", "url": "https://example.com/photo"}
    record.record(
        workspace,
        [
            event(10, "link.created", "ada", program="early", code="ada-early"),
            event(11, "participant.signed_up", "late", code="ada-early"),
            event(12, "order.completed", "late", value=100, currency="USD"),
            event(13, "referral.claimed", "ada", program="early", referred={"email": "lead@x.example"}, **told),
            event(14, "referral.claimed", "bo", program="early", referred={"email": "ada@x.example"}, **told),
        ],
    )
    worker.drain(workspace)
    found = export.export(workspace, ada)
    [right] = found["entitlements"]
    assert (right["kind"], right["name"], right["program"]) == ("feature", "early access", "early")
    assert ([row["proof"] for row in found["claims_made"]], len(found["claims_received"])) == (["We had lunch."], 1)
    page = " ".join(Page(person_page.page(found)).texts)
    for said in ("Entitled to", "early access", "Claims you made", "We had lunch.", "Claims that somebody brought you"):
        assert said in page
    assert ("Movements" in page, "grant" in page) == (True, False)
    assert page.count("We had lunch.") == 2, "her claim, and her event; what Bo wrote is his"


def test_what_is_other_peoples_is_left_out(workspace: str, ada: str) -> None:
    text = orjson.dumps(export.export(workspace, ada)).decode()
    assert [other for other in OTHERS if other in text] == []
    assert set(re.findall(r"par_\w{26}", text)) == {ids.public("par", ada)}


def test_nobody_else_is_exported(workspace: str, ada: str) -> None:
    other = str(directory.create("other", "Other").id)
    with pytest.raises(participants.ParticipantNotFound):
        export.export(other, ada)


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        ("REFERRALS", "referrals_made"), ("REWARDS", "rewards"), ("EVENTS", "events"), ("DECISIONS", "decisions"),
        ("MESSAGES", "messages"),
    ],
)  # fmt: skip
def test_a_list_is_cut_at_its_limit_and_says_so(
    workspace: str, ada: str, monkeypatch: pytest.MonkeyPatch, limit: str, name: str
) -> None:
    whole = export.export(workspace, ada)[name]
    monkeypatch.setattr(export, limit, len(whole))
    assert name not in export.export(workspace, ada)["not_whole"]
    monkeypatch.setattr(export, limit, len(whole) - 1)
    found = export.export(workspace, ada)
    assert found[name] == whole[:-1]
    assert name in found["not_whole"]


def test_events_are_cut_at_their_size_too(workspace: str, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    size = sum(len(orjson.dumps(event)) for event in export.export(workspace, ada)["events"])
    monkeypatch.setattr(export, "EVENT_BYTES", size)
    assert export.export(workspace, ada)["not_whole"] == []
    monkeypatch.setattr(export, "EVENT_BYTES", size - 1)
    found = export.export(workspace, ada)
    assert (len(found["events"]), found["not_whole"]) == (6, ["events"])


def test_after_an_erasure_it_is_the_figures_and_the_receipt(workspace: str, ada: str) -> None:
    before = export.export(workspace, ada)
    erase.erase(workspace, ada, by="test")
    found = export.export(workspace, ada)
    text = orjson.dumps(found).decode()
    assert [part for part in ("Lovelace", "ada@x", "555 0100", "engine", "she agreed", "herself") if part in text] == []
    assert found["balances"] == before["balances"]
    assert found["statement"] == before["statement"]
    assert len(found["erasures"]) == 1


class Page(HTMLParser):
    """The tags and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "What is held about you"), ("nb", "Det som er lagret om deg"), ("da", "Det, der er gemt om dig"),
        ("ms", "Apa yang disimpan tentang anda"),
    ],
)  # fmt: skip
def test_the_page_reads_in_four_languages_and_runs_nothing(workspace: str, ada: str, language: str, title: str) -> None:
    text = person_page.page(export.export(workspace, ada), language)
    page = Page(text)
    assert page.tags[0] == ("html", {"lang": language})
    assert title in page.texts
    assert any("Ada <b>Lovelace</b>" in shown for shown in page.texts)  # escaped
    assert not {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "b"}
    names = {name for _, given in page.tags for name in given}
    assert not {name for name in names if name.startswith("on")} | names & {"src", "href", "style"}
    [policy] = [given["content"] for tag, given in page.tags if given.get("http-equiv") == "Content-Security-Policy"]
    assert policy == person_page.POLICY
    assert f"<style>{person_page.STYLE}</style>" in text
    assert "likes engines" in text
    assert (language == "en") == ("What concerns a program is told in that program's time zone" in text)


def test_the_page_says_what_is_not_whole_and_what_is_empty(workspace: str, ada: str) -> None:
    document = export.export(workspace, ada)
    text = person_page.page({**document, "links": [], "not_whole": ["events"]})
    assert text.count("There is more than is shown here") == 1
    assert "Nothing is held under: Links" in text
    assert "need: wants an engine" in text
    traits = {"vip": True, "old": False, "empty_one": None, "likes": ["tea", {"cats": 2}]}
    text = person_page.page({**document, "participant": {**document["participant"], "traits": traits}})
    assert [shown in text for shown in ("<td>yes</td>", "<td>no</td>", "empty_one", "<td>tea, (cats: 2)</td>")] == [
        True, True, False, True
    ]  # fmt: skip
