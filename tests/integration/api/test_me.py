"""What a participant sees and does with a token: their own, and nothing of anybody else's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from tests.integration.api.conftest import Api
from tests.integration.api.test_terms import begin

from goodword.api import me
from goodword.domain import ids
from goodword.domain.program import read
from goodword.engine import programs as engine_programs
from goodword.engine import replay
from goodword.store import keys
from support.stories import recipe

Token = Callable[..., Api]


@pytest.fixture
def as_(workspace: str) -> Token:
    """A caller with a token of somebody."""
    row, secret = keys.create_key(workspace, "login", kind="token")

    def sign(sub: str, **claims: Any) -> Api:
        said = {"sub": sub, "aud": ids.public("ws", workspace), "exp": int(time.time()) + 600, **claims}
        return Api(jwt.encode(said, secret, algorithm="HS256", headers={"kid": ids.public("key", row.id)}))

    return sign


def test_a_person_sees_their_own_and_no_inner_word(api: Api, story: list[str], as_: Token) -> None:
    ada = as_("ada")
    me = ada.get("/v1/me").data
    assert (me["external_id"], me["name"]) == ("ada", "Ada Lovelace")
    links = {one["program"]["key"]: one["code"] for one in ada.get("/v1/me/links").data["data"]}
    assert links["credit-after-threshold"] == "ada"
    made = ada.get("/v1/me/referrals").data["data"]
    by_program = {one["program"]["key"]: one for one in made}
    assert by_program["b2b-sales"]["referred"], "what Ada told herself"
    assert by_program["credit-after-threshold"]["referred"] == {}, "Grace came by a link: her name is not Ada's"
    rewards = ada.get("/v1/me/rewards").data["data"]
    assert {one["unit"] for one in rewards} == {"USD"}
    every = api.get("/v1/rewards", limit=200).data["data"]
    assert {one["id"] for one in rewards} == {one["id"] for one in every if one["participant"]["external_id"] == "ada"}
    assert ada.get("/v1/me/balances").data["data"]
    assert ada.get("/v1/me/movements").data["data"]
    for path in ("entitlements", "running", "terms", "statements"):
        assert ada.get(f"/v1/me/{path}").status == 200
    paths = ("", "/links", "/referrals", "/rewards", "/movements", "/entitlements", "/running", "/terms")
    told = json.dumps([ada.get(f"/v1/me{path}").data for path in paths])
    assert "grace@example.org" not in told.replace(json.dumps(by_program["b2b-sales"]["referred"]), "")
    for word in ("trace", "needs_approval", "risk"):
        assert word not in told


def test_two_people_never_see_each_other(api: Api, story: list[str], as_: Token) -> None:
    ada, grace = as_("ada"), as_("grace")
    for path in ("links", "referrals", "rewards", "movements"):
        mine, theirs = (
            {json.dumps(row, sort_keys=True) for row in who.get(f"/v1/me/{path}").data["data"]} for who in (ada, grace)
        )
        assert not mine & theirs, path
    assert ada.get("/v1/me/rewards", limit=1).data["next_cursor"]
    cursor = ada.get("/v1/me/rewards", limit=1).data["next_cursor"]
    assert grace.get("/v1/me/rewards", limit=1, cursor=cursor).code == "bad_cursor"


def test_somebody_new_introduces_themselves_as_the_host_says(api: Api, as_: Token) -> None:
    nobody = as_("zoe", email="zoe@example.com", name="Zoe")
    assert nobody.get("/v1/me").code == "not_found"
    assert nobody.get("/v1/me/rewards").code == "not_found"
    made = nobody.post("/v1/me", {"locale": "nb-NO", "country": "NO"})
    assert made.status == 200
    assert (made.data["email"], made.data["name"], made.data["locale"], made.data["country"]) == (
        "zoe@example.com", "Zoe", "nb-NO", "NO",
    )  # fmt: skip
    for told in ({"email": "ada@example.com"}, {"previous_id": "ada"}, {"simulated": True}):
        refused = nobody.post("/v1/me", told)
        assert refused.errors == [(f"/{next(iter(told))}", "unknown_field")]


def test_a_person_refers_somebody_and_a_repeat_is_no_other(api: Api, story: list[str], as_: Token) -> None:
    ada = as_("ada")
    body = {
        "program": "b2b-sales",
        "referred": {
            "email": "tim@example.net",
            "name": "Tim",
            "company": "W",
            "country": "US",
            "employees": 90,
        },
    }
    done = ada.post("/v1/me/referrals", body, Idempotency_Key="one")
    assert done.status == 200
    assert done.data["applied"]
    assert done.data["outcomes"][0]["said"]
    again = ada.post("/v1/me/referrals", body, Idempotency_Key="one")
    assert again.data == done.data
    assert done.data["referral"]["referred"]["email"] == "tim@example.net"
    row = api.get(f"/v1/referrals/{done.data['referral']['id']}").data
    assert row["referrer"]["external_id"] == "ada"
    assert row["referred"]["email"] == "tim@example.net"
    other = as_("bob")
    other.post("/v1/me", {})
    mine = other.post("/v1/me/referrals", body, Idempotency_Key="one")
    assert mine.data["event"] != done.data["event"], "another person's key is another key"
    for wrong, place in (
        ({"referred": {"email": "x"}}, "/referred/email"),
        ({"referred": {"email": "x@y.example", "is_customer": False}}, "/referred/is_customer"),
        ({"referred": {"email": "x@y.example"}, "referral": "lead-1"}, "/referral"),
        ({"program": "no-such", "referred": {"email": "x@y.example"}}, "/program"),
        ({}, "/referred"),
    ):
        refused = ada.post("/v1/me/referrals", wrong)
        assert refused.status == 422
        assert [at for at, _ in refused.errors] == [place]


def test_a_person_accepts_terms(api: Api, as_: Token) -> None:
    begin(api)
    programs = [row["key"] for row in api.get("/v1/programs").data["data"]]
    bo = as_("bo")
    done = bo.post("/v1/me/terms", {"program": programs[0], "terms": 1})
    assert done.status == 200
    [row] = bo.get("/v1/me/terms").data["data"]
    assert (row["terms"], row["source"]) == (1, "participant")
    assert bo.post("/v1/me/terms", {"program": programs[0], "terms": "1"}).errors == [("/terms", "wrong_type")]
    assert bo.post("/v1/me/redemptions", {"program": "nothing", "item": "mug"}).errors == [
        ("/program", "unknown_program")
    ]


def test_a_person_gets_a_link_of_their_own_and_the_same_again(api: Api, story: list[str], as_: Token) -> None:
    bob = as_("bob", name="Bob")
    made = bob.post("/v1/me/links", {"program": "credit-after-threshold", "channel": "email"})
    assert made.status == 200, made
    link = made.data["link"]
    assert (link["channel"], link["state"], link["url"].endswith(f"/{link['code']}")) == ("email", "on", True)
    assert bob.post("/v1/me/links", {"program": "credit-after-threshold", "channel": "email"}).data["link"] == link
    mine = bob.get("/v1/me/links").data["data"]
    assert [one for one in mine if one["program"]["key"] == "credit-after-threshold"] == [link]
    known = api.get(f"/v1/links/{link['id']}").data
    assert (known["id"], known["participant"]["external_id"]) == (link["id"], "bob")
    for wrong, place in (({"program": "none"}, "/program"), ({"program": "x", "code": "ADA"}, "/code")):
        assert [at for at, _ in bob.post("/v1/me/links", wrong).errors] == [place]


def test_a_person_gets_no_links_without_end(story: list[str], as_: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(me, "MAX_LINKS", 2)
    bob = as_("bob", name="Bob")
    ask = {"program": "credit-after-threshold"}
    made = [bob.post("/v1/me/links", ask | {"channel": name}).data["link"] for name in ("email", "sms")]
    refused = bob.post("/v1/me/links", ask | {"channel": "chat"})
    assert (refused.status, refused.code) == (409, "too_many_links")
    assert bob.post("/v1/me/links", ask | {"channel": "sms"}).data["link"] == made[1]
    assert as_("kay", name="Kay").post("/v1/me/links", ask | {"channel": "chat"}).status == 200


def test_who_asks_for_their_links_has_one_in_every_program_that_runs(
    api: Api, workspace: str, story: list[str], as_: Token
) -> None:
    quiet = read(recipe("b2b-sales"))[1] | {"program": "quiet", "links": {"automatic": False}}
    engine_programs.publish(workspace, quiet, by="tests")
    bob = as_("bob", name="Bob")
    assert bob.get("/v1/me/links").status == 404, "introduced first"
    bob.post("/v1/me", {})
    engine_programs.pause(workspace, "b2b-sales", by="tests", reason="a rest")
    links = bob.get("/v1/me/links").data["data"]
    keys_ = sorted(one["program"]["key"] for one in links)
    assert keys_ == ["bronze-silver-gold", "credit-after-threshold"], "not the paused one, not the one that gives none"
    assert bob.get("/v1/me/links").data["data"] == links
    again = bob.post("/v1/me/links", {"program": "credit-after-threshold"}).data
    assert again["link"] in links
    engine_programs.resume(workspace, "b2b-sales", by="tests")
    assert len(bob.get("/v1/me/links").data["data"]) == 3
    [off] = [one for one in links if one["program"]["key"] == "credit-after-threshold"]
    api.call("PATCH", f"/v1/links/{off['id']}", b'{"state": "off"}')
    assert len(bob.get("/v1/me/links").data["data"]) == 3, "what staff switched off comes in no other shape"
    assert replay.verify(workspace).differences == ()


def test_a_page_checks_a_code_and_learns_nothing_of_its_owner(
    api: Api, other: Api, workspace: str, story: list[str]
) -> None:
    assert other.get("/v1/codes/ada/check").data["valid"] is False
    page = Api(keys.create_key(workspace, "page", kind="publishable", origins=["*"])[1])
    good = page.get("/v1/codes/ADA/check")
    assert (good.status, good.data["valid"], good.data["code"]) == (200, True, "ada")
    assert good.data["program"]["key"] == "credit-after-threshold"
    assert "Lovelace" not in str(good.data)
    for bad in ("nobody", "%20"):
        assert page.get(f"/v1/codes/{bad}/check").data == {"valid": False, "code": None, "program": None}, bad
    assert page.get("/v1/codes/ada").code == "wrong_key"
    [link] = api.get("/v1/links", limit=1).data["data"]
    api.call("PATCH", f"/v1/links/{link['id']}", b'{"state": "off"}')
    assert page.get(f"/v1/codes/{link['code']}/check").data["valid"] is False
    api.call("PATCH", f"/v1/links/{link['id']}", b'{"state": "on"}')
    api.post("/v1/programs/credit-after-threshold/pause", {"reason": "tests"})
    assert page.get(f"/v1/codes/{link['code']}/check").data["valid"] is False


def test_who_was_merged_is_seen_whole_by_either_name(api: Api, story: list[str], as_: Token) -> None:
    api.send(
        {"type": "order.completed", "event_id": "c", "participant": "countess",
         "properties": {"value": 1, "currency": "USD"}},
        {"type": "participant.identified", "event_id": "m", "participant": "ada",
         "properties": {"previous_id": "countess"}},
    )  # fmt: skip
    assert as_("countess").get("/v1/me").data["id"] == as_("ada").get("/v1/me").data["id"]
