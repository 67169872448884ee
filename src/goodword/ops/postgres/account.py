"""The system user that the server runs as. PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodword.ops.postgres.errors import NoServerAccount, UnsafeFolder

USER = "goodword"
NEW_USER = (
    *("--system", "--user-group", "--no-create-home"),
    *("--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"),
)


@dataclass(frozen=True)
class Account:
    """A system user. `switch` tells that this process is root and must become the user for the server."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program as this user."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_traverse(self, folder: Path) -> bool:
        """Whether the user may pass through the folder."""
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def own(self, folder: Path) -> None:
        """Make the folder (mode 0700) this user's, or check that it is; raises UnsafeFolder."""
        try:
            folder.mkdir(mode=0o700)
            if self.switch:
                os.chown(folder, self.uid, self.gid)
        except FileExistsError:
            pass
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != self.uid:
            raise UnsafeFolder(
                f"{folder} does not belong to the user {self.name}; run Goodword as the user that owns it, "
                "or set GOODWORD_HOME to another folder."
            )
        if stat.S_IMODE(status.st_mode) != 0o700:
            folder.chmod(0o700)

    def reach(self, folder: Path, *, say: Callable[[str], None]) -> None:
        """Let the user pass through the folder and its parents, by o+x on root's own; raises UnsafeFolder."""
        if not self.switch:
            return
        for step in [*reversed(folder.parents), folder]:
            if self.may_traverse(step):
                continue
            if step.stat().st_uid != 0:
                raise UnsafeFolder(
                    f"The user {self.name} cannot reach {step}; run 'chmod o+x {step}' or set GOODWORD_HOME "
                    "to another folder."
                )
            step.chmod(stat.S_IMODE(step.stat().st_mode) | stat.S_IXOTH)
            say(f"Let others pass through {step} (o+x), so that the user {self.name} reaches its database.")


def server_account() -> Account:
    """The user for the server: this one, or the system user `goodword` (made when missing) for root.
    Raises NoServerAccount."""
    uid = os.geteuid()
    if uid != 0:
        return Account(_name(uid), uid, os.getegid(), switch=False)
    return named(USER, make=True)


def named(name: str, *, make: bool) -> Account:
    """Root's choice of another user, made as a system user when wanted; raises NoServerAccount."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        if not make:
            raise NoServerAccount(f"There is no system user {name}.") from None
        _make(name)
        entry = pwd.getpwnam(name)
    if entry.pw_uid == 0:
        raise NoServerAccount(f"The system user {name} is root under another name; PostgreSQL needs its own.")
    return Account(name, entry.pw_uid, entry.pw_gid, switch=True)


def _make(name: str) -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    advice = (
        f"PostgreSQL refuses to run as root, and the system user '{name}' cannot be made ({{}}); make it "
        "yourself, run Goodword as an ordinary user, or set DATABASE_URL to a server of your own."
    )
    if useradd is None:
        raise NoServerAccount(advice.format("there is no useradd"))
    made = subprocess.run(
        [useradd, *NEW_USER, name],
        capture_output=True,
        text=True,
        check=False,
    )
    # 9: somebody else made it in the meantime.
    if made.returncode not in (0, 9):
        raise NoServerAccount(advice.format(made.stderr.strip() or f"useradd answered {made.returncode}"))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
