"""A program that is paused, scheduled and ended: the tables, and replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from goodword.domain.faults import ProgramError
from goodword.engine import apply, programs, replay, worker
from support.documents import self_serve, thanks
from support.loyalty import shop

from .helpers import friend, link, seen, send


def test_replay_agrees_with_pauses_schedules_and_an_end_that_voids(
    workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = self_serve(ending="void", rewards=[thanks(hold="P9000D")])
    programs.publish(workspace, first, by="Ada")
    send(workspace, link("simple"), friend(1)[0], friend(2)[0])
    programs.pause(workspace, "simple", by="Ada")
    send(workspace, friend(1)[1], *friend(3))
    programs.resume(workspace, "simple", by="Ada")
    send(workspace, friend(4)[0])
    soon = datetime.now(UTC) + timedelta(hours=1)
    later = self_serve(ending="void", rewards=[thanks(hold="P9000D", give={"type": "cash", "amount": 9})])
    assert programs.publish(workspace, later, by="Ada", at=soon).number == 2
    with seen(workspace) as tables:
        assert tables.Program.objects.get().live_version.number == 1
    apply.apply_pending(workspace, now=soon + timedelta(seconds=1))
    with seen(workspace) as tables:
        assert tables.Program.objects.get().live_version.number == 2
        assert tables.Referral.objects.filter(state="submitted").count() == 2
    assert replay.verify(workspace).differences == ()
    with monkeypatch.context() as small:
        small.setattr(programs, "MAX_VOIDED", 2)
        with pytest.raises(programs.StateError, match="3 referrals of simple are open or held, more than the 2"):
            programs.end(workspace, "simple", by="Ada")
    monkeypatch.setattr(programs, "MAX_VOIDED", 3)
    programs.end(workspace, "simple", by="Ada")
    while worker.drain(workspace):
        pass
    with seen(workspace) as tables:
        assert tables.Program.objects.get().state == "ended"
        assert sorted(tables.Referral.objects.values_list("state", flat=True)) == ["closed_won", "voided", "voided"]
        assert tables.Reward.objects.get().state == "cancelled"
        assert tables.Decision.objects.filter(reason="program_paused").count() == 1
        assert tables.Timer.objects.count() == 0
    assert replay.verify(workspace).differences == ()


def test_a_scheduled_version_goes_live_sooner_or_later_than_it_was_to(workspace: str) -> None:
    programs.publish(workspace, self_serve(), by="Ada")
    second = self_serve(name="Second")
    first_day, other_day = (datetime.now(UTC) + timedelta(days=days) for days in (2, 4))
    made = programs.publish(workspace, second, by="Ada", at=first_day)
    assert (made.number, made.new, made.due_at) == (2, True, first_day)
    assert programs.publish(workspace, second, by="Ada", at=first_day) == replace(made, new=False)
    moved = programs.publish(workspace, second, by="Ada", at=other_day)
    assert moved == replace(made, new=False, due_at=other_day)
    apply.apply_pending(workspace, now=first_day + timedelta(seconds=1))
    with seen(workspace) as tables:
        assert tables.Program.objects.get().live_version.number == 1
        assert tables.Timer.objects.count() == 1
        [first, version] = tables.ProgramVersion.objects.order_by("number")
        assert (programs.goes_live(first), programs.goes_live(version)) == (None, other_day)
    assert (programs.waiting(workspace, second), programs.waiting(workspace, self_serve())) == (2, None)
    assert replay.verify(workspace).differences == ()
    now = programs.publish(workspace, second, by="Ada")
    assert now == replace(made, new=False, due_at=None)
    with seen(workspace) as tables:
        assert tables.Program.objects.get().live_version.number == 2
        assert tables.Timer.objects.count() == 0
    assert programs.publish(workspace, second, by="Ada", at=other_day) == now, "what is live stays so"
    assert replay.verify(workspace).differences == ()


def test_a_program_keeps_its_kind(workspace: str) -> None:
    programs.publish(workspace, self_serve(), by="Ada")
    with pytest.raises(ProgramError) as refused:
        programs.publish(workspace, shop(program="simple"), by="Ada")
    [fault] = refused.value.faults
    assert (fault.path, fault.code, fault.value) == ("kind", "kind_changed", "loyalty")
    assert fault.message == "simple is a referral program; publish a loyalty program under another key"
    with seen(workspace) as tables:
        assert tables.Program.objects.get().kind == "referral"
        assert tables.ProgramVersion.objects.count() == 1
