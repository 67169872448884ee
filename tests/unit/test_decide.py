"""Which programmes an event concerns, what it names, and which version judges."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import ids
from goodword.domain.conditions import Condition
from goodword.domain.draft import Draft, Facts
from goodword.domain.events import parse_event
from support.documents import sales, self_serve, thanks
from support.loyalty import shop
from support.memory import NOW, START, Memory, uuid


def referred(memory: Memory, program: str = "simple") -> Memory:
    """Ada has a link and Bob signed up with it."""
    memory.send(
        {
            "type": "link.created",
            "event_id": "link",
            "occurred_at": START,
            "participant": "ada",
            "properties": {"program": program, "code": "ADA"},
        }
    )
    memory.say("participant.signed_up", "bob", code="ada")
    return memory


def submit(memory: Memory, name: str = "L1", friend: str = "grace", day: float = 0, **more: Any) -> str | None:
    person = {"email": f"{friend}@x.example"}
    return memory.say("referral.submitted", "ada", day, referral=name, referred=person, **more)


def both(memory: Memory, kind: str, who: str | None = None, **properties: Any) -> dict[str, str]:
    """The reasons by program, where several programmes decide."""
    raw: dict[str, Any] = {"type": kind, "event_id": "x", "occurred_at": START, "properties": properties}
    if who:
        raw["participant"] = who
    return {key: decision.reason for key, decision in memory.send(raw).items()}


def test_a_referral_keeps_the_version_under_which_it_began() -> None:
    memory = referred(Memory(self_serve()))
    doubled = thanks(give={"type": "account_credit", "amount": 2000})
    assert memory.publish(self_serve(rewards=[doubled]), 2) == "published"
    memory.say("participant.signed_up", "carl", code="ada")
    reason, trace = memory.tell("order.completed", "bob", value=1, currency="USD")
    assert (reason, trace["kept_version"]) == ("rewarded", 1)
    reason, trace = memory.tell("order.completed", "carl", value=1, currency="USD")
    assert (reason, "kept_version" in trace) == ("rewarded", False)
    assert memory.rewards() == [("thanks", "approved", 1000), ("thanks", "approved", 2000)]


def test_a_referral_under_an_older_version_ignores_what_only_the_new_one_listens_to() -> None:
    memory = referred(Memory(self_serve()))
    memory.publish(self_serve(lifecycle={"flow": "self_serve", "closed_won": {"on": "ride.finished"}}), 2)
    assert memory.say("ride.finished", "bob") is None
    assert memory.say("order.completed", "bob", value=1, currency="USD") == "rewarded"


def test_a_referral_is_named_by_the_senders_id_or_by_ours() -> None:
    memory = Memory(sales())
    submit(memory)
    ours = ids.public("ref", memory.referral().id)
    assert memory.say("referral.qualified", referral="L1") == "advanced"
    assert memory.say("referral.opportunity_opened", referral=ours) == "advanced"
    assert memory.say("referral.closed_won", referral=ours) == "rewarded"


@pytest.mark.parametrize("name", ["L9", "ref_nonsense", ids.public("ref", uuid(9, 9))])
def test_an_unknown_referral_is_said_to_be_unknown(name: str) -> None:
    memory = Memory(sales())
    submit(memory)
    assert memory.say("referral.qualified", referral=name) == "unknown_referral"


def test_a_named_referral_concerns_its_own_program_only() -> None:
    memory = Memory(sales(), sales(program="other"))
    assert submit_to(memory, "sold") == {"sold": "opened"}
    ours = ids.public("ref", memory.referral().id)
    assert both(memory, "referral.qualified", referral="L1") == {"sold": "advanced"}
    assert both(memory, "referral.opportunity_opened", referral=ours) == {"sold": "advanced"}
    assert both(memory, "referral.qualified", referral="L9") == {
        "sold": "unknown_referral",
        "other": "unknown_referral",
    }


def submit_to(memory: Memory, program: str | None) -> dict[str, str]:
    named = {"program": program} if program else {}
    return both(memory, "referral.submitted", "ada", referral="L1", referred={"email": "g@x.example"}, **named)


def test_a_submission_that_names_no_program_goes_to_every_sales_program() -> None:
    memory = Memory(sales(), sales(program="other"), self_serve())
    assert submit_to(memory, None) == {"sold": "opened", "other": "opened"}


def test_a_program_that_takes_no_submissions_says_so_where_it_is_meant() -> None:
    memory = Memory(sales(), self_serve(), shop())
    assert submit_to(memory, "simple") == {"simple": "no_submissions"}
    assert submit_to(memory, "shop") == {"shop": "no_submissions"}
    assert submit_to(memory, "sold") == {"sold": "opened"}
    assert submit_to(Memory(self_serve(), shop()), None) == {}


def test_a_program_without_a_catalogue_says_so_to_whoever_spends_points_there() -> None:
    memory = referred(Memory(self_serve(), shop()))
    spent = {"program": "simple", "item": "mug"}
    for person in ("ada", "bob"):
        assert both(memory, "catalogue.redeemed", person, **spent) == {"simple": "unknown_item"}
    assert both(memory, "catalogue.redeemed", "ada", **spent | {"program": "gone"}) == {}


def test_a_custom_event_of_the_lifecycle_may_name_the_referral() -> None:
    steps = {"flow": "sales", "closed_won": {"on": "crm.deal_won"}}
    memory = Memory(sales(lifecycle=steps), sales(program="other", lifecycle=steps), self_serve())
    submit_to(memory, "sold")
    assert both(memory, "crm.deal_won", referral="L9") == {
        "sold": "unknown_referral",
        "other": "unknown_referral",
    }
    assert both(memory, "crm.deal_won", referral="L1") == {"sold": "rewarded"}


def test_an_event_about_a_company_alone_concerns_no_referral() -> None:
    memory = referred(Memory(self_serve(lifecycle={"flow": "self_serve", "closed_won": {"on": "site.opened"}})))
    raw = {"type": "site.opened", "event_id": "1", "account": "acme"}
    assert [decision.reason for decision in memory.send(raw).values()] == ["not_referred"]


def test_an_event_that_no_programme_listens_to_has_no_decision() -> None:
    memory = referred(Memory(self_serve()))
    assert memory.say("milestone.reached", "bob", milestone="first") is None
    assert memory.say("milestone.reached", "stranger", milestone="first") is None


def test_a_code_belongs_to_one_program_and_to_one_person() -> None:
    memory = Memory(self_serve(), self_serve(program="other"))
    assert both(memory, "link.created", "ada", program="simple", code="ADA") == {"simple": "linked"}
    assert both(memory, "link.created", "bob", program="other", code="Ada") == {"other": "code_taken"}
    assert both(memory, "participant.signed_up", "carl", code="ADA") == {
        "simple": "opened",
        "other": "not_referred",
    }


def test_a_reward_is_named_by_its_id_or_by_referral_and_rule() -> None:
    memory = Memory(sales(rewards=[thanks(hold="P30D")]))
    submit(memory)
    memory.say("referral.closed_won", referral="L1")
    reward = ids.public("rwd", memory.reward("thanks").id)
    ours = ids.public("ref", memory.referral().id)
    assert memory.say("reward.approved", reward="rwd_nonsense") == "unknown_reward"
    assert memory.say("reward.approved", reward=ids.public("rwd", uuid(9, 9))) == "unknown_reward"
    assert memory.say("reward.approved", referral="L9", rule="thanks") == "unknown_referral"
    assert memory.say("reward.approved", referral="L1", rule="thank") == "unknown_reward"
    assert memory.say("reward.rejected", referral=ours, rule="thanks", reason="odd") == "recorded"
    assert memory.say("reward.approved", reward=reward) == "wrong_state"
    assert memory.reward("thanks").reason == "odd"


def test_a_reward_concerns_its_own_program_only() -> None:
    memory = Memory(sales(), sales(program="other"))
    submit_to(memory, "sold")
    both(memory, "referral.closed_won", referral="L1")
    reward = ids.public("rwd", memory.reward("thanks").id)
    assert both(memory, "reward.issued", referral="L1", rule="thanks") == {"sold": "recorded"}
    assert both(memory, "reward.redeemed", reward=reward) == {"sold": "recorded"}


def test_a_timer_that_nobody_knows_any_more_rings_for_nothing() -> None:
    memory = Memory(self_serve())
    raw = {"type": "hold.ended", "event_id": "1", "occurred_at": START, "properties": {"timer": "gone"}}
    assert memory._step(parse_event(raw, NOW, internal=True)) == {}


def test_a_refund_after_the_end_finds_the_latest_referral() -> None:
    rule = thanks(on="referral.qualified", reverse={"on": ["order.refunded"]})
    memory = Memory(sales(rewards=[rule]))
    submit(memory)
    memory.say("referral.qualified", referral="L1")
    memory.say("referral.closed_lost", referral="L1")
    assert memory.say("order.refunded", "grace", value=1, currency="USD") == "reversed"


def test_without_a_referral_conditions_read_nothing_rather_than_fail() -> None:
    memory = Memory(self_serve())
    [program] = memory.state.programs.values()
    event = parse_event({"type": "a.b", "event_id": "1", "participant": "ada"}, NOW)
    facts = Facts(Draft(memory.state, event, program))
    for source in (
        "referral.state == null && referral.properties.size() == 0",
        "referrer.email == null && referrer.traits.size() == 0",
        "referred.external_id == null && !referred.is_customer",
        "account.status == null && account.age_days == null && !account.in_collections",
        "history.orders == 0 && history.order_value == 0",
        "program.key == 'simple' && program.version == 1 && program.currency == 'USD'",
        "event.type == 'a.b' && event.value == null && !event.simulated",
    ):
        assert Condition(source).test(facts).ok is True, source


def test_conditions_read_the_people_of_the_referral() -> None:
    when = (
        "referral.state == 'closed_won' && referral.source == 'code' && referral.age_days == 3"
        " && referrer.email == 'ada@x.example' && referrer.traits.shoe == 38"
        " && referred.external_id == 'bob' && account.name == 'Acme' && account.age_days == 372 && program.version == 1"
    )
    memory = Memory(self_serve(rewards=[thanks(when=when)]))
    person = {"external_id": "ada", "email": "ada@x.example", "shoe": 38}
    memory.send(
        {
            "type": "account.updated",
            "event_id": "a",
            "occurred_at": START,
            "participant": person,
            "account": {"external_id": "acme", "name": "Acme", "since": "2025-01-01T00:00:00Z"},
            "properties": {},
        }
    )
    memory.send(
        {
            "type": "milestone.reached",
            "event_id": "b",
            "occurred_at": START,
            "participant": person,
            "account": {"external_id": "acme", "since": "no time"},
            "properties": {"milestone": "first"},
        }
    )
    referred(memory)
    reason, trace = memory.tell("order.completed", "bob", 3, value=1, currency="USD")
    assert (reason, trace["checks"][0]["read"]["referral.age_days"]) == ("rewarded", 3)


def test_what_is_no_name_of_a_referral_says_nothing_about_one() -> None:
    document = sales(lifecycle={"flow": "sales", "closed_won": {"on": "crm.deal_won"}})
    memory = Memory(document)
    assert memory.say("crm.deal_won", "zoe", referral=7) == "not_referred"
    assert memory.say("crm.deal_won", referral=7) == "not_referred"
    assert memory.say("crm.deal_seen", "zoe", referral=7) is None
