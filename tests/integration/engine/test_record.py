"""The one way in."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from goodword.domain import ids
from goodword.engine import apply, record
from goodword.store import models, tenancy

from .helpers import event, publish, seen


def orders(count: int) -> list[dict[str, Any]]:
    return [
        event(f"o{number}", "order.completed", "2025-03-01T10:00:00", f"p{number}", value=100, currency="USD")
        for number in range(count)
    ]


def test_events_are_inserted_once_and_repeats_are_answered_with_the_first_id(workspace: str) -> None:
    first = record.record(workspace, orders(3))
    again = record.record(workspace, orders(4))

    assert [receipt.duplicate for receipt in first.receipts] == [False] * 3
    assert [receipt.duplicate for receipt in again.receipts] == [True, True, True, False]
    assert again.duplicates == first.inserted
    with seen(workspace) as tables:
        assert tables.Event.objects.count() == tables.Inbox.objects.count() == 4


def test_a_repeat_within_one_call_is_a_duplicate_too(workspace: str) -> None:
    one = orders(1)[0]
    recorded = record.record(workspace, [one, one])

    assert len(recorded.inserted) == len(recorded.duplicates) == 1
    assert recorded.inserted == recorded.duplicates


def test_the_same_event_id_from_another_source_is_another_event(workspace: str) -> None:
    one = orders(1)[0]
    assert len(record.record(workspace, [one | {"source": "a"}, one | {"source": "b"}]).inserted) == 2


def test_one_bad_event_means_none_is_recorded(workspace: str) -> None:
    bad = event("bad", "order.completed", "2025-03-01T10:00:00", "p", value=-1, currency="XXQ")
    with pytest.raises(record.RejectedEvents) as refused:
        record.record(workspace, [*orders(2), bad])

    assert list(refused.value.problems) == [2]
    assert {problem.pointer for problem in refused.value.problems[2]} == {"/properties/value", "/properties/currency"}
    with seen(workspace) as tables:
        assert not tables.Event.objects.exists()


def test_an_event_that_names_an_unknown_program_is_refused_with_the_known_ones(workspace: str) -> None:
    publish(workspace, "bronze-silver-gold")
    sent = event("l", "link.created", "2025-03-01T10:00:00", "p", program="bronze-silver", code="abc")
    with pytest.raises(record.RejectedEvents) as refused:
        record.record(workspace, [sent])

    (problem,) = refused.value.problems[0]
    assert problem.code == "unknown_program"
    assert "bronze-silver-gold" in problem.message


@pytest.mark.parametrize("count", [record.MAX_BATCH, record.MAX_BATCH + 1])
def test_a_call_takes_so_many_events_and_no_more(workspace: str, count: int) -> None:
    if count <= record.MAX_BATCH:
        assert len(record.record(workspace, orders(count)).inserted) == count
    else:
        with pytest.raises(record.RejectedEvents, match="at most 5000"):
            record.record(workspace, orders(count))


def test_many_writers_of_the_same_events_record_each_once(workspace: str) -> None:
    answers: list[record.Recorded] = []

    def write() -> None:
        answers.append(record.record(workspace, orders(200)))
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sum(len(answer.inserted) for answer in answers) == 200
    assert len({tuple(receipt.id for receipt in answer.receipts) for answer in answers}) == 1
    with seen(workspace) as tables:
        assert tables.Inbox.objects.count() == 200


def test_text_that_looks_like_an_array_or_a_quote_is_kept_as_it_is(workspace: str) -> None:
    odd = "a\"b\\c{,}NULL' \n\t\u2028 ø 漢"
    sent = event("odd", "milestone.reached", "2025-03-01T10:00:00", "NULL", milestone=odd)
    record.record(workspace, [sent])

    with seen(workspace) as tables:
        stored = tables.Event.objects.get()
        assert stored.payload["properties"]["milestone"] == odd
        assert stored.payload["participant"]["external_id"] == "NULL"


def test_a_participant_named_by_our_id_is_that_one(workspace: str) -> None:
    publish(workspace, "bronze-silver-gold")
    ada, by_mail = people(workspace, {"external_id": "ada", "email": "ada@x.example"}, {"email": "kay@x.example"})
    told = [
        event("1", "order.completed", "2025-03-01T10:00:00", {"external_id": ada, "name": "Ada"}, value=1,
              currency="USD"),
        event("2", "order.completed", "2025-03-01T10:00:00", by_mail, value=1, currency="USD"),
        event("3", "referral.submitted", "2025-03-01T10:00:00", ada, program="bronze-silver-gold", referral="r",
              referred={"external_id": by_mail, "email": "other@x.example", "name": "Kay"}),
        event("4", "order.completed", "2025-03-01T10:00:00", "par_tner", value=1, currency="USD"),
    ]  # fmt: skip
    record.record(workspace, told)
    apply.apply_pending(workspace)

    with seen(workspace) as tables:
        payloads = dict(tables.Event.objects.filter(event_id__in="1234").values_list("event_id", "payload"))
        assert payloads["1"]["participant"] == {"external_id": "ada", "name": "Ada"}
        assert payloads["2"]["participant"] == {"email": "kay@x.example"}
        assert payloads["3"]["properties"]["referred"] == {"email": "kay@x.example", "name": "Kay"}
        assert set(tables.Participant.objects.values_list("external_id", flat=True)) == {"ada", None, "par_tner"}


def test_an_id_of_ours_that_nobody_has_is_refused_unless_it_is_an_external_id(workspace: str) -> None:
    publish(workspace, "bronze-silver-gold")
    nobody = ids.public("par", "0190aaaa-0000-7000-8000-000000000000")
    claimed = event("c", "referral.claimed", "2025-03-01T10:00:00", "p", program="bronze-silver-gold",
                    proof="a", referred={"external_id": nobody})  # fmt: skip
    ordered = event("o", "order.completed", "2025-03-01T10:00:00", nobody, value=1, currency="USD")
    with pytest.raises(record.RejectedEvents) as refused:
        record.record(workspace, [*orders(1), ordered, claimed])
    assert {place: [(one.pointer, one.code) for one in found] for place, found in refused.value.problems.items()} == {
        1: [("/participant/external_id", "unknown_participant")],
        2: [("/properties/referred/external_id", "unknown_participant")],
    }

    with tenancy.workspace(workspace):
        models.Participant.objects.create(
            id="0190aaaa-0000-7000-8000-000000000001", workspace_id=workspace, external_id=nobody,
            first_seen_at="2025-01-01T00:00:00Z", updated_at="2025-01-01T00:00:00Z",
        )  # fmt: skip
    record.record(workspace, [ordered])
    with seen(workspace) as tables:
        assert tables.Event.objects.get(event_id="o").payload["participant"] == {"external_id": nobody}


def people(workspace: str, *named: dict[str, str]) -> list[str]:
    """Our ids of people who were made known."""
    for number, who in enumerate(named):
        record.record(workspace, [event(f"p{number}", "participant.identified", "2025-02-01T10:00:00", who)])
    apply.apply_pending(workspace)
    with tenancy.workspace(workspace):
        known = models.Participant.objects.filter(workspace_id=workspace).order_by("first_seen_at", "email")
        return [ids.public("par", row.id) for row in known]


def test_a_refund_relies_on_no_order_of_a_call_that_is_refused(workspace: str) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    told = {"order_id": "7", "value": 1_000, "currency": "USD"}
    order = {"type": "order.completed", "event_id": "o", "participant": "ada", "properties": told}
    refund = {"type": "order.refunded", "event_id": "r", "participant": "ada", "properties": {"order_id": "7"}}
    stranger = {**order, "event_id": "s", "participant": ids.public("par", workspace)}
    calls = [record.Sent(*record.read(raws, now, "api"), len(raws), "") for raws in ([order, stranger], [refund])]
    refused, unknown = record.record_each(workspace, calls, now)
    assert isinstance(refused, record.RejectedEvents)
    assert isinstance(unknown, record.RejectedEvents)
    assert [problem.code for problem in unknown.problems[0]] == ["unknown_order"]
    good = [record.Sent(*record.read(raws, now, "api"), len(raws), "") for raws in ([order], [refund])]
    assert all(isinstance(one, record.Recorded) for one in record.record_each(workspace, good, now))
