"""What `goodword check` looks at: the installation, its database and its walls. Reads only."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from goodword.ops import home

PYTHON = (3, 11)
SERVERS = range(15, 19)
DISK_LEAST = 1024**3
SECRET_LEAST = 50
PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis. `mend` says what to do and is empty when all is well."""

    name: str
    ok: bool
    message: str
    mend: str = ""


def _good(name: str, message: str) -> Finding:
    return Finding(name, ok=True, message=message)


def _bad(name: str, message: str, mend: str) -> Finding:
    return Finding(name, ok=False, message=message, mend=mend)


def installation() -> Iterator[Finding]:
    """What can be told without a database."""
    yield _python()
    yield from _home()
    yield _secret_key()
    yield _assets()
    yield _translations()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON:
        return _bad("python", f"Python {version}", "Install Python 3.11 or newer and run 'make venv' again.")
    return _good("python", f"Python {version}")


def _home() -> Iterator[Finding]:
    try:
        folder = home.ensure()
    except home.HomeError as error:
        yield _bad("home", str(error), "Set GOODWORD_HOME to a folder that you may write.")
        return
    yield _good("home", f"{folder} is writable")
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GiB free in {folder}"
    if free < DISK_LEAST:
        yield _bad("disk", text, "Free at least 1 GiB: a database that cannot write stops.")
    else:
        yield _good("disk", text)


def _secret_key() -> Finding:
    given = os.environ.get("GOODWORD_SECRET_KEY")
    if given is not None:
        if len(given) < SECRET_LEAST:
            return _bad(
                "secret key",
                f"GOODWORD_SECRET_KEY has {len(given)} characters",
                "Give it at least 50 random characters, or unset it and one is made and kept.",
            )
        return _good("secret key", "from GOODWORD_SECRET_KEY")
    try:
        home.secret_key()
    except home.HomeError as error:
        return _bad("secret key", str(error), "Set GOODWORD_SECRET_KEY, or make the home folder writable.")
    path = home.home() / home.SECRET_KEY_FILE
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return _bad("secret key", f"{path} can be read by others", f"Run 'chmod 600 {path}'.")
    return _good("secret key", f"kept in {path}")


def _assets() -> Finding:
    built = PACKAGE / "console" / "static" / "console" / "dist"
    if not any(built.glob("*.css")) or not any(built.glob("*.js")):
        return _bad("pages", "the styles and scripts of the pages are not built", "Run 'make build'.")
    return _good("pages", "styles and scripts are built")


def _translations() -> Finding:
    missing = [
        source.parts[-3]
        for source in sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/django.po"))
        if not source.with_suffix(".mo").exists()
    ]
    if missing:
        return _bad("languages", f"not compiled: {', '.join(missing)}", "Run 'make build'.")
    return _good("languages", "translations are compiled")


def in_database() -> Iterator[Finding]:
    """What the database tells; the connection is known to work."""
    for look in (_server, _role, _encoding, _migrations, _row_security, _books, _history):
        yield look()


def _rows(statement: str) -> list[tuple[object, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _server() -> Finding:
    ((number,),) = _rows("SELECT current_setting('server_version_num')::int")
    assert isinstance(number, int)
    version = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number // 10000 not in SERVERS:
        return _bad("server", version, "Use PostgreSQL 15, 16, 17 or 18.")
    return _good("server", version)


def _role() -> Finding:
    from goodword.ops.walls import power_of_role

    ((name,),) = _rows("SELECT current_user::text")
    power = power_of_role()
    if power is not None:
        return _bad(
            "role",
            f"{name} is {power}, for whom the walls between workspaces do not exist",
            f"Connect as another role, or run: ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS;",
        )
    return _good("role", f"{name} is subject to row-level security")


def _encoding() -> Finding:
    ((encoding,),) = _rows("SELECT current_setting('server_encoding')")
    if encoding != "UTF8":
        return _bad(
            "encoding",
            f"the database's encoding is {encoding}",
            "Make the database anew: CREATE DATABASE goodword ENCODING 'UTF8' TEMPLATE template0;",
        )
    return _good("encoding", "UTF-8")


def _migrations() -> Finding:
    from goodword.ops import migrations

    waiting = migrations.pending()
    if waiting:
        return _bad("migrations", f"{len(waiting)} not applied, the first is {waiting[0]}", "Run 'goodword migrate'.")
    return _good("migrations", "all applied")


def _row_security() -> Finding:
    """Every table with a workspace must have forced row-level security and a policy."""
    from goodword.ops.walls import loose_policies, open_tables, tenant_tables

    tables = tenant_tables()
    unprotected = open_tables()
    if unprotected:
        return _bad(
            "tenant wall",
            f"no row-level security on {', '.join(unprotected)}",
            "Run 'goodword migrate'; if that does not help, somebody switched it off: ALTER TABLE … ENABLE and "
            "FORCE ROW LEVEL SECURITY.",
        )
    if loose := loose_policies():
        return _bad(
            "tenant wall",
            f"policies let more through than a workspace's own rows: {', '.join(loose)}",
            "Somebody added or changed them: DROP POLICY … ON …, and make 'own' again as on the other tables.",
        )
    if not tables:
        return _bad("tenant wall", "there are no tables yet", "Run 'goodword migrate'.")
    return _good("tenant wall", f"row-level security on {len(tables)} tables")


def _books() -> Finding:
    """What keeps the ledger append-only and balanced must be there and switched on."""
    from goodword.ops.walls import loose_books

    if missing := loose_books():
        return _bad(
            "ledger",
            f"not kept by {', '.join(missing)}",
            "Run 'goodword migrate'; if that does not help, somebody switched it off: ALTER TABLE transfer ENABLE "
            "TRIGGER ALL, and the same for ledger_account. Then run 'goodword ledger trial-balance'.",
        )
    return _good("ledger", "kept by the database's triggers and constraints")


def _history() -> Finding:
    """What keeps the changes of settings as they were written must be there and switched on."""
    from goodword.ops.walls import loose_history

    if missing := loose_history():
        return _bad(
            "settings",
            f"their history is not kept by {', '.join(missing)}",
            "Run 'goodword migrate'; if that does not help, somebody switched it off: ALTER TABLE setting_change "
            "ENABLE TRIGGER ALL.",
        )
    return _good("settings", "their history is kept by the database's trigger")
