"""One PostgreSQL data folder and the server on it: made, started, adopted, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import psutil
import psycopg
from psycopg import sql

from goodword.ops.postgres.account import Account
from goodword.ops.postgres.binaries import Binaries
from goodword.ops.postgres.errors import StartFailed, WrongVersion
from goodword.ops.postgres.paths import DATABASE, NEW, PORT, ROLE, SOCKET, Paths

SUPERUSER = "postgres"
READY_WAIT = 600.0
STOP_WAIT = 60.0
LOG_LIMIT = 10 * 1024 * 1024
PAUSE = 0.02

INITDB = (
    *("--username", SUPERUSER, "--encoding", "UTF8"),
    *("--auth-local", "trust", "--auth-host", "reject", "--no-instructions"),
)

MEGABYTES = psutil.virtual_memory().total // 2**20
DURABLE: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": f"{min(max(MEGABYTES // 8, 128), 2048)}MB",
    "effective_cache_size": f"{max(MEGABYTES // 2, 512)}MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    # The wheel's server compresses by pglz only, which costs more than it saves where many pages are touched.
    "wal_compression": "off",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
}
# The log names what failed, never the values people sent.
QUIET: Mapping[str, str] = {
    "log_timezone": "UTC",
    "timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class Cluster:
    """A data folder and its server. `settings` are PostgreSQL's, by name."""

    def __init__(
        self,
        paths: Paths,
        binaries: Binaries,
        account: Account,
        settings: Mapping[str, str],
        *,
        say: Callable[[str], None],
    ) -> None:
        self.paths = paths
        self.binaries = binaries
        self.account = account
        self.settings = settings
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._log_began = 0

    def ensure_running(self) -> bool:
        """Adopt the server that runs on this data, or start one, making the data folder at the first start.
        Whether it was started here. Call it under the start lock. Raises WrongVersion, StartFailed."""
        self._initialise()
        self._check_version()
        if self.pid() is None:
            self._clear_traces()
            self._launch()
        self._wait_until_ready()
        return self._process is not None

    def ensure_role_and_database(self) -> None:
        """Make the application's role and database unless they are there."""
        try:
            self.connect().close()
        except psycopg.OperationalError:
            with self.connect(SUPERUSER, SUPERUSER) as connection:
                _make_role_and_database(connection)

    def connect(self, role: str = ROLE, database: str = DATABASE) -> psycopg.Connection:
        """A connection of its own (autocommit) through the socket."""
        return psycopg.connect(host=str(self.paths.sockets), port=PORT, user=role, dbname=database, autocommit=True)

    def pid(self) -> int | None:
        """The process id of the server that runs on this data, or None."""
        try:
            first = (self.paths.data / "postmaster.pid").read_text().splitlines()[0]
            process = psutil.Process(int(first))
            # A postmaster's working directory is its data folder; another process that was given a dead
            # server's number has another one.
            if process.status() == psutil.STATUS_ZOMBIE or not Path(process.cwd()).samefile(self.paths.data):
                return None
        except (OSError, IndexError, ValueError, psutil.Error):
            return None
        return process.pid

    def stop(self) -> None:
        """End the server; what was committed is on disk. Does nothing when it is down."""
        pid = self.pid()
        if pid is None:
            return
        for sign, wait in ((signal.SIGINT, STOP_WAIT), (signal.SIGQUIT, STOP_WAIT)):
            os.kill(pid, sign)
            if self._gone(pid, wait):
                return
        raise StartFailed(f"The database server (process {pid}) does not stop; look at {self.paths.log}.")

    def _gone(self, pid: int, wait: float) -> bool:
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            if self._process is not None:
                self._process.poll()
            if self.pid() != pid:
                return True
            time.sleep(PAUSE)
        return False

    def _initialise(self) -> None:
        """Run initdb in a folder of its own and give that the name `data` when it is whole, so that a first
        start that is killed leaves nothing that looks like data."""
        for left in self.paths.root.glob(f"{NEW}*"):
            shutil.rmtree(left)
        if self.paths.data.exists():
            return
        draft = Path(tempfile.mkdtemp(prefix=NEW, dir=self.paths.root))
        if self.account.switch:
            os.chown(draft, self.account.uid, self.account.gid)
        made = subprocess.run(
            [self.binaries.program("initdb"), "--pgdata", str(draft), *INITDB, *self._locale()],
            cwd="/",
            env=environment(),
            umask=0o077,
            capture_output=True,
            text=True,
            check=False,
            **self.account.popen_options(),
        )
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise StartFailed(
                f"PostgreSQL could not make its data folder in {self.paths.root}: {last_line(made.stderr)}"
            )
        (draft / "pg_hba.conf").write_text(
            "# Only through the socket, which only its owner can reach.\nlocal all all trust\n"
        )
        draft.rename(self.paths.data)
        sync(self.paths.root)

    def _locale(self) -> list[str]:
        if self.binaries.major >= 17:
            return ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
        return ["--locale", "C.UTF-8"]

    def _check_version(self) -> None:
        made_by = (self.paths.data / "PG_VERSION").read_text().strip()
        if made_by != str(self.binaries.major):
            raise WrongVersion(
                f"The data in {self.paths.data} was made by PostgreSQL {made_by}, and this Goodword brings "
                f"{self.binaries.major}: start it with the Goodword that made it, save the data with pg_dump "
                "and load it into a new GOODWORD_HOME."
            )

    def _clear_traces(self) -> None:
        """Remove what a dead server left: its number may belong to another process by now."""
        for left in (
            self.paths.data / "postmaster.pid",
            self.paths.sockets / SOCKET,
            self.paths.sockets / f"{SOCKET}.lock",
        ):
            left.unlink(missing_ok=True)

    def _launch(self) -> None:
        folder = str(self.paths.sockets).replace('"', '""')
        settings = {
            **QUIET,
            **self.settings,
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{folder}"',
            "unix_socket_permissions": "0700",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        if self.paths.log.exists() and self.paths.log.stat().st_size > LOG_LIMIT:
            self.paths.log.replace(self.paths.log.with_suffix(".log.1"))
        with open(os.open(self.paths.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600), "ab") as log:
            self._log_began = log.tell()
            self._process = subprocess.Popen(
                [self.binaries.program("postgres"), "-D", str(self.paths.data), *options],
                cwd=self.paths.data,
                env=environment(),
                umask=0o077,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for Goodword, which then stops the server in its turn.
                start_new_session=True,
                **self.account.popen_options(),
            )

    def _wait_until_ready(self) -> None:
        began = time.monotonic()
        told = False
        while True:
            try:
                self.connect(SUPERUSER, SUPERUSER).close()
                return
            except psycopg.OperationalError:
                waited = time.monotonic() - began
            if self._process is not None and self._process.poll() is not None:
                self._failed()
            if self._process is None and self.pid() is None:
                # The server that was to be adopted has just ended.
                self._clear_traces()
                self._launch()
            if waited > 5 and not told:
                self._say("Waiting for the database, which recovers after it was interrupted.")
                told = True
            if waited > READY_WAIT:
                raise StartFailed(f"The database does not answer after {waited:.0f} seconds; look at {self.paths.log}.")
            time.sleep(PAUSE)

    def _failed(self) -> NoReturn:
        with self.paths.log.open("rb") as log:
            log.seek(self._log_began)
            text = log.read(LOG_LIMIT).decode(errors="replace")
        raise StartFailed(f"PostgreSQL did not start: {last_line(text)} (more in {self.paths.log})")


def _make_role_and_database(connection: psycopg.Connection) -> None:
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION").format(
                sql.Identifier(ROLE)
            )
        )
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(ROLE))
        )


def environment() -> dict[str, str]:
    """Nothing of ours: a PGDATA, PGOPTIONS or LC_ALL of the caller must not change the server."""
    return {"PATH": os.defpath, "LANG": "C", "TZ": "UTC"}


def last_line(text: str) -> str:
    """The line of a program's output that tells what failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "could not", "error:"))]
    return (telling or lines or ["it said nothing"])[-1]


def sync(folder: Path) -> None:
    """Have the folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
