"""What somebody has a right to now: one indexed read, an ETag, and never an answer that is out of date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.integration.api.conftest import Answer, Api

from goodword.domain import ids
from goodword.insight import entitlements
from goodword.store import sql, tenancy
from goodword.store.models import Participant
from support.documents import sales, thanks
from support.loyalty import earns, shop

SILVER = {"id": "silver", "from": 300, "metric": "revenue", "every": "year", "perks": ["support"]}
GOLD = {"id": "gold", "from": 900, "metric": "revenue", "every": "year", "perks": ["support", "workshop"]}
PARTNER = {"id": "partner", "from": 1, "metric": "closed_won_referrals", "perks": ["board"]}
BETA = earns(id="beta", give={"type": "feature", "name": "Beta"}, when="event.value == 500", expire={"after": "P30D"})
NOW = datetime.now(UTC)


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def order(name: str, value: int, days: float, who: Any = "ada", kind: str = "order.completed") -> dict[str, Any]:
    told = {"order_id": name, "value": value, "currency": "USD"}
    return {"type": kind, "event_id": f"{kind}{name}", "occurred_at": ago(days), "participant": who, "properties": told}


def path(api: Api, who: str = "ada") -> str:
    [person] = api.get("/v1/participants", external_id=who).data["data"]
    return f"/v1/participants/{person['id']}/entitlements"


def ask(api: Api, where: str, etag: str | None = None) -> Answer:
    return api.call("GET", where, headers={"If-None-Match": etag} if etag else None)


def names(answer: Answer) -> list[str]:
    assert answer.status == 200
    return [row["name"] for row in answer.data["data"]]


@pytest.fixture
def shops(api: Api) -> Api:
    """A loyalty program with two tiers by this year's orders, and a sales program with one for ever."""
    document = shop(tiers=[SILVER, GOLD], rewards=[BETA], timezone="Europe/Oslo")
    assert api.post("/v1/programs", document).status == 201
    assert api.post("/v1/programs", sales(tiers=[PARTNER], rewards=[thanks()])).status == 201
    return api


def test_an_answer_is_told_anew_only_when_it_changed(shops: Api) -> None:
    assert shops.send(order("1", 500, 0.0002)).status == 200
    where = path(shops)
    first = ask(shops, where)
    assert names(first) == ["support", "Beta"]
    tag = first.headers["ETag"]
    assert tag.startswith('"'), "a strong one"
    assert first.headers["Cache-Control"] == "private, no-cache"
    same = ask(shops, where, tag)
    assert (same.status, same.data, same.headers["ETag"]) == (304, None, tag)
    assert ask(shops, where, f'"other", {tag}').status == 304
    assert ask(shops, where, '"other"').status == 200
    assert shops.send(order("2", 600, 0.0001)).status == 200
    risen = ask(shops, where, tag)
    assert names(risen) == ["support", "workshop", "Beta"]
    assert risen.headers["ETag"] != tag
    assert shops.send(order("2", 600, 0.00005, kind="order.refunded")).status == 200
    fallen = ask(shops, where, risen.headers["ETag"])
    assert (fallen.status, fallen.headers["ETag"]) == (200, tag), "the same as before, and so the same ETag"
    assert ask(shops, where.replace("par_", "par_0")).code in ("bad_request", "invalid_request", "not_found")
    unknown = ask(shops, f"/v1/participants/{ids.public('par', '0190a000-0000-7000-8000-000000000000')}/entitlements")
    assert (unknown.status, unknown.code) == (404, "not_found")


def test_since_when_and_in_whose_days(shops: Api) -> None:
    told = {"program": "sold", "referral": "l", "referred": {"email": "l@x.example"}}
    won = {"type": "referral.closed_won", "event_id": "w", "occurred_at": ago(40), "properties": {"referral": "l"}}
    submitted = {"type": "referral.submitted", "event_id": "s", "occurred_at": ago(50), "participant": "ada"}
    assert shops.send({**submitted, "properties": told}, won).status == 200
    [board] = ask(shops, path(shops)).data["data"]
    assert (board["name"], board["timezone"], board["until"]) == ("board", "UTC", None)
    assert datetime.fromisoformat(board["since"]) == NOW - timedelta(days=40), "a tier for ever has a moment too"


