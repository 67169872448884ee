"""Keys by the API: made, shown once, rotated with an overlap, revoked; and never more than the maker may itself."""

from __future__ import annotations

import time
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from tests.integration.api.conftest import Api

from goodword.store import keys, models, tenancy


def test_a_key_is_made_and_its_text_shown_once(api: Api) -> None:
    made = api.post("/v1/keys", {"name": "shop", "scopes": ["events:write"]}, Idempotency_Key="make-1")
    assert made.status == 201
    text = made.data["key"]
    assert text.startswith("gw_sk_")
    assert (made.data["hint"], made.data["state"], made.data["scopes"]) == (text[-4:], "active", ["events:write"])
    again = api.post("/v1/keys", {"name": "shop", "scopes": ["events:write"]}, Idempotency_Key="make-1")
    assert (again.status, again.data) == (201, made.data | {"key": None})
    assert again.headers["Idempotency-Replayed"] == "true"
    for answer in (api.get("/v1/keys"), api.get(f"/v1/keys/{made.data['id']}")):
        assert answer.status == 200
        assert text not in str(answer.data)
    found = keys.find_key(text)
    assert found
    with tenancy.workspace(str(found.key.workspace_id)):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT k::text, convert_from(answer, 'UTF8') FROM idempotency_key k")
            assert text not in str(cursor.fetchall())
    mine = Api(text).get("/v1/workspace").data
    assert (mine["key"], mine["scopes"]) == ("shop", ["events:write"])


def test_both_keys_work_while_they_overlap_and_then_only_the_new_one(api: Api, workspace: str) -> None:
    made = api.post("/v1/keys", {"name": "shop", "scopes": ["workspace:read"]}).data
    turned = api.post(f"/v1/keys/{made['id']}/rotate", {"overlap_seconds": 3600})
    assert turned.status == 201
    assert (turned.data["name"], turned.data["scopes"]) == ("shop", ["workspace:read"])
    old = api.get(f"/v1/keys/{made['id']}").data
    assert (old["state"], old["replaced_by"]) == ("active", turned.data["id"])
    assert [Api(one["key"]).get("/v1/summary").status for one in (made, turned.data)] == [200, 200]
    with tenancy.workspace(workspace):
        rows = models.ApiKey.objects.filter(workspace_id=workspace, replaced_by__isnull=False)
        rows.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Api(made["key"]).get("/v1/summary").code == "expired_key"
    assert Api(turned.data["key"]).get("/v1/summary").status == 200
    assert api.post(f"/v1/keys/{made['id']}/rotate", {}).code == "wrong_state"
    now = api.post(f"/v1/keys/{turned.data['id']}/rotate", {"overlap_seconds": 0}).data
    assert Api(turned.data["key"]).get("/v1/summary").code == "expired_key"
    assert api.post(f"/v1/keys/{now['id']}/revoke", {}).data["state"] == "revoked"
    assert api.post(f"/v1/keys/{now['id']}/revoke", {}).data["state"] == "revoked"
    assert Api(now["key"]).get("/v1/summary").code == "bad_key"


