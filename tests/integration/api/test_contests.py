"""How a contest stands, told by the API."""

from __future__ import annotations

from importlib.resources import files

from tests.integration.api.conftest import Api

ADDRESS = "/v1/programs/quarter-contest/contests/spring-2026"


def test_a_contest_shows_who_is_where_and_what_that_wins(api: Api, other: Api) -> None:
    document = (files("goodword") / "recipes" / "quarter-contest.yaml").read_bytes()
    assert api.call("POST", "/v1/programs", document, "application/yaml").status == 201
    for number, who in enumerate(("ada", "ada", "bob", "cyd")):
        lead, day = f"lead-{number}", f"2026-05-0{number + 1}T10:00:00Z"
        referred = {"program": "quarter-contest", "referral": lead, "referred": {"email": f"{lead}@x.example"}}
        sent = api.send(
            {"type": "referral.submitted", "event_id": f"s{number}", "occurred_at": day, "participant": who,
             "properties": referred},
            {"type": "referral.closed_won", "event_id": f"w{number}", "occurred_at": day,
             "properties": {"referral": lead}},
        )  # fmt: skip
        assert sent.status == 200
    out = {"program": "quarter-contest", "contest": "spring-2026"}
    told = {"type": "contest.disqualified", "event_id": "o", "occurred_at": "2026-05-06T10:00:00Z", "properties": out}
    assert api.send(told | {"participant": "cyd"}).status == 200
    found = api.get(ADDRESS)
    assert found.status == 200
    assert (found.data["metric"], found.data["entries"], found.data["final_at"]) == (
        "closed_won", 4, "2026-07-15T04:00:00Z"
    )  # fmt: skip
    assert [(row["place"], row["external_id"], row["score"], row["prizes"]) for row in found.data["ranking"]] == [
        (1, "ada", 2, ["first", "top-ten"]), (2, "bob", 1, ["second", "top-ten"])
    ]  # fmt: skip
    assert api.get("/v1/programs/quarter-contest/contests/other").status == 404
    assert other.get(ADDRESS).status == 404
