"""The web server: granian with Django behind it.

Run as `python -m goodword.ops.serving.web HOST PORT PROCESSES`.
"""

from __future__ import annotations

import sys
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from goodword.ops import logs
from goodword.ops.serving.family import follow_parent

STOP_SECONDS = 10
CONNECTIONS = 8_192
"""Connections that one process holds. A client that has a connection and sends nothing takes one; what those who send
something may take is bounded behind this (`edge.crowd`)."""
HEAD_SECONDS = 15
"""How long a request's head may take, and how long a connection is kept for the next one."""


def main(host: str, port: int, processes: int) -> None:
    """Serve until a signal ends the process."""
    logs.configure()
    follow_parent()
    serving("goodword.ops.asgi:application", host, port, processes).serve()


def serving(application: str, host: str, port: int, processes: int) -> Any:
    """The server with an application, named `module:name`, as everybody runs it."""
    return Granian(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1_000),
        workers=processes,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig={"loggers": {"_granian": {"handlers": [], "propagate": True}}},
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
