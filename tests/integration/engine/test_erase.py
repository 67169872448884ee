"""A person is erased: nothing names them any more, everything that was decided stands, and replay agrees."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, connections
from uuid_utils import uuid7

from goodword.domain import ids
from goodword.engine import apply, aside, erase, programs, record, replay, worker
from goodword.insight import ledger
from goodword.store import clicks, tenancy
from goodword.store import workspaces as directory
from goodword.store.sql import execute
from support.loyalty import shop

from .helpers import event, friend, link, publish, recipe, seen, send

PERSON = {
    "external_id": "erna-4711", "email": "Erna.Beispiel@Example.com", "name": "Erna Beispiel",
    "phone": "+49 151 5550123", "city": "Buxtehude", "likes": {"cats": "Minka-Murr"},
}  # fmt: skip
CODE = "Erna-Rocks"
NAMED = ("erna-4711", "erna-rocks", "erna made", "beispiel", "5550123", "buxtehude", "minka-murr", "rocks")
"""Parts of everything that says who it was; none of them may be found afterwards."""


def dump(workspace: str) -> dict[str, list[str]]:
    """Every row of every table of the workspace as text, in lower case."""
    found = {}
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')
            rows = [text.lower() for (text,) in cursor.fetchall()]
            if table == "idempotency_key":
                cursor.execute("SELECT convert_from(answer, 'UTF8') FROM idempotency_key WHERE answer IS NOT NULL")
                rows += [text.lower() for (text,) in cursor.fetchall()]
            found[table] = rows
    return found


def named(workspace: str, *texts: str) -> list[tuple[str, str]]:
    return [
        (table, row)
        for table, rows in dump(workspace).items()
        for row in rows
        if any(text.lower() in row for text in texts)
    ]


def sums(workspace: str) -> Any:
    """The ledger, the statistics and whose they are."""
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        found = []
        for statement in (
            "SELECT id, debit_id, credit_id, amount, phase, code, reward_id, event_id FROM transfer ORDER BY id",
            "SELECT * FROM ledger_account ORDER BY id",
            "SELECT subject_id, name, count, amount FROM counter ORDER BY 1, 2",
            "SELECT id, rule, state, amount, unit, reversed, participant_id, referral_id FROM reward ORDER BY id",
            "SELECT id, state, referrer_id, referred_id, value, submitted_at, closed_at FROM referral ORDER BY id",
            "SELECT id, outcome, reason, referral_id, participant_id FROM decision ORDER BY id",
            "SELECT applied.event_id, position, participant_id FROM applied JOIN event ON event.id = applied.event_id "
            "WHERE type <> 'participant.erased' ORDER BY 2",
            "SELECT id, type, occurred_at, received_at FROM event WHERE type <> 'participant.erased' ORDER BY id",
            "SELECT id, topic, event_id FROM outbox ORDER BY id",
            "SELECT id, first_seen_at FROM participant ORDER BY id",
        ):
            cursor.execute(statement)
            found.append(cursor.fetchall())
    return found


DOCUMENT = re.sub(
    r"(?s)eligibility:.*?(?=\n\w)",
    """eligibility:
  refer:
    - code: account_not_paying
      when: account.status == 'paying'
    - code: wrong_city
      when: referrer.traits.city == 'Buxtehude' || referrer.external_id == 'rep'
  be_referred:
    - code: company_too_small
      when: referred.employees >= 5
    - code: no_need
      when: has(referral.properties.need) && size(referral.properties.need) > 3
