"""Links: how they come to be, how they change, and what begins by them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from goodword.domain.events import EventError, parse_event
from goodword.domain.rows import Link
from support.documents import self_serve
from support.memory import NOW, START, Memory

LINKS = {"destination": "https://www.example.com/a", "hosts": ["shop.example.com"]}
SHOES = "https://shop.example.com/shoes"


def house(**told: Any) -> Memory:
    memory = Memory(self_serve(links=LINKS))
    assert memory.say("link.created", "ada", program="simple", code="ADA-1", **told) == "linked"
    return memory


def only(memory: Memory) -> Link:
    [link] = memory.state.links.values()
    return link


def test_a_link_without_a_code_gets_one_that_is_the_same_whenever_the_event_is_read() -> None:
    raw = {"type": "link.created", "event_id": "1", "participant": "ada", "properties": {"program": "simple"}}
    first, again = parse_event(raw, NOW), parse_event({**raw, "occurred_at": START}, NOW)
    assert len(first.properties["code"]) == 8
    assert first.properties == again.properties
    assert parse_event({**raw, "event_id": "2"}, NOW).properties != first.properties
    assert parse_event({**raw, "properties": {"program": "simple", "code": None}}, NOW).properties == first.properties


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", "admin"),
        ("code", "a b"),
        ("code", 7),
        ("expires_at", "tomorrow"),
        ("destination", "http://x.com"),
        ("channel", ""),
    ],
)
def test_what_a_link_cannot_have_is_told_where_it_stands(name: str, value: Any) -> None:
    properties = {"program": "simple", name: value}
    with pytest.raises(EventError) as error:
        parse_event({"type": "link.created", "event_id": "1", "participant": "ada", "properties": properties}, NOW)
    assert [problem.pointer for problem in error.value.problems] == [f"/properties/{name}"]


def test_a_link_has_its_channel_its_end_and_its_destination() -> None:
    link = only(house(channel="email", expires_at="2026-03-01T00:00:00+01:00", destination=SHOES))
    assert (link.code, link.channel, link.state, link.destination) == ("ada-1", "email", "", SHOES)
    assert str(link.expires_at) == "2026-02-28 23:00:00+00:00"


def test_a_link_leads_only_to_hosts_of_the_program() -> None:
    memory = Memory(self_serve(links=LINKS))
    evil = "https://evil.net/"
    assert (
        memory.say("link.created", "ada", program="simple", code="ADA", destination=evil) == "destination_not_allowed"
    )
    assert memory.say("link.created", "ada", program="simple", code="ADA", destination=SHOES) == "linked"
    assert memory.say("link.updated", code="ada", destination=evil) == "destination_not_allowed"
    assert only(memory).destination == SHOES
    bare = Memory(self_serve())
    assert bare.say("link.created", "ada", program="simple", code="ADA", destination=SHOES) == "destination_not_allowed"


def test_what_is_left_out_of_a_change_stays_and_an_empty_text_takes_it_away() -> None:
    memory = house(channel="email", expires_at="2026-03-01T00:00:00Z", destination=SHOES)
    before = only(memory)
    assert memory.say("link.updated", code="ADA-1", state="off") == "link_changed"
    assert only(memory) == before._replace(state="off")
    assert memory.say("link.updated", code="ADA-1", channel="", expires_at="", destination="") == "link_changed"
    assert only(memory) == before._replace(state="off", channel="", expires_at=None, destination="")
    memory.say("link.updated", code="ADA-1", state="on", channel="sms", expires_at="2026-04-01T00:00:00Z")
    assert (only(memory).state, only(memory).channel, only(memory).expires_at is None) == ("", "sms", False)


def test_a_change_is_the_business_of_the_links_program_alone() -> None:
    memory = Memory(self_serve(links=LINKS), self_serve(program="other"), self_serve(program="try", test=True))
    memory.say("link.created", "ada", program="simple", code="ADA")
    raw = {"type": "link.updated", "event_id": "u", "occurred_at": START, "properties": {"code": "ada", "state": "off"}}
    assert {key: found.reason for key, found in memory.send(raw).items()} == {"simple": "link_changed"}
    unknown = {**raw, "event_id": "v", "properties": {"code": "bob"}}
    assert {found.reason for found in memory.send(unknown).values()} == {"unknown_code"}
    assert "try" not in memory.send({**unknown, "event_id": "w"})


def test_nothing_begins_by_a_link_that_is_off_or_has_expired() -> None:
    memory = house(expires_at=(START + timedelta(days=5)).isoformat())
    assert memory.say("participant.signed_up", "bob", 4, code="ada-1") == "opened"
    assert memory.say("participant.signed_up", "cy", 5, code="ada-1") == "code_expired"
    memory.say("link.updated", None, 6, code="ada-1", expires_at="", state="off")
    assert memory.say("participant.signed_up", "dee", 7, code="ada-1") == "code_off"
    memory.say("link.updated", None, 8, code="ada-1", state="on")
    assert memory.say("participant.signed_up", "eli", 9, code="ada-1") == "opened"
