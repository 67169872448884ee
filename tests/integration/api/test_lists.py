"""Pages, filters and parameters: every row once, nothing ignored."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.api.conftest import Api

from goodword.api import paging

PEOPLE = 7


@pytest.fixture
def people(api: Api, workspace: str) -> list[str]:
    """Seven participants; their external ids, newest first."""
    names = [f"u{number}" for number in range(PEOPLE)]
    answer = api.send(
        *(
            {
                "type": "participant.identified",
                "event_id": name,
                "occurred_at": f"2026-01-0{number + 1}T00:00:00Z",
                "participant": name,
            }
            for number, name in enumerate(names)
        )
    )
    assert answer.status == 200
    return names[::-1]


def test_pages_hold_every_row_once_newest_first(api: Api, people: list[str]) -> None:
    for limit in (1, 2, 3, PEOPLE, PEOPLE + 1):
        seen, cursor = [], None
        while True:
            query: dict[str, Any] = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            page = api.get("/v1/participants", **query).data
            assert 1 <= len(page["data"]) <= limit
            seen += [row["external_id"] for row in page["data"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == people


def test_a_row_that_comes_between_two_pages_shifts_nothing(api: Api, people: list[str]) -> None:
    first = api.get("/v1/participants", limit=3).data
    api.send({"type": "participant.identified", "event_id": "late", "participant": "late"})
    second = api.get("/v1/participants", limit=10, cursor=first["next_cursor"]).data
    assert [row["external_id"] for row in second["data"]] == people[3:]


def test_a_cursor_cannot_be_made_up_or_moved(api: Api, other: Api, people: list[str]) -> None:
    cursor = api.get("/v1/participants", limit=3).data["next_cursor"]
    swapped = cursor[:5] + ("a" if cursor[5] != "a" else "b") + cursor[6:]
    for caller, path, query in (
        (api, "/v1/participants", {"cursor": "made-up"}),
        (api, "/v1/participants", {"cursor": swapped}),
        (api, "/v1/participants", {"cursor": cursor[:-1]}),
        (api, "/v1/participants", {"cursor": cursor, "email": "a@b.no"}),
        (api, "/v1/referrals", {"cursor": cursor}),
        (other, "/v1/participants", {"cursor": cursor}),
    ):
        answer = caller.get(path, **query)
        assert (answer.status, answer.code) == (422, "bad_cursor"), (path, query)
    assert api.get("/v1/participants", cursor=cursor).status == 200


@pytest.mark.parametrize("limit", [1, paging.MAX_LIMIT])
def test_limits_within_bounds(unmoved: Api, limit: int) -> None:
    assert unmoved.get("/v1/participants", limit=limit).status == 200


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1.5", "1e2", " 1", "", "abc", "９", "9" * 30, "null"])
def test_a_limit_out_of_bounds_is_refused(unmoved: Api, limit: str) -> None:
    answer = unmoved.get("/v1/participants", limit=limit)
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert answer.errors[0][0] == "limit"


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        ("/v1/participants", "extrenal_id=u1", "extrenal_id"),
        ("/v1/participants", "limit=1&limit=2", "limit"),
        ("/v1/participants", "external_id=", "external_id"),
        ("/v1/participants", "external_id=" + "x" * 201, "external_id"),
        ("/v1/participants", "cursor=" + "x" * 501, "cursor"),
        ("/v1/referrals", "state=won", "state"),
        ("/v1/referrals", "referrer=ref_01jq8x5e4me8k9d3v0h2r6t7wy", "referrer"),
        ("/v1/referrals", "referrer=42", "referrer"),
        ("/v1/rewards", "state=paid", "state"),
        ("/v1/decisions", "event=order-1", "event"),
        ("/v1/ledger/trial-balance", "at=now", "at"),
        ("/v1/ledger/trial-balance", "at=0000-01-01T00:00:00Z", "at"),
        ("/v1/ledger/trial-balance", "at=2026-01-01", "at"),
        ("/v1/ledger/trial-balance", "at=1700000000", "at"),
        ("/v1/ledger/accounts", "participant=", "participant"),
        ("/v1/workspace", "a=1", "a"),
        ("/v1/programs/schema", "a=1", "a"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_by_name(unmoved: Api, path: str, query: str, where: str) -> None:
    answer = unmoved.call("GET", f"{path}?{query}")
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert [name for name, _ in answer.errors] == [where]


@pytest.mark.parametrize("wait", ["1", "yes", "True", ""])
def test_a_flag_is_true_or_false(unmoved: Api, wait: str) -> None:
    answer = unmoved.post(f"/v1/events?wait={wait}", {})
    assert answer.errors == [("wait", "bad_value")]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_time_are_instants_too(api: Api, story: list[str], at: str) -> None:
    assert api.get("/v1/ledger/trial-balance", at=at).data["balanced"] is True
