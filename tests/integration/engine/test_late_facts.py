"""The table of docs/concepts/late-facts.md, row by row, through the real engine: whatever batches the facts come
in, they end the same, the books hold at every instant, and replay agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.engine import apply, programs, record, replay, worker
from goodword.insight import explain, ledger
from goodword.store import tenancy
from goodword.store import workspaces as directory
from goodword.store.models import Decision, EarlyFact, Event, Referral, Reward, Timer, Transfer
from support.documents import sales, self_serve, thanks

from .helpers import event

Row = tuple[dict[str, Any], list[dict[str, Any]], list[str], list[str], list[tuple[str, int | None, int]]]
MONTH = "2025-03-"


def at(day: int, kind: str, who: str | None = "bob", hour: int = 10, **told: Any) -> dict[str, Any]:
    moment = f"{MONTH}{day:02}T{hour:02}:00:00"
    return event(f"{kind}-{day}-{hour}-{told.get('referral', '')}-{who}", kind, moment, who, **told)


def order(day: int, value: int = 3_000, **told: Any) -> dict[str, Any]:
    return at(day, "order.completed", value=value, currency="USD", **told)


def refund(day: int, value: int = 3_000, **told: Any) -> dict[str, Any]:
    return at(day, "order.refunded", value=value, currency="USD", **told)


def lead(day: int, name: str = "L1") -> dict[str, Any]:
    return at(day, "referral.submitted", "ada", referral=name, referred={"email": f"{name}@x.example"})


LINK = at(1, "link.created", "ada", program="simple", code="ada")
SIGN_UP = at(2, "participant.signed_up", code="ada")
FULL = self_serve(rewards=[thanks(reverse={"on": ["order.refunded"], "how": "full"}, hold="P10D")])
PARTS = self_serve(rewards=[thanks(reverse={"on": ["order.refunded"], "how": "proportional"}, hold="P10D")])
FIRST = PARTS | {"eligibility": {"be_referred": [{"code": "existing_customer", "when": "history.orders == 0"}]}}
SOLD = sales(rewards=[thanks(approval={"by": "finance"})])
TIERED = sales(
    tiers=[
        {"id": "one", "from": 1, "metric": "qualified_referrals"},
        {"id": "two", "from": 2, "metric": "qualified_referrals"},
    ],
    rewards=[thanks(give={"type": "account_credit", "amount": {"by_tier": {"one": 100, "two": 200}}})],
)
MONTHLY = {"per": "referrer", "every": "month", "count": 1}
WAITING = {"per": "program", "every": "day", "count": 1, "when_reached": "waitlist"}

ROWS: dict[str, Row] = {
    # What the table says: the programme, the facts as they arrive, then reasons of the last facts' decisions and
    # of the early facts told again, the referrals' states, and the rewards (state, amount, taken back).
    "a refund before its order": (
        FULL, [LINK, SIGN_UP, refund(5), order(3)],
        ["kept_for_later", "rewarded", "reversed"], ["closed_won"], [("cancelled", 1000, 1000)],
    ),
    "a part of the order": (
        PARTS, [LINK, SIGN_UP, refund(5, 1_000), order(3)],
        ["kept_for_later", "rewarded", "reversed", "recorded"], ["closed_won"], [("approved", 1000, 333)],
    ),
    "more than the order, in two refunds": (
        PARTS, [LINK, SIGN_UP, refund(5, 2_000), refund(6, 2_000), order(3)],
        ["kept_for_later", "rewarded", "reversed", "reversed"], ["closed_won"], [("cancelled", 1000, 1000)],
    ),
    "a refund after the hold, before its order": (
        FULL, [LINK, SIGN_UP, refund(20), order(3)],
        ["kept_for_later", "rewarded", "recorded", "reversed"], ["closed_won"], [("reversed", 1000, 1000)],
    ),
    "a refund of another order": (
        FULL, [LINK, SIGN_UP, refund(5, order_id="o2"), order(3, order_id="o1")],
        ["rewarded", "nothing_to_reverse", "recorded"], ["closed_won"], [("approved", 1000, 0)],
    ),
    "a refund older than its unnamed order": (
        FULL, [LINK, SIGN_UP, refund(3), order(5)],
        ["kept_for_later", "rewarded", "recorded"], ["closed_won"], [("approved", 1000, 0)],
    ),
    "a refund that never finds its order": (
        FULL, [LINK, SIGN_UP, refund(3)], ["opened", "kept_for_later"], ["submitted"], [],
    ),
    "an order and its refund before the sign-up that explains them": (
        FIRST, [LINK, order(3), refund(5, 1_000), SIGN_UP],
        ["opened", "rewarded", "reversed", "recorded"], ["closed_won"], [("approved", 1000, 333)],
    ),
    "an order of before the sign-up, heard of after it": (
        FIRST, [LINK, SIGN_UP, order(1)], ["opened", "before_referral"], ["submitted"], [],
    ),
    "an order of before the sign-up, heard of before it": (
        FIRST, [LINK, order(1), SIGN_UP], ["not_referred", "existing_customer"], [], [],
    ),
    "moves of a lead before the lead": (
        SOLD,
        [at(4, "referral.closed_won", None, referral="L1"), at(3, "referral.qualified", None, referral="L1"), lead(2)],
        ["opened", "advanced", "rewarded"], ["closed_won"], [("pending", 1000, 0)],
    ),
    "a move dated before its lead": (
        SOLD, [lead(2), at(1, "referral.closed_won", None, referral="L1")],
        ["opened", "rewarded"], ["closed_won"], [("pending", 1000, 0)],
    ),
    "won before qualified": (
        SOLD,
        [lead(2), at(4, "referral.closed_won", None, referral="L1"), at(3, "referral.qualified", None, referral="L1")],
        ["rewarded", "wrong_state"], ["closed_won"], [("pending", 1000, 0)],
    ),
    "an approval before the reward": (
        SOLD,
        [lead(2), at(5, "reward.approved", None, referral="L1", rule="thanks"),
         at(4, "referral.closed_won", None, referral="L1")],
        ["unknown_reward", "rewarded", "recorded"], ["closed_won"], [("approved", 1000, 0)],
    ),
    "an approval dated before the reward": (
        SOLD,
        [lead(2), at(4, "referral.closed_won", None, referral="L1"),
         at(3, "reward.approved", None, referral="L1", rule="thanks")],
        ["rewarded", "recorded"], ["closed_won"], [("approved", 1000, 0)],
    ),
    "a late fact of a month whose cap is full": (
        sales(limits=[MONTHLY]),
        [lead(2), lead(3, "L2"), at(20, "referral.closed_won", None, referral="L2"),
         at(10, "referral.closed_won", None, referral="L1")],
        ["rewarded", "cap_reached"], ["closed_won", "closed_won"], [("approved", 1000, 0)],
    ),
    "a qualification that comes after the win of another it would have raised": (
        TIERED,
        [lead(2), lead(3, "L2"), at(5, "referral.closed_won", None, referral="L1"),
         at(4, "referral.qualified", None, referral="L2"), at(6, "referral.closed_won", None, referral="L2")],
        ["rewarded", "advanced", "rewarded"], ["closed_won", "closed_won"],
        [("approved", 100, 0), ("approved", 200, 0)],
    ),
    "a fact from before the referral expired": (
        FULL | {"lifecycle": {**FULL["lifecycle"], "expire_after": "P5D"}},
        [LINK, SIGN_UP, at(9, "order.completed", "x", value=1, currency="USD"), order(6)],
        ["ended", "not_referred", "rewarded", "recorded"], ["closed_won"], [("approved", 1000, 0)],
    ),
    "a sign-up dated before the one that counts": (
        FULL,
        [LINK, at(1, "link.created", "eve", program="simple", code="eve"), at(3, "participant.signed_up", code="eve"),
         SIGN_UP],
        ["opened", "already_referred"], ["submitted"], [],
    ),
    "a deal refunded while its reward waits": (
        sales(
            rewards=[thanks(reverse={"on": ["order.refunded"], "how": "full"})], limits=[WAITING],
        ),
        [lead(2), lead(3, "L2"), at(5, "referral.closed_won", None, referral="L1"),
         at(5, "referral.closed_won", None, referral="L2", hour=11),
         at(5, "order.refunded", "x", hour=12, referral="L2", value=1, currency="USD")],
        ["waitlisted", "kept_for_later", "reversed_while_waiting"], ["closed_won", "closed_won"],
        [("approved", 1000, 0)],
    ),
}  # fmt: skip


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_table(row: str) -> None:
    for batch in (1, 2, 100):
        workspace = str(directory.create(f"batch-{batch}", row).id)
        holds(row, workspace, batch)


def holds(row: str, workspace: str, batch: int) -> None:
    """The row's facts, in batches of that size, end as the row says."""
    document, facts, reasons, referrals, rewards = ROWS[row]
    programs.publish(workspace, document, by="test")
    record.record(workspace, facts)
    while apply.apply_pending(workspace, limit=batch, ring=False).more:
        pass
    worker.drain(workspace)

    with tenancy.workspace(workspace):
        told = Decision.objects.exclude(reason="published").order_by("event__applied__position")
        assert list(told.values_list("reason", flat=True))[-len(reasons) :] == reasons
        assert list(Referral.objects.order_by("submitted_at").values_list("state", flat=True)) == referrals
        found = Reward.objects.order_by("granted_at").values_list("state", "amount", "reversed")
        assert list(found) == rewards
        assert not Timer.objects.exists()
        assert EarlyFact.objects.exists() is (row == "a refund that never finds its order")
    assert replay.verify(workspace).differences == ()
    books_hold_at_every_instant(workspace)


