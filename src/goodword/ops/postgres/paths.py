"""Where the embedded server keeps its things below a GOODWORD_HOME."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from goodword.ops.postgres.account import Account
from goodword.ops.postgres.errors import UnsafeFolder

ROLE = "goodword"
DATABASE = "goodword"
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET = 107
NEW = "new-"
COPIES = "postgresql-"


@dataclass(frozen=True)
class Paths:
    """`root` belongs to the user of Goodword; `data` and `sockets` to the user of the server."""

    home: Path
    sockets: Path

    @property
    def root(self) -> Path:
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def start_lock(self) -> Path:
        return self.root / "start.lock"

    @property
    def use_lock(self) -> Path:
        return self.root / "use.lock"

    def prepare(self, account: Account, *, say: Callable[[str], None]) -> None:
        """Make the folders with their owners and modes; raises UnsafeFolder."""
        try:
            # Another user's server must pass through them to its own folders.
            mode = 0o711 if account.switch else 0o700
            self.home.mkdir(mode=mode, parents=True, exist_ok=True)
            self.root.mkdir(mode=mode, exist_ok=True)
        except OSError as error:
            raise UnsafeFolder(
                f"Cannot make {self.root} ({error.strerror}); set GOODWORD_HOME to a folder you may write."
            ) from error
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise UnsafeFolder(f"{self.root} is not yours; run Goodword as its owner, or set GOODWORD_HOME.")
        account.reach(self.root.resolve(), say=say)
        account.own(self.sockets)
        if self.data.exists():
            account.own(self.data)

    def forget_other_binaries(self, kept: Path) -> None:
        """Remove copies of the server's programs that another version of Goodword left behind."""
        for copy in self.home.glob(f"{COPIES}*"):
            if not kept.is_relative_to(copy):
                shutil.rmtree(copy, ignore_errors=True)


def paths(home: Path) -> Paths:
    """The folders for a home; makes nothing. The socket's path must stay short enough for the kernel and free
    of commas, which part the hosts of a connection; where the home's is not, it lies in XDG_RUNTIME_DIR or
    /tmp. A running server's own word on it comes first."""
    sockets = home / "postgres" / "run"
    if len(os.fsencode(sockets / f"{SOCKET}.lock")) > LONGEST_SOCKET or "," in str(sockets):
        name = "goodword-" + hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        sockets = _socket_folder_of_running(home) or Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / name  # noqa: S108
    return Paths(home=home, sockets=sockets)


def _socket_folder_of_running(home: Path) -> Path | None:
    try:
        lines = (home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    folder = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    return folder if folder and (folder / SOCKET).exists() else None
