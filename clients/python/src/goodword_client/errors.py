"""What can go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict


class Fault(TypedDict, total=False):
    """One thing wrong with a request: `pointer` into the body (RFC 6901) or `parameter`, `code`, `detail`."""

    pointer: str
    parameter: str
    code: str
    detail: str


class GoodwordError(Exception):
    """Whatever this package raises."""


class Unreachable(GoodwordError):
    """No answer came, however often it was tried. `__cause__` is the last attempt's error."""


class ApiError(GoodwordError):
    """The server refused, with problem details (RFC 9457). Decide by `code`; it never changes its meaning."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        errors: Sequence[Fault] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        said = "".join(
            f"\n  {fault.get('pointer') or fault.get('parameter', '')}: {fault['detail']}" for fault in errors
        )
        super().__init__(f"{status} {code}: {title}. {detail}{said}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = list(errors)
        self.request_id = request_id
        """What the server's log calls the request."""
        self.retry_after = retry_after
        """Seconds after which the server wants to be asked again, where it said so."""


class BufferFull(GoodwordError):
    """As many events wait as may. The event was not taken."""