def test_a_key_with_an_end_is_refused_after_it_and_rotated_gets_as_long_again(api: Api, workspace: str) -> None:
    ends = (timezone.now() + timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = api.post("/v1/keys", {"name": "job", "expires_at": ends}).data
    assert made["expires_at"] == ends
    turned = api.post(f"/v1/keys/{made['id']}/rotate", {}).data
    assert turned["expires_at"][:18] >= ends[:18]


def test_nobody_gives_more_than_they_have(api: Api) -> None:
    limited = Api(api.post("/v1/keys", {"name": "ops", "scopes": ["keys:admin", "events:read"]}).data["key"])
    refused = limited.post("/v1/keys", {"name": "more", "scopes": ["rewards:write"]})
    assert (refused.status, refused.code) == (403, "missing_scope")
    assert limited.post("/v1/keys", {"name": "more", "scopes": ["all"]}).code == "missing_scope"
    assert limited.post("/v1/keys", {"name": "same"}).data["scopes"] == ["events:read", "keys:admin"]
    mighty = api.post("/v1/keys", {"name": "mighty"}).data["id"]
    for act in ("rotate", "revoke"):
        assert limited.post(f"/v1/keys/{mighty}/{act}", {}).code == "missing_scope"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("/name", "missing")]),
        ({"name": " "}, [("/name", "bad_value")]),
        ({"name": "x" * 201}, [("/name", "out_of_range")]),
        ({"name": 7}, [("/name", "wrong_type")]),
        ({"name": "a", "scope": []}, [("/scope", "unknown_field")]),
        ({"name": "a", "kind": "admin"}, [("/kind", "bad_value")]),
        ({"name": "a", "scopes": ["events:wirte"]}, [("/scopes", "bad_scope")]),
        ({"name": "a", "scopes": []}, [("/scopes", "bad_scope")]),
        ({"name": "a", "scopes": "all"}, [("/scopes", "wrong_type")]),
        ({"name": "a", "origins": ["https://x.example"]}, [("/origins", "not_of_this_kind")]),
        ({"name": "a", "kind": "token", "scopes": ["all"]}, [("/scopes", "not_of_this_kind")]),
        ({"name": "a", "kind": "publishable"}, [("/origins", "bad_origin")]),
        ({"name": "a", "kind": "publishable", "origins": ["shop.example"]}, [("/origins", "bad_origin")]),
        ({"name": "a", "kind": "publishable", "origins": ["https://x/path"]}, [("/origins", "bad_origin")]),
        ({"name": "a", "kind": "publishable", "origins": ["https://u:p@x"]}, [("/origins", "bad_origin")]),
        ({"name": "a", "kind": "publishable", "origins": ["https://x:99999999"]}, [("/origins", "bad_origin")]),
        ({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}, [("/expires_at", "bad_expiry")]),
        ({"name": "a", "expires_at": "tomorrow"}, [("/expires_at", "bad_value")]),
        ([], [("", "not_an_object")]),
    ],
)
def test_a_body_that_does_not_fit_is_told_by_its_place(unmoved: Api, body: object, errors: object) -> None:
    answer = unmoved.post("/v1/keys", body)
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert answer.errors == errors


def test_a_workspace_has_so_many_keys_and_no_more(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 2)
    made = api.post("/v1/keys", {"name": "second"})
    assert made.status == 201
    assert api.post("/v1/keys", {"name": "third"}).code == "too_many_keys"
    api.post(f"/v1/keys/{made.data['id']}/revoke", {})
    assert api.post("/v1/keys", {"name": "third"}).status == 201


def test_token_secrets_are_kept_nowhere_and_turned_with_an_overlap(api: Api, workspace: str) -> None:
    first = api.post("/v1/keys", {"name": "login", "kind": "token"}).data
    second = api.post(f"/v1/keys/{first['id']}/rotate", {"overlap_seconds": 60}).data
    assert first["key"] != second["key"]
    place = api.get("/v1/workspace").data["id"]

    def called(made: dict[str, str]) -> int:
        claims = {"sub": "ada", "aud": place, "exp": int(time.time()) + 60}
        token = jwt.encode(claims, made["key"], algorithm="HS256", headers={"kid": made["id"]})
        return Api(token).post("/v1/me", {}).status

    assert [called(first), called(second)] == [200, 200]
    api.post(f"/v1/keys/{first['id']}/revoke", {})
    assert [called(first), called(second)] == [401, 200]
    with tenancy.workspace(workspace):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT k::text FROM api_key k")
            assert second["key"] not in str(cursor.fetchall())


def test_a_token_secret_outlives_a_change_of_the_servers_key_that_names_the_old_one(
    workspace: str,
) -> None:
    key, text = keys.create_key(workspace, "login", kind="token")
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="another-" * 8):
        assert keys.find_token_secret(workspace, str(key.id)) is None
        with override_settings(SECRET_KEY_FALLBACKS=[old]):
            found = keys.find_token_secret(workspace, str(key.id))
    assert found is not None
    assert found[1] == text


def test_the_participants_of_a_secret_are_counted_in_parts(api: Api, workspace: str) -> None:
    key, secret = keys.create_key(workspace, "login", kind="token")
    place = api.get("/v1/workspace").data["id"]
    for number in range(3):
        claims = {"sub": f"u{number}", "aud": place, "exp": int(time.time()) + 60}
        kid = {"kid": "key_" + api.get("/v1/keys", kind="token").data["data"][0]["id"].removeprefix("key_")}
        answer = Api(jwt.encode(claims, secret, algorithm="HS256", headers=kid)).post("/v1/me", {})
        assert answer.headers["RateLimit-Remaining"] == str(int(answer.headers["RateLimit-Limit"]) - 1)
    assert str(key.workspace_id) == workspace
