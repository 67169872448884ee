"""Which database Goodword talks to: DATABASE_URL, or the embedded server's socket."""

from __future__ import annotations

import os
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from goodword.ops import home, postgres

SCHEMES = ("postgres://", "postgresql://")


class DatabaseUrlError(Exception):
    """DATABASE_URL cannot be used; the message says what to write."""

    code = "database_url_invalid"


def url() -> str | None:
    """DATABASE_URL, or None when the embedded server is to be used."""
    return os.environ.get("DATABASE_URL") or None


def settings() -> dict[str, Any]:
    """Django's settings for the default database; raises DatabaseUrlError. Starts and opens nothing."""
    given = url()
    if given is None:
        server = postgres.paths(home.home())
        where = {"NAME": postgres.DATABASE, "USER": postgres.ROLE, "HOST": str(server.sockets)}
        options: dict[str, Any] = {}
    else:
        where, options = _parse(given)
    size = int(os.environ.get("GOODWORD_DB_POOL", "10"))
    options["pool"] = {"min_size": 0, "max_size": size, "timeout": 15, "max_idle": 300}
    options.setdefault("application_name", "goodword")
    return {"ENGINE": "django.db.backends.postgresql", "ATOMIC_REQUESTS": False, **where, "OPTIONS": options}


def _parse(given: str) -> tuple[dict[str, str], dict[str, Any]]:
    if not given.startswith(SCHEMES):
        raise DatabaseUrlError("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(given).items() if value is not None}
    except ProgrammingError as error:
        raise DatabaseUrlError(f"DATABASE_URL cannot be read: {str(error).strip()}.") from None
    if "dbname" not in parts:
        raise DatabaseUrlError(
            "DATABASE_URL names no database; write postgresql://user:password@host:5432/name."
        )
    where = {
        name: parts.pop(key, "")
        for name, key in {
            "NAME": "dbname",
            "USER": "user",
            "PASSWORD": "password",
            "HOST": "host",
            "PORT": "port",
        }.items()
    }
    return where, dict(parts)
