"""The home folder and the secret key in it."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from goodword.ops import home


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of this test, without a secret key from the environment."""
    monkeypatch.setenv("GOODWORD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GOODWORD_SECRET_KEY", raising=False)
    return tmp_path / "home"


def test_the_secret_key_is_made_once_and_private(folder: Path) -> None:
    key = home.secret_key()
    assert len(key) >= 64
    assert home.secret_key() == key
    assert stat.S_IMODE((folder / home.SECRET_KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [home.SECRET_KEY_FILE]


def test_processes_that_start_together_agree_on_the_secret_key(folder: Path) -> None:
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(home.secret_key())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_given_secret_key_comes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWORD_SECRET_KEY", "given")
    assert home.secret_key() == "given"
    assert not folder.exists()


def test_a_file_that_holds_no_key_is_named(folder: Path) -> None:
    folder.mkdir()
    (folder / home.SECRET_KEY_FILE).write_text("short\n")
    with pytest.raises(home.HomeError, match="does not hold a secret key; delete it"):
        home.secret_key()


def test_a_key_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / home.SECRET_KEY_FILE).mkdir(parents=True)
    with pytest.raises(home.HomeError, match="Cannot read"):
        home.secret_key()


def test_roots_home_is_the_systems_and_a_persons_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOODWORD_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert home.home() == Path("/var/lib/goodword")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/ada/.local/share")
    assert home.home() == Path("/home/ada/.local/share/goodword")
