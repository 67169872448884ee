"""Which database Goodword talks to: DATABASE_URL, or the embedded server's socket."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from goodword.ops import home, postgres

PROBE_SECONDS = 10
LARGEST_POOL = 1000
CONNECTION_SECONDS = 5
"""How long a request of the web server waits for a connection to the database."""
ONLY_WHERE_ASKED = 2**62
"""How often a statement must come before the session keeps its plan without being asked to (`sql.planned_once`)."""
RECONNECT_SECONDS = 3
"""How long the pool tries for one request to reach a server that is gone; the next request tries anew."""
SCHEMES = ("postgres://", "postgresql://")


class DatabaseUrlError(Exception):
    """DATABASE_URL, GOODWORD_DB_POOL or GOODWORD_DB_DIRECT cannot be used; the message says what to write."""

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
    if given is None or _is_direct():
        options["prepare_threshold"] = ONLY_WHERE_ASKED
    options["pool"] = {"min_size": 0, "max_size": _pool_size(), "timeout": 15, "max_idle": 300}
    options.setdefault("application_name", "goodword")
    return {"ENGINE": "django.db.backends.postgresql", "ATOMIC_REQUESTS": False, **where, "OPTIONS": options}


def _is_direct() -> bool:
    """Whether nothing is between us and the server of DATABASE_URL that would not know of plans kept by a session, such
    as a pooler, or a cluster's coordinator."""
    said = os.environ.get("GOODWORD_DB_DIRECT", "")
    if said not in ("", "0", "1"):
        raise DatabaseUrlError(f"GOODWORD_DB_DIRECT must be 1 or left out, not {said!r}.")
    return said == "1"


def _pool_size() -> int:
    given = os.environ.get("GOODWORD_DB_POOL", "10")
    if not given.isdecimal() or not 1 <= int(given) <= LARGEST_POOL:
        raise DatabaseUrlError(f"GOODWORD_DB_POOL must be a number from 1 to {LARGEST_POOL}, not {given!r}.")
    return int(given)


def be_patient() -> None:
    """From here on this process, a web server, waits for the database no longer than `patience` says, and for a
    connection `CONNECTION_SECONDS`. A server that comes back is found at the next request."""
    from django.db import DEFAULT_DB_ALIAS, connections

    from goodword.store.patience import Patient

    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options.setdefault("connect_timeout", CONNECTION_SECONDS)
    options["pool"] |= {
        "connection_class": Patient,
        "timeout": CONNECTION_SECONDS,
        "reconnect_timeout": RECONNECT_SECONDS,
    }


def parameters() -> dict[str, Any]:
    """How the driver connects, without Django and its pool: the database's name, user, place and options."""
    known = settings()
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    parts = {key: known[name] for key, name in named.items() if known.get(name)}
    return {**parts, **{key: value for key, value in known["OPTIONS"].items() if key != "pool"}}


def probe() -> None:
    """Open and close one connection; raises psycopg.OperationalError at once with the server's own reason,
    which the pool would hide until it is tired of waiting."""
    psycopg.connect(**{"connect_timeout": PROBE_SECONDS, **parameters()}).close()


def close() -> None:
    """Close this process's connections and their pool."""
    from django.db import DEFAULT_DB_ALIAS, connections
    from django.db.backends.postgresql.base import DatabaseWrapper

    connections.close_all()
    pooled = connections[DEFAULT_DB_ALIAS]
    assert isinstance(pooled, DatabaseWrapper)
    pooled.close_pool()


def _parse(given: str) -> tuple[dict[str, str], dict[str, Any]]:
    if not given.startswith(SCHEMES):
        raise DatabaseUrlError("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(given).items() if value is not None}
    except ProgrammingError as error:
        raise DatabaseUrlError(f"DATABASE_URL cannot be read: {str(error).strip()}.") from None
    if "dbname" not in parts:
        raise DatabaseUrlError("DATABASE_URL names no database; write postgresql://user:password@host:5432/name.")
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
