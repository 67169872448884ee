"""The Python client against a running Goodword: from an event to its explained decision, typed methods, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from goodword_client import ApiError, AsyncEventBuffer, AsyncGoodword, EventBuffer, Goodword
from support.commands import Ran
from support.serving import Served

RECIPE = Path(__file__).resolve().parents[2] / "src" / "goodword" / "recipes" / "next-renewal.yaml"


def _story() -> list[Any]:
    began = datetime.now(UTC) - timedelta(days=10)
    times = [(began + timedelta(days=day)).isoformat() for day in range(4)]
    return [
        {
            "type": "link.created",
            "event_id": "l1",
            "occurred_at": times[0],
            "participant": {"external_id": "ada", "name": "Ada"},
            "properties": {"program": "credit-after-threshold", "code": "ADA-4711"},
        },
        {
            "type": "participant.signed_up",
            "event_id": "s1",
            "occurred_at": times[1],
            "participant": {"external_id": "grace", "name": "Grace"},
            "properties": {"code": "ada-4711"},
        },
        {
            "type": "order.completed",
            "event_id": "o1",
            "occurred_at": times[2],
            "participant": "grace",
            "properties": {"order_id": "1", "value": 3000, "currency": "USD"},
        },
    ]


@pytest.fixture
def key(workspace: str, cli: Callable[..., Ran], tmp_path: Any) -> str:
    document = str(tmp_path / "program.yaml")
    cli("program", "new", "--from", "credit-after-threshold", "--out", document)
    cli("program", "publish", document)
    return cli("key", "create", "client").out.strip()


def test_from_an_event_to_its_explained_decision(server: Served, key: str) -> None:
    with Goodword(server.url, key) as goodword:
        recorded = goodword.record_events({"events": _story()}, wait=True)
        assert len(recorded["inserted"]) == 3
        decisions = [each for event in recorded["events"] or [] for each in event["decisions"]]
        assert "rewarded" in {each["reason"] for each in decisions}
        again = goodword.record_event(_story()[0], wait=True)
        assert again["duplicates"] == [recorded["inserted"][0]]
        (ada,) = goodword.list_participants(external_id="ada")
        rewards = list(goodword.list_participant_rewards(ada["id"], limit=1))
        assert [(each["rule"], each["amount"], each["unit"]) for each in rewards] == [("thanks", 2500, "USD")]
        assert goodword.get_participant_entitlements(ada["id"])["data"] == []
        assert goodword.get_summary()


def test_what_a_developer_meets(server: Served, key: str) -> None:
    """One server for all: a refusal, a document as YAML, batches."""
    _refusals(server, key)
    _yaml(server, key)
    _batches(server, key)


def _refusals(server: Served, key: str) -> None:
    order: Any = {"type": "order.completed", "event_id": "o1", "properties": {"value": 100, "currency": "USD"}}
    with Goodword(server.url, key) as goodword:
        with pytest.raises(ApiError, match="/participant") as refused:
            goodword.record_event(order)
        assert refused.value.code == "invalid_events"
        with pytest.raises(ApiError) as refused:
            goodword.get_participant("par_00000000000000000000000000")
        assert refused.value.code == "not_found"
    with Goodword(server.url, "gw_sk_nobody") as stranger, pytest.raises(ApiError) as refused:
        stranger.get_workspace()
    assert refused.value.code == "bad_key"


def _yaml(server: Served, key: str) -> None:
    with Goodword(server.url, key) as goodword:
        document = goodword.get_program_document("credit-after-threshold")["document"]
        assert goodword.validate_program(document)["program"] == "credit-after-threshold"
        text = RECIPE.read_text()
        assert goodword.validate_program(text)["program"] == "next-renewal"


def _batches(server: Served, key: str) -> None:
    told: list[str] = []
    with (
        Goodword(server.url, key) as goodword,
        EventBuffer(goodword, on_refused=lambda event, _: told.append(event["event_id"])) as buffer,
    ):
        for event in [*_story(), {"type": "order", "event_id": "bad", "participant": "ada"}]:
            buffer.add(event)
    assert told == ["bad"]

    async def awaited() -> int:
        async with AsyncGoodword(server.url, key) as goodword:
            async with AsyncEventBuffer(goodword) as buffer:
                for event in _story():
                    buffer.add({**event, "source": "other"})
            return len([each async for each in goodword.list_participants(limit=1)])

    assert asyncio.run(awaited()) == 0, "the worker does not run here, so nobody is known yet"
