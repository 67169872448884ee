"""What `goodword demo` sets up, how it loads, and what it says meanwhile. The whole of it: tests/e2e."""

from __future__ import annotations

import io
import os
import socket
import stat
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from tests.integration.cli.conftest import Cli

from goodword.engine import programs
from goodword.insight.summary import summary
from goodword.ops import home
from goodword.ops.demo import loading, setting_up, stream
from goodword.ops.demo.progress import Progress
from goodword.ops.serving import supervisor
from goodword.store import staff, tenancy
from goodword.store.models import Membership, Program
from support.serving import free_port
from support.stories import recipe

SLICE = 1_200


@pytest.fixture
def house(db: str) -> str:
    """The demo's workspace with its programmes."""
    workspace_id = str(setting_up.workspace().id)
    setting_up.publish_programs(workspace_id)
    return workspace_id


@pytest.fixture
def beginning(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The stream is cut after its beginning, which is given."""
    found = list(islice(stream.events(), SLICE))

    def events() -> Iterator[dict[str, Any]]:
        yield from found

    monkeypatch.setattr(stream, "events", events)
    monkeypatch.setattr(stream, "FINGERPRINT", stream.fingerprint((e["source"], e["event_id"]) for e in found))
    monkeypatch.setattr(loading, "CHUNK", 500)
    return found


@pytest.mark.usefixtures("cli")
def test_one_process_records_while_another_applies(
    house: str, beginning: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    shown: list[tuple[int, int]] = []
    assert not loading.is_loaded(house)
    loaded = loading.load(house, lambda recorded, applied: shown.append((recorded, applied)))
    assert (loaded.sent, loaded.duplicates, loaded.applied) == (SLICE, 0, SLICE)
    assert loaded.peak_bytes > 10_000_000
    assert shown == sorted(shown)
    assert shown[-1] == (SLICE, SLICE)
    assert loading.is_loaded(house)
    before = summary(house)
    again = loading.load(house)
    assert (again.sent, again.duplicates, again.applied, again.rings) == (SLICE, SLICE, 0, 0)
    assert summary(house) == before
    pace = loading.pace(house)
    assert pace.events == before.events_applied
    assert pace.per_second == pytest.approx(pace.events / pace.seconds)


@pytest.mark.usefixtures("beginning")
def test_when_the_process_that_applies_fails_the_load_says_so(house: str, capfd: pytest.CaptureFixture[str]) -> None:
    # This process is pointed at the test's database; the other reads DATABASE_URL, which leads nowhere.
    with pytest.raises(loading.LoadFailed, match=r"exit code 1.*it goes on from there"):
        loading.load(house)
    assert "Error" in capfd.readouterr().err


def test_a_log_without_events_has_no_pace(workspace: str) -> None:
    assert loading.pace(workspace) == loading.Pace(0, 0.0)
    assert loading.pace(workspace).per_second == 0.0


def test_the_workspace_and_its_login_are_made_once(house: str) -> None:
    assert str(setting_up.workspace().id) == house
    with tenancy.workspace(house):
        keys = Program.objects.filter(workspace_id=house).values_list("key", flat=True)
        assert sorted(keys) == sorted(setting_up.RECIPES)
    password = setting_up.login(house)
    assert setting_up.login(house) == password
    user = staff.find_user(setting_up.EMAIL)
    assert user is not None
    assert user.check_password(password)
    with tenancy.workspace(house):
        assert Membership.objects.get(workspace_id=house, user=user).role == Membership.Role.OWNER
    file = home.home() / setting_up.PASSWORD_FILE
    assert file.read_text().strip() == password
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


def test_a_login_that_was_changed_works_again_after_the_next_run(house: str) -> None:
    password = setting_up.login(house)
    staff.set_password(setting_up.EMAIL, "another password entirely")
    assert setting_up.login(house) == password
    user = staff.find_user(setting_up.EMAIL)
    assert user is not None
    assert user.check_password(password)


def test_a_program_that_was_changed_stays_changed(house: str) -> None:
    changed = recipe("bronze-silver-gold").replace("name: Bronze, silver, gold", "name: Changed")
    assert programs.publish(house, changed, by="tests").number == 2
    setting_up.publish_programs(house)
    with tenancy.workspace(house):
        row = Program.objects.select_related("live_version").get(workspace_id=house, key="bronze-silver-gold")
    assert (row.name, row.live_version.number) == ("Changed", 2)


def test_progress_is_a_line_at_each_tenth_where_nobody_watches() -> None:
    out = io.StringIO()
    progress = Progress(out, is_terminal=False)
    for applied in range(0, stream.EVENTS + 1, 500):
        progress.show(stream.EVENTS, applied)
    progress.show(stream.EVENTS, stream.EVENTS)
    progress.end()
    lines = out.getvalue().splitlines()
    assert len(lines) == 10
    assert all(line.endswith(" a second") for line in lines)
    assert lines[-1].strip().startswith(f"{stream.EVENTS:,} of {stream.EVENTS:,} events applied")


def test_progress_is_a_bar_on_a_terminal() -> None:
    out = io.StringIO()
    progress = Progress(out, is_terminal=True)
    half = (stream.EVENTS + 1) // 2
    progress.show(stream.EVENTS, half)
    progress.show(stream.EVENTS, half)  # too soon to draw again
    bar = out.getvalue()
    assert bar.count("█") == bar.count("▒") == 14
    assert f"{half:,} of {stream.EVENTS:,} events applied" in bar
    progress.end()
    assert out.getvalue().endswith("\r\x1b[K")


def test_a_taken_port_is_said_before_anything_is_loaded(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PORT_WAIT", 0.0)
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        ran = cli("demo", "--port", str(port))
    assert ran.code == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in ran.err
    assert ran.out == ""
