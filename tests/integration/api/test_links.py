"""Links, codes, QR codes and clicks through the API and the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from tests.integration.api.conftest import Api

from goodword.domain import ids
from goodword.domain.codes import ALPHABET
from goodword.engine import programs, replay
from goodword.store import tenancy
from goodword.store.clicks import INSERT, Click, find, of_visitor, values
from goodword.store.models import Event
from goodword.store.sql import execute
from support.commands import Ran
from support.imports import bring

PROGRAM: dict[str, Any] = {
    "program": "friends",
    "name": "Friends",
    "currency": "EUR",
    "lifecycle": {"flow": "self_serve", "qualified": {"on": "order.completed"}},
    "links": {"destination": "https://www.example.com/", "hosts": ["shop.example.com"]},
    "rewards": [
        {"id": "credit", "on": "referral.qualified", "to": "referrer", "give": {"type": "cash", "amount": 500}}
    ],
}
SHOES = "https://shop.example.com/shoes"


@pytest.fixture(autouse=True)
def program(workspace: str) -> None:
    programs.publish(workspace, PROGRAM, by="test")


def events(workspace: str) -> int:
    with tenancy.workspace(workspace):
        return Event.objects.filter(workspace_id=workspace, type="link.created").count()


def click(workspace: str, link: str, number: int, kind: str = "visit", visitor: str | None = None) -> str:
    id = ids.derive(datetime(2026, 3, 1, tzinfo=UTC), str(number))
    at = datetime(2026, 3, 1, 12, number, tzinfo=UTC)
    row = Click(
        id,
        ids.internal("lnk", link),
        at,
        kind,
        "phone",
        "",
        "a.example/b",
        "nb",
        {"source": "x"},
        "ab" * 16,
        None,
        visitor,
    )
    with tenancy.workspace(workspace):
        execute(INSERT, values(workspace, [row]))
    return id


def test_a_link_is_made_once_for_each_channel_and_found_by_its_code(api: Api) -> None:
    first = api.post("/v1/links", {"participant": "u1", "program": "friends"})
    link = first.data["link"]
    assert (first.status, first.data["duplicate"], link["state"]) == (200, False, "on")
    assert len(link["code"]) == 8
    assert set(link["code"]) <= set(ALPHABET)
    assert link["url"].endswith(f"/r/{link['code']}")
    again = api.post("/v1/links", {"participant": "u1", "program": "friends"})
    assert (again.data["duplicate"], again.data["link"]) == (True, link)
    by_id = {"participant": link["participant"]["id"], "program": "friends", "channel": "email"}
    assert api.post("/v1/links", by_id).data["link"]["code"] != link["code"]

    typed = f"{link['code'][:4]} {link['code'][4:]}".upper()
    assert api.get(f"/v1/codes/{typed}").data == link
    assert api.get(f"/v1/links/{link['id']}").data == link
    assert [one["channel"] for one in api.get("/v1/links").data["data"]] == ["email", ""]
    assert len(api.get("/v1/links", participant=link["participant"]["id"], channel="email").data["data"]) == 1
    assert api.get("/v1/codes/nobody").status == 404
    assert api.get("/v1/codes/%F0%9F%8D%92").status == 404


def test_a_chosen_code_is_nobody_elses_however_it_is_typed(api: Api) -> None:
    asked = {"participant": "u1", "program": "friends", "code": "ADA-4711", "destination": SHOES}
    made = api.post("/v1/links", asked).data["link"]
    assert (made["code"], made["destination"]) == ("ada-4711", SHOES)
    assert api.post("/v1/links", asked).data["duplicate"]
    for other in ({"participant": "u2"}, {"code": "ada4711"}):
        answer = api.post("/v1/links", {**asked, **other})
        assert (answer.status, answer.errors) == (422, [("/code", "code_taken")])


def test_the_codes_of_other_systems_are_found_and_have_addresses(api: Api, workspace: str) -> None:
    rows = [f"af{n},A,a{n}@example.com,{code}" for n, code in enumerate(("ada.lovelace", "100%off", "åse"))]
    bring(workspace, "rewardful", ("affiliates.csv", "\n".join(["id,first_name,email,token", *rows]).encode()))
    for typed, code in (("Ada.Lovelace", "ada.lovelace"), ("100%25off", "100%off"), ("%C3%85se", "åse")):
        assert api.get(f"/v1/codes/{typed}/check").data["code"] == code
        assert api.get(f"/v1/codes/{typed}").data["url"].endswith(f"/{quote(code)}")
    assert api.get("/v1/codes/ada.l/check").data["valid"] is False


def test_what_a_link_cannot_be_is_told_where(api: Api) -> None:
    bad = ({"code": "ab"}, {"code": "admin"}, {"code": "å"}, {"program": "nope"}, {"destination": "http://x"})
    for wrong in (*bad, {"expires_at": "soon"}, {"participant": ""}, {"x": 1}, {"channel": 7}):
        answer = api.post("/v1/links", {"participant": "u1", "program": "friends", **wrong})
        assert (answer.status, [where for where, _ in answer.errors]) == (422, [f"/{name}" for name in wrong])


def test_a_destination_on_no_host_of_the_program_is_decided_against(api: Api) -> None:
    answer = api.post("/v1/links", {"participant": "u1", "program": "friends", "destination": "https://evil.net/"})
    assert answer.data["link"] is None
    assert [one["reason"] for one in answer.data["decisions"]] == ["destination_not_allowed"]


def test_a_destination_that_was_refused_is_given_once_the_program_lists_its_host(api: Api, workspace: str) -> None:
    chosen = {"participant": "u1", "program": "friends", "code": "ADA-4711", "destination": "https://new.example.net/a"}
    made = {"participant": "u2", "program": "friends", "destination": "https://new.example.net/"}
    for asked in (chosen, made, chosen, made):
        answer = api.post("/v1/links", asked)
        assert [one["reason"] for one in answer.data["decisions"]] == ["destination_not_allowed"]
    count = events(workspace)
    hosts = [*PROGRAM["links"]["hosts"], "new.example.net"]
    assert api.post("/v1/programs", {**PROGRAM, "links": {**PROGRAM["links"], "hosts": hosts}}).status == 201
    for asked in (chosen, made):
        link = api.post("/v1/links", asked).data["link"]
        assert link["destination"] == asked["destination"]
        assert api.post("/v1/links", asked).data["link"] == link, "and it is the one that is there"
    assert events(workspace) == count + 2
    sent = {**made, "event_id": "mine", "participant": "u3", "destination": "https://evil.net/"}
    for again in (sent, sent):
        assert api.post("/v1/links", again).data["link"] is None, "an id of the host's own is one event for ever"
    other = {"participant": "u4", "program": "friends", "destination": "https://evil.net/"}
    assert api.post("/v1/links", other).data["link"] is None
    assert api.post("/v1/links", {**other, "destination": SHOES}).data["link"]["destination"] == SHOES
    assert replay.verify(workspace).differences == ()


def test_a_link_is_changed_by_an_event_and_its_code_begins_nothing_while_it_is_off(api: Api, workspace: str) -> None:
    made = api.post("/v1/links", {"participant": "u1", "program": "friends", "code": "ADA-4711"}).data["link"]

    def change(**said: Any) -> Any:
        return api.call("PATCH", f"/v1/links/{made['id']}", json.dumps(said).encode(), "application/json").data

    assert change(state="off", channel="sms")["link"] == {**made, "state": "off", "channel": "sms"}
    assert api.get("/v1/links", state="off").data["data"][0]["id"] == made["id"]
    sign_up = {
        "type": "participant.signed_up",
        "event_id": "1",
        "participant": "u2",
        "properties": {"code": "ada 47 11"},
    }
    [event] = api.send(sign_up).data["events"]
    assert event["properties"]["code"] == "ada-4711", "it is kept as its link spells it"
    assert [one["reason"] for one in event["decisions"]] == ["code_off"]
    until = "2030-01-01T00:00:00Z"
    assert change(state="on", channel=None, expires_at=until, destination=SHOES)["link"]["expires_at"] == until
    assert change(expires_at=None, destination=None)["link"] == made
    assert change(destination="https://evil.net/")["decisions"][0]["reason"] == "destination_not_allowed"
    assert change()["errors"][0]["pointer"] == "/state"
    assert replay.verify(workspace).differences == ()


def test_clicks_are_read_and_visits_counted(api: Api, workspace: str) -> None:
    made = api.post("/v1/links", {"participant": "u1", "program": "friends"}).data["link"]
    first = click(workspace, made["id"], 1)
    click(workspace, made["id"], 2, "preview")
    click(workspace, made["id"], 3, visitor=first)
    assert api.get(f"/v1/links/{made['id']}").data["visits"] == 2
    assert len(api.get("/v1/clicks", link=made["id"]).data["data"]) == 3
    assert len(api.get("/v1/clicks", kind="preview").data["data"]) == 1
    public = ids.public("clk", first)
    [later] = api.get("/v1/clicks", visitor=public).data["data"]
    assert later["visitor"] == public
    one = api.get(f"/v1/clicks/{public}").data
    assert (one["kind"], one["ip_hash"], one["utm"], one["visitor"]) == ("visit", "ab" * 16, {"source": "x"}, None)
    assert api.get("/v1/clicks/clk_01h2xcejqtf2nbrexx3vqjhp41").status == 404
    with tenancy.workspace(workspace):
        last = find(workspace, ids.internal("clk", later["id"]))
        assert last
        assert [row.id for row in of_visitor(workspace, last)] == sorted([first, last.id])
        assert find(workspace, ids.derive(datetime(2026, 3, 1, tzinfo=UTC), "none")) is None


def test_a_qr_code_is_svg_or_png(api: Api) -> None:
    made = api.post("/v1/links", {"participant": "u1", "program": "friends"}).data["link"]
    for kind, begins, content_type in (("svg", b"<?xml", "image/svg+xml"), ("png", b"\x89PNG", "image/png")):
        address = f"/v1/links/{made['id']}/qr.{kind}?scale=4"
        who = {"Authorization": f"Bearer {api.key}", "Host": "localhost"}
        answer = api.client.get(address, headers=who)
        assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
        assert answer.content.startswith(begins)
        known = {"If-None-Match": answer["ETag"]}
        again = api.call("GET", address, headers=known)
        assert (again.status, again.headers["Cache-Control"]) == (304, "private, no-cache")
        other = api.client.get(address.replace("scale=4", "scale=5"), headers={**who, **known})
        assert (other.status_code, other["ETag"] == answer["ETag"]) == (200, False)
    assert api.get(f"/v1/links/{made['id']}/qr.png", scale=41).status == 422


def test_a_workspace_says_what_is_kept_of_clicks(api: Api) -> None:
    def change(**said: Any) -> Any:
        return api.call("PATCH", "/v1/workspace", json.dumps(said).encode(), "application/json")

    clicks = api.get("/v1/workspace").data["clicks"]
    assert (clicks["cookie"], clicks["raw_ip_days"]) == ("consent", 0)
    answer = change(short_domain="go.example.com", clicks={"raw_ip_days": 7, "fallback": "https://www.example.com/"})
    assert answer.data["short_domain"] == "go.example.com"
    assert answer.data["clicks"] == {**clicks, "raw_ip_days": 7, "fallback": "https://www.example.com/"}
    assert (
        api.post("/v1/links", {"participant": "u1", "program": "friends", "code": "ada"})
        .data["link"]["url"]
        .endswith("://go.example.com/ada")
    )
    assert change(clicks={"fallback": None}, short_domain=None).data["clicks"] == {**clicks, "raw_ip_days": 7}
    for wrong, pointer in (
        ({"short_domain": "https://x"}, "/short_domain"),
        ({"clicks": {"raw_ip_days": 91}}, "/clicks/raw_ip_days"),
        ({"clicks": {"cookies": "x"}}, "/clicks/cookies"),
        ({"clicks": {"fallback": "x"}}, "/clicks/fallback"),
        ({}, "/name"),
    ):
        assert [where for where, _ in change(**wrong).errors] == [pointer]


def test_who_changed_the_settings_is_kept_through_whatever_door(api: Api, cli: Callable[..., Ran]) -> None:
    def change(**said: Any) -> Any:
        return api.call("PATCH", "/v1/workspace", json.dumps(said).encode(), "application/json")

    assert api.get("/v1/workspace/changes").data == {"data": [], "next_cursor": None}
    assert change(name="Acme", clicks={"raw_ip_days": 7}).status == 200
    assert change(name="Acme").status == 200, "nothing changed"
    assert change(short_domain="https://x").status == 422
    assert cli("workspace", "set", "--short-domain", "go.example.com", "--by", "Eva").code == 0
    assert change(short_domain=None).status == 200
    found = api.get("/v1/workspace/changes").data["data"]
    assert [(one["by"], one["door"]) for one in found] == [("key tests", "api"), ("Eva", "cli"), ("key tests", "api")]
    assert [[(one["setting"], one["before"], one["after"]) for one in row["changes"]] for row in found] == [
        [("short_domain", "go.example.com", None)],
        [("short_domain", None, "go.example.com")],
        [("name", "Test", "Acme"), ("raw_ip_days", 0, 7)],
    ]
    pages = [api.get("/v1/workspace/changes", limit=2).data]
    pages.append(api.get("/v1/workspace/changes", limit=2, cursor=pages[0]["next_cursor"]).data)
    assert [one for page in pages for one in page["data"]] == found
    lines = cli("workspace", "changes").out.splitlines()
    assert len(lines) == 3
    assert lines[0].endswith("key tests (api)  short_domain: go.example.com -> none")
    assert cli("workspace", "changes", "--limit", "1", "--json").json()[0]["changes"] == {
        "short_domain": ["go.example.com", None]
    }
    assert "1 to 200 characters" in cli("workspace", "set", "--name", " ").err


def test_links_are_made_listed_and_switched_off_by_command(workspace: str, cli: Callable[..., Ran]) -> None:
    made = cli("link", "create", "u1", "friends", "--code", "ADA-4711", "--channel", "email", "--json").json()
    assert (made["code"], made["state"], made["visits"]) == ("ada-4711", "on", 0)
    assert cli("link", "create", "u1", "friends", "--code", "ADA-4711", "--channel", "email").code == 0
    assert "Another link has this code" in cli("link", "create", "u2", "friends", "--code", "ada-4711").err
    assert "reserved" in cli("link", "create", "u2", "friends", "--code", "admin").err
    assert "ada-4711  off" in cli("link", "disable", "ada 4711").out
    assert "off  u1  friends  email  0" in cli("link", "list", "--participant", "u1").out
    assert "ada-4711  on" in cli("link", "disable", "ADA-4711", "--enable").out
    assert cli("link", "disable", "bob").code == 1
    assert cli("link", "provide", "friends").out == "1 links made.\n"
    assert cli("link", "provide", "friends", "--json").json() == {"program": "friends", "made": 0}
    assert "no program 'nothing' is published" in cli("link", "provide", "nothing").err
    assert "cookie: never" in cli("workspace", "set", "--cookie", "never", "--short-domain", "go.example.com").out
    assert cli("link", "list", "--json").json()[1]["url"].endswith("://go.example.com/ada-4711")
    assert "raw-ip-days" in cli("workspace", "set", "--raw-ip-days", "91").err
    assert cli("workspace", "set", "--short-domain", "no host").code == 1