def books_hold_at_every_instant(workspace: str) -> None:
    """At no moment is the trial balance out, or an account below zero."""
    with tenancy.workspace(workspace):
        moments = set(Transfer.objects.values_list("effective_at", flat=True))
    for moment in moments | {moment - timedelta(microseconds=1) for moment in moments}:
        assert all(unit.balanced for unit in ledger.trial_balance(workspace, moment).units)
        assert all(row.posted >= 0 for row in ledger.accounts(workspace, at=moment))
    assert not ledger.trial_balance(workspace).drifting_accounts


def test_a_fact_dated_ahead_rings_no_timer_of_others_and_opens_no_period(workspace: str) -> None:
    now = datetime.now(UTC)
    document = self_serve(
        rewards=[thanks(hold="PT10H", approval={"by": "finance", "above": 100_000})],
        limits=[{"per": "program", "every": "day", "count": 1}],
    )
    programs.publish(workspace, document, by="test")

    def tell(id: str, kind: str, moment: datetime, who: str, **told: Any) -> None:
        raw = event(id, kind, moment.strftime("%Y-%m-%dT%H:%M:%S"), who, **told)
        record.record(workspace, [raw])
        worker.drain(workspace)

    tell("link", "link.created", now - timedelta(days=9), "ada", program="simple", code="ada")
    tell("s1", "participant.signed_up", now - timedelta(hours=2), "bob", code="ada")
    tell("o1", "order.completed", now - timedelta(hours=1), "bob", value=1, currency="USD")
    tell("s2", "participant.signed_up", now + timedelta(hours=23), "cyd", code="ada")
    tell("o2", "order.completed", now + timedelta(hours=23, minutes=30), "cyd", value=1, currency="USD")
    with tenancy.workspace(workspace):
        first = Reward.objects.order_by("granted_at").first()
        assert first is not None
        assert (first.state, first.granted_at < now) == ("pending", True)
        assert Referral.objects.order_by("submitted_at").last().submitted_at <= datetime.now(UTC)
        assert Timer.objects.get(reward_id=first.id).due_at > now
        moments = Reward.objects.values_list("granted_at", flat=True)
        assert all(moment <= datetime.now(UTC) for moment in moments)
    assert replay.verify(workspace).differences == ()


