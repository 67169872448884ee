"""The demo's events: real orders as published, and a simulation that is the same everywhere."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from goodword.domain.events import parse_event
from goodword.ops.demo import orders, stream
from goodword.ops.demo.facts import END, START, Dice

SHARED = Path(__file__).parents[4] / "shared" / "data" / "cdnow_orders.txt"
CONTENT = "44c2d62200d7f469e8eca7c47ffa45c3acc7778351e020522267d08be69e1dd8"
"""SHA-256 of the published stream: each event as JSON with sorted keys and a newline."""


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return list(stream.events())


@pytest.fixture(scope="module")
def submissions(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event_id"].startswith("submit-")]


def moment(event: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def of(events: list[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    return (event for event in events if event["type"] == kind)


def test_the_copy_has_every_order_of_every_customer() -> None:
    everything = orders.read()
    assert len(everything) == 69_659
    assert len({order.customer for order in everything}) == 23_570
    assert everything[0] == orders.Order(2, "00001", datetime(1997, 1, 1, tzinfo=UTC).date(), 1, 1177)
    assert sum(order.value for order in everything) == 250_031_563
    assert sum(order.quantity for order in everything) == 167_881


def test_the_copy_is_the_published_file() -> None:
    assert hashlib.sha256(orders.read_text()).hexdigest() == orders.SHA256
    if SHARED.exists():  # beside a clone, not in it
        assert orders.read_text() == SHARED.read_bytes()


def test_a_damaged_copy_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setattr(orders.resources, "files", lambda _package: tmp_path)
    for content, said in (
        (b"no gzip", "cannot be unpacked"),
        (gzip.compress(orders_of_another_shop()), "another checksum"),
    ):
        (folder / "cdnow_orders.txt.gz").write_bytes(content)
        with pytest.raises(orders.DamagedData, match=said):
            orders.read()


def orders_of_another_shop() -> bytes:
    return b" customer_id  date number_of_cds  dollar_value\r\n 00001 19970101  1   11.78\r\n"


def test_the_stream_is_the_published_one(events: list[dict[str, Any]]) -> None:
    assert len(events) == stream.EVENTS
    assert stream.fingerprint((event["source"], event["event_id"]) for event in events) == stream.FINGERPRINT
    digest = hashlib.sha256()
    for event in events:
        digest.update(orjson.dumps(event, option=orjson.OPT_SORT_KEYS) + b"\n")
    assert digest.hexdigest() == CONTENT


def test_every_event_can_be_recorded_and_has_an_id_of_its_own(events: list[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    assert len({(parsed.source, parsed.event_id) for parsed in (parse_event(event, now) for event in events)}) == len(
        events
    )


def test_events_come_in_order_of_time_within_the_time_of_the_orders(events: list[dict[str, Any]]) -> None:
    moments = [moment(event) for event in events]
    assert moments == sorted(moments)
    assert START - timedelta(days=2) <= moments[0]
    assert moments[-1] < END


def test_each_order_is_on_its_day_in_new_york_with_its_value(events: list[dict[str, Any]]) -> None:
    sent = {event["event_id"]: event for event in of(events, "order.completed")}
    new_york = ZoneInfo("America/New_York")
    for order in orders.read():
        event = sent[f"cdnow-{order.line}"]
        assert event["source"] == "cdnow"
        assert event["participant"] == {"external_id": order.customer}
        assert moment(event).astimezone(new_york).date() == order.day
        assert (event["properties"]["value"], event["properties"]["quantity"]) == (order.value, order.quantity)


def test_a_customers_orders_keep_the_order_of_the_file(events: list[dict[str, Any]]) -> None:
    mine = sorted(of(events, "order.completed"), key=lambda event: event["participant"]["external_id"])
    for _customer, theirs in groupby(mine, key=lambda event: event["participant"]["external_id"]):
        lines = [int(event["event_id"].removeprefix("cdnow-")) for event in theirs]
        assert lines == sorted(lines)


def test_everything_that_is_not_an_order_is_marked_as_simulated(events: list[dict[str, Any]]) -> None:
    for event in events:
        is_real = event["source"] == "cdnow"
        assert is_real == (event["type"] == "order.completed")
        assert is_real != (event["properties"].get("simulated") is True)


def test_friends_sign_up_through_links_that_exist_before_they_first_buy(events: list[dict[str, Any]]) -> None:
    links = {event["properties"]["code"]: event for event in of(events, "link.created")}
    first_buys: dict[str, datetime] = {}
    for event in of(events, "order.completed"):
        first_buys.setdefault(event["participant"]["external_id"], moment(event))
    friends = [event for event in events if event["event_id"].startswith("sign-up-")]
    for friend in friends:
        link = links[friend["properties"]["code"]]
        assert moment(link) < moment(friend) < first_buys[friend["participant"]]
    for code, link in links.items():
        assert first_buys[link["participant"]] < moment(link)
        assert code.partition("-")[2] == link["participant"]
    assert 0.18 < len(links) / 23_570 < 0.22
    brought = Counter(friend["properties"]["code"] for friend in friends)
    assert max(brought.values()) > 20  # gold, and over the monthly cap
    assert len(brought) < len(links) / 2  # while most bring nobody


def test_there_are_four_hundred_submissions_by_accounts_known_before(
    events: list[dict[str, Any]], submissions: list[dict[str, Any]]
) -> None:
    known = {event["account"]: moment(event) for event in of(events, "account.updated")}
    assert len(submissions) == 400
    assert len({event["properties"]["referral"] for event in submissions}) == 400
    for event in submissions:
        if "account" in event:
            assert known[event["account"]] < moment(event)
    assert sum("account" not in event for event in submissions) > 0


def test_people_of_the_b2b_part_have_addresses_that_reach_nobody(submissions: list[dict[str, Any]]) -> None:
    for event in submissions:
        assert event["participant"]["email"].endswith(".example")
        assert event["properties"]["referred"]["email"].endswith(".example")


def test_dice_of_one_kind_fall_the_same_and_of_two_kinds_differently() -> None:
    first, again, other = (Dice(kind) for kind in ("a", "a", "b"))
    draws = [[dice.below(1000) for _ in range(20)] for dice in (first, again, other)]
    assert draws[0] == draws[1] != draws[2]
