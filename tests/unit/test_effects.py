"""What else an event leaves: people and accounts known, links kept, notices to the world, accounts of the books."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from goodword.domain import ids
from goodword.domain.decide import step
from goodword.domain.events import parse_event
from support.documents import sales, self_serve, thanks
from support.memory import NOW, START, Memory
from unit.test_decide import referred, submit


def notices(memory: Memory) -> list[str]:
    return [notice.topic for notice in memory.state.changes.notices]


def test_the_world_hears_of_every_state_of_a_referral_and_a_reward() -> None:
    memory = Memory(sales(rewards=[thanks(hold="P1D", reverse={"on": ["order.refunded"]})]))
    submit(memory)
    memory.say("referral.closed_won", referral="L1")
    memory.say("clock.ticked", "clock", 1)
    memory.say("order.refunded", "grace", 2, value=1, currency="USD")
    assert notices(memory) == [
        "referral.submitted",
        "referral.qualified",
        "referral.opportunity",
        "referral.closed_won",
        "reward.pending",
        "reward.approved",
        "reward.reversed",
    ]


def test_the_world_hears_of_referrals_that_come_to_nothing() -> None:
    memory = Memory(sales(lifecycle={"flow": "sales", "expire_after": "P30D"}))
    submit(memory, "L1")
    submit(memory, "L2")
    submit(memory, "L3", "hugo")
    memory.say("referral.disqualified", referral="L1", reason="competitor")
    memory.say("clock.ticked", "clock", 31)
    found = [(notice.topic, notice.payload["reason"]) for notice in memory.state.changes.notices]
    assert found == [
        ("referral.submitted", ""),
        ("referral.duplicate", "already_referred"),
        ("referral.submitted", ""),
        ("referral.disqualified", "competitor"),
        ("referral.expired", "referral_expired"),
    ]


def test_a_notice_tells_of_the_reward_in_public_ids_and_has_a_key_of_its_own() -> None:
    memory = Memory(sales())
    submit(memory)
    memory.say("referral.closed_won", referral="L1")
    reward = memory.reward("thanks")
    notice = memory.state.changes.notices[-1]
    assert notice.payload == {
        "reward": ids.public("rwd", reward.id),
        "participant": ids.public("par", memory.referral().referrer_id),
        "referral": ids.public("ref", memory.referral().id),
        "program": "sold",
        "rule": "thanks",
        "state": "approved",
        "gift": {"type": "account_credit"},
        "amount": 1000,
        "unit": "USD",
        "reversed": 0,
        "netted": 0,
        "payable": 1000,
    }
    keys = [notice.key for notice in memory.state.changes.notices]
    assert len(set(keys)) == len(keys)


def test_a_refused_submission_leaves_neither_referral_nor_person() -> None:
    refer = {"refer": [{"code": "not_paying", "when": "account.status == 'paying'"}]}
    memory = Memory(sales(eligibility=refer))
    assert submit(memory) == "not_paying"
    assert notices(memory) == []
    assert [person.external_id for person in memory.state.participants.values()] == ["ada"]


def test_an_event_that_names_no_person_is_about_the_referrer_of_what_it_moved() -> None:
    memory = Memory(sales())
    submit(memory)
    raw = {"type": "referral.qualified", "event_id": "q", "properties": {"referral": "L1"}}
    assert step(memory.state, parse_event(raw, NOW)).participant_id == memory.referral().referrer_id
    raw = {"type": "participant.identified", "event_id": "i", "participant": {"email": "grace@x.example"}}
    assert step(memory.state, parse_event(raw, NOW)).participant_id == memory.referral().referred_id
    raw = {"type": "account.updated", "event_id": "a", "account": "acme"}
    assert step(memory.state, parse_event(raw, NOW)).participant_id is None


def test_a_link_keeps_its_channel_and_whether_it_is_made_up() -> None:
    memory = Memory(self_serve())
    for code, told in {"one": {}, "two": {"channel": "email", "simulated": True}}.items():
        memory.say("link.created", "ada", program="simple", code=code, **told)
    found = {link.code: (link.channel, link.simulated) for link in memory.state.links.values()}
    assert found == {"one": ("", False), "two": ("email", True)}


def test_each_participant_and_each_program_has_accounts_of_their_own() -> None:
    memory = referred(Memory(self_serve(rewards=[thanks(), thanks(id="welcome", to="referred")])))
    memory.say("order.completed", "bob", value=1, currency="USD")
    for rule in ("thanks", "welcome"):
        memory.say("reward.issued", reward=ids.public("rwd", memory.reward(rule).id))
    accounts = memory.state.changes.ledger_accounts.values()
    found = sorted((row.kind, bool(row.program_id), bool(row.participant_id), row.unit) for row in accounts)
    assert found == [
        ("fulfilled", False, True, "USD"),
        ("fulfilled", False, True, "USD"),
        ("participant_balance", False, True, "USD"),
        ("participant_balance", False, True, "USD"),
        ("program_cost", True, False, "USD"),
    ]


def person(memory: Memory, name: str) -> Any:
    return memory.state.participants[memory.state.participant_by_external[name]]


def test_identifying_properties_are_traits_and_those_of_other_events_are_not() -> None:
    memory = Memory(self_serve())
    memory.say("participant.identified", "ada", country="NO", simulated=True)
    memory.say("order.completed", "ada", value=1, currency="USD", coupon="SPRING")
    assert person(memory, "ada").traits == {"country": "NO"}


def test_later_facts_replace_earlier_ones_and_silence_replaces_nothing() -> None:
    memory = Memory(self_serve())
    for number, told in enumerate(
        [{"name": "Ada", "email": "a@x.no", "shoe": 38, "hat": 7}, {"name": "Ada L.", "shoe": 39}, {}]
    ):
        memory.send(
            {
                "type": "participant.identified",
                "event_id": str(number),
                "occurred_at": START,
                "participant": {"external_id": "u1", **told},
            }
        )
    found = person(memory, "u1")
    assert (found.name, found.email, dict(found.traits)) == ("Ada L.", "a@x.no", {"shoe": 39, "hat": 7})


def test_a_person_known_by_e_mail_becomes_the_one_with_the_external_id() -> None:
    memory = Memory(sales())
    submit(memory)
    memory.say("participant.identified", "grace")
    assert person(memory, "grace").id == memory.referral().referred_id
    assert len(memory.state.participants) == 2


def test_two_people_may_share_an_e_mail_address_but_not_an_external_id() -> None:
    memory = Memory(self_serve())
    for who in ("u1", "u2", "u1"):
        raw = {"type": "participant.identified", "event_id": f"{who}{memory.sent}", "occurred_at": START}
        memory.send({**raw, "participant": {"external_id": who, "email": "family@x.no"}})
    assert len(memory.state.participants) == 2


def test_an_account_learns_from_its_own_events_and_from_those_beside_it() -> None:
    memory = Memory(self_serve())
    told: list[dict[str, Any]] = [
        {"type": "account.updated", "properties": {"name": "Acme", "status": "trial", "since": "2025-01-01T00:00:00Z"}},
        {"type": "milestone.reached", "participant": "u1", "properties": {"milestone": "first", "status": "x"}},
        {"type": "account.updated", "properties": {"status": "paying"}},
    ]
    for number, raw in enumerate(told):
        account = {"external_id": "acme", "plan": "pro"}
        memory.send({**raw, "event_id": str(number), "occurred_at": START, "account": account})
    [acme] = memory.state.accounts.values()
    assert (acme.name, acme.since.year if acme.since else None) == ("Acme", 2025)
    assert acme.traits == {"plan": "pro", "status": "paying"}
    assert person(memory, "u1").account_id == acme.id


def test_orders_are_counted_and_refunds_lower_their_value() -> None:
    memory = Memory(self_serve())
    for kind, value, currency in (("completed", 500, "USD"), ("completed", 300, "USD"), ("refunded", 200, "USD")):
        memory.say(f"order.{kind}", "ada", value=value, currency=currency)
    memory.say("order.completed", "ada", value=900, currency="EUR")
    counters = memory.state.counters[person(memory, "ada").id]
    assert counters == {"orders:USD": (2, 600), "orders:EUR": (1, 900)}


def test_what_was_told_of_people_is_remembered_from_the_moment_from_which_it_matters() -> None:
    memory = Memory(self_serve())
    memory.state.tell_from = START + timedelta(days=2)
    for day in (1, 2, 3):
        memory.say("page.viewed", "ada", day)
    [id] = memory.state.participants
    assert [event.occurred_at - START for event in memory.state.told(id)] == [timedelta(days=2), timedelta(days=3)]


def test_where_nobody_is_told_of_anything_everything_else_is_the_same() -> None:
    told, silent = (Memory(sales(rewards=[thanks()])) for _ in range(2))
    silent.state.unheard = True
    for memory in (told, silent):
        submit(memory)
        memory.say("referral.closed_won", referral="L1")
    assert notices(told)[-1] == "reward.approved"
    assert notices(silent) == []
    assert silent.state.rewards == told.state.rewards
    assert silent.state.changes.transfers == told.state.changes.transfers
