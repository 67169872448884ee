"""A history that the simulation made, loaded into a workspace: it says what the simulation said, and replay agrees."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import orjson
import pytest

from goodword.domain.program import read
from goodword.engine import programs, record, replay, worker
from goodword.insight import ledger
from goodword.insight.simulation.parameters import settings
from goodword.insight.simulation.people import Chance
from goodword.insight.simulation.runs import START, offered, play, program_of
from goodword.insight.simulation.world import Plan
from goodword.ops.intake.load import load
from goodword.store import tenancy
from goodword.store.models import Participant, Referral, Reward
from support.commands import run

LIVELY = ("cheats=0.1", "cheat_rate=0.5", "through_program=1", "friend_signs_up=0.5", "refer_rate=0.5",
          "opportunity_won=0.6", "opportunity_days=20", "deal_refund=0.3", "spend_gamma=80", "redeem_rate=2",
          "partners=0.3", "partner_rate=2", "deal_won=0.7", "deal_days=20")  # fmt: skip
PLAN = Plan(40, 8, START)


def text(name: str) -> str:
    return (files("goodword") / "recipes" / f"{name}.yaml").read_text()


@pytest.mark.parametrize("name", ["bronze-silver-gold", "b2b-sales", "points-shop", "partner-first-year"])
def test_live_says_what_the_simulation_said_and_replay_agrees(name: str, workspace: str) -> None:
    programs.publish(workspace, text(name), by="test")
    program, p = program_of(read(text(name))[1]), settings(LIVELY)
    simulated = play(program, p, PLAN, Chance(5, 1), offered(program, p, PLAN), keep=True)
    for start in range(0, len(simulated.kept or []), 500):
        assert record.record(workspace, (simulated.kept or [])[start : start + 500])
    worker.drain(workspace)

    state = simulated.house.state
    with tenancy.workspace(workspace):
        referrals = sorted(Referral.objects.values_list("submitted_at", "source", "simulated"))
        granted = Reward.objects.filter(granted_at__lt=simulated.end)
        rewards = sorted(granted.values_list("rule", "granted_at", "amount", "simulated"), key=str)
    assert referrals == sorted((row.submitted_at, row.source, True) for row in state.referrals.values())
    assert rewards == sorted(((r.rule, r.granted_at, r.amount, True) for r in state.rewards.values()), key=str)
    assert len(rewards) > 20
    with tenancy.workspace(workspace):
        known = Participant.objects.filter(workspace_id=workspace, external_id__isnull=False)
        assert all(row.traits["simulated"] for row in known)
    assert replay.verify(workspace).differences == ()
    trial = ledger.trial_balance(workspace)
    assert all(unit.balanced for unit in trial.units)
    assert trial.drifting_accounts == 0


def test_in_test_mode_a_history_reaches_goals_and_decides_contests(workspace: str) -> None:
    """What the simulation counted, the engine counts: nothing is given to anybody there."""
    document = read(text("shared-goal"))[1]
    document["goals"][0]["target"] = 5
    document["contests"] = [
        {"id": "c", "name": "C", "from": "2025-02-01", "to": "2025-06-30", "metric": "closed_won",
         "prizes": [{"id": "first", "place": 1, "give": {"type": "account_credit", "amount": 5_000}}]}
    ]  # fmt: skip
    tested = document | {"program": "hundred-test", "test": True, "beside": document["program"]}
    for one in (document, tested):
        programs.publish(workspace, orjson.dumps(one).decode(), by="test")
    program, p = program_of(document), settings((*LIVELY, "cheats=0"))
    simulated = play(program, p, PLAN, Chance(5, 1), offered(program, p, PLAN), keep=True)
    assert (simulated.tally.goals, simulated.tally.contests) == (1, 1)
    for start in range(0, len(simulated.kept or []), 500):
        record.record(workspace, (simulated.kept or [])[start : start + 500])
    worker.drain(workspace)
    state = simulated.house.state
    names = {row.id: row.external_id for row in state.participants.values()}
    with tenancy.workspace(workspace):
        found = sorted(Reward.objects.values_list("rule", "participant__external_id"))
        assert set(Reward.objects.values_list("program__key", flat=True)) == {"hundred-test"}
    assert found == sorted((row.rule, names[row.participant_id]) for row in state.rewards.values())
    assert {"unlocked", "first"} <= {rule for rule, _who in found}
    assert replay.verify(workspace).differences == ()


def test_the_file_of_events_is_loaded(workspace: str, tmp_path: Path) -> None:
    file, events = tmp_path / "program.yaml", tmp_path / "events.jsonl"
    file.write_text(text("credit-after-threshold"))
    programs.publish(workspace, text("credit-after-threshold"), by="test")
    asked = ("--customers", "20", "--months", "3", "--runs", "1", "--events", str(events))
    assert run("simulate", str(file), *asked).code == 0
    told = [orjson.loads(line) for line in events.read_bytes().splitlines()]
    report = load(workspace, events, "jsonl")
    assert (report.inserted, report.bad) == (len(told), 0)
    assert len(told) > 20
