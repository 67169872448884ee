"""GOODWORD_HOME: the folder that holds what Goodword keeps outside the database.

It holds the secret key, the locks and, when no DATABASE_URL is given, the embedded server's data.
"""

from __future__ import annotations

import glob
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
import psutil

ROOT_HOME = Path("/var/lib/goodword")
SECRET_KEY_FILE = "secret_key"  # noqa: S105


class HomeError(Exception):
    """The home folder cannot be used; the message says what to do."""

    code = "home_unusable"


def home() -> Path:
    """The home folder, not made yet: GOODWORD_HOME, or the user's data folder (root: /var/lib/goodword)."""
    if given := os.environ.get("GOODWORD_HOME"):
        return Path(given).expanduser().absolute()
    if os.geteuid() == 0:
        return ROOT_HOME
    return Path(platformdirs.user_data_dir("goodword", appauthor=False))


def left_behind(folder: Path, beginning: str) -> Iterator[Path]:
    """What stands in a folder under a name that begins so and ends with the number of a process that is gone; or with
    this one's, which another had before."""
    for path in folder.glob(f"{glob.escape(beginning)}*"):
        number = path.name.removeprefix(beginning)
        if number.isdecimal() and (int(number) == os.getpid() or not psutil.pid_exists(int(number))):
            yield path


def ensure() -> Path:
    """Make the home folder unless it is there, and return it; raises HomeError. It is its owner's alone; root
    lets others pass through, because the embedded server runs as another user."""
    folder = home()
    try:
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HomeError(
            f"Cannot make {folder} ({error.strerror}); set GOODWORD_HOME to a folder you may write."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HomeError(f"The folder {folder} is not writable; set GOODWORD_HOME to a folder you may write.")
    return folder


def secret_key() -> str:
    """GOODWORD_SECRET_KEY, or the key made once and kept in the home folder (mode 0600)."""
    if given := os.environ.get("GOODWORD_SECRET_KEY"):
        return given
    key = kept_secret(SECRET_KEY_FILE, lambda: secrets.token_urlsafe(64))
    if len(key) < 50:
        raise HomeError(f"{home() / SECRET_KEY_FILE} does not hold a secret key; delete it and a new one is made.")
    return key


def kept_secret(name: str, make: Callable[[], str]) -> str:
    """The secret in a file of the home folder (mode 0600), made when it is not there; raises HomeError."""
    path = ensure() / name
    while True:
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            _write_once(path, make())
        except OSError as error:
            hint = " or set GOODWORD_SECRET_KEY" if name == SECRET_KEY_FILE else ""
            raise HomeError(f"Cannot read {path} ({error.strerror}); run as its owner{hint}.") from error


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole or not at all; the first of several writers wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
