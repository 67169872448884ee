"""Who may ask: a secret key of the workspace, and nobody else."""

from __future__ import annotations

import pytest
from tests.integration.api.conftest import Api

from goodword.store import keys
from goodword.store.models import ApiKey


def test_a_key_opens_its_own_workspace(api: Api) -> None:
    answer = api.get("/v1/workspace")
    assert answer.status == 200
    assert (answer.data["slug"], answer.data["name"], answer.data["key"]) == ("test", "Test", "tests")
    assert answer.data["id"].startswith("ws_")


def test_without_a_key_the_answer_says_how_to_send_one(nobody: Api) -> None:
    answer = nobody.get("/v1/participants")
    assert (answer.status, answer.code) == (401, "missing_key")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "gw_sk_" in answer.data["detail"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer gw_sk_unknown",
        "Bearer gw_sk_00000000000000000000000000_" + "a" * 43,
        "Bearer gw_sk_zzzzzzzzzzzzzzzzzzzzzzzzzz_" + "a" * 43,
        "Bearer " + "x" * 5_000,
        "Bearer gw_sk_é",
    ],
)
def test_a_key_that_is_not_ours_is_refused(nobody: Api, header: str) -> None:
    answer = nobody.call("GET", "/v1/participants", headers={"Authorization": header})
    assert (answer.status, answer.code) == (401, "bad_key")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer  ", "gw_sk_x"])
def test_another_scheme_is_no_key(nobody: Api, header: str) -> None:
    answer = nobody.call("GET", "/v1/participants", headers={"Authorization": header})
    assert (answer.status, answer.code) == (401, "missing_key")


def test_a_revoked_key_is_refused(api: Api, workspace: str) -> None:
    assert api.get("/v1/workspace").status == 200
    [key] = keys.list_keys(workspace)
    keys.revoke_key(workspace, str(key.id))
    assert api.get("/v1/workspace").code == "bad_key"


def test_the_use_of_a_key_is_noted(api: Api, workspace: str) -> None:
    before: list[ApiKey] = keys.list_keys(workspace)
    assert before[0].last_used_at is None
    api.get("/v1/workspace")
    first = keys.list_keys(workspace)[0].last_used_at
    assert first is not None
    api.get("/v1/workspace")
    assert keys.list_keys(workspace)[0].last_used_at == first, "at most once a minute"


def test_the_description_and_the_schema_need_no_key(nobody: Api) -> None:
    assert nobody.get("/v1/openapi.json").status == 200
    assert nobody.get("/v1/programs/schema").status == 200
