"""These tests are about a stand-in on one server, whatever the others run on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.databases import TestServer, private_server


@pytest.fixture(scope="session")
def database_server() -> Iterator[TestServer]:
    """A private PostgreSQL server."""
    with private_server() as server:
        yield server
