"""Goodword's API from Python: `Goodword` in the calling thread, `AsyncGoodword` in an event loop.

    with Goodword("http://127.0.0.1:8000", "gw_sk_…") as goodword:
        answer = goodword.record_event({"type": "order.completed", …}, wait=True)

One method for each operation of the API, by the name that it has there; types of what is sent and answered are in
`goodword_client.types`.
"""

from goodword_client.buffer import AsyncEventBuffer, EventBuffer
from goodword_client.client import AsyncGoodword, Goodword
from goodword_client.errors import ApiError, BufferFull, Fault, GoodwordError, Unreachable
from goodword_client.tokens import sign_participant_token

__version__ = "0.1.0"
__all__ = [
    "ApiError",
    "AsyncEventBuffer",
    "AsyncGoodword",
    "BufferFull",
    "EventBuffer",
    "Fault",
    "Goodword",
    "GoodwordError",
    "Unreachable",
    "sign_participant_token",
]
