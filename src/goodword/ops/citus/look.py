"""Looking at a cluster: whether it is one that Goodword can use, and what is distributed on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection

from goodword.ops.citus.errors import NotCitus, NotCoordinator, NoWorkers, TooOld

SERVERS = range(16, 19)
VERSION = (12, 1)
"""The first that runs on PostgreSQL 16. Row-level security and triggers came before, with 11.0."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table is distributed: by which column (None: whole, on every node), and together with what."""

    by: str | None
    together: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """The extension's version and the workers, `host:port`."""

    version: str
    workers: tuple[str, ...]


def is_cluster() -> bool:
    """Whether this database has the extension."""
    return bool(_rows("SELECT to_regprocedure('citus_version()') IS NOT NULL")[0][0])


def fit() -> Cluster:
    """The cluster, when Goodword can be distributed on it. Raises `CitusError`s, each with what to do."""
    if not is_cluster():
        raise NotCitus(
            "This database is not on a Citus cluster; add citus to shared_preload_libraries on every node, restart "
            "them, and run CREATE EXTENSION citus in this database on each."
        )
    ((number, told, is_coordinator),) = _rows(
        "SELECT current_setting('server_version_num')::int / 10000, citus_version(), citus_is_coordinator()"
    )
    found = re.search(r"(\d+)\.(\d+)", told)
    if number not in SERVERS or found is None or (int(found[1]), int(found[2])) < VERSION:
        raise TooOld(
            f"This is {told.split(' on ')[0]} on PostgreSQL {number}; Goodword needs Citus {VERSION[0]}.{VERSION[1]} "
            f"or newer on PostgreSQL {SERVERS[0]} to {SERVERS[-1]}."
        )
    if not is_coordinator:
        raise NotCoordinator("This node is a worker; let DATABASE_URL name the coordinator.")
    if not _rows("SELECT FROM pg_dist_node WHERE groupid = 0"):
        raise NotCoordinator(
            "The coordinator is not in its own list of nodes; run as superuser: "
            "SELECT citus_set_coordinator_host('its-name', 5432);"
        )
    workers = tuple(
        f"{host}:{port}"
        for host, port in _rows("SELECT node_name, node_port FROM citus_get_active_worker_nodes() ORDER BY 1, 2")
    )
    if not workers:
        raise NoWorkers(
            "The cluster has no active worker; run as superuser, for each: SELECT citus_add_node('its-name', 5432);"
        )
    for host, port, well, answer in _rows(
        "SELECT nodename, nodeport, success, result FROM run_command_on_workers('SELECT 1') ORDER BY 1, 2"
    ):
        if not well:
            raise NoWorkers(
                f"The worker {host}:{port} does not answer this role ({str(answer).strip().splitlines()[0]}); the role "
                "must exist on it, and the coordinator must be let in (pg_hba.conf, pg_dist_authinfo)."
            )
    return Cluster(told.split(" on ")[0], workers)


def shape() -> dict[str, Shape]:
    """The tables that are distributed, by name."""
    return {
        str(name): Shape(str(column) if method == "h" else None, int(together))
        for name, method, column, together in _rows(
            """
            SELECT logicalrelid::regclass::text, partmethod,
                   column_to_column_name(logicalrelid, partkey), colocationid
            FROM pg_dist_partition
            """
        )
    }


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
