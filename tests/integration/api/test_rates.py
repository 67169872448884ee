"""The rate limit, counted in the database and told on every answer."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import connection
from django.test import override_settings
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
