"""A backtest on a cluster of nodes that are started separately, one of which is lost midway: the same to the cent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.integration.cli.conftest import Cli, Write

from goodword.engine import apply, programs, record
from goodword.engine import backtest as backtests
from support.rays import Rays, cluster, until
from support.stories import recipe

REFERRERS, FRIENDS = 60, 30
"""Referrers, and friends that each of them brings."""
PROGRAM = "credit-after-threshold"
AT_WORK = "decided"
"""The function that a node carries out."""


@pytest.fixture
def nodes(database_url: str, tmp_path: Path) -> Iterator[Rays]:
    with cluster({"DATABASE_URL": database_url, "GOODWORD_HOME": str(tmp_path / "home")}) as found:
        yield found


@pytest.fixture
def history(nodes: Rays, workspace: str) -> None:
    """Everybody's orders of different worth, some of which are given back. Times go forth and back. The nodes start
    meanwhile."""

    def told(id: str, type: str, who: str, day: int, **properties: object) -> dict[str, object]:
        return {"event_id": id, "type": type, "occurred_at": f"2025-03-{day:02}T10:00:00Z",
                "participant": {"external_id": who}, "properties": properties}  # fmt: skip

    programs.publish(workspace, recipe(PROGRAM), by="test")
    events = []
    for number in range(REFERRERS):
        events.append(told(f"l{number}", "link.created", f"r{number}", 1, program=PROGRAM, code=f"code-{number}"))
    for turn in range(FRIENDS):
        for number in range(REFERRERS):
            who, day = f"f{number}-{turn}", 2 + (number + turn) % 20
            events.append(told(f"s{who}", "participant.signed_up", who, day, code=f"code-{number}"))
            paid = {"value": 2_000 + 100 * (number % 30) + turn, "currency": "USD"}
            events.append(told(f"o{who}", "order.completed", who, day + 1, order=f"o{who}", **paid))
            if (number + turn) % 7 == 0:
                events.append(told(f"b{who}", "order.refunded", who, day + 3, order=f"o{who}", **paid))
    for start in range(0, len(events), 1_000):
        record.record(workspace, events[start : start + 1_000])
    while apply.apply_pending(workspace, ring=False).more:
        pass


def backtest(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "goodword", "backtest", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.usefixtures("history")
def test_a_cluster_that_loses_a_node_midway_comes_to_the_same_as_one_process(
    cli: Cli, write: Write, nodes: Rays, tmp_path: Path
) -> None:
    cheaper = str(write("cheaper.yaml", recipe(PROGRAM).replace("amount: 2500", "amount: 1999")))
    here, there = tmp_path / "here", tmp_path / "there"
    alone = cli("backtest", cheaper, "--json", "--csv", str(here), "--processes", "1").json()
    nodes.wait()
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(
            backtest, dict(nodes.env), cheaper, "--json", "--csv", str(there), "--cluster", nodes.address
        )
        until(lambda: nodes.second.works(AT_WORK) or asked.done())
        nodes.second.kill()
        told = asked.result()
    assert told.returncode == 0, told.stderr
    shared = orjson.loads(told.stdout)
    assert shared["whole"] is None
    used = shared.pop("cluster")
    assert (used["nodes"], used["parts"], used["recomputed"] >= 1) == (2, 8, True)
    assert_same(alone, shared)
    files = sorted(path.name for path in here.iterdir())
    assert files == sorted(path.name for path in there.iterdir())
    for name in files:
        assert (here / name).read_bytes() == (there / name).read_bytes(), name
    assert (here / "changed.csv").read_text().count("\n") > REFERRERS


def assert_same(alone: dict[str, Any], shared: dict[str, Any]) -> None:
    """Every number, every person and every changed decision."""
    assert alone["changed"]["count"] > 1_000
    for name in alone.keys() - {"seconds", "processes", "whole", "cluster"}:
        assert alone[name] == shared[name], name


@pytest.mark.usefixtures("recipes")
def test_a_cluster_that_is_not_there_is_said_at_once(cli: Cli, write: Write) -> None:
    document = str(write("p.yaml", recipe(PROGRAM)))
    told = cli("backtest", document, "--cluster", "nowhere")
    assert (told.code, "give HOST:PORT" in told.err) == (1, True)
    told = cli("backtest", document, "--cluster", "127.0.0.1:1")
    assert (told.code, "no Ray head answers at 127.0.0.1:1" in told.err) == (1, True)


@pytest.mark.usefixtures("recipes")
def test_where_ray_is_missing_its_install_is_named(cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, f"{backtests.__name__}.on_ray", raising=False)
    monkeypatch.delattr(backtests, "on_ray", raising=False)
    told = cli("backtest", str(write("p.yaml", recipe(PROGRAM))), "--cluster", "127.0.0.1:6379")
    assert (told.code, "pip install 'goodword[ray]'" in told.err) == (1, True)
