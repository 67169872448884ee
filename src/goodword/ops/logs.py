"""Logs: one line an event on standard error, JSON unless a person watches, never a secret or a person's data."""

from __future__ import annotations

import logging
import logging.config
import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

HIDDEN = "[hidden]"
SECRET_NAME = re.compile(r"password|passwd|secret|token|authorization|cookie|api_?key|database_url", re.IGNORECASE)
SECRET_TEXT = re.compile(
    r"gw_(?:sk|pk)_[0-9A-Za-z_-]+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?<=Bearer )\S+"
    # What a database quotes of a row that it refuses.
    r"|(?<=\)=\().*(?=\))"
    r"|(?<=Failing row contains \().*(?=\))"
    # An address of a person; %40 is how it stands in a path.
    r"|[^\s/@\"'<>(),:;=\[\]]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)


def hide(value: Any) -> Any:
    """The value with keys, passwords in URLs and bearer tokens blotted out, to any depth."""
    if isinstance(value, str):
        return SECRET_TEXT.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {k: HIDDEN if SECRET_NAME.search(str(k)) else hide(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [hide(item) for item in value]
    return value


def hide_secrets(_logger: Any, _method: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A structlog processor: `hide` for the whole entry."""
    hidden: dict[str, Any] = hide(entry)
    return hidden


def configure(level: str | None = None, *, as_json: bool | None = None) -> None:
    """Set up structlog and the standard library's logging alike. GOODWORD_LOG_LEVEL and GOODWORD_LOG_FORMAT
    (`json` or `text`) are the defaults; text is for a terminal."""
    level = (level or os.environ.get("GOODWORD_LOG_LEVEL", "INFO")).upper()
    if as_json is None:
        wanted = os.environ.get("GOODWORD_LOG_FORMAT")
        as_json = wanted == "json" if wanted else not sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, hide_secrets, structlog.processors.JSONRenderer()]
        if as_json
        else [hide_secrets, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "entry": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                    "foreign_pre_chain": shared,
                }
            },
            "filters": {
                "without_trace": {"()": lambda: _without_trace},
                "without_probes": {"()": lambda: _is_no_probe},
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "entry"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "psycopg.pool": {"level": "ERROR"},
                "asyncio": {"level": "WARNING"},
                # Its lines name the path, which may name a person; the request's own line names the pattern.
                "django.request": {"level": "ERROR", "filters": ["without_probes"]},
                "django.security": {"level": "ERROR"},
                # Anybody may ask under any name: one short line is enough.
                "django.security.DisallowedHost": {"filters": ["without_trace"]},
            },
        }
    )


def _without_trace(record: logging.LogRecord) -> bool:
    """Lets the record through without its traceback, which says nothing more."""
    record.exc_info = None
    return True


def _is_no_probe(record: logging.LogRecord) -> bool:
    """Leaves out that /readyz answered 503: every probe asks for that answer, and it is no error."""
    request = getattr(record, "request", None)
    return not (getattr(record, "status_code", 0) == 503 and getattr(request, "path", "") == "/readyz")