def test_what_lapses_by_the_clock_is_gone_without_any_event(shops: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shops.send(order("1", 500, 0.0002)).status == 200
    where = path(shops)
    [reward] = shops.get(where.replace("entitlements", "rewards")).data["data"]
    issued = {
        "type": "reward.issued",
        "event_id": "i",
        "occurred_at": ago(0.0001),
        "properties": {"reward": reward["id"]},
    }
    assert shops.send(issued).status == 200
    first = ask(shops, where)
    assert names(first) == ["support", "Beta"]

    class Later(datetime):
        ahead = timedelta(days=31)

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return NOW + cls.ahead

    monkeypatch.setattr(entitlements, "datetime", Later)
    assert "Beta" not in names(ask(shops, where, first.headers["ETag"]))
    Later.ahead = timedelta(days=400)
    assert names(ask(shops, where, first.headers["ETag"])) == []


def test_two_that_open_the_same_follow_one_another_and_discounts_do_not(api: Api) -> None:
    gifts = {
        "access": {"type": "access", "name": "Previews", "duration": "P30D"},
        "feature": {"type": "feature", "name": "Beta", "duration": "P30D"},
        "discount": {"type": "discount", "percent": 10, "duration": "P30D"},
    }
    rules = [earns(id=id, give=gift) for id, gift in gifts.items()]
    rules.append(earns(id="lapses", give=gifts["feature"] | {"name": "Gamma"}, expire={"after": "P90D"}))
    assert api.post("/v1/programs", shop(rewards=rules)).status == 201
    assert api.send(order("1", 500, 3), order("2", 500, 3)).status == 200
    where = path(api)
    rewards = api.get(where.replace("entitlements", "rewards")).data["data"]
    issued = {"type": "reward.issued", "occurred_at": ago(2)}
    events = [{**issued, "event_id": row["id"], "properties": {"reward": row["id"]}} for row in rewards]
    assert api.send(*events).status == 200
    found: dict[str, list[tuple[timedelta, timedelta]]] = {}
    for row in ask(api, where).data["data"]:
        times = [datetime.fromisoformat(row[name]) - (NOW - timedelta(days=2)) for name in ("since", "until")]
        found.setdefault(row["name"], []).append((times[0], times[1]))
    none, month = timedelta(0), timedelta(days=30)
    after, beside = [(none, month), (month, 2 * month)], [(none, month)] * 2
    assert {name: sorted(times) for name, times in found.items()} == {
        "Previews": after, "Beta": after, "Gamma": beside, "discount": beside
    }  # fmt: skip


def test_a_merge_counts_at_once_and_an_erasure_leaves_the_rights_without_the_name(shops: Api) -> None:
    assert shops.send(order("1", 500, 0.0003), order("2", 600, 0.0002, who="eve")).status == 200
    ada, eve = path(shops), path(shops, "eve")
    before = ask(shops, ada)
    merge = {"type": "participant.identified", "event_id": "m", "occurred_at": ago(0.0001), "participant": "ada"}
    assert shops.send({**merge, "properties": {"previous_id": "eve"}}).status == 200
    both = ask(shops, ada, before.headers["ETag"])
    assert names(both) == ["support", "workshop", "Beta"]
    assert ask(shops, eve, both.headers["ETag"]).status == 304, "by the id of who was merged: the same answer"
    split = {
        "type": "participant.split",
        "event_id": "x",
        "occurred_at": ago(0.00005),
        "properties": {"previous_id": "eve"},
    }
    assert shops.send(split).status == 200
    apart = ask(shops, ada, both.headers["ETag"])
    assert names(apart) == ["support", "Beta"]
    assert shops.post(ada.replace("entitlements", "erase"), {}).status in (200, 201)
    assert ask(shops, ada, apart.headers["ETag"]).status == 304


def test_one_statement_answers_by_indexes(shops: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shops.send(order("1", 500, 0.0002)).status == 200
    where = path(shops)
    ask(shops, where)
    asked: list[tuple[str, Mapping[str, Any] | Sequence[Any]]] = []

    def noted(statement: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        asked.append((statement, parameters))
        return sql.fetch(statement, parameters)

    monkeypatch.setattr(entitlements, "fetch", noted)
    assert ask(shops, where).status == 200
    [(statement, parameters)] = asked
    assert isinstance(parameters, Mapping)
    with tenancy.workspace(parameters["own"]):
        sql.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in sql.fetch(f"EXPLAIN {statement}", parameters))
        ada = Participant.objects.get(external_id="ada")
    assert "Seq Scan" not in plan, plan
    assert shops.post("/v1/programs", shop(tiers=[{**SILVER, "perks": ["hotline"]}], rewards=[BETA])).status == 201
    assert names(ask(shops, where)) == ["hotline", "Beta"], "a version that went live since is read once"
    assert [len(asked), ids.public("par", str(ada.id)) in where] == [4, True]
