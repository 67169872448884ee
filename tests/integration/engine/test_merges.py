"""Participants who turn out to be one, in the database: whatever the batch, in few statements, and to the cent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from goodword.domain import ids
from goodword.engine import apply, record, replay
from goodword.insight import ledger
from goodword.store import workspaces as directory

from .helpers import counted, event, friend, link, publish, seen, send

PROGRAM = "credit-after-threshold"
AT = "2025-03-{:02}T10:00:00"


def joined(name: str, address: str, day: int) -> dict[str, Any]:
    """The event that says that an id and an address are one person."""
    person = {"external_id": name, "email": address}
    return event(f"join-{name}-{day}", "participant.identified", AT.format(day)) | {"participant": person}


def by_mail(number: int, code: str, day: int) -> list[dict[str, Any]]:
    """A friend who is only an address signs up with a code and pays a first order."""
    who = {"email": f"friend-{number}@x.example"}
    made = friend(number, code, AT.format(day))
    return [{**one, "event_id": f"mail-{one['event_id']}", "participant": who} for one in made]


def split(name: str, previous_id: str, day: int) -> dict[str, Any]:
    return event(name, "participant.split", AT.format(day), previous_id=previous_id)


def merged_id(workspace: str) -> str:
    with seen(workspace) as tables:
        return ids.public("par", tables.Participant.objects.get(merged_into__isnull=False).id)


def standing(workspace: str) -> list[tuple[str, str, str]]:
    with seen(workspace) as tables:
        rows = tables.Referral.objects.order_by("submitted_at").select_related("referrer", "referred")
        return [(row.referrer.external_id, row.referred.external_id or row.referred.email, row.state) for row in rows]


def no_difference(workspace: str) -> None:
    assert replay.verify(workspace).differences == ()
    assert ledger.trial_balance(workspace).balanced


@pytest.mark.parametrize("first_by_mail", [True, False])
def test_two_standing_referrals_of_one_person_trade_places_and_back(workspace: str, first_by_mail: bool) -> None:
    publish(workspace, PROGRAM)
    days = (1, 2) if first_by_mail else (2, 1)
    send(workspace, link(PROGRAM, "ann", "ann-1"), link(PROGRAM, "ben", "ben-1"))
    send(workspace, *by_mail(1, "ann-1", days[0]), *friend(1, "ben-1", AT.format(days[1])))
    before = standing(workspace)
    for day in (3, 5):
        send(workspace, joined("friend-1", "friend-1@x.example", day))
        if day == 3:
            winner = "ann" if first_by_mail else "ben"
            assert {(who, friend) for who, friend, _ in standing(workspace)} == {
                ("ann", "friend-1"),
                ("ben", "friend-1"),
            }
            assert [who for who, _, state in standing(workspace) if state == "closed_won"] == [winner]
            no_difference(workspace)
            send(workspace, split("split-1", merged_id(workspace), 4))
            assert standing(workspace) == before
            no_difference(workspace)
    assert standing(workspace) == before  # the address alone does not bring them together again
    with seen(workspace) as tables:
        reasons = tables.Decision.objects.filter(program__isnull=True).order_by("occurred_at")
        assert list(reasons.values_list("reason", flat=True)) == ["merged", "split", "kept_apart"]


def test_referrals_of_one_millisecond_trade_places_in_any_order_of_their_ids(
    workspace: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Ids begin with the millisecond: of referrals within one, the later may have the smaller id, and is written
    first. Of twelve pairs some do."""
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM, "ann", "ann-1"), link(PROGRAM, "ben", "ben-1"))
    pairs = range(12)
    for number in pairs:
        first, second = f"{AT.format(1)}.000100", f"{AT.format(1)}.000200"
        send(
            workspace,
            event(f"first-{number}", "participant.signed_up", first, f"old-{number}", code="ann-1"),
            event(f"second-{number}", "participant.signed_up", second, f"now-{number}", code="ben-1"),
            event(
                f"join-{number}", "participant.identified", AT.format(2), f"now-{number}", previous_id=f"old-{number}"
            ),
        )
    for number in pairs:
        further = event(
            f"x-{number}", "participant.identified", AT.format(3), f"x-{number}", previous_id=f"now-{number}"
        )
        send(workspace, further, split(f"s-{number}", f"now-{number}", 4), split(f"t-{number}", f"old-{number}", 5))
    assert {state for _, _, state in standing(workspace)} == {"submitted"}
    assert "batch_refused" not in caplog.text  # and then tried again event by event
    no_difference(workspace)


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_a_merge_and_its_undoing_in_batches_of_any_size(workspace: str, limit: int) -> None:
    publish(workspace, PROGRAM)
    events = [
        link(PROGRAM, "ann", "ann-1"),
        {**link(PROGRAM, "x", "mail-1"), "participant": {"email": "ann@x.example"}},
        *friend(1, "ann-1", AT.format(1)),
        *friend(2, "mail-1", AT.format(1)),
        *by_mail(3, "mail-1", 2),
        joined("ann", "ann@x.example", 3),
        joined("friend-3", "friend-3@x.example", 3),
        *friend(4, "mail-1", AT.format(4)),
        event("old", "participant.identified", AT.format(4), "shop-7"),
        event("alias", "participant.identified", AT.format(5), "ann", previous_id="shop-7"),
        split("undo", "shop-7", 6),
        event("again", "participant.identified", AT.format(7), "ann", previous_id="shop-7"),
        *friend(5, "ann-1", AT.format(8)),
    ]
    record.record(workspace, events)
    while apply.apply_pending(workspace, limit=limit, ring=False).more:
        pass
    with seen(workspace) as tables:
        [ann] = tables.Participant.objects.filter(external_id="ann")
        made = tables.Referral.objects.filter(referrer=ann).count()
        assert tables.Participant.objects.filter(merged_into=ann).count() == 2
        assert tables.Link.objects.filter(participant=ann).count() == 2
        assert tables.Outbox.objects.filter(topic="participant.merged").count() == 3
        assert tables.Outbox.objects.filter(topic="participant.split").count() == 1
    assert made == 5
    [balance] = ledger.balances(workspace, str(ann.id))
    assert balance.reserved + balance.available == 5 * 2_500
    no_difference(workspace)


