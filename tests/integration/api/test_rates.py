"""The rate limit, counted in the database and told on every answer."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from tests.integration.api.conftest import Api

from goodword.store import keys, tenancy


@pytest.fixture
def three() -> object:
    with override_settings(GOODWORD_API_REQUESTS_PER_MINUTE=3):
        yield


def test_what_is_left_is_told(api: Api, three: object) -> None:
    left = [api.get("/v1/workspace").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]


def test_above_the_limit_the_answer_says_how_long_to_wait(api: Api, three: object) -> None:
    for _ in range(3):
        assert api.get("/v1/workspace").status == 200
    refused = api.get("/v1/workspace")
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert refused.headers["RateLimit-Limit"] == "3"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Reset"] == refused.headers["Retry-After"]


def test_each_key_has_its_own(api: Api, workspace: str, three: object) -> None:
    for _ in range(4):
        api.get("/v1/workspace")
    second = Api(keys.create_key(workspace, "second")[1])
    assert second.get("/v1/workspace").status == 200


def test_a_new_window_begins_anew(api: Api, workspace: str, three: object) -> None:
    for _ in range(4):
        api.get("/v1/workspace")
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("UPDATE rate_window SET started_at = started_at - interval '1 minute'")
    answer = api.get("/v1/workspace")
    assert (answer.status, answer.headers["RateLimit-Remaining"]) == (200, "2")


def test_refused_requests_count_too(api: Api, three: object) -> None:
    assert [api.get("/v1/participants?no=such").status for _ in range(4)] == [422, 422, 422, 429]


def page(key: str, address: str, **headers: str) -> Any:
    named = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {key}", "REMOTE_ADDR": address, **headers}
    return Client().get("/v1/codes/none/check", **named)


def test_one_browser_uses_up_no_others_limit(workspace: str) -> None:
    key = keys.create_key(workspace, "page", kind="publishable", origins=["*"])[1]
    with override_settings(GOODWORD_API_REQUESTS_PER_MINUTE=20):
        told = [page(key, "192.0.2.1") for _ in range(3)]
        assert [answer.status_code for answer in told] == [200, 200, 429]
        assert [answer["RateLimit-Limit"] for answer in told] == ["2"] * 3
        assert "From one address this key may make 2 requests" in told[2].json()["detail"]
        assert page(key, "192.0.2.2")["RateLimit-Remaining"] == "1"
        assert [page(key, f"2001:db8::{one}").status_code for one in (1, 2, 3)] == [200, 200, 429], "one household's"
        assert page(key, "2001:db8:0:1::1").status_code == 200
        told_of = {"HTTP_X_FORWARDED_FOR": "192.0.2.9, 192.0.2.77"}
        assert page(key, "192.0.2.1", **told_of).status_code == 429, "what anybody may say is not believed"
        with override_settings(GOODWORD_BEHIND_PROXY=True):
            assert page(key, "192.0.2.1", **told_of).status_code == 200
            assert page(key, "192.0.2.1", HTTP_X_FORWARDED_FOR="x").status_code == 200, "of an address nobody can read"


def test_all_browsers_together_have_a_limit_too(workspace: str) -> None:
    key = keys.create_key(workspace, "page", kind="publishable", origins=["*"])[1]
    with override_settings(GOODWORD_API_REQUESTS_PER_MINUTE=1):
        answers = [page(key, f"192.0.2.{number}") for number in (1, 1, *range(2, 12))]
    assert [answer.status_code for answer in answers] == [200, 429, *[200] * 9, 429], "what one may not, counts not"
    assert "This key may make 10 requests" in answers[-1].json()["detail"]
    assert answers[-1]["RateLimit-Limit"] == "10"


@pytest.mark.parametrize("number", ["0", "many", "1000001"])
def test_a_limit_that_is_no_number_is_refused_at_the_start(database_url: str, number: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "goodword", "key", "list"],
        env={**os.environ, "DATABASE_URL": database_url, "GOODWORD_API_REQUESTS_PER_MINUTE": number},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3
    assert "GOODWORD_API_REQUESTS_PER_MINUTE must be a number from 1 to 1000000" in run.stderr
