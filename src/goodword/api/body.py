"""Reads a request's body: bounded, UTF-8, and without anything PostgreSQL or a log could choke on."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from django.http import HttpRequest

from goodword.api import quick_json
from goodword.api.problems import Fault, Refusal
from goodword.domain.payloads import MAX_REASON
from goodword.domain.unpacking import BadPacking, unpacked

MAX_BODY = 1024 * 1024
"""Bytes of any body that is not a batch."""
MAX_BATCH_BODY = 8 * 1024 * 1024
"""Bytes of a batch's body."""
MAX_IMPORT_BODY = 32 * 1024 * 1024
"""Bytes of a body with files to be imported."""
MAX_DEPTH = 32
"""Levels of nesting in a body."""
MAX_VALUES = 300_000
"""Values (and names) in a body."""
JSON = "application/json"
YAML = ("application/yaml", "application/x-yaml", "text/yaml")

_ESCAPED_TROUBLE = re.compile(rb"\\u0000|\\u[dD][89abAB]|\\u[dD][c-fC-F]")


def read(request: HttpRequest, limit: int) -> bytes:
    """The body's bytes, unpacked where they came compressed. Raises `Refusal` body_too_large above `limit`, before
    reading where it can."""
    declared = request.META.get("CONTENT_LENGTH") or str(limit + 1)
    if not declared.isascii() or not declared.isdigit():
        raise Refusal("bad_request", "Content-Length must be a whole number.")
    chunked = not request.META.get("CONTENT_LENGTH")
    if int(declared) > limit and not chunked:
        raise _too_large(limit)
    return plain(request.read(int(declared)), request.headers.get("Content-Encoding", ""), limit)


def plain(raw: bytes, coding: str, limit: int) -> bytes:
    """A body that is here, unpacked where it came compressed. `coding` is its Content-Encoding. Raises `Refusal`."""
    if len(raw) > limit:
        raise _too_large(limit)
    try:
        return unpacked(raw, coding, limit)
    except BadPacking as error:
        headers = {"Accept-Encoding": "gzip"} if error.code == "unsupported_media_type" else {}
        raise Refusal(error.code, str(error), headers=headers) from None


def _too_large(limit: int) -> Refusal:
    return Refusal("body_too_large", f"The body is over {limit:,} bytes, the most that is taken here.")


def media_type(request: HttpRequest) -> str:
    """The content type without parameters. Raises `Refusal` for a charset other than UTF-8."""
    return media_type_of(request.META.get("CONTENT_TYPE") or "")


def media_type_of(header: str) -> str:
    """The same of the header itself."""
    kind, _, rest = header.partition(";")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", rest, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal("unsupported_media_type", f"The charset {charset[1]!r} is not read; send UTF-8.")
    return kind.strip().lower()


def keep(request: HttpRequest, limit: int) -> bytes:
    """Reads the body once and keeps it for the handler."""
    raw = read(request, limit)
    request.goodword_body = raw  # type: ignore[attr-defined]
    return raw


def kept(request: HttpRequest) -> bytes:
    """The body that `keep` read."""
    raw: bytes = request.goodword_body  # type: ignore[attr-defined]
    return raw


def read_json(request: HttpRequest, *, texts: bool = True) -> Any:
    """The kept body as a JSON value, checked by `check`; without `texts` whoever reads it checks those. Raises
    `Refusal`."""
    return json_of(kept(request), request.META.get("CONTENT_TYPE") or "", texts=texts)


def json_of(raw: bytes, header: str, *, texts: bool = True) -> Any:
    """The same of a body with its Content-Type."""
    kind = media_type_of(header)
    if kind != JSON:
        raise Refusal("unsupported_media_type", f"Content-Type is {kind or 'missing'}; send {JSON}.")
    return parse_json(raw, texts=texts)


def parse_json(raw: bytes, *, texts: bool = True) -> Any:
    """Strict JSON: UTF-8, no duplicate names, no NaN, no infinity. Raises `Refusal`."""
    value = quick_json.read(raw, depth=MAX_DEPTH, values=MAX_VALUES)
    return _parse_slowly(raw, texts=texts) if value is quick_json.IN_DOUBT else value