""",
    recipe("b2b-sales"),
)


def story(workspace: str) -> None:
    """The person as referrer by link and by submission, as referred, in others' words, in every text."""
    publish(workspace, "credit-after-threshold", "bronze-silver-gold")
    programs.publish(workspace, DOCUMENT, by="test")
    when = "2025-03-{:02}T10:00:00".format
    rep = {"external_id": "rep", "email": "rep@sales.example", "mentor": "Erna Beispiel"}
    lead = {"name": "Erna Beispiel", "email": "erna.beispiel@example.com", "company": "Katzen AG", "employees": 50,
            "country": "US", "phone": "+49 151 5550123"}  # fmt: skip
    send(
        workspace,
        event("acme", "account.updated", when(1), status="paying", since="2020-01-01T00:00:00Z", active_days_30=9,
              contacts=[{"name": "Erna Beispiel", "phone": "0151/5550123"}, {"name": "Bo Li"}]) | {"account": "acme"},
        event("rep", "participant.identified", when(1), seat="Bonn") | {"participant": rep, "account": "acme"},
        event("signup-erna-4711", "participant.identified", when(2), nickname="Minka-Murr")
        | {"participant": PERSON, "account": {"external_id": "acme", "owner": "Erna Beispiel"}},
        event("own", "participant.identified", when(2), "own-friend", age=30),
        link("bronze-silver-gold", who="erna-4711", code=CODE),
        event("s0", "referral.submitted", when(3), "rep", referral="deal-erna-4711", need="Erna Beispiel wants cats",
              referred=lead),
        event("s1", "referral.submitted", when(3), "erna-4711", referral="R1", need="A friend from Buxtehude's choir",
              referred={"email": "q@example.com", "name": "Qu Xi", "employees": 20, "country": "US"}),
        event("s2", "referral.submitted", when(3), "rep", referral="R2", need="knows erna.beispiel@example.com well",
              referred={"email": "z@example.com", "employees": 2, "country": "US"}),
        event("note", "crm.note", when(4), "rep", text="Call Erna  Beispiel, she lives in town", team="sales"),
        event("cc", "crm.note", when(4), "rep", **{"Erna.Beispiel@example.com": "in copy"}),
        event("rang", "crm.note", when(4), "rep", text="+491515550123 rang"),
        event("came", "page.viewed", when(4), "rep", url="https://x.example/?to=erna.beispiel%40example.com"),
        event("web", "page.viewed", when(4), "rep", url="https://x.example/?via=erna-rocks", by="erna-4711"),
        event("q0", "referral.qualified", when(5), referral="deal-erna-4711", note="she, of Buxtehude, agreed"),
        event("q1", "referral.qualified", when(5), referral="R1"),
        event("w0", "crm.deal_won", when(6), referral="deal-erna-4711", value=900_000, currency="USD",
              memo="Buxtehude"),
        event("w1", "crm.deal_lost", when(6), referral="R1", reason="Erna made it up in Buxtehude"),
        event("x1", "reward.rejected", when(7), referral="deal-erna-4711", rule="closed", reason="Minka-Murr did it",
              by="boss"),
        event("tried", "participant.signed_up", when(7), "rep", code="erna-rocks"),
    )  # fmt: skip
    for number in range(3):
        send(workspace, *friend(number, code=CODE, at=when(8 + number)))
    send(
        workspace,
        event("buy", "order.completed", when(12), "erna-4711", order_id="erna-4711/1", value=5_000, currency="USD",
              gift_card="to Minka-Murr"),
        event("back", "order.refunded", when(13), "erna-4711", order_id="erna-4711/1", value=1_000, currency="USD"),
        event("rf", "order.refunded", when(14), "friend-1", value=3_000, currency="USD", why="told by erna-rocks"),
    )  # fmt: skip
    worker.drain(workspace)
    with seen(workspace) as tables:
        one = tables.Link.objects.get(workspace_id=workspace, code__iexact=CODE)
        visited = ("visit", "phone", "", "", "", {"source": "erna.beispiel@example.com", "medium": "mail"})
        visit = clicks.Click(str(uuid7()), str(one.id), datetime.now(UTC), *visited, None, None, None)
        execute(clicks.INSERT, clicks.values(workspace, [visit]))


def gone(workspace: str) -> erase.Receipt:
    return erase.erase(workspace, erase.find(workspace, "erna-4711"), by="test", also=["Buxtehude", "Minka-Murr"])


def test_nothing_names_the_person_and_everything_decided_stands(workspace: str) -> None:
    story(workspace)
    before, id = sums(workspace), erase.find(workspace, "erna-4711")
    trial = ledger.trial_balance(workspace)
    assert replay.verify(workspace).differences == ()
    assert {table for table, _ in named(workspace, *NAMED)} >= {
        "event", "decision", "participant", "link", "account", "referral", "reward", "outbox", "click"
    }  # fmt: skip

    done = gone(workspace)
    assert done.counts["click"] == 1
    left = named(workspace, *NAMED)
    assert [(table, row) for table, row in left if table != "program_version"] == []
    assert done.left == {"program_version": 1}  # a condition of the workspace's own names the town
    assert sums(workspace) == before
    assert ledger.trial_balance(workspace) == trial
    assert replay.verify(workspace).differences == ()
    with seen(workspace) as tables:
        person = tables.Participant.objects.get(id=id)
        assert (person.external_id, person.email, person.name, person.traits) == (None, "", "", {})
        assert person.account.external_id == "acme"


