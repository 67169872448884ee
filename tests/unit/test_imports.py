"""What an import brings stands as it stood; nothing is decided or paid again; and what came of it is like any other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from goodword.domain.decide import Step, step
from goodword.domain.erasure import Eraser
from goodword.domain.events import EventError, from_log, parse_event
from goodword.domain.ids import public
from goodword.domain.rows import Reward
from support.memory import NOW, START, Memory, uuid

IMPORT = public("imp", uuid(9, 1))

FRIENDS: dict[str, Any] = {
    "program": "friends",
    "kind": "referral",
    "name": "Friends",
    "currency": "USD",
    "units": ["gb"],
    "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}, "expire_after": "P90D"},
    "rewards": [
        {
            "id": "thanks",
            "on": "referral.closed_won",
            "to": "referrer",
            "give": {"type": "cash", "amount": 1000},
            "reverse": {"on": ["order.refunded"], "how": "proportional"},
        },
        {"id": "hello", "on": "referral.closed_won", "to": "referred", "give": {"type": "cash", "amount": 500}},
        {"id": "second", "on": "order.completed", "to": "referrer", "first": 1, "give": {"type": "cash", "amount": 100},
         "reverse": {"on": ["order.refunded"], "how": "full"}},
        {"id": "yearly", "on": "anniversary.reached", "to": "referrer", "give": {"type": "cash", "amount": 200}},
        {"id": "begun", "on": "anniversary.reached", "since": "begun", "each": "P6M", "to": "referrer",
         "give": {"type": "cash", "amount": 200}},
    ],
    "limits": [{"per": "referrer", "rules": ["thanks"], "count": 2}],
}  # fmt: skip
POINTS: dict[str, Any] = {
    "program": "points",
    "kind": "loyalty",
    "name": "Points",
    "currency": "USD",
    "units": ["points"],
    "rewards": [
        {
            "id": "order",
            "on": "order.completed",
            "to": "participant",
            "give": {"type": "points", "unit": "points", "amount": 10},
            "expire": {"after": "P12M"},
        }
    ],
    "catalogue": [{"id": "mug", "name": "A mug", "price": 300, "gift": {"type": "product", "name": "Mug"}}],
}
PARTNERS: dict[str, Any] = {
    "program": "partners",
    "kind": "partner",
    "name": "Partners",
    "currency": "USD",
    "lifecycle": {"flow": "sales"},
    "statement": {"every": "month"},
    "rewards": [
        {
            "id": "commission",
            "on": "invoice.paid",
            "to": "referrer",
            "give": {"type": "cash", "amount": {"percent": 25}},
            "approval": {"by": "manager"},
            "reverse": {"on": ["order.refunded"], "how": "proportional"},
        }
    ],
}


class Imports(Memory):
    """A workspace in memory into which things are imported."""

    def bring(self, kind: str, who: str | None = None, day: float = 0, **told: Any) -> Step:
        """One imported fact, `day` days after the start."""
        properties = {"import_id": IMPORT, "vendor": "acme", **told}
        if kind == "undone":
            del properties["vendor"]
        raw: dict[str, Any] = {
            "type": f"import.{kind}", "event_id": f"i{self.sent}", "occurred_at": START + timedelta(days=day),
            "properties": properties,
        }  # fmt: skip
        if who:
            raw["participant"] = {"email": f"{who}@x.example"}
        event = parse_event(raw, NOW, "import", internal=True)
        self.sent += 1
        kept = (event.type, event.source, event.event_id, event.occurred_at, event.received_at, event.payload())
        return step(self.state, from_log(uuid(3, self.sent), *kept))

    def reasons(self, kind: str, who: str | None = None, day: float = 0, **told: Any) -> list[str]:
        return [decision.reason for decision in self.bring(kind, who, day, **told).decisions]

    def undo(self, **what: str) -> list[str]:
        program = next(iter(self.state.programs.values())).key
        return self.reasons("undone", day=100, program=program, **what)

    def balances(self) -> dict[tuple[str, str], int]:
        """What every account holds on its normal side, pending apart."""
        found: dict[tuple[str, str], int] = {}
        for row in self.state.changes.transfers:
            pending = row.phase in ("pending", "void")
            sign = -1 if row.phase == "void" else 1
            for account, way in ((row.debit, 1), (row.credit, -1)):
                side = 1 if account.kind in ("program_cost", "opening", "participant_debt") else -1
                name = (account.kind + (" pending" if pending else ""), account.unit)
                found[name] = found.get(name, 0) + sign * side * way * row.amount
        return {name: amount for name, amount in found.items() if amount}

    def only(self) -> Reward:
        [reward] = self.state.rewards.values()
        return reward


def won(memory: Imports, **told: Any) -> None:
    memory.bring("participant", "ada", source_id="a1", source_state="active")
    told = {"state": "closed_won", "value": 4000, "order_id": "o-1", "source_id": "r-1"} | told
    referred = {"email": "Grace@X.example", "name": "Grace"}
    assert memory.reasons("referral", "ada", 1, program="friends", referral="r-1", referred=referred, **told) == [
        "imported"
    ]


def paid(memory: Imports, **told: Any) -> list[str]:
    given = {"program": "friends", "rule": "thanks", "state": "issued", "amount": 1000, "unit": "USD", "value": 4000}
    return memory.reasons("reward", "ada", 2, **{**given, "referral": "r-1", "order_id": "o-1", **told})


def test_a_person_is_made_known_once_with_their_id_of_before() -> None:
    memory = Imports(FRIENDS)
    first = memory.bring("participant", "ada", source_id="a1", source_state="active")
    assert memory.state.participants[first.participant_id or ""].traits == {
        "vendor": "acme", "source_id": "a1", "source_state": "active"
    }  # fmt: skip
    again = memory.bring("participant", "ada", 1, source_id="a2")
    assert again == first._replace(decisions=())
    assert len(memory.state.participants) == 1
    memory.say("participant.identified", "ada", 2)  # the host names them by its own id
    [row] = memory.state.participants.values()
    assert (row.external_id, row.traits["source_id"]) == ("ada", "a1")


def test_a_code_comes_over_also_one_that_would_not_be_given_today() -> None:
    memory = Imports(FRIENDS)
    assert memory.reasons("link", "ada", program="friends", code="Å.b") == ["unknown_participant"]
    memory.bring("participant", "ada")
    assert memory.reasons("link", "ada", program="friends", code="Å.b", channel="mail") == ["imported"]
    assert memory.reasons("link", "ada", program="friends", code="å.B") == ["code_taken"]
    assert memory.reasons("link", "ada", program="elsewhere", code="c") == []
    assert memory.say("participant.signed_up", "grace", 1, code="Å.B") == "opened"


@pytest.mark.parametrize("code", ["", "a b", "a/b", "x" * 65, "a?b"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(EventError):
        Imports(FRIENDS).bring("link", "ada", program="friends", code=code)


def test_an_imported_referral_earns_nothing_and_is_told_to_nobody() -> None:
    memory = Imports(FRIENDS)
    won(memory, source_state="conversion")
    row = memory.referral()
    assert (row.state, row.value, row.external_id, row.source) == ("closed_won", 4000, "r-1", "import")
    assert row.closed_at == row.qualified_at == START + timedelta(days=1)
    assert row.properties == {
        "imported": "acme", "as": "closed_won", "source_id": "r-1", "source_state": "conversion", "order_id": "o-1"
    }  # fmt: skip
    assert memory.state.rewards == {}
    assert memory.state.changes.notices == []
    assert memory.state.person_by_email("grace@x.example")


def test_a_referral_that_is_here_or_cannot_be_is_refused() -> None:
    memory = Imports(FRIENDS)
    referred = {"external_id": "grace"}
    told: dict[str, Any] = {"program": "friends", "referral": "r", "referred": referred, "state": "submitted"}
    assert memory.reasons("referral", "ada", **told) == ["unknown_participant"]
    memory.bring("participant", "ada")
    memory.bring("participant", "kay")
    assert memory.reasons("referral", "ada", **told | {"referred": {"email": "ada@x.example"}}) == ["self_referral"]
    assert memory.reasons("referral", "ada", **told) == ["imported"]
    assert memory.reasons("referral", "ada", **told) == ["already_submitted"]
    assert memory.reasons("referral", "kay", **told | {"referral": "s"}) == ["already_referred"]
    assert memory.reasons("referral", "kay", **told | {"referral": "s", "state": "closed_lost"}) == ["imported"]
    with pytest.raises(EventError):
        memory.bring("referral", "ada", **told | {"referred": {"name": "Nobody"}})
    with pytest.raises(EventError):
        memory.bring("referral", "ada", **told | {"closed_at": "2026-01-01T00:00:00"})


def test_an_open_referral_goes_on_and_runs_out_after_the_import() -> None:
    memory = Imports(FRIENDS)
    memory.bring("participant", "ada")
    told: dict[str, Any] = {"program": "friends", "referral": "r", "referred": {"email": "grace@x.example"}}
    memory.bring("referral", "ada", **told, state="opportunity", value=1, currency="EUR")
    row = memory.referral()
    assert (row.opportunity_at, row.closed_at, row.value) == (START, None, None)
    assert row.expires_at == NOW + timedelta(days=90)
    assert memory.say("order.completed", "grace", 3, order_id="o", value=100, currency="USD") == "rewarded"
    assert memory.rewards() == [("thanks", "approved", 1000), ("hello", "approved", 500), ("second", "approved", 100)]
    when = "2026-12-01T00:00:00+00:00"
    told = {"program": "friends", "referral": "s", "referred": {"email": "kay@x.example"}, "qualified_at": when}
    memory.bring("referral", "ada", 1, **told, state="submitted", expires_at=when)
    row = memory.referral(1)
    assert row.expires_at == row.qualified_at == datetime.fromisoformat(when)
    assert "referral.expired" in [timer.kind for timer in memory.state.timers.values()]
    assert memory.undo(referral=public("ref", row.id)) == ["import_undone"]
    assert "referral.expired" not in [timer.kind for timer in memory.state.timers.values()]


def test_who_was_erased_since_is_known_by_our_id_alone() -> None:
    memory = Imports(FRIENDS)
    won(memory)
    told = {"import_id": IMPORT, "vendor": "acme", "program": "friends", "referral": "s", "state": "closed_lost"}
    payload = {
        "participant": {"email": "ada@x.example"}, "properties": told | {"referred": {}},
        "erased": {"referred": memory.referral().referred_id},
    }  # fmt: skip
    step(memory.state, from_log(uuid(3, 99), "import.referral", "import", "i", START, NOW, payload))
    assert memory.referral(0).referred_id == memory.referral(1).referred_id


def test_a_program_without_an_end_of_its_own_sets_none() -> None:
    document = {**FRIENDS, "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}}}
    memory = Imports(document)
    memory.bring("participant", "ada")
    memory.bring("referral", "ada", program="friends", referral="r", referred={"external_id": "g"}, state="qualified")
    assert memory.referral().expires_at is None
    assert memory.undo(referral=public("ref", memory.referral().id)) == ["import_undone"]


def test_anniversaries_go_on_where_they_stood() -> None:
    memory = Imports(FRIENDS)
    won(memory, closed_at="2023-03-01T00:00:00+00:00")
    set_ = {timer.detail["rule"]: timer for timer in memory.state.timers.values()}
    assert (set_["yearly"].due_at.isoformat(), set_["yearly"].detail["number"]) == ("2027-03-01T00:00:00+00:00", 4)
    assert set_["begun"].due_at == (START + timedelta(days=1)).replace(year=2027)
    other = Imports(FRIENDS)
    won(other, state="closed_lost")
    assert other.state.timers == {}


def test_a_paid_reward_is_paid_and_a_later_order_pays_no_first_one_again() -> None:
    memory = Imports(FRIENDS)
    won(memory)
    assert paid(memory, source_id="c-1", source_state="paid") == ["imported"]
    reward = memory.only()
    assert (reward.state, reward.occurrence, reward.issued_at) == ("issued", "1", START + timedelta(days=2))
    assert reward.basis == {
        "imported": "acme", "as": "issued", "source_id": "c-1", "source_state": "paid", "order_id": "o-1",
        "value": 4000, "currency": "USD",
    }  # fmt: skip
    assert memory.balances() == {("opening", "USD"): 1000, ("fulfilled", "USD"): 1000}
    assert paid(memory, rule="second", order_id="o-1", amount=100) == ["imported"]
    assert memory.say("order.completed", "grace", 5, order_id="o-2", value=100, currency="USD") == "not_its_turn"
    assert len(memory.state.rewards) == 2
    assert paid(memory, source_id="c-2") == ["imported"]  # a second one of a rule that pays once is its own
    assert len({row.occurrence for row in memory.state.rewards.values()}) == 3


def test_a_reward_of_a_referral_that_is_not_won_yet_is_not_given_again_by_the_win() -> None:
    memory = Imports(FRIENDS)
    won(memory, state="qualified")
    paid(memory)
    memory.say("order.completed", "grace", 5, order_id="o-1", value=100, currency="USD")
    given = [(row.rule, row.state) for row in memory.state.rewards.values()]
    assert given == [("thanks", "issued"), ("hello", "approved"), ("second", "approved")]


def test_imported_rewards_take_their_places_in_limits() -> None:
    memory = Imports(FRIENDS)
    won(memory)
    paid(memory, state="rejected")
    paid(memory)
    paid(memory)
    memory.bring("link", "ada", program="friends", code="ada")
    memory.say("participant.signed_up", "kay", 3, code="ada")
    _, trace = memory.tell("order.completed", "kay", 4, value=100, currency="USD")
    assert trace["rewards"][0]["reason"] == "cap_reached"


def test_a_refund_takes_back_the_imported_reward_of_its_order() -> None:
    memory = Imports(FRIENDS)
    won(memory)
    paid(memory)
    paid(memory, order_id="o-2", amount=700, value=2000)
    refund = {"currency": "USD"}
    assert memory.say("order.refunded", "grace", 9, order_id="o-2", value=1000, **refund) == "reversed"
    by_order = {row.basis["order_id"]: row for row in memory.state.rewards.values()}
    assert (by_order["o-1"].reversed, by_order["o-2"].reversed) == (0, 350)
    assert memory.say("order.refunded", "grace", 10, order_id="o-2", value=1000, **refund) == "reversed"
    assert memory.reward("thanks", 1).state == "reversed"
    assert memory.balances() == {("opening", "USD"): 1000, ("fulfilled", "USD"): 1700, ("participant_debt", "USD"): 700}
    assert memory.undo(reward=public("rwd", memory.reward("thanks", 1).id)) == ["changed_since"]


def test_a_refund_of_what_nobody_knows_the_worth_of_takes_nothing_and_says_so() -> None:
    memory = Imports(FRIENDS)
    won(memory)
    paid(memory, value=None)
    assert memory.say("order.refunded", "grace", 9, order_id="o-1", value=10, currency="USD") == "no_value"
    assert paid(memory, rule="second", amount=100, value=None) == ["imported"]
    assert memory.say("order.refunded", "grace", 9, order_id="o-1", value=10, currency="USD") == "reversed"
    assert memory.reward("second").state == "reversed"


def test_a_reward_keeps_its_state_and_is_moved_on_from_there() -> None:
    memory = Imports(FRIENDS)
    won(memory)
    due = (NOW + timedelta(days=5)).isoformat()
    assert paid(memory, state="pending", due_at=due) == ["imported"]
    assert memory.balances() == {("opening pending", "USD"): 1000, ("participant_balance pending", "USD"): 1000}
    assert memory.only().needs_approval == ""
    gone = Imports(FRIENDS)
    won(gone)
    paid(gone, state="pending", due_at=due)
    assert gone.undo(reward=public("rwd", gone.only().id)) == ["import_undone"]
    assert "hold.ended" not in [timer.kind for timer in gone.state.timers.values()]
    assert gone.balances() == {}
    memory.ring(NOW + timedelta(days=6))
    assert memory.rung == ["hold.ended recorded"]
    assert memory.only().state == "approved"

    other = Imports(FRIENDS)
    won(other)
    paid(other, state="pending")
    assert other.only().needs_approval == "finance"
    assert other.say("reward.approved", None, 9, reward=public("rwd", other.only().id)) == "recorded"
    assert other.only().state == "approved"

    third = Imports(FRIENDS)
    won(third)
    paid(third, state="issued", issued_at=due, expires_at=due)
    assert [timer.kind for timer in third.state.timers.values()].count("reward.expired") == 1
    assert third.undo(reward=public("rwd", third.only().id)) == ["import_undone"]
    assert [timer.kind for timer in third.state.timers.values()].count("reward.expired") == 0


@pytest.mark.parametrize(
    ("state", "moments", "held"),
    [
        ("redeemed", (2, 2, None), {("opening", "USD"): 1000, ("fulfilled", "USD"): 1000}),
        ("approved", (2, None, None), {("opening", "USD"): 1000, ("participant_balance", "USD"): 1000}),
        ("reversed", (2, 3, 4), {}),
        ("failed", (2, 3, 4), {}),
        ("expired", (2, 3, 4), {}),
        ("rejected", (None, None, 4), {}),
        ("cancelled", (None, None, 4), {}),
    ],
)
def test_every_state_has_its_times_and_books(state: str, moments: Any, held: Any) -> None:
    memory = Imports(FRIENDS)
    won(memory)
    told = {} if moments[2] is None else {
        "issued_at": (START + timedelta(days=3)).isoformat(), "ended_at": (START + timedelta(days=4)).isoformat()
    }  # fmt: skip
    assert paid(memory, state=state, **told) == ["imported"]
    row = memory.only()
    days = tuple((at - START).days if at else None for at in (row.approved_at, row.issued_at, row.ended_at))
    assert days == moments
    assert memory.balances() == held
    assert row.reversed == (1000 if state == "reversed" else 0)
    assert memory.undo(reward=public("rwd", row.id)) == ["import_undone"]
    assert memory.balances() == {}
    assert memory.undo(reward=public("rwd", row.id)) == ["not_imported"]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"rule": "nobody"}, "unknown_rule"),
        ({"referral": "nobody"}, "unknown_referral"),
        ({"rule": "hello"}, "not_theirs"),
        ({"unit": "gb"}, "wrong_unit"),
        ({"unit": None}, "wrong_unit"),
        ({"amount": None}, "wrong_unit"),
        ({"unit": "EUR"}, "imported"),
        ({"unit": None, "amount": None}, "imported"),
    ],
)
def test_a_reward_that_cannot_be_is_refused(told: dict[str, Any], reason: str) -> None:
    memory = Imports(FRIENDS)
    won(memory)
    assert paid(memory, **told) == [reason]


def test_the_referred_person_has_the_reward_of_a_rule_for_them() -> None:
    memory = Imports(FRIENDS)
    won(memory)
    told = {"program": "friends", "rule": "hello", "referral": "r-1", "state": "approved", "amount": 500, "unit": "USD"}
    assert memory.reasons("reward", "grace", 2, **told) == ["imported"]


def test_a_balance_stands_without_a_referral_and_is_taken_out_again() -> None:
    memory = Imports(FRIENDS)
    memory.bring("participant", "ada")
    told = {"program": "friends", "rule": "thanks", "state": "approved", "amount": 1250, "unit": "NOK"}
    assert memory.reasons("reward", "ada", **told) == ["imported"]
    assert memory.balances() == {("opening", "NOK"): 1250, ("participant_balance", "NOK"): 1250}
    assert memory.undo(reward=public("rwd", memory.only().id)) == ["import_undone"]
    assert memory.balances() == {}


def test_points_come_as_a_lot_that_can_be_spent() -> None:
    memory = Imports(POINTS)
    memory.bring("participant", "ada")
    told = {"program": "points", "rule": "order", "state": "approved", "amount": 400, "unit": "points"}
    assert memory.reasons("reward", "ada", **told) == ["imported"]
    lot = memory.only()
    assert lot.expires_at == NOW.replace(year=2027)  # counted from the import: nobody knows how old they are
    assert memory.say("catalogue.redeemed", "ada", 1, program="points", item="mug") == "redeemed"
    assert memory.balances()["participant_balance", "points"] == 100
    assert memory.undo(reward=public("rwd", lot.id)) == ["changed_since"]
    assert memory.reasons("reward", "ada", **told | {"state": "issued"}) == ["points_are_kept"]
    when = "2027-01-01T00:00:00+00:00"
    assert memory.reasons("reward", "ada", 1, **told, expires_at=when) == ["imported"]
    assert memory.reasons("reward", "ada", 2, **told | {"state": "redeemed"}) == ["imported"]
    spent = memory.reward("order", 2)
    assert (spent.state, spent.expires_at) == ("redeemed", None)
    assert memory.undo(reward=public("rwd", spent.id)) == ["import_undone"]


def test_points_for_an_order_go_back_with_its_refund() -> None:
    memory = Imports(POINTS)
    memory.bring("participant", "ada")
    told = {"program": "points", "rule": "order", "state": "approved", "amount": 400, "unit": "points"}
    memory.reasons("reward", "ada", **told, order_id="o-1", value=1000, currency="USD")
    assert memory.say("order.refunded", "ada", 3, order_id="o-1", value=250, currency="USD") == "reversed"
    assert memory.only().reversed == 100


def test_a_loyalty_program_takes_no_referrals_and_a_tested_one_nothing() -> None:
    memory = Imports(POINTS)
    memory.bring("participant", "ada")
    assert memory.reasons("link", "ada", program="points", code="ada") == ["no_referrals"]
    referred = {"email": "grace@x.example"}
    assert memory.reasons("referral", "ada", program="points", referral="r", referred=referred, state="submitted") == [
        "no_referrals"
    ]
    tested = Imports({**FRIENDS, "test": True})
    tested.bring("participant", "ada")
    assert tested.reasons("link", "ada", program="friends", code="ada") == ["test_takes_no_imports"]


def test_a_partner_s_statement_counts_what_is_owed_from_the_import_on() -> None:
    memory = Imports(PARTNERS)
    memory.bring("participant", "ada")
    told = {"program": "partners", "rule": "commission", "amount": 1000, "unit": "USD"}
    memory.bring("reward", "ada", **told, state="issued")
    assert memory.state.timers == {}
    memory.bring("reward", "ada", 1, **told, state="approved")
    memory.bring("reward", "ada", 2, **told, state="pending")
    [timer] = memory.state.timers.values()
    assert (timer.kind, timer.detail["period"]) == ("statement.closed", "2026-11")
    assert memory.reward("commission", 2).needs_approval == "manager"
    assert memory.undo(reward=public("rwd", memory.reward("commission", 1).id)) == ["import_undone"]
    owed = memory.state.counter(memory.reward("commission").participant_id, "statement:partners:USD:balance")
    assert owed[1] == 0


def test_what_was_brought_is_taken_out_again_and_can_come_anew() -> None:
    memory = Imports(FRIENDS)
    won(memory)
    paid(memory)
    paid(memory, rule="second", amount=100)
    memory.bring("link", "ada", program="friends", code="ada")
    referral, link = memory.referral(), memory.state.links["ada"]
    assert memory.undo(referral=public("ref", referral.id)) == ["has_rewards"]
    for rule in ("thanks", "second"):
        assert memory.undo(reward=public("rwd", memory.reward(rule).id)) == ["import_undone"]
    assert memory.balances() == {}
    assert memory.undo(referral=public("ref", referral.id)) == ["import_undone"]
    assert memory.undo(referral=public("ref", referral.id)) == ["not_imported"]
    assert (memory.referral().state, memory.referral().external_id) == ("voided", None)
    assert memory.undo(link=public("lnk", link.id)) == ["import_undone"]
    assert memory.undo(link=public("lnk", link.id)) == ["unknown_code"]
    assert "ada" not in memory.state.links
    ada, grace = (memory.state.person_by_email(f"{name}@x.example") for name in ("ada", "grace"))
    assert ada
    assert grace
    bare = memory.bring("undone", participant=public("par", ada.id), kept=True)
    assert bare.participant_id == ada.id
    assert memory.state.participants[ada.id].email == ""
    assert memory.bring("undone", participant=public("par", grace.id)).participant_id is None
    assert grace.id not in memory.state.participants
    won(memory)
    assert memory.reasons("link", "ada", program="friends", code="ada") == ["imported"]
    assert paid(memory) == ["imported"]
    assert grace.id in memory.state.participants
    assert not memory.state.changes.dropped_links
    assert not memory.state.changes.dropped_participants


def test_what_changed_since_stays() -> None:
    memory = Imports(FRIENDS)
    won(memory, state="submitted")
    memory.say("order.completed", "grace", 5, value=100, currency="USD", order_id="o")
    for reward in list(memory.state.rewards.values()):
        assert memory.undo(reward=public("rwd", reward.id)) == ["not_imported"]
    assert memory.undo(referral=public("ref", memory.referral().id)) == ["has_rewards"]
    other = Imports({**FRIENDS, "rewards": []})
    won(other, state="submitted")
    other.say("order.completed", "grace", 5, value=100, currency="USD", order_id="o")
    assert other.undo(referral=public("ref", other.referral().id)) == ["changed_since"]
    other.bring("participant", "kay")
    other.say("participant.identified", "kay", 1)
    kay = other.state.participant_by_external["kay"]
    other.bring("undone", participant=public("par", kay))
    assert "kay" not in other.state.participant_by_external
    for what in ("referral", "reward"):
        assert other.undo(**{what: public(what[:3].replace("rew", "rwd"), uuid(7, 7))}) == [f"unknown_{what}"]


def test_what_an_import_says_of_a_referral_stays_but_for_an_id_that_names_the_person() -> None:
    eraser = Eraser(uuid(8, 1), [{"email": "grace@x.example"}], [], b"secret")
    told = {"imported": "acme", "source_state": "lead", "source_id": "grace@x.example"}
    kept = eraser.referral(told, side=True, referred=True)
    assert kept == told | {"source_id": eraser.neutral("grace@x.example")}
