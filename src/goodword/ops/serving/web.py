"""The web server: uvicorn with the links, the events and Django behind it.

Run as `python -m goodword.ops.serving.web HOST PORT PROCESSES`.
"""

from __future__ import annotations

import sys

from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from goodword.ops import logs
from goodword.ops.serving.door import BACKLOG
from goodword.ops.serving.family import follow_parent

STOP_SECONDS = 10
HEALTH_SECONDS = 60
"""For how long a process may not find the time to say that it lives."""


def main(host: str, port: int, processes: int) -> None:
    """Serve until a signal ends the process."""
    logs.configure()
    follow_parent()
    serve("goodword.ops.asgi:application", host, port, processes)


def serve(application: str, host: str, port: int, processes: int) -> None:
    """Serves an application, named `module:name`, as everybody runs it."""
    config = Config(
        application,
        host=host,
        port=port,
        workers=processes,
        interface="asgi3",
        http="goodword.ops.serving.door:Door",
        ws="none",
        loop="asyncio",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="error",
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_worker_healthcheck=HEALTH_SECONDS,
    )
    Multiprocess(config, sockets=[config.bind_socket()]).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