def _parse_slowly(raw: bytes, *, texts: bool = True) -> Any:
    if not raw.strip():
        raise Refusal("malformed_json", "The body is empty.")
    if raw.startswith(codecs.BOM_UTF8):
        raise Refusal("malformed_json", "The body begins with a byte order mark; leave it out.")
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except UnicodeDecodeError as error:
        raise Refusal("malformed_json", f"Byte {error.start} is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Refusal("malformed_json", f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise _too_deep() from None
    except _BadJson as error:
        raise Refusal("malformed_json", str(error)) from None
    check(value, suspicious=texts and bool(_ESCAPED_TROUBLE.search(raw)))
    return value


def check(value: Any, *, suspicious: bool = True) -> None:
    """Refuse what is nested too deep, has too many values or, if `suspicious`, text that cannot be stored."""
    seen = 0
    # A stack of (value, depth, the way to it); the way is only spelt out when something is wrong.
    waiting: list[tuple[Any, int, tuple[Any, ...]]] = [(value, 1, ())]
    while waiting:
        item, depth, way = waiting.pop()
        if isinstance(item, str):
            if suspicious and not _storable(item):
                raise _bad_text(way)
            continue
        if isinstance(item, dict):
            inner: list[tuple[Any, Any]] = list(item.items())
            if suspicious and not all(_storable(str(name)) for name in item):
                raise _bad_text(way)
        elif isinstance(item, list):
            inner = list(enumerate(item))
        else:
            continue
        if depth > MAX_DEPTH:
            raise _too_deep()
        seen += len(inner)
        if seen > MAX_VALUES:
            raise Refusal("invalid_request", f"The body has over {MAX_VALUES:,} values; send fewer at once.")
        waiting += [(child, depth + 1, (way, name)) for name, child in inner if isinstance(child, _NESTED)]


_NESTED = (str, dict, list)


class _BadJson(ValueError):
    """JSON that the grammar allows and we do not."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _BadJson(f"The name {twice[:60]!r} is twice in one object.")
    return found


def _constant(name: str) -> Any:
    raise _BadJson(f"{name} is not JSON.")


def _integer(digits: str) -> int:
    if len(digits) > 40:
        raise _BadJson(f"The number {digits[:20]}… has {len(digits)} digits; whole numbers have 64 bits.")
    return int(digits)


def _float(text: str) -> float:
    value = float(text)
    if value - value != 0:
        raise _BadJson(f"The number {text[:20]} is too large.")
    return value


def _storable(text: str) -> bool:
    if "\0" in text:
        return False
    return text.isascii() or _encodes(text)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bad_text(way: tuple[Any, ...]) -> Refusal:
    detail = "has a NUL character or half a surrogate pair; send valid Unicode"
    return Refusal("invalid_request", errors=[Fault("bad_text", detail, pointer=_pointer(way))])


def _pointer(way: tuple[Any, ...]) -> str:
    names: list[Any] = []
    while way:
        way, name = way
        names.append(name)
    return pointer(*reversed(names))


def pointer(*names: object) -> str:
    """The JSON pointer (RFC 6901) of the way through a document."""
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in names)


def _too_deep() -> Refusal:
    return Refusal("invalid_request", f"The body is nested deeper than {MAX_DEPTH} levels.")


def decoded(raw: bytes, code: str) -> str:
    """The body's text. Raises `Refusal` with `code` when it is not UTF-8 or has a NUL."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(code, f"Byte {error.start} is not UTF-8.") from None
    if "\0" in text:
        raise Refusal(code, f"Character {text.index(chr(0))} is a NUL.")
    return text


def reason(request: HttpRequest) -> str:
    """Why, as the body says, which may be left out. Raises `Refusal`."""
    raw = kept(request)
    sent = parse_json(raw) if raw.strip() else {}
    if not isinstance(sent, dict):
        told = 'expected {"reason": "…"}, {} or no body'
        raise Refusal("invalid_request", errors=[Fault("not_an_object", told, pointer="")])
    faults = [
        Fault("unknown_field", "unknown field; allowed: reason", pointer=pointer(name))
        for name in sent
        if name != "reason"
    ]
    reason = sent.get("reason", "")
    if not isinstance(reason, str) or len(reason) > MAX_REASON:
        told = f"expected a text of at most {MAX_REASON} characters"
        faults.append(Fault("wrong_value", told, pointer="/reason"))
    if faults:
        raise Refusal("invalid_request", errors=faults)
    return str(reason)
