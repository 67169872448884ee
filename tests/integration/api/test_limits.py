"""Limits of the API at their very value and one beyond, where no other test does both."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.api.conftest import Api

from goodword.api import door, keys, paging, problems, programs


@pytest.fixture(scope="module")
def api(unmoved: Api) -> Api:
    """Nothing here leaves anything behind."""
    return unmoved


def test_a_query_of_an_address_at_its_limit_and_beyond(api: Api) -> None:
    for over, status in ((0, 422), (1, 414)):
        query = "cursor=".ljust(door.MAX_QUERY + over, "x")
        assert api.call("GET", f"/v1/participants?{query}").status == status


def test_a_cursor_at_its_limit_and_beyond(api: Api) -> None:
    within = api.get("/v1/participants", cursor="x" * paging.MAX_CURSOR)
    assert (within.status, within.code) == (422, "bad_cursor")  # it was read, and is no cursor of ours
    beyond = api.get("/v1/participants", cursor="x" * (paging.MAX_CURSOR + 1))
    assert (beyond.status, beyond.code) == (422, "invalid_request")


def test_a_versions_number_at_its_limit_and_beyond(api: Api) -> None:
    """The database knows no larger number; what is larger names nothing, and it is not asked."""
    for over in (0, 1):
        answer = api.get(f"/v1/programs/none/versions/{programs.MAX_VERSION + over}")
        assert (answer.status, answer.code) == (404, "not_found")


def test_so_many_errors_are_listed_and_the_rest_counted(api: Api) -> None:
    def bad(count: int) -> Any:
        answer = api.send(*({"type": "order.completed", "event_id": number} for number in range(count)))
        assert answer.status == 422
        return answer

    each = len(bad(1).errors)
    within, beyond = bad(problems.MAX_ERRORS // each), bad(problems.MAX_ERRORS // each + 1)
    assert len(within.errors) == problems.MAX_ERRORS // each * each
    assert "errors are listed" not in within.data["detail"]
    assert len(beyond.errors) == problems.MAX_ERRORS
    assert f"The first {problems.MAX_ERRORS} of" in beyond.data["detail"]


def test_a_key_at_its_limit_is_looked_up_and_a_longer_one_is_not(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    monkeypatch.setattr(keys.keys, "find_key", lambda text, _times: looked_up.append(text))
    for over in (0, 1):
        text = "x" * (keys.MAX_KEY + over)
        assert (Api(text).get("/v1/workspace").code, len(looked_up)) == ("bad_key", 1)