def test_a_fact_more_than_a_day_ahead_is_refused_with_what_to_do(workspace: str) -> None:
    def raw(ahead: timedelta) -> dict[str, Any]:
        moment = datetime.now(UTC) + ahead
        return event("x", "order.completed", moment.strftime("%Y-%m-%dT%H:%M:%S"), "x", value=1, currency="USD")

    with pytest.raises(record.RejectedEvents, match="more than a day in the future; check the sender's clock"):
        record.record(workspace, [raw(timedelta(days=1, minutes=1))])
    assert record.record(workspace, [raw(timedelta(hours=23, minutes=59))]).inserted


def test_early_facts_of_another_workspace_are_out_of_sight(db: str) -> None:
    one, other = (str(directory.create(name, name).id) for name in ("one", "other"))
    for workspace in (one, other):
        programs.publish(workspace, SOLD, by="test")
    record.record(one, [at(4, "referral.closed_won", None, referral="L1")])
    worker.drain(one)
    record.record(other, [lead(2)])
    worker.drain(other)
    with tenancy.workspace(other):
        assert Referral.objects.get().state == "submitted"
        assert not EarlyFact.objects.exists()
    with tenancy.workspace(one):
        assert EarlyFact.objects.count() == 1


def test_an_explanation_says_that_a_fact_is_kept_told_again_and_when_it_counts(workspace: str) -> None:
    programs.publish(workspace, SOLD, by="test")
    early_one = at(4, "referral.closed_won", None, referral="L1")
    record.record(workspace, [early_one, lead(5)])
    for _ in range(2):
        worker.drain(workspace)
    with tenancy.workspace(workspace):
        again = str(Event.objects.get(type="fact.recalled").id)
    first, second = (explain.explain(workspace, name) for name in (early_one["event_id"], again))
    assert "kept          told again when what it builds on is known" in explain.render_text(first)
    assert f"told again    {first.public_id}, which came early" in explain.render_text(second)
    record.record(workspace, [at(3, "referral.closed_lost", None, referral="L2"), lead(6, "L2")])
    record.record(workspace, [at(2, "referral.closed_lost", None, referral="L2", hour=9)])
    worker.drain(workspace)
    late = explain.explain(workspace, "referral.closed_lost-2-9-L2-None")
    assert "counted at    2025-03-06 10:00 UTC, not before" in explain.render_text(late)
