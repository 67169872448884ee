"""A Ray cluster of nodes that are started one by one on this machine, each a process group of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE = 60
"""Seconds until a node must have started, or begun to work."""
STORE = 80_000_000
"""Bytes of a node's store of objects, the least that Ray takes with ease."""


@dataclass(frozen=True)
class Node:
    """A node, and the process that leads its group."""

    process: subprocess.Popen[bytes]

    def works(self, function: str) -> bool:
        """Whether it is at work on a function of ours at this moment."""
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error, IndexError):
                    if child.cmdline()[0] == f"ray::{function}":
                        return True
        return False

    def kill(self) -> None:
        """Ends all its processes at once, as a machine does that loses its power."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True)
class Rays:
    """A cluster: its address, what a process needs to join it, its second node, and what the nodes say."""

    address: str
    env: Mapping[str, str]
    second: Node
    log: Path

    def wait(self) -> None:
        """Until both nodes have joined."""
        until(lambda: self.log.read_text().count("Ray runtime started.") == 2)


@contextlib.contextmanager
def cluster(env: Mapping[str, str]) -> Iterator[Rays]:
    """A head and a second node, of one processor each, which find Goodword as this process does."""
    folder = Path(tempfile.mkdtemp(prefix="gwr-", dir="/tmp"))  # Ray's sockets want a short path
    port = _free_port()
    known = {
        **os.environ,
        **env,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(16),
    }
    nodes: list[Node] = []
    try:
        with (folder / "log").open("wb") as log:

            def start(*arguments: str) -> Node:
                command = [
                    str(Path(sys.executable).with_name("ray")),
                    "start",
                    *arguments,
                    "--block",
                    "--num-cpus",
                    "1",
                ]
                command += ["--node-ip-address", "127.0.0.1", "--object-store-memory", str(STORE)]
                process = subprocess.Popen(command, env=known, stdout=log, stderr=log, start_new_session=True)
                nodes.append(Node(process))
                return nodes[-1]

            start("--head", "--port", str(port), "--include-dashboard", "false", "--temp-dir", str(folder / "ray"))
            until(lambda: _answers(port))
            second = start("--address", f"127.0.0.1:{port}")
            yield Rays(f"127.0.0.1:{port}", known, second, folder / "log")
    finally:
        for node in reversed(nodes):
            node.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "nothing came of it in time"
        time.sleep(0.02)