def test_what_was_sent_before_is_still_known_and_who_comes_back_is_somebody_new(workspace: str) -> None:
    story(workspace)
    id = erase.find(workspace, "erna-4711")
    gone(workspace)
    again = event("signup-erna-4711", "participant.identified", "2025-03-02T10:00:00") | {"participant": PERSON}
    own = event("own", "participant.identified", "2025-03-02T10:00:00", "own-friend")
    sent = record.record(workspace, [again, again, own, event("new", "quiz.done", "2025-03-02T10:00:00", "erna-4711")])
    assert [receipt.duplicate for receipt in sent.receipts] == [True, True, True, False]
    with seen(workspace) as tables:
        assert tables.Event.objects.filter(id__in=sent.duplicates).count() == 2
        assert tables.Inbox.objects.count() == 1

    worker.drain(workspace)
    back = erase.find(workspace, "erna-4711")
    assert back != id
    send(workspace, *friend(50, code=CODE, at="2025-04-01T10:00:00"))
    with seen(workspace) as tables:
        assert not tables.Link.objects.filter(participant_id=back).exists()
        assert tables.Decision.objects.filter(event__event_id="friend-50-signup", reason="unknown_code").exists()
    assert replay.verify(workspace).differences == ()

    first, second = gone(workspace), erase.receipt(workspace, id)
    assert second
    assert (first.participant_id, first.repeated, first.id == second.id) == (back, False, False)
    assert replay.verify(workspace).differences == ()


def test_who_comes_back_in_the_very_moment_of_the_first_time_is_somebody_new(workspace: str) -> None:
    publish(workspace, "b2b-sales")
    at = "2025-03-02T10:00:00"
    send(workspace, event("a", "quiz.done", at, "erna-4711"))
    first = gone(workspace).participant_id
    send(workspace, event("b", "quiz.done", at, "erna-4711"))
    second = gone(workspace).participant_id
    send(workspace, event("c", "quiz.done", at, "erna-4711"))
    assert len({first, second, erase.find(workspace, "erna-4711")}) == 3
    assert replay.verify(workspace).differences == ()


def test_again_it_answers_with_the_first_receipt_and_a_stranger_is_unknown(workspace: str) -> None:
    story(workspace)
    done = gone(workspace)
    assert not done.repeated
    assert done.counts["event"] > 10
    for name in ("erna-4711", "ERNA.beispiel@example.com", ids.public("par", done.participant_id)):
        again = erase.erase(workspace, erase.find(workspace, name), by="somebody else")
        assert (again.repeated, again.id, again.requested_by) == (True, done.id, "test")
    with pytest.raises(erase.UnknownParticipant, match="There is no participant 'erna-4712' here"):
        erase.find(workspace, "erna-4712")
    with seen(workspace) as tables:
        assert tables.Event.objects.filter(type="participant.erased").count() == 1


def test_a_person_of_another_workspace_cannot_be_erased(workspace: str) -> None:
    story(workspace)
    id, other = erase.find(workspace, "erna-4711"), str(directory.create("other", "Other").id)
    with pytest.raises(erase.UnknownParticipant):
        erase.erase(other, id, by="test")
    for name in ("erna-4711", ids.public("par", id)):
        with pytest.raises(erase.UnknownParticipant):
            erase.find(other, name)
    assert named(workspace, "erna-4711")
    gone(workspace)
    with pytest.raises(erase.UnknownParticipant):
        erase.find(other, "erna-4711")


@pytest.mark.parametrize("also", [["ab"], ["x" * 201], ["fine"] * 21, ["  a  "]])
def test_a_further_text_has_its_limits(workspace: str, also: list[str]) -> None:
    send(workspace, event("a", "quiz.done", "2025-03-02T10:00:00", "erna-4711"))
    with pytest.raises(erase.BadText):
        erase.erase(workspace, erase.find(workspace, "erna-4711"), by="test", also=also)
    assert named(workspace, "erna-4711")
    erase.erase(workspace, erase.find(workspace, "erna-4711"), by="test", also=["abc", "x" * 200] * 10)
    assert not named(workspace, "erna-4711")


