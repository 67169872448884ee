"""Bodies that come compressed: how they are unpacked, never to more than is allowed.

The one place for it: the API and the edge both read bodies by `unpacked`.
"""

from __future__ import annotations

import zlib

MAX_MEMBERS = 100
"""Parts of which a compressed body may consist, one behind the other, as gzip allows."""

_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = ("", "identity")
_PACKED = ("gzip", "x-gzip")


class BadPacking(ValueError):
    """A compressed body that is not read. `code` is unsupported_media_type, malformed_gzip or body_too_large."""

    def __init__(self, code: str, told: str) -> None:
        self.code = code
        super().__init__(told)


def unpacked(raw: bytes, coding: str, limit: int) -> bytes:
    """The body as its sender had it. `coding` is the header Content-Encoding, '' where there is none; `limit` is how
    many bytes it may have when it is unpacked, and no more are ever unpacked. Raises `BadPacking`."""
    name = coding.strip().lower()
    if name in _PLAIN:
        return raw
    if name not in _PACKED:
        raise BadPacking("unsupported_media_type", f"Content-Encoding is {coding[:40]!r}; send gzip, or leave it out.")
    return _gunzipped(raw, limit) if raw else raw


def _gunzipped(raw: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    room, rest = limit, raw
    while rest:
        if len(parts) == MAX_MEMBERS:
            raise BadPacking("malformed_gzip", f"The body has over {MAX_MEMBERS} gzip members.")
        stream = zlib.decompressobj(_GZIP)
        try:
            # One byte more than there is room for says that there is more.
            part = stream.decompress(rest, room + 1)
        except zlib.error:
            where = f"What follows byte {len(raw) - len(rest):,} of the body" if parts else "The body"
            raise BadPacking("malformed_gzip", f"{where} is not gzip, or is damaged.") from None
        room -= len(part)
        if room < 0:
            raise BadPacking(
                "body_too_large", f"Unpacked, the body is over {limit:,} bytes, the most that is taken here."
            )
        if not stream.eof:
            raise BadPacking("malformed_gzip", "The gzip body is cut off before its end.")
        parts.append(part)
        rest = stream.unused_data
    return b"".join(parts)
