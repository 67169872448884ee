"""Slow clients and a database that does not answer: others are served, and everybody is told in time."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from django.db import connection

from goodword.ops import database
from goodword.store.patience import Patient, patience
from support.serving import Served

SLOW = 1_500
"""Connections that begin a request and do not end it; more than the web server would hold by itself."""


def test_many_who_never_end_their_request_hold_up_nobody(server: Served) -> None:
    where = urlsplit(server.url)
    with ExitStack() as slow:
        for number in range(SLOW):
            wire = slow.enter_context(socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=30))
            head = b"GET /healthz HTTP/1.1\r\nHost: x"
            body = b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"
            wire.sendall(body if number % 3 == 0 else head)
        answer = httpx.get(f"{server.url}/healthz", timeout=30)
        assert answer.json()["status"] == "alive"
        answer = httpx.get(f"{server.url}/v1/workspace", timeout=30)
        assert answer.json()["code"] == "missing_key"


def test_a_statement_that_is_not_answered_is_given_up_and_its_connection_with_it(database_url: str) -> None:
    with Patient.connect(database_url) as patient:
        with patience(0.2), pytest.raises(psycopg.OperationalError, match="did not answer in"):
            patient.execute("SELECT pg_sleep(60)")
        assert patient.closed
    with Patient.connect(database_url) as patient:
        assert patient.execute("SELECT 1").fetchone() == (1,)


def test_the_web_servers_connections_are_patient_ones(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connections

    options = connections.settings["default"]["OPTIONS"]
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", {**options, "pool": {**options["pool"]}})
    database.close()
    database.be_patient()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert isinstance(connection.connection, Patient)
    finally:
        database.close()
