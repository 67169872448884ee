"""`goodword import`: what comes over, what is left out and why, once each, and how it is taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.cli.conftest import Cli, Write

from goodword.engine import programs, replay, worker
from goodword.store import models, tenancy

Tables = Callable[[], dict[str, int]]

FRIENDS: dict[str, Any] = {
    "program": "friends",
    "kind": "referral",
    "name": "Friends",
    "currency": "USD",
    "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
    "rewards": [
        {
            "id": "thanks",
            "on": "referral.closed_won",
            "to": "referrer",
            "give": {"type": "cash", "amount": 1000},
            "reverse": {"on": ["order.refunded"], "how": "proportional"},
        }
    ],
}
AFFILIATES = "id,first_name,last_name,email,token,paypal_email\n"


@pytest.fixture
def friends(workspace: str) -> str:
    programs.publish(workspace, json.dumps(FRIENDS), by="tests")
    while worker.drain(workspace):
        pass
    return workspace


def links(workspace: str) -> dict[str, str]:
    with tenancy.workspace(workspace):
        rows = models.Link.objects.filter(workspace_id=workspace).values_list("code", "participant__email")
        return dict(rows)


def statuses(answer: Any) -> dict[str, dict[str, int]]:
    return {
        row["kind"]: {key: number for key, number in row.items() if key != "kind" and number}
        for row in answer["counts"]
    }


def test_people_and_their_codes_come_over_once(cli: Cli, friends: str, write: Write, tables: Tables) -> None:
    path = write(
        "affiliates.csv",
        AFFILIATES
        + "af1,Ada,Lovelace,Ada@X.example,ada,\naf2,Grace,Hopper,grace@x.example,G,\naf3,Bad,,nobody,b,\n"
        + "af4,Ada,Again,ada@x.example,ada-2,\naf5,Kay,,kay@x.example,ADA,\n",
    )
    before = tables()
    tried = cli("import", "rewardful", str(path), "--dry-run", "--json")
    assert tried.code == 1
    expected = {
        "participants": {"accepted": 3, "skipped": 1, "error": 1},
        "links": {"accepted": 3, "error": 2},
    }
    assert statuses(tried.json()) == expected
    after = tables()
    assert {name for name in after if after[name] != before[name]} == {"import_run", "import_row", "import_file"}

    ran = cli("import", "rewardful", str(path), "--json")
    assert statuses(ran.json()) == expected
    assert links(friends) == {"ada": "ada@x.example", "g": "grace@x.example", "ada-2": "ada@x.example"}
    shown = cli("import", "show", ran.json()["id"], "--status", "error").out
    assert "affiliates.csv line 4: participants: EMAIL_INVALID: email 'nobody': is no e-mail address" in shown
    assert "affiliates.csv line 6: links: CODE_TAKEN: token 'ADA': somebody else has this code" in shown
    again = cli("import", "rewardful", str(path), "--json")
    assert statuses(again.json())["links"] == {"skipped": 3, "error": 2}
    assert statuses(again.json())["participants"] == {"skipped": 4, "error": 1}
    assert replay.verify(friends).differences == ()


def test_what_cannot_be_imported_is_refused_whole(
    cli: Cli, friends: str, write: Write, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write("good.csv", AFFILIATES + "af1,Ada,Lovelace,ada@x.example,ada,\n")
    broken = write("broken.csv", AFFILIATES + 'af2,Kay,,kay@x.example,kay,\naf3,"Gr\n')
    other = write("other.csv", "a,b\n1,2\n")
    twice = write("twice.csv", "email,first_name,token,E-mail\na@x.example,A,a,b@x.example\n")
    before = {name: count for name, count in tables().items() if not name.startswith("import_")}
    for arguments, said in (
        (("rewardful", str(good), str(broken)), "broken.csv: Line 3 cannot be read as CSV"),
        (("rewardful", str(other)), "no kind of file that the mapping knows. It has the columns a, b. Expected: "),
        (("rewardful", str(twice)), "column 'email' stands more than once"),
        (("rewardful", str(good), "--kind", "balances"), "the mapping has no 'balances'; it has"),
        (("rewardfull", str(good)), "did you mean 'rewardful'?"),
        (("rewardful", "nowhere.csv"), "There is no file nowhere.csv"),
        (("rewardful", str(good), "--program", "frends"), "No program 'frends' is published here; there are friends."),
        (("rewardful", *[str(good)] * 21), "21 files; an import has 1 to 20"),
        ((str(write("m.yaml", "mapping: M\n")), str(good)), "The mapping has 2 faults; nothing was imported."),
    ):
        ran = cli("import", *arguments)
        assert (ran.code, said in ran.err) == (1, True), ran.err
    assert {name: count for name, count in tables().items() if not name.startswith("import_")} == before
    monkeypatch.setattr("goodword.engine.imports.reading.MAX_FILE", good.stat().st_size)
    assert cli("import", "rewardful", str(good)).code == 0
    monkeypatch.setattr("goodword.engine.imports.reading.MAX_FILE", good.stat().st_size - 1)
    ran = cli("import", "rewardful", str(good))
    assert (ran.code, "good.csv has over" in ran.err) == (1, True)
