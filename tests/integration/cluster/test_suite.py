"""GOODWORD_TEST_CITUS_URL: the tests run on the database it names, distributed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from support.databases import TestServer
from support.shards import standin

ROOT = Path(__file__).parents[3]
SOME = ("tests/integration/store/test_walls.py", "tests/integration/engine/test_record.py")


def test_the_tests_run_on_the_database_that_is_named(database_server: TestServer) -> None:
    with standin(database_server) as name, database_server.as_superuser(name) as url:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-cov", *SOME],
            cwd=ROOT,
            env={**os.environ, "GOODWORD_TEST_CITUS_URL": url},
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        assert ran.returncode == 0, ran.stdout[-3_000:] + ran.stderr[-2_000:]
        with psycopg.connect(database_server.url(name)) as role:
            found = role.execute("SELECT count(*) FROM standin.pg_dist_partition WHERE partmethod = 'h'").fetchone()
    assert found
    assert found[0] > 20
