"""DATABASE_URL becomes Django's settings."""

from __future__ import annotations

import pytest

from goodword.ops import database


def test_a_url_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:h%40sh@db.example:6432/goodword?sslmode=require")
    settings = database.settings()
    assert {key: settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "goodword",
        "USER": "ada",
        "PASSWORD": "h@sh",
        "HOST": "db.example",
        "PORT": "6432",
    }
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert settings["ATOMIC_REQUESTS"] is False


def test_without_a_url_the_embedded_servers_socket_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("GOODWORD_HOME", "/srv/goodword")
    settings = database.settings()
    assert settings["HOST"] == "/srv/goodword/postgres/run"
    assert settings["USER"] == settings["NAME"] == "goodword"


@pytest.mark.parametrize(
    ("url", "said", "kept"), [("", "", True), ("x", "1", True), ("x", "0", False), ("x", "", False)]
)
def test_sessions_keep_plans_only_where_nothing_is_between(
    monkeypatch: pytest.MonkeyPatch, url: str, said: str, kept: bool
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada@db.example/goodword" if url else "")
    monkeypatch.setenv("GOODWORD_DB_DIRECT", said)
    assert ("prepare_threshold" in database.settings()["OPTIONS"]) is kept


def test_an_answer_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWORD_DB_DIRECT", "maybe")
    with pytest.raises(database.DatabaseUrlError, match="GOODWORD_DB_DIRECT must be 1"):
        database.settings()


def test_the_pool_can_be_sized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWORD_DB_POOL", "3")
    assert database.settings()["OPTIONS"]["pool"]["max_size"] == 3


@pytest.mark.parametrize("size", ["0", "-1", "many", "1001"])
def test_a_pool_of_no_size_is_refused(monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setenv("GOODWORD_DB_POOL", size)
    with pytest.raises(database.DatabaseUrlError, match="GOODWORD_DB_POOL"):
        database.settings()
