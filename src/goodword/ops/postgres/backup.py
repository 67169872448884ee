"""A backup of the embedded database in one file, and its restoring, wholly or not at all.

The file is pg_dump's custom format, one moment of the database whatever goes on meanwhile, and a last line with
the SHA-256 of that: pg_restore takes a file without its end, and says nothing. It is restored into
a new database beside the old one, which takes the old one's name when everything is there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from goodword.ops.home import left_behind
from goodword.ops.postgres.cluster import SUPERUSER, Cluster, environment, last_line, sync
from goodword.ops.postgres.errors import BackupFailed, BackupUnusable, DatabaseExists, DatabaseInUse
from goodword.ops.postgres.paths import DATABASE, PORT, ROLE

SEAL = b"\ngoodword backup sha256 "
SEAL_SIZE = len(SEAL) + 64 + 1
CHUNK = 1024 * 1024
ASIDE = f"{DATABASE}_aside_"
"""How the names of databases begin that a restoring makes and removes."""

Accept = Callable[[set[tuple[str, str]]], str | None]
"""Told the migrations (application, name) in a backup: the sentence that refuses it, or None."""


def save(server: Cluster, file: Path, *, force: bool) -> int:
    """Write the database to the file (mode 0600), whole or not at all; gives its size in bytes. Raises
    BackupFailed, also where the file exists and not `force`, and where it is a device or a pipe."""
    if file.exists() and not file.is_file():
        raise BackupFailed(f"{file} is no ordinary file, and is not replaced; name another file.")
    if file.exists() and not force:
        raise BackupFailed(f"{file} exists already; name another file, or replace it with --force.")
    beginning = f".{file.name}.goodword-"
    draft = file.with_name(f"{beginning}{os.getpid()}")
    try:
        for left in left_behind(file.parent, beginning):
            left.unlink()
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            # As the superuser: to everybody else row-level security hides the rows.
            ran = _run(server, "pg_dump", "--format=custom", f"--dbname={DATABASE}", out=out)
            if ran.returncode != 0:
                raise BackupFailed(f"The backup was not written: {_failure(ran)}.")
            out.seek(0, os.SEEK_END)
            out.write(_seal(draft))
            out.flush()
            os.fsync(out.fileno())
        size = draft.stat().st_size
        draft.replace(file)
        sync(file.absolute().parent)
    except OSError as error:
        raise BackupFailed(
            f"The backup cannot be written to {file} ({error.strerror}); choose a folder you may write."
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    return size


def restore(server: Cluster, file: Path, *, force: bool, accept: Accept) -> None:
    """Make the database what the file holds, wholly or not at all. Raises DatabaseExists where there is data
    and not `force`, BackupUnusable, DatabaseInUse; then the database is as it was."""
    if not force and _holds_data(server):
        raise DatabaseExists(
            f"There is data in {server.paths.data} already; restore into another GOODWORD_HOME, or replace that "
            "data with --force."
        )
    with server.connect(SUPERUSER, SUPERUSER) as administrator:
        _remove_left(administrator)
        new = ASIDE + secrets.token_hex(4)
        administrator.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(sql.Identifier(new), sql.Identifier(ROLE))
        )
        try:
            _load(server, file, new)
            refusal = accept(_migrations_in(server, new))
            if refusal is not None:
                raise BackupUnusable(f"{file}: {refusal}")
            _swap(administrator, new)
        finally:
            _remove_left(administrator)


def _run(
    server: Cluster,
    name: str,
    *arguments: str,
    out: IO[bytes] | int = subprocess.DEVNULL,
    given: IO[bytes] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run one of PostgreSQL's programs as the server's user; files are handed over open, so that the user
    needs no right to reach them."""
    where = (f"--host={server.paths.sockets}", f"--port={PORT}", f"--username={SUPERUSER}", "--no-password")
    return subprocess.run(
        [server.binaries.program(name), *where, *arguments],
        cwd="/",
        env=environment(),
        stdin=given if given is not None else subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        check=False,
        **server.account.popen_options(),
    )


def _seal(file: Path, size: int | None = None) -> bytes:
    """The last line for a file of so many bytes (left out: all)."""
    left = file.stat().st_size if size is None else size
    digest = hashlib.sha256()
    with file.open("rb") as given:
        while part := given.read(min(left, CHUNK)):
            digest.update(part)
            left -= len(part)
    return SEAL + digest.hexdigest().encode() + b"\n"


def _check_seal(file: Path) -> None:
    with file.open("rb") as given:
        size = max(0, given.seek(0, os.SEEK_END) - SEAL_SIZE)
        given.seek(size)
        seal = given.read()
    if seal != _seal(file, size):
        raise BackupUnusable(
            f"{file} is cut short, changed, or was not made here; name another file of 'goodword backup'."
        )


def _load(server: Cluster, file: Path, new: str) -> None:
    try:
        _check_seal(file)
        with file.open("rb") as given:
            ran = _run(server, "pg_restore", "--single-transaction", "--exit-on-error", f"--dbname={new}", given=given)
    except OSError as error:
        raise BackupUnusable(f"Cannot read {file} ({error.strerror}); name a file of 'goodword backup'.") from None
    if ran.returncode < 0:
        raise BackupFailed(f"Nothing was restored: {_failure(ran)}; try again.")
    if ran.returncode != 0:
        raise BackupUnusable(f"{file} is no whole backup ({_failure(ran)}); name another file of 'goodword backup'.")


def _failure(ran: subprocess.CompletedProcess[bytes]) -> str:
    """What one of PostgreSQL's programs said last, or the signal that ended it."""
    if ran.returncode < 0:
        return f"{Path(ran.args[0]).name} was ended by {signal.Signals(-ran.returncode).name}"
    return last_line(ran.stderr.decode(errors="replace"))


def _migrations_in(server: Cluster, database: str) -> set[tuple[str, str]]:
    with server.connect(SUPERUSER, database) as connection:
        try:
            return {(app, name) for app, name in connection.execute("SELECT app, name FROM django_migrations")}
        except psycopg.errors.UndefinedTable:
            return set()


def _swap(administrator: psycopg.Connection, new: str) -> None:
    """Give the new database the name, in one transaction with taking it from the old one."""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    old = ASIDE + secrets.token_hex(4)
    try:
        with administrator.transaction():
            administrator.execute(rename.format(sql.Identifier(DATABASE), sql.Identifier(old)))
            administrator.execute(rename.format(sql.Identifier(new), sql.Identifier(DATABASE)))
    except psycopg.errors.ObjectInUse:
        raise DatabaseInUse(
            "Another Goodword command works with the database; let it end, or end it, and restore again."
        ) from None


def _holds_data(server: Cluster) -> bool:
    with server.connect(SUPERUSER, DATABASE) as connection:
        row = connection.execute("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')").fetchone()
    return row is not None and bool(row[0])


def _remove_left(administrator: psycopg.Connection) -> None:
    """Remove the databases that a restoring made or replaced."""
    names = administrator.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [ASIDE]).fetchall()
    for (name,) in names:
        administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