def test_what_is_set_aside_is_rewritten_and_can_be_tried_again(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    story(workspace)
    id = erase.find(workspace, "erna-4711")
    at = "2025-04-02T10:00:00"
    real = apply.step

    def poisoned(state: Any, event: Any) -> Any:
        if event.properties.get("bad"):
            raise ValueError(f"cannot apply {event.participant}, told {event.properties}")
        return real(state, event)

    monkeypatch.setattr(apply, "step", poisoned)
    by_mail = {"participant": {"email": "erna.beispiel@example.com"}}
    send(
        workspace,
        event("bad-1", "order.completed", at, "erna-4711", value=7, currency="USD", bad=True, gift="Minka-Murr"),
        event("bad-2", "quiz.done", at, bad=True) | by_mail,
        event("bad-3", "quiz.done", at, "rep", bad=True, about="Erna Beispiel"),
        event("bad-4", "quiz.done", at, "rep", bad=True, about="nobody"),
    )
    with seen(workspace) as tables:
        assert tables.Inbox.objects.filter(error__contains="erna").exists()

    gone(workspace)
    assert [row for row in named(workspace, *NAMED) if row[0] != "program_version"] == []
    with seen(workspace) as tables:
        assert sorted(tables.Inbox.objects.values_list("error", flat=True))[0] == "ValueError"
        assert tables.Inbox.objects.count() == 4
    monkeypatch.setattr(apply, "step", real)
    assert aside.retry(workspace) == 4
    worker.drain(workspace)
    with seen(workspace) as tables:
        about = dict(tables.Applied.objects.filter(event__event_id__startswith="bad").values_list(
            "event__event_id", "participant__external_id"
        ))  # fmt: skip
        assert about == {"bad-1": None, "bad-2": None, "bad-3": "rep", "bad-4": "rep"}
        assert set(tables.Applied.objects.filter(participant_id=id).values_list("event__event_id", flat=True)) >= {
            "bad-1", "bad-2"
        }  # fmt: skip
    assert replay.verify(workspace).differences == ()


def test_what_waits_is_applied_before_and_what_comes_meanwhile_is_not_lost(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events recorded before count for the person; events that come while rows are looked for, in the gap before the
    lock, too, and such that come later are about somebody new."""
    story(workspace)
    id = erase.find(workspace, "erna-4711")
    at = "2025-04-02T10:00:00"
    record.record(workspace, [event("waits", "order.completed", at, "erna-4711", value=7, currency="USD")])
    look = erase._Search.look
    rounds: list[int] = []

    def meanwhile(self: Any, after: int, until: int) -> None:
        look(self, after, until)
        rounds.append(until)
        if len(rounds) == 1:

            def live() -> None:
                record.record(workspace, [event("applied", "quiz.done", at, "erna-4711", text="Minka-Murr")])
                apply.apply_pending(workspace, ring=False)
                mail = {"external_id": "erna-4711", "email": "second@example.com"}
                record.record(workspace, [event("in-gap", "quiz.done", at) | {"participant": mail}])
                connection.close()

            thread = threading.Thread(target=live)
            thread.start()
            thread.join(20)
            assert not thread.is_alive()

    monkeypatch.setattr(erase._Search, "look", meanwhile)
    gone(workspace)
    assert len(rounds) == 2
    assert [row for row in named(workspace, *NAMED, "second@") if row[0] != "program_version"] == []
    send(workspace, event("later", "quiz.done", at, "erna-4711"))
    with seen(workspace) as tables:
        mine = set(tables.Applied.objects.filter(participant_id=id).values_list("event__event_id", flat=True))
        assert mine >= {"waits", "applied", "in-gap"}
        assert "later" not in mine
        assert tables.Inbox.objects.count() == 0
    assert replay.verify(workspace).differences == ()


def test_replay_takes_what_is_on_record_only_where_facts_are_gone(workspace: str) -> None:
    story(workspace)
    gone(workspace)
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM decision WHERE trace ? 'erased'")
        assert cursor.fetchone()[0] > 1
        cursor.execute("SELECT count(*) FROM decision WHERE trace ? 'checks' AND NOT trace ? 'erased'")
        assert cursor.fetchone()[0] > 0
        cursor.execute("UPDATE decision SET trace = trace - 'erased' WHERE trace ? 'erased'")
    found = {difference.table for difference in replay.verify(workspace).differences}
    assert "decision" in found
    assert "referral" in found


def test_the_engine_is_let_go_when_it_does_not_come_free(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    send(workspace, event("a", "quiz.done", "2025-03-02T10:00:00", "erna-4711"))
    monkeypatch.setattr(apply, "LOCK_WAIT", "50ms")
    holder = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"goodword.apply:{workspace}"])
            with pytest.raises(apply.Busy):
                erase.erase(workspace, erase.find(workspace, "erna-4711"), by="test")
            monkeypatch.setattr(apply, "apply_pending", lambda *_, **__: apply.Applied())
            with pytest.raises(apply.Busy, match="nothing was erased"):
                erase.erase(workspace, erase.find(workspace, "erna-4711"), by="test")
    finally:
        holder.close()
    assert named(workspace, "erna-4711")


def test_every_table_is_considered() -> None:
    """docs/concepts/erasure.md says of every table what becomes of it."""
    page = (Path(__file__).parents[3] / "docs" / "concepts" / "erasure.md").read_text()
    tables = {model._meta.db_table for model in apps.get_app_config("store").get_models()}
    assert {table for table in tables if f"| `{table}` |" not in page} == set()


@pytest.mark.parametrize("by", ["erna-4711", "erna.beispiel@example.com", "erna-old-1"])
def test_whoever_was_merged_into_the_person_goes_too(workspace: str, by: str) -> None:
    publish(workspace, "credit-after-threshold", "b2b-sales")
    when = "2025-03-{:02}T10:00:00".format
    mail = {"participant": {"email": "erna.beispiel@example.com", "name": "Erna Beispiel", "city": "Buxtehude"}}
    send(
        workspace,
        event("l", "link.created", when(1), program="credit-after-threshold", code="erna-rocks") | mail,
        event("o", "order.completed", when(2), value=5_000, currency="USD", note="Minka-Murr") | mail,
        event("s", "referral.submitted", when(2), "rep", referral="R9", need="knows Erna Beispiel",
              referred={"email": "erna.beispiel@example.com", "name": "Erna B", "employees": 50, "country": "US"}),
        event("old", "quiz.done", when(2), "erna-old-1"),
        event("id", "participant.identified", when(3), "erna-4711"),
        *friend(1, code="erna-rocks", at=when(4)),
        event("join", "participant.identified", when(5)) | {"participant": {
            "external_id": "erna-4711", "email": "erna.beispiel@example.com"}},
        event("alias", "participant.identified", when(6), "erna-4711", previous_id="erna-old-1"),
        event("alias2", "participant.identified", when(6), "erna-4711", previous_id="erna-old-1"),
        event("other", "participant.identified", when(6), "rep", previous_id="erna-never"),
        *friend(2, code="erna-rocks", at=when(7)),
        event("late", "order.completed", when(8), "erna-old-1", value=700, currency="USD"),
    )  # fmt: skip
    worker.drain(workspace)
    before = sums(workspace)
    with seen(workspace) as tables:
        assert tables.ParticipantMerge.objects.count() == 2
    assert replay.verify(workspace).differences == ()

    done = erase.erase(workspace, erase.find(workspace, by), by="test", also=["Minka-Murr", "Buxtehude"])
    assert named(workspace, *NAMED, "erna-old-1", "erna b") == []
    assert sums(workspace) == before
    assert replay.verify(workspace).differences == ()
    with seen(workspace) as tables:
        left = tables.Participant.objects.filter(external_id=None, email="", name="", traits={})
        assert left.count() == 3
        assert left.filter(merged_into=done.participant_id).count() == 2
    for name in ("erna-4711", "erna.beispiel@example.com", "erna-old-1"):
        assert erase.erase(workspace, erase.find(workspace, name), by="again").id == done.id


def test_somebody_taken_apart_again_goes_alone(workspace: str) -> None:
    publish(workspace, "credit-after-threshold")
    when = "2025-03-{:02}T10:00:00".format
    send(
        workspace,
        event("bo", "participant.identified", when(1), team="red") | {"participant": {
            "external_id": "bo", "email": "bo@x.example", "name": "Bo Li"}},
        event("e", "participant.identified", when(1)) | {"participant": {"external_id": "erna-4711", "likes": "tea"}},
        event("join", "participant.identified", when(2), "bo", previous_id="erna-4711"),
        event("as-one", "order.completed", when(3), "erna-4711", value=500, currency="USD"),
        event("apart", "participant.split", when(4), previous_id="erna-4711"),
        event("own", "order.completed", when(5), "erna-4711", value=900, currency="USD"),
    )  # fmt: skip
    before = sums(workspace)
    done = erase.erase(workspace, erase.find(workspace, "erna-4711"), by="test")
    assert named(workspace, "erna-4711") == []
    assert sums(workspace) == before
    assert replay.verify(workspace).differences == ()
    with seen(workspace) as tables:
        left = tables.Participant.objects.exclude(id=done.participant_id).get()
        assert (left.external_id, left.email, left.name, left.traits) == (
            "bo",
            "bo@x.example",
            "Bo Li",
            {"team": "red"},
        )


@pytest.mark.parametrize(
    ("bert", "lent_and_told", "left"),
    [
        ({}, {"email": "erna@x.example"}, {"email": "", "name": "[erased]", "boss": "[erased]"}),
        ({}, {"name": "Erna Beispiel"}, {"email": "[erased]", "boss": "[erased]"}),
        (
            {"email": "bert@x.example", "name": "Bert", "boss": "Ms Li"},
            {"email": "erna@x.example", "name": "Erna Beispiel"},
            {"email": "[erased]", "name": "[erased]", "boss": "[erased]"},
        ),
        (
            {"email": "erna@x.example", "name": "Bert", "boss": "Ms Li"},
            {"name": "Erna Beispiel"},
            {"email": "erna@x.example", "name": "[erased]", "boss": "[erased]"},
        ),
    ],
)
def test_what_was_told_under_the_name_of_who_is_taken_apart_again_leaves_the_other(
    workspace: str, bert: dict[str, str], lent_and_told: dict[str, str], left: dict[str, str]
) -> None:
    """While Bert stood for both, Erna's own events told her address, her name and what names her."""
    when = "2025-03-{:02}T10:00:00".format
    erna = {"external_id": "erna-4711", **lent_and_told}
    told = {"external_id": "erna-4711", "email": "erna@x.example", "name": "Erna Beispiel", "boss": "Erna Beispiel"}
    send(
        workspace,
        event("b", "participant.identified", when(1), {"external_id": "bert", **bert}),
        event("e", "participant.identified", when(1), erna),
        event("one", "participant.identified", when(2), "bert", previous_id="erna-4711"),
        event("told", "participant.identified", when(3), told),
        event("apart", "participant.split", when(4), previous_id="erna-4711"),
    )
    erase.erase(workspace, erase.find(workspace, "erna-4711"), by="ops@x.example")
    with seen(workspace) as tables:
        row = tables.Participant.objects.get(external_id="bert")
        found = {"email": row.email, "name": row.name, **row.traits}
    assert {name: value for name, value in found.items() if value or name == "email"} == left
    if "email" not in bert:
        assert named(workspace, "erna@x.example") == []
    assert replay.verify(workspace).differences == ()


def test_an_address_that_made_two_one_while_another_stood_for_the_person_still_does(workspace: str) -> None:
    when = "2025-03-{:02}T10:00:00".format
    send(
        workspace,
        event("b", "participant.identified", when(1), "bert"),
        event("e", "participant.identified", when(1), "erna-4711"),
        event("m", "participant.identified", when(1), {"email": "bert@x.example"}),
        event("one", "participant.identified", when(2), "bert", previous_id="erna-4711"),
        event("told", "participant.identified", when(3), {"external_id": "erna-4711", "email": "bert@x.example"}),
        event("apart", "participant.split", when(4), previous_id="erna-4711"),
    )
    erase.erase(workspace, erase.find(workspace, "erna-4711"), by="ops@x.example")
    with seen(workspace) as tables:
        assert tables.Participant.objects.get(merged_into__isnull=False).email == "bert@x.example"
        assert tables.Participant.objects.get(external_id="bert").email == "bert@x.example"
    assert replay.verify(workspace).differences == ()


def test_orders_that_name_the_person_stay_the_same_orders(workspace: str) -> None:
    referral = recipe("recurring-20")
    programs.publish(workspace, referral, by="test")
    programs.publish(workspace, shop(), by="test")
    address, order = "grace-4711@x.example", "order of grace-4711@x.example"
    person = {"external_id": "grace-4711", "email": address}

    def told(id: str, kind: str, day: int, **more: Any) -> dict[str, Any]:
        return event(id, kind, f"2025-03-{day:02}T10:00:00", None, currency="USD", **more) | {"participant": person}

    send(
        workspace,
        told("o1", "order.completed", 1, value=10_000, order_id=order),
        told("o2", "order.completed", 2, value=10_000, order_id=f"{order} 2"),
        told("r1", "order.refunded", 3, value=4_000, order_id=order),
    )
    erase.erase(workspace, erase.find(workspace, address), by="test")
    assert not named(workspace, "grace-4711")
    send(workspace, told("r2", "order.refunded", 4, value=1_000, order_id=f"{order} 2"))
    assert replay.verify(workspace).differences == ()
