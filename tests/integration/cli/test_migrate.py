"""`goodword program migrate`: a look that moves nobody, the act, the list, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.cli.conftest import Cli

from goodword.engine import apply, programs, record
from support.documents import self_serve, thanks

LOOK = """\
simple: 2 referrals would move to v2: 1 submitted, 1 closed_won.

Of v1 (2 referrals), v2 changes:
  reward thanks: 10.00 → 25.00 USD
  reward renewal: 1.00 → 2.50 USD

For each:
"""
COST = """
If every one of them went on to each state ahead, without limits, campaigns and conditions:
  thanks (closed_won, to referrer)     10.00 USD → 25.00 USD
  in all                               10.00 USD → 25.00 USD

And each time that happens later (how often nobody knows, so it is in no total):
  renewal (subscription.renewed, to referrer) 1.00 USD → 2.50 USD
"""


def paying(amount: int) -> dict[str, Any]:
    renewal = thanks(id="renewal", on="subscription.renewed", give={"type": "cash", "amount": amount // 10})
    return self_serve(rewards=[thanks(give={"type": "cash", "amount": amount}), renewal])


def test_look_move_list_and_take_back(cli: Cli, workspace: str, tables: Callable[[], dict[str, int]]) -> None:
    programs.publish(workspace, paying(1000), by="tests")
    events = [("link.created", "ada", {"program": "simple", "code": "ada"})]
    events += [("participant.signed_up", who, {"code": "ada"}) for who in ("bo", "cy")]
    events.append(("order.completed", "cy", {"value": 3000, "currency": "USD"}))
    sent = [
        {"type": kind, "event_id": str(place), "participant": who, "properties": told}
        for place, (kind, who, told) in enumerate(events)
    ]
    record.record(workspace, sent)
    apply.apply_pending(workspace)
    assert (
        cli("program", "migrate", "simple", "--to", "2").err.strip().endswith("simple has no version 2; it has 1 to 1.")
    )
    programs.publish(workspace, paying(2500), by="tests")

    before = tables()
    looked = cli("program", "migrate", "simple", "--to", "2", "--preview")
    assert looked.code == 0
    assert looked.out.startswith(LOOK), looked.out
    assert looked.out.endswith(COST), looked.out
    assert "ada → bo  submitted  v1\n      reward thanks: 10.00 USD → 25.00 USD\n" in looked.out
    [found] = cli("program", "migrate", "simple", "--to", "2", "--preview", "--json").json()["totals"]
    assert found["after"]["low"] == 2500
    assert tables() == before, "a look writes nothing"

    done = cli("program", "migrate", "simple", "--to", "2", "--yes", "--by", "Ada")
    assert done.out.endswith("v1 → v2, done: 2 moved, by Ada\n"), done
    [row] = cli("program", "migrations", "simple", "--json").json()
    assert (row["id"], row["moved"], row["state"]) == (done.out.split(":")[0], 2, "moved")
    undone = cli("program", "unmigrate", "simple", row["id"])
    assert "taken back: 2 moved; 2 back, 0 kept" in undone.out
    assert cli("program", "migrations", "simple").out.count("\n") == 1
    assert "taken back already" in cli("program", "unmigrate", "simple", row["id"]).err
