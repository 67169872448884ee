"""`goodword aside`: what the engine could not apply is listed with its error, and tried again on request."""

from __future__ import annotations

import pytest
from tests.integration.cli.conftest import Cli

from goodword.engine import apply, record
from goodword.store import tenancy
from goodword.store.models import Inbox


@pytest.fixture
def poisoned(workspace: str) -> str:
    """One event that was tried as often as the engine tries; its public id."""
    from goodword.domain import ids

    raw = {"type": "milestone.reached", "event_id": "m1", "participant": "ada", "properties": {"milestone": "x"}}
    (id,) = record.record(workspace, [raw]).inserted
    with tenancy.workspace(workspace):
        Inbox.objects.update(attempts=apply.MAX_ATTEMPTS, error="RuntimeError('cannot be')")
    return ids.public("evt", id)


def test_nothing_aside_is_said_so(cli: Cli, workspace: str) -> None:
    assert "Nothing is set aside." in cli("aside", "list").out
    assert cli("aside", "retry", "--all").code == 1


def test_an_event_aside_is_listed_and_tried_again(cli: Cli, workspace: str, poisoned: str) -> None:
    listed = cli("aside", "list")
    assert poisoned in listed.out
    assert "cannot be" in listed.out
    [told] = cli("aside", "list", "--json").json()
    assert (told["id"], told["event_id"]) == (poisoned, "m1")
    assert "set aside" in cli("summary").out
    assert "events waiting" not in cli("summary").out

    assert apply.apply_pending(workspace).events == 0
    assert cli("aside", "retry", poisoned, "--json").json() == {"retried": 1}
    assert apply.apply_pending(workspace).events == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["retry"], 2), (["retry", "--all", "evt_01h455vb4pex5vsknk084sn02q"], 2), (["retry", "nonsense"], 1)],
)
def test_a_wrong_call_says_what_to_do(cli: Cli, workspace: str, arguments: list[str], code: int) -> None:
    ran = cli("aside", *arguments)
    assert ran.code == code
    assert "Traceback" not in ran.err
