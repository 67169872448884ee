"""`goodword replay --verify`: the log and the tables say the same, or a row is shown."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from tests.integration.cli.conftest import Cli

from goodword.store import tenancy


@pytest.mark.usefixtures("story")
def test_replay_says_that_everything_is_as_the_log_says(cli: Cli) -> None:
    ran = cli("replay", "--verify", "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert answer["same"] is True
    assert answer["events"] > 5


@pytest.mark.usefixtures("story")
def test_replay_shows_a_row_that_the_log_does_not_say_and_exits_with_1(cli: Cli, workspace: str) -> None:
    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("UPDATE reward SET amount = amount + 1 WHERE amount > 0")
    ran = cli("replay", "--verify")
    assert ran.code == 1
    assert "as the log says" in ran.out
    assert "reward " in ran.out


def test_replay_without_verify_says_how_to_use_it(cli: Cli) -> None:
    assert cli("replay").code == 2
