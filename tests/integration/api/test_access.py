"""The matrix: every route of the description, asked by every kind of caller, against the table in `api/access.py`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.utils import timezone
from tests.integration.api.conftest import Answer, Api

from goodword.api import access, openapi
from goodword.api.reference import SAMPLE_IDS
from goodword.domain import ids, scopes
from goodword.store import keys, models, tenancy, workspaces
from support.databases import TestServer

REFUSED = {
    "missing_key",
    "bad_key",
    "expired_key",
    "bad_token",
    "expired_token",
    "missing_scope",
    "wrong_key",
    "bad_origin",
}


def routes() -> list[tuple[str, str, str, access.Access]]:
    """(operation, method, address, what the table says). The ids in the addresses name nothing."""
    found = []
    for path, methods in openapi.document()["paths"].items():
        for method, operation in methods.items():
            address = re.sub(r"{(\w+)}", lambda name: SAMPLE_IDS[name[1]], path)
            name = operation["operationId"]
            found.append((name, method.upper(), address, access.of(name)))
    return found


class Callers:
    """One of each kind, of one workspace, and one of another."""

    def __init__(self) -> None:
        self.workspace = str(workspaces.create("test", "Test").id)
        self.other = str(workspaces.create("other", "Other").id)
        self.all = self.key()
        self.page = self.key(kind="publishable", origins=["https://shop.example"])
        self.signer = keys.create_key(self.workspace, "login", kind="token", origins=["https://shop.example"])
        self.stranger = keys.create_key(self.other, "login", kind="token")

    def key(self, **more: Any) -> str:
        return keys.create_key(self.workspace, "tests", **more)[1]

    def token(self, sub: str = "ada", *, workspace: str = "", signer: Any = None, **claims: Any) -> str:
        row, secret = signer or self.signer
        said = {
            "sub": sub,
            "aud": ids.public("ws", workspace or self.workspace),
            "exp": int(time.time()) + 600,
            **claims,
        }
        return jwt.encode(said, secret, algorithm="HS256", headers={"kid": ids.public("key", row.id)})

    def revoked(self, text: str) -> str:
        row = keys.find_key(text)
        assert row
        keys.revoke_key(self.workspace, str(row.key.id))
        return text

    def ended(self, text: str) -> str:
        row = keys.find_key(text)
        assert row
        with tenancy.workspace(self.workspace):
            rows = models.ApiKey.objects.filter(workspace_id=self.workspace, id=row.key.id)
            rows.update(expires_at=timezone.now() - timedelta(seconds=1))
        return text


@pytest.fixture(scope="module")
def callers(database_server: TestServer) -> Iterator[Callers]:
    with database_server.database():
        yield Callers()


def ask(key: str | None, method: str, address: str, **headers: str) -> Answer:
    return Api(key).call(method, address, b"" if method == "GET" else b"{}", headers=headers)


def let_in(answer: Answer, what: object) -> None:
    if answer.status >= 400:
        assert answer.code not in REFUSED, (what, answer)
        assert answer.status < 500, (what, answer)


def test_every_route_has_an_entry_and_every_entry_a_route() -> None:
    assert {name for name, *_ in routes()} == set(access.ROUTES)
    for name, entry in access.ROUTES.items():
        assert not entry.scope or entry.scope in scopes.SCOPES, name
    with pytest.raises(KeyError, match="say there who may call it"):
        access.of("a_new_route")


def test_the_description_says_what_the_table_says() -> None:
    for path, methods in openapi.document()["paths"].items():
        for operation in methods.values():
            entry = access.of(operation["operationId"])
            assert operation["security"] == entry.security(), path
            assert entry.needs() in operation["description"]


def test_secret_keys_may_what_their_scopes_say(callers: Callers) -> None:
    one = {name: callers.key(scope=[name]) for name in scopes.SCOPES}
    without = {name: callers.key(scope=set(scopes.SCOPES) - {name}) for name in scopes.SCOPES}
    for name, method, address, entry in routes():
        if entry.public:
            continue
        if not entry.secret:
            for key in (callers.all, one["participants:write"]):
                assert ask(key, method, address).code == "wrong_key", name
            continue
        let_in(ask(callers.all, method, address), name)
        if not entry.scope:
            let_in(ask(one["links:read"], method, address), name)
            continue
        let_in(ask(one[entry.scope], method, address), name)
        refused = ask(without[entry.scope], method, address)
        assert (refused.status, refused.code) == (403, "missing_scope"), name
        assert entry.scope in refused.data["detail"]


def test_publishable_keys_and_tokens_come_in_where_the_table_says_and_nowhere_else(callers: Callers) -> None:
    token = callers.token()
    for name, method, address, entry in routes():
        if entry.public:
            continue
        for what, allowed, answer in (
            ("publishable", entry.publishable, ask(callers.page, method, address)),
            ("token", entry.person, ask(token, method, address)),
            ("both", entry.person or entry.publishable, ask(callers.page, method, address, Goodword_Token=token)),
        ):
            if allowed:
                let_in(answer, (name, what))
            else:
                assert (answer.status, answer.code) == (403, "wrong_key"), (name, what)


def test_nobody_comes_in_with_nothing_or_with_what_is_over_or_forged(callers: Callers) -> None:
    gone, over = callers.revoked(callers.key()), callers.ended(callers.key())
    late = callers.token(exp=int(time.time()) - 61)
    forged = callers.token(signer=(callers.signer[0], "gw_ts_" + "x" * 60))
    foreign = callers.token(signer=callers.stranger)
    for name, method, address, entry in routes():
        if entry.public:
            assert ask(None, method, address).status == 200, name
            continue
        for code, key in (
            ("missing_key", None),
            ("bad_key", callers.all[:-1] + "~"),
            ("bad_key", gone),
            ("expired_key", over),
            ("expired_token", late),
            ("bad_token", forged),
            ("bad_token", foreign),
        ):
            answer = ask(key, method, address)
            assert (answer.status, answer.code) == (401, code), (name, code)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer"), name


def test_a_token_beside_a_key_must_fit_it(callers: Callers) -> None:
    late = callers.token(exp=int(time.time()) - 61)
    theirs = callers.token(workspace=callers.other, signer=callers.stranger)
    for code, key, beside in (
        ("bad_token", callers.page, theirs),
        ("bad_token", callers.page, "x"),
        ("bad_token", callers.page, ""),
        ("bad_token", callers.all, callers.token()),
        ("bad_token", callers.token(), callers.token()),
        ("expired_token", callers.page, late),
        ("bad_key", callers.signer[1], None),
        ("bad_key", callers.signer[1], callers.token()),
    ):
        headers = {} if beside is None else {"Goodword_Token": beside}
        answer = ask(key, "GET", "/v1/me", **headers)
        assert (answer.status, answer.code) == (401, code), (code, beside)


def test_a_browser_is_answered_for_the_origins_of_the_key_and_no_other(callers: Callers) -> None:
    token = callers.token()
    for name, method, address, entry in routes():
        if entry.public:
            continue
        asked = Api(None).call(
            "OPTIONS", address, headers={"Origin": "https://shop.example", "Access-Control-Request-Method": method}
        )
        if not (entry.person or entry.publishable):
            assert (asked.status, asked.code) == (405, "method_not_allowed"), name
            assert (
                "Access-Control-Allow-Origin"
                not in ask(callers.all, method, address, Origin="https://x.example").headers
            )
            continue
        assert asked.status == 204, name
        assert asked.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert method in asked.headers["Access-Control-Allow-Methods"]
        assert "Goodword-Token" in asked.headers["Access-Control-Allow-Headers"]
        key, more = (callers.page, {"Goodword_Token": token}) if entry.person else (callers.page, {})
        good = ask(key, method, address, Origin="https://shop.example", **more)
        let_in(good, name)
        assert good.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert "Access-Control-Allow-Credentials" not in good.headers
        bad = ask(key, method, address, Origin="https://evil.example", **more)
        assert (bad.status, bad.code) == (403, "bad_origin"), name
    assert ask(token, "GET", "/v1/me", Origin="https://evil.example").code == "bad_origin"


def test_events_that_move_things_need_their_own_scope(callers: Callers) -> None:
    facts = Api(callers.key(scope=["events:write"]))
    order = {"type": "order.completed", "event_id": "o1", "participant": "ada",
             "properties": {"value": 1, "currency": "USD"}}  # fmt: skip
    approval = {"type": "reward.approved", "event_id": "a1", "properties": {"reward": SAMPLE_IDS["reward_id"]}}
    assert facts.send(order).status == 200
    refused = facts.send(order | {"event_id": "o2"}, approval)
    assert (refused.status, refused.code) == (403, "missing_scope")
    assert refused.errors == [("/events/1/type", "missing_scope")]
    assert "rewards:write" in refused.data["detail"]
    assert facts.post("/v1/events", approval).errors == [("/type", "missing_scope")]
    assert facts.send(order | {"event_id": "o2"}).data["duplicates"] == [], "nothing of the batch was recorded"
    both = Api(callers.key(scope=["events:write", "rewards:write"]))
    assert both.send(approval).status == 200
