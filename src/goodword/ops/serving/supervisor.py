"""Starts the children, starts the worker again when it dies, and ends them all when one signal says so."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from types import FrameType

import structlog

from goodword.ops.serving import counts
from goodword.ops.serving.family import PARENT

READY_WAIT = 60.0
STOP_WAIT = 20.0
PORT_WAIT = 10.0
LONGEST_BACKOFF = 30.0
PAUSE = 0.1

log = structlog.get_logger("goodword.serve")


class ServeError(Exception):
    """The server cannot start or has ended; the message says what to do."""

    code = "serve_failed"


class PortTaken(ServeError):
    """Something else listens on the address."""

    code = "port_taken"


class Child:
    """One child process and how to start it again."""

    def __init__(self, name: str, *arguments: str, environment: Mapping[str, str]) -> None:
        self.name = name
        self._environment = environment
        self._arguments = [sys.executable, "-m", *arguments]
        self._deaths = 0
        self._again_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches only the supervisor, which passes it on."""
        self.process = subprocess.Popen(
            self._arguments,
            env={**os.environ, PARENT: str(os.getpid()), **self._environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def ended(self) -> int | None:
        """The exit code once it has ended."""
        return None if self.process is None else self.process.poll()

    def revive(self) -> None:
        """Start it again when it has ended, later each time."""
        code = self.ended()
        if code is None:
            return
        if self._again_at == 0.0:
            wait = min(LONGEST_BACKOFF, 0.5 * 2**self._deaths)
            self._deaths += 1
            self._again_at = time.monotonic() + wait
            log.error("child_ended", child=self.name, exit_code=code, again_in_seconds=wait)
        elif time.monotonic() >= self._again_at:
            self._again_at = 0.0
            self.start()

    def send(self, sign: signal.Signals, *, group: bool = False) -> None:
        """Send a signal to it, or to everything it started as well."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(self.process.pid, sign)


def check_port(host: str, port: int) -> None:
    """Raises PortTaken when the address is taken. Waits a little: a killed predecessor's web server needs a
    moment to notice."""
    deadline = time.monotonic() + PORT_WAIT
    told = False
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError as error:
                if time.monotonic() >= deadline:
                    raise PortTaken(
                        f"Cannot listen on {host}:{port} ({error.strerror}); end the program that uses it, "
                        "or choose another with --port."
                    ) from None
        if not told:
            log.warning("waiting_for_port", host=host, port=port, seconds=PORT_WAIT)
            told = True
        time.sleep(PAUSE)


def serve(host: str, port: int, *, processes: int, worker: bool, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; a second one ends it at once. `ready` is called when the first page can
    be had. The database is migrated and reachable already. Raises ServeError."""
    check_port(host, port)
    with counts.folder() as folder:
        shared = {counts.SHARED: str(folder)}
        web = Child("web", "goodword.ops.serving.web", host, str(port), str(processes), environment=shared)
        engine = Child("worker", "goodword.ops.serving.engine", environment=shared) if worker else None
        _run(host, port, web, engine, ready)


def _run(host: str, port: int, web: Child, engine: Child | None, ready: Callable[[], None]) -> None:
    children = [child for child in (engine, web) if child is not None]
    with _signals(children) as stop:
        try:
            for child in children:
                child.start()
            if _wait_until_ready(host, port, web, stop):
                ready()
            while not stop.wait(PAUSE):
                if web.ended() is not None:
                    raise ServeError(f"The web server ended by itself (exit code {web.ended()}); its reason is above.")
                if engine is not None:
                    engine.revive()
        finally:
            _end(children)


@contextlib.contextmanager
def _signals(children: list[Child]) -> Iterator[threading.Event]:
    """The event that the first signal sets; a second signal kills the children."""
    stop = threading.Event()

    def heard(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            for child in children:
                child.send(signal.SIGKILL, group=True)
        stop.set()

    before = {sign: signal.signal(sign, heard) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def _wait_until_ready(host: str, port: int, web: Child, stop: threading.Event) -> bool:
    """Whether pages are served; False when a signal came first."""
    deadline = time.monotonic() + READY_WAIT
    address = f"http://{reached_at(host)}:{port}/healthz"
    while not stop.wait(PAUSE):
        if web.ended() is not None:
            raise ServeError(f"The web server did not start (exit code {web.ended()}); its reason is above.")
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return True
        except urllib.error.HTTPError as answer:
            raise ServeError(f"The web server answers {address} with {answer.code}; its reason is above.") from None
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        if time.monotonic() > deadline:
            raise ServeError(
                f"The web server does not answer at {address} after {READY_WAIT:.0f} seconds; run 'goodword check'."
            )
    return False


def reached_at(host: str) -> str:
    """The name under which a server that listens on `host` is reached from here."""
    if host in ("0.0.0.0", ""):  # noqa: S104
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host


def _end(children: list[Child]) -> None:
    """End every child, and everything a child started that did not end with it."""
    for child in children:
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + STOP_WAIT
    for child in children:
        if child.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            child.send(signal.SIGKILL, group=True)
            child.process.wait()