def test_whoever_stands_for_somebody_made_known_in_the_same_batch_goes_over_whole(workspace: str) -> None:
    """Nobody can tell from an id of ours, which no table has yet, that it leads to somebody with links of before."""
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM, "ann", "ann-1"))
    at = datetime.fromisoformat(f"{AT.format(2)}+00:00")
    known_by_mail = ids.derive(at, workspace, "participant", "email", "ann@x.example")
    send(
        workspace,
        event("mail", "participant.identified", AT.format(2), {"email": "ann@x.example"}),
        joined("ann", "ann@x.example", 3),
        event("all", "participant.identified", AT.format(4), "bob", previous_id=ids.public("par", known_by_mail)),
    )
    with seen(workspace) as tables:
        bob = tables.Participant.objects.get(external_id="bob")
        assert tables.Participant.objects.filter(merged_into=bob).count() == 2
        assert tables.Link.objects.get(code="ann-1").participant_id == bob.id
    no_difference(workspace)


def test_a_balance_of_before_the_merge_is_that_of_both(workspace: str) -> None:
    publish(workspace, PROGRAM)
    mail = {"email": "ann@x.example"}
    send(workspace, link(PROGRAM, "ann", "ann-1"), {**link(PROGRAM, "x", "mail-1"), "participant": mail})
    send(workspace, *friend(1, "ann-1", AT.format(1)), *friend(2, "mail-1", AT.format(1)))
    send(workspace, joined("ann", "ann@x.example", 9))
    with seen(workspace) as tables:
        [ann] = tables.Participant.objects.filter(external_id="ann")
        moves = tables.Transfer.objects.filter(code="merge")
        assert sorted(moves.values_list("phase", flat=True)) == ["pending", "void"]
        moment = tables.Event.objects.get(event_id="friend-2-order").occurred_at
    now, then = ledger.balances(workspace, str(ann.id)), ledger.balances(workspace, str(ann.id), moment)
    assert now == then
    assert now[0].reserved == 5_000


def test_statements_do_not_grow_with_the_merges_of_a_batch(db: str) -> None:
    counts = []
    for people in (3, 60):
        workspace = str(directory.create(f"w{people}", "W").id)
        publish(workspace, PROGRAM)
        send(workspace, *(link(PROGRAM, f"r{number}", f"code-{number}") for number in range(people)))
        for number in range(people):
            known = event(f"f{number}", "participant.identified", AT.format(1), f"friend-{number}")
            record.record(workspace, [*by_mail(number, f"code-{number}", 1), known])
        send(workspace)
        joins = [joined(f"friend-{number}", f"friend-{number}@x.example", 2) for number in range(people)]
        record.record(workspace, joins)
        with counted() as statements:
            assert apply.apply_pending(workspace, ring=False).events == people
        counts.append(len(statements))
        with seen(workspace) as tables:
            assert tables.ParticipantMerge.objects.count() == people
    assert counts[0] == counts[1] > 20
