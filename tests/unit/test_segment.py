"""Segment's calls read as events of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from goodword.domain import segment, segment_money, segment_names, segment_touches
from goodword.domain.events import parse_event
from goodword.domain.segment_money import Left

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
CLICK = "clk_01jq8x5e4me8k9d3v0h2r6t7wy"


def read(kind: str, sent_at: Any = None, **call: Any) -> segment.Read:
    return segment.read({"messageId": "m-1", **call}, NOW, kind=kind, sent_at=sent_at, spare_id="spare")


def one(kind: str, sent_at: Any = None, **call: Any) -> dict[str, Any]:
    """The one event that a call becomes, which can be recorded."""
    found = read(kind, sent_at, **call)
    assert not found.problems
    (event,) = found.events
    parsed = parse_event(event, NOW)
    assert (parsed.source, parsed.event_id) == ("segment", call.get("messageId", "m-1"))
    return dict(event)


def faults(kind: str | None, **call: Any) -> list[tuple[str, str]]:
    found = segment.read({"messageId": "m-1", **call}, NOW, kind=kind, sent_at=None, spare_id="spare")
    assert found.events == ()
    return [(problem.pointer, problem.code) for problem in found.problems]


def track(name: str, properties: Any = None, **call: Any) -> dict[str, Any]:
    return one("track", event=name, userId="u2", properties=properties, **call)


# Names


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("Order Completed", "order.completed"),
        ("order_completed", "order.completed"),
        ("orderCompleted", "order.completed"),
        ("Completed Order", "order.completed"),
        ("Order Refunded", "order.refunded"),
        ("Order Cancelled", "order.refunded"),
        ("Order Canceled", "order.refunded"),
        ("Signed Up", "participant.signed_up"),
        ("Subscription Cancelled", "subscription.cancelled"),
        ("Signed In", "user.signed_in"),
        ("Account Removed User", "user.removed_from_account"),
        ("Product Viewed", "product.viewed"),
        ("Product Added to Wishlist", "product_added_to.wishlist"),
        ("Product List Viewed", "product_list.viewed"),
        ("Order Updated", "order.updated"),
        ("Invite Sent", "invite.sent"),
        ("Résumé Téléchargé", "resume.telecharge"),
        ("Clicked", "track.clicked"),
        ("Referral Closed Won", "referral_closed.won"),
        ("Referral Qualified", "track.referral_qualified"),
        ("Reward Approved", "track.reward_approved"),
        ("2 Clicks", "track.event_2_clicks_693d8998"),
        ("購入", "track.event_a78fd552"),
        ("A very long name of something that happened today", "track.a_very_long_name_of_so_45b67886"),
    ],
)
def test_a_name_becomes_a_type_always_the_same(name: str, type: str) -> None:
    assert segment_names.type_of(name) == type


NAMES = ["", " ", "!", "9", "a" * 500, "\ud800", "x " * 300, "É", "_ _", "a.b.c", "Goal Reached"]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_name_its_type_can_be_recorded(name: str) -> None:
    found = segment_names.type_of(name)
    assert parse_event({"type": found, "event_id": "1", "participant": "u"}, NOW).type == found


def test_long_names_that_begin_alike_are_told_apart() -> None:
    names = [f"Something extraordinarily long happened today {n}" for n in range(20)]
    assert len({segment_names.type_of(name) for name in names}) == 20


# Money


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [
        (25, "USD", 2500),
        (25.0, "usd", 2500),
        (19.99, " EUR ", 1999),
        (0.29, "USD", 29),
        (1.005, "USD", 100),
        (1.015, "USD", 102),
        (33.333333333333336, "USD", 3333),
        ("48.10", "USD", 4810),
        (" 48 ", "USD", 4800),
        (1000, "JPY", 1000),
        (1000.5, "JPY", 1000),
        (1001.5, "JPY", 1002),
        (1.2345, "KWD", 1234),
        ("1.2355", "KWD", 1236),
        (0, "USD", 0),
        (1e-9, "USD", 0),
        (10**13, "USD", 10**15),
    ],
)
def test_money_is_read_as_the_decimal_that_is_written(amount: Any, currency: str, value: int) -> None:
    found = segment_money.read({"revenue": amount, "currency": currency})
    assert found == (value, currency.strip().upper(), None)


@pytest.mark.parametrize(
    ("properties", "place", "code"),
    [
        ({"revenue": 25}, "currency", "missing"),
        ({"revenue": 25, "currency": ""}, "currency", "missing"),
        ({"revenue": 25, "currency": 978}, "currency", "missing"),
        ({"revenue": 25, "currency": "EURO"}, "currency", "unknown_currency"),
        ({"total": "25,00", "currency": "EUR"}, "total", "wrong_type"),
        ({"total": "$25", "currency": "USD"}, "total", "wrong_type"),
        ({"total": "1e3", "currency": "USD"}, "total", "wrong_type"),
        ({"total": True, "currency": "USD"}, "total", "wrong_type"),
        ({"total": [25], "currency": "USD"}, "total", "wrong_type"),
        ({"total": float("nan"), "currency": "USD"}, "total", "wrong_type"),
        ({"value": -1, "currency": "USD"}, "value", "out_of_range"),
        ({"value": 10**14, "currency": "USD"}, "value", "out_of_range"),
        ({"value": 1e300, "currency": "USD"}, "value", "out_of_range"),
    ],
)
def test_money_that_cannot_be_read_is_told(properties: dict[str, Any], place: str, code: str) -> None:
    found = segment_money.read(properties)
    assert found.problem
    assert (found.value, found.problem.pointer, found.problem.code) == (None, f"/properties/{place}", code)


def test_the_first_amount_counts_and_there_may_be_none() -> None:
    several = {"subtotal": 1, "value": 2, "total": 3, "revenue": None, "currency": "USD"}
    assert segment_money.read(several).value == 300
    assert segment_money.read({"currency": "USD"}) == (None, None, None)


# Track


def test_an_order_with_everything_around_it() -> None:
    event = track(
        "Order Completed",
        {
            "order_id": 50314,
            "revenue": 25.5,
            "tax": 2.0,
            "currency": "usd",
            "coupon": "ADA-4711",
            "products": [{"sku": "a", "quantity": 2}, {"sku": "b"}],
            "nothing": None,
        },
        anonymousId="v1",
        context={"campaign": {"name": "spring", "source": "news"}, "ip": "192.0.2.7", "userAgent": "curl"},
    )

    assert (event["type"], event["participant"]) == ("order.completed", {"external_id": "u2"})
    assert event["properties"] == {
        "order_id": "50314",
        "revenue": 25.5,
        "value": 2550,
        "currency": "USD",
        "tax": 2.0,
        "coupon": "ADA-4711",
        "quantity": 3,
        "products": [{"sku": "a", "quantity": 2}, {"sku": "b"}],
        "anonymous_id": "v1",
        "campaign": {"source": "news", "campaign": "spring"},
        "sent_as": "Order Completed",
    }


def test_an_order_without_an_amount_or_a_currency_is_refused() -> None:
    order: dict[str, Any] = {"event": "Order Completed", "userId": "u2"}
    assert faults("track", **order) == [("/properties/revenue", "missing")]
    assert faults("track", **order, properties={"revenue": 5}) == [("/properties/currency", "missing")]


def test_a_cancelled_order_is_paid_back() -> None:
    event = track("Order Cancelled", {"order_id": "7", "total": 12, "currency": "JPY"})
    assert (event["type"], event["properties"]["value"]) == ("order.refunded", 12)
    assert "quantity" not in event["properties"]


REFUND: dict[str, Any] = {"type": "track", "event": "Order Refunded", "userId": "u2", "messageId": "m"}


def refund(properties: dict[str, Any], orders: segment.Orders | None = None) -> Any:
    call = {**REFUND, "properties": properties}
    return segment.read(call, NOW, kind=None, sent_at=None, spare_id="spare", orders=orders)


def test_a_refund_without_an_amount_is_of_all_that_is_left_of_the_order() -> None:
    assert segment.whole_refund({**REFUND, "properties": {"order_id": 7}}) == ("u2", "7")
    found = refund({"order_id": 7}, {("u2", "7"): Left(1_250, "EUR")})
    told = found.events[0]["properties"]
    assert (told["order_id"], told["value"], told["currency"]) == ("7", 1_250, "EUR")
    [problem] = refund({"order_id": "7"}, {("u1", "7"): Left(1, "EUR")}).problems
    assert (problem.pointer, problem.code) == ("/properties/order_id", "unknown_order")
    [problem] = refund({}).problems
    assert (problem.pointer, problem.code) == ("/properties/order_id", "missing")


@pytest.mark.parametrize(
    "call",
    [
        7,
        {**REFUND, "properties": {"order_id": "7", "total": 0, "currency": "EUR"}},
        {**REFUND, "properties": {"order_id": "7", "products": [{"price": 1}]}},
        {**REFUND, "properties": {}},
        {**REFUND, "userId": None, "properties": {"order_id": "7"}},
        {**REFUND, "event": "Order Completed", "properties": {"order_id": "7"}},
    ],
)
def test_other_calls_ask_for_no_order(call: object) -> None:
    assert segment.whole_refund(call) is None


def test_a_refund_of_products_is_their_sum() -> None:
    products = [{"price": "10.10", "quantity": 2}, {"price": 0.05}]
    [event] = refund({"order_id": "7", "products": products, "currency": "EUR"}).events
    assert (event["properties"]["value"], event["properties"]["currency"]) == (2_025, "EUR")
    [event] = refund({"total": 3, "products": products, "currency": "EUR"}).events
    assert event["properties"]["value"] == 300, "the total counts"


@pytest.mark.parametrize(
    ("products", "pointer", "code"),
    [
        ([{"product_id": "1"}], "/properties/products/0/price", "missing"),
        ([{"price": 1}, "x"], "/properties/products/1/price", "missing"),
        ([{"price": "ten"}], "/properties/products/0/price", "wrong_type"),
        ([{"price": -1}], "/properties/products/0/price", "wrong_type"),
        ([{"price": 1, "quantity": 0.5}], "/properties/products/0/quantity", "wrong_type"),
        ([{"price": 1, "quantity": True}], "/properties/products/0/quantity", "wrong_type"),
        ([{"price": 1, "quantity": -1}], "/properties/products/0/quantity", "wrong_type"),
        ([{"price": 1}], "/properties/currency", "missing"),
        ([], "/properties/order_id", "unknown_order"),
    ],
)
def test_products_that_cannot_be_summed_are_said_to_be_so(products: list[Any], pointer: str, code: str) -> None:
    [problem] = refund({"order_id": "7", "products": products}).problems
    assert (problem.pointer, problem.code) == (pointer, code)


def test_what_does_not_fit_and_is_not_needed_is_put_aside() -> None:
    event = track(
        "Order Completed",
        {
            "value": 1,
            "currency": "USD",
            "quantity": "two",
            "coupon": ["A"],
            "simulated": "yes",
        },
    )
    properties = event["properties"]
    assert (properties["quantity_as_sent"], properties["coupon_as_sent"]) == ("two", ["A"])
    assert properties["simulated_as_sent"] == "yes"
    assert properties.keys().isdisjoint({"quantity", "coupon", "simulated"})


def test_a_quantity_is_the_products_where_all_of_them_say_it() -> None:
    told = {"value": 1, "currency": "USD"}
    half = track("Order Completed", {**told, "products": [{"quantity": 1.5}, {}]})
    assert "quantity" not in half["properties"]
    assert track("Order Completed", {**told, "products": ["a", "b"]})["properties"]["quantity"] == 2


def test_a_subscription_needs_no_amount() -> None:
    bare = track("Subscription Started", {"plan": "pro", "currency": "USD"})
    paid = track("Subscription Renewed", {"plan": "pro", "revenue": 99, "currency": "EUR", "subscription_id": 4})

    assert bare["properties"] == {"plan": "pro", "sent_as": "Subscription Started"}
    assert (paid["properties"]["value"], paid["properties"]["subscription_id"]) == (9900, "4")


def test_a_custom_event_has_its_amount_in_minor_units_where_it_has_a_currency() -> None:
    paid = track("Ride Finished", {"revenue": 12.5, "currency": "USD"})
    bare = track("Ride Finished", {"value": 12.5})
    assert (paid["type"], paid["properties"]["value"]) == ("ride.finished", 1250)
    assert bare["properties"]["value"] == 12.5


def test_a_sign_up_has_its_person_and_its_code() -> None:
    event = track(
        "Signed Up",
        {"email": "grace@example.org", "firstName": "Grace", "last_name": "Hopper", "referral_code": " ADA-4711 "},
        context={"groupId": "acme"},
    )
    assert event["participant"] == {
        "external_id": "u2",
        "email": "grace@example.org",
        "first_name": "Grace",
        "last_name": "Hopper",
        "name": "Grace Hopper",
    }
    assert event["account"] == "acme"
    assert event["properties"] == {"code": "ADA-4711", "referral_code": " ADA-4711 ", "sent_as": "Signed Up"}


def test_a_sign_up_tells_of_the_page_it_was_made_on() -> None:
    page = {"page": {"url": f"https://x.example/join?gw_click={CLICK}&via=bob&utm_source=a%20b"}}
    event = track("Signed Up", {}, context=page, anonymousId="v1")
    assert event["properties"]["click_id"] == CLICK
    assert (event["properties"]["anonymous_id"], event["properties"]["campaign"]) == ("v1", {"source": "a b"})
    assert "touches" not in event["properties"]


def test_a_milestone_has_its_name() -> None:
    assert track("Milestone Reached", {"name": "first"})["properties"]["milestone"] == "first"
    assert faults("track", event="Milestone Reached", userId="u2") == [("/properties/milestone", "wrong_type")]


def test_accounts_are_made_and_deleted() -> None:
    made = track("Account Created", {"account_name": "Acme", "group_id": "acme"})
    deleted = track("Account Deleted", {}, context={"groupId": 7})
    assert (made["type"], made["account"], made["properties"]) == ("account.updated", "acme", {"name": "Acme"})
    assert (deleted["account"], deleted["properties"]) == ("7", {"status": "deleted"})
    assert track("Account Created", {"plan": "pro"})["type"] == "track.account_created"
    assert track("Account Created", {"account_id": "a"})["account"] == "a"
    added = track("Account Added User", {}, context={"groupId": "acme"})
    assert (added["type"], added["account"]) == ("participant.identified", "acme")


def test_a_coupon_tells_who_brought_its_person() -> None:
    event = track("Coupon Applied", {"coupon_id": "ADA-4711", "coupon_name": "ADA-4711", "discount": 5})
    assert (event["type"], event["properties"]) == (
        "participant.identified",
        {"touches": [{"kind": "coupon", "code": "ADA-4711"}]},
    )
    assert track("Coupon Applied", {"coupon_name": "Spring sale"})["type"] == "coupon.applied"


def test_a_call_about_nobody_is_refused() -> None:
    for event in ("Order Completed", "Product Viewed", "Coupon Applied", "Account Created"):
        assert ("/userId", "no_identity") in faults("track", event=event, properties={"value": 1, "currency": "USD"})
    assert faults("track", userId="u2") == [("/event", "missing")]
    assert faults("track", userId="u2", event=7) == [("/event", "missing")]


def test_a_guest_is_known_by_an_address_or_by_the_anonymous_id() -> None:
    order = {"revenue": 5, "currency": "USD"}
    mail = one("track", event="Order Completed", anonymousId="v1", properties={**order, "email": "g@example.org"})
    bare = one("track", event="Order Completed", anonymousId="v1", properties=order)
    assert (mail["participant"], mail["properties"]["anonymous_id"]) == ({"email": "g@example.org"}, "v1")
    assert bare["participant"] == {"external_id": "v1"}


# Visitors


def test_a_visitor_who_came_by_a_link_is_remembered() -> None:
    page = one("page", anonymousId="v1", properties={"url": "https://x.example/?ref=ada-4711&utm_medium=mail#top"})
    assert (page["type"], page.get("participant")) == ("visitor.touched", None)
    assert page["properties"] == {
        "touches": [{"kind": "link", "code": "ada-4711"}],
        "campaign": {"medium": "mail"},
        "anonymous_id": "v1",
    }
    click = {"page": {"search": f"?gw_click={CLICK}"}}
    for kind in ("track", "screen", "identify"):
        event = one(kind, event="Product Viewed", anonymousId="v1", context=click)
        assert (event["type"], event["properties"]) == ("visitor.touched", {"click_id": CLICK, "anonymous_id": "v1"})
    coupon = one("track", event="Coupon Applied", anonymousId="v1", properties={"coupon": "ADA"})
    assert coupon["properties"]["touches"] == [{"kind": "coupon", "code": "ADA"}]


@pytest.mark.parametrize("kind", ["page", "screen", "track", "identify"])
def test_a_visitor_of_whom_nothing_is_told_is_left_out(kind: str) -> None:
    found = read(kind, event="Product Viewed", anonymousId="v1", context={"page": {"url": "https://x.example/"}})
    assert found == segment.Read(left_out="nobody_known")


def test_a_visitors_id_has_a_limit() -> None:
    long = "v" * 129
    assert "anonymous_id" not in track("Signed Up", {}, anonymousId=long)["properties"]
    page = {"properties": {"url": "https://x.example/?via=ada"}}
    assert faults("page", anonymousId=long, **page) == [("/anonymousId", "wrong_type")]


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("https://x.example/?a=1&a=2&b", {"a": "1", "b": ""}),
        ("?via=a%2Bb+c", {"via": "a+b c"}),
        ("?a=%00%zz%ff", {"a": "%zz\ufffd"}),
        ("/no/query", {"": ""}),
        ("?" + "a=1&" * 2_000, {}),
        (7, {}),
    ],
)
def test_the_query_of_an_address(address: Any, fields: dict[str, str]) -> None:
    assert segment_touches.query_of(address) == fields


def test_a_campaign_is_kept_where_it_is_text() -> None:
    assert segment_touches.campaign({"campaign": {"name": "a", "source": 7, "other": "b"}}, []) == {"campaign": "a"}
    assert segment_touches.campaign({"campaign": {}}, ["?a=1", "?utm_term=t"]) == {"term": "t"}


# The other calls


def test_identify_tells_who_somebody_is() -> None:
    event = one(
        "identify",
        userId=7,
        anonymousId="v1",
        traits={
            "email": "ada@example.com",
            "firstName": "Ada",
            "lastName": "Lovelace",
            "plan": "pro",
            "gone": None,
            "empty": "",
            "external_id": "theirs",
            "company": {"id": 3, "name": "Acme"},
            "address": {"country": "no"},
        },
        context={"locale": "nb-NO"},
    )
    person = event["participant"]
    assert (person["external_id"], person["name"], person["email"]) == ("7", "Ada Lovelace", "ada@example.com")
    assert (person["plan"], person["external_id_as_sent"]) == ("pro", "theirs")
    assert person.keys().isdisjoint({"gone", "empty"})
    assert event["account"] == {"external_id": "3", "name": "Acme"}
    assert event["properties"] == {"anonymous_id": "v1", "country": "NO", "locale": "nb-NO"}


def test_traits_that_do_not_fit_stop_nobody() -> None:
    event = one("identify", userId="u1", traits={"email": "nobody", "name": "n" * 201, "country": "Norway", "age": 7})
    assert event["participant"] == {"external_id": "u1", "age": 7, "email_as_sent": "nobody", "name_as_sent": "n" * 201}
    assert event["properties"] == {"country_as_sent": "Norway"}
    assert one("identify", userId="u1", traits="none", context={"groupId": "g"})["account"] == {"external_id": "g"}


def test_a_page_of_somebody_known_is_an_event_and_tells_who_brought_them() -> None:
    seen = one("page", userId="u1", name="Home", category="Site", properties={"path": "/"})
    assert (seen["type"], seen["properties"]) == ("page.viewed", {"name": "Home", "category": "Site", "path": "/"})
    assert one("screen", userId="u1")["type"] == "screen.viewed"
    found = read("page", userId="u1", anonymousId="v1", properties={"search": "?via=ada"})
    assert [(event["type"], event["event_id"]) for event in found.events] == [
        ("page.viewed", "m-1"),
        ("participant.identified", "m-1:touched"),
    ]
    assert found.events[1]["properties"] == {"touches": [{"kind": "link", "code": "ada"}], "anonymous_id": "v1"}


def test_a_group_tells_of_an_account_and_puts_its_person_there() -> None:
    traits = {"name": "Acme", "employees": "120", "industry": None, "since": "long ago", "country": "Norway"}
    event = one("group", userId="u1", groupId="acme", traits=traits)
    assert (event["type"], event["account"], event["participant"]) == ("account.updated", "acme", {"external_id": "u1"})
    assert event["properties"] == {
        "name": "Acme",
        "employees": 120,
        "since_as_sent": "long ago",
        "country_as_sent": "Norway",
    }
    unnamed = one("group", anonymousId="v1", groupId="acme", traits={"employees": "many"})
    assert "participant" not in unnamed
    assert unnamed["properties"] == {"employees_as_sent": "many"}
    assert faults("group", userId="u1") == [("/groupId", "missing")]


def test_alias_says_that_two_are_one() -> None:
    event = one("alias", userId="u1", previousId="v1")
    assert (event["type"], event["participant"]) == ("participant.identified", {"external_id": "u1"})
    assert event["properties"] == {"previous_id": "v1", "anonymous_id": "v1"}
    assert faults("alias") == [("/previousId", "missing"), ("/userId", "missing")]


# Ids and time


def test_the_message_id_is_the_events_id_and_without_one_it_is_a_new_fact() -> None:
    assert read("screen", userId="u1", messageId=12).events[0]["event_id"] == "12"
    spare = segment.read({"userId": "u1"}, NOW, kind="screen", sent_at=None, spare_id="spare").events
    assert [event["event_id"] for event in spare] == ["spare"]
    assert faults("screen", userId="u1", messageId="m" * 201) == [("/messageId", "bad_event_id")]
    assert faults("screen", userId="u" * 201) == [("/userId", "bad_external_id")]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "moment"),
    [
        (None, None, NOW),
        ("", "2026-03-14T12:00:00Z", NOW),
        ("2026-03-14T11:00:00Z", None, NOW - HOUR),
        ("2026-03-14T11:00:00.000+00:00", "2026-03-14T12:00:00Z", NOW - HOUR),
        ("2026-03-14T09:00:00Z", "2026-03-14T10:00:00Z", NOW - HOUR),
        ("2026-03-14T13:00:00Z", "2026-03-14T14:00:00Z", NOW - HOUR),
        ("2026-03-14T11:00:00", "nonsense", NOW - HOUR),
        ("2026-03-14T11:00:00", 7, NOW - HOUR),
        ("2026-03-14", None, NOW - 12 * HOUR),
        ("2026-03-14T13:00:00Z", None, NOW),
        ("2027-03-14T13:00:00Z", "2026-03-14T12:00:00Z", NOW),
        ("9999-12-31T23:59:59Z", "0001-01-02T00:00:00Z", NOW),
        ("1999-12-31T00:00:00Z", "1999-12-31", NOW),
    ],
)
def test_time_is_by_our_clock(timestamp: Any, sent_at: Any, moment: datetime) -> None:
    assert one("screen", sent_at, userId="u1", timestamp=timestamp)["occurred_at"] == moment


@pytest.mark.parametrize("timestamp", ["yesterday", 1773486000, "2026-02-30", "0001-01-01T00:00:00+23:00", ["x"]])
def test_a_time_that_is_none_is_refused(timestamp: Any) -> None:
    assert faults("screen", userId="u1", timestamp=timestamp) == [("/timestamp", "bad_time")]


# What is refused


def test_what_is_no_call_is_told() -> None:
    assert [problem.code for problem in segment.read([], NOW, kind=None, sent_at=None, spare_id="s").problems] == [
        "not_an_object"
    ]
    assert faults(None, type="trak") == [("/type", "unknown_call")]
    assert faults(None, type={"a": 1}) == [("/type", "unknown_call")]
    assert faults(None) == [("/type", "unknown_call")]
    assert faults("screen", type="page") == [("/type", "wrong_call")]
    assert faults("screen", type=None) == [("/type", "wrong_call")]
    assert one("screen", type="screen", userId="u")["type"] == "screen.viewed"
    (near,) = segment.read({"type": "Identify"}, NOW, kind=None, sent_at=None, spare_id="s").problems
    assert near.message.endswith("Did you mean identify?")
    named = segment.read({"type": "screen", "userId": "u"}, NOW, kind=None, sent_at=None, spare_id="s")
    assert named.events[0]["type"] == "screen.viewed"


def test_a_refused_call_is_kept_about_its_person() -> None:
    found = read("track", event="Order Completed", userId="u2", properties={"revenue": 5})
    assert found.kept
    kept = parse_event(found.kept, NOW)
    assert (kept.type, kept.event_id, kept.occurred_at) == ("segment.refused", "m-1:refused", NOW)
    assert kept.participant
    assert kept.participant.external_id == "u2"
    assert kept.properties["sent"] == {"properties": {"revenue": 5}}
    (fault,) = kept.properties["faults"]
    assert (fault["pointer"], fault["code"]) == ("/properties/currency", "missing")


def test_a_refused_call_that_cannot_be_kept_whole_is_kept_without_what_was_sent() -> None:
    found = read("screen", userId="u2", properties={"text": "\0"})
    assert [(problem.pointer, problem.code) for problem in found.problems] == [("/properties/text", "bad_text")]
    assert found.kept
    assert "sent" not in found.kept["properties"]


def test_a_refused_call_about_nobody_is_not_kept() -> None:
    assert read("screen").kept is None


def test_an_amount_that_is_no_money_stops_no_milestone_and_no_cancellation() -> None:
    for name in ("Milestone Reached", "Subscription Cancelled"):
        found = read("track", event=name, userId="u2", properties={"name": "tenth", "value": 10})
        assert found.problems == ()
        [document] = found.events
        assert (document["properties"]["value_as_sent"], "value" in document["properties"]) == (10, False)
    assert read("track", event="Subscription Renewed", userId="u2", properties={"value": 10}).problems


def test_a_refused_call_of_a_visitor_makes_nobody_known() -> None:
    late = {"anonymousId": "v-1", "timestamp": "soon", "properties": {"url": "https://x.example/?via=ada"}}
    assert read("page", **late).problems
    assert read("page", **late).kept is None
    kept = read("identify", anonymousId="v-1", timestamp="soon", traits={"email": "grace@example.org"}).kept
    assert kept
    assert kept["participant"] == {"email": "grace@example.org"}
