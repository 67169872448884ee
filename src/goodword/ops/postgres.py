"""The embedded PostgreSQL server: where it lives and who may reach it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ROLE = "goodword"
DATABASE = "goodword"
# The longest path of a Unix socket that every kernel takes, less `/.s.PGSQL.5432`.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")


@dataclass(frozen=True)
class Paths:
    """The server's folders below a GOODWORD_HOME."""

    root: Path
    data: Path
    sockets: Path


def paths(home: Path) -> Paths:
    """Where the embedded server of this home keeps its things; makes nothing."""
    root = home / "postgres"
    sockets = root / "run"
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        name = "goodword-" + hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        sockets = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / name  # noqa: S108
    return Paths(root=root, data=root / "data", sockets=sockets)
