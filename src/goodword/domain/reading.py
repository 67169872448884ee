"""A document's text as plain data: YAML or JSON, read strictly (ADR 0009)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any

import yaml

from goodword.domain.faults import Fault, ProgramError

MAX_BYTES = 200_000
"""Bytes of one document."""
MAX_DEPTH = 16
MAX_DIGITS = 100
"""Digits of a number."""


_TAG = "tag:yaml.org,2002:"
_WORDS_ONLY = frozenset({f"{_TAG}{name}" for name in ("bool", "timestamp", "merge", "value")})
RESOLVERS = {
    letter: [(tag, pattern) for tag, pattern in rules if tag not in _WORDS_ONLY]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
"""The scalars of YAML 1.2's JSON schema: `on` is a word, a date is a text. By first letter, tags and their patterns."""
_GUESSED = re.compile(r"[-+]?0[0-7_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
"""What YAML 1.1 reads as a number in another base: 010 is 8 there, and 1:30 is 90. Here they are texts."""
for _letter in "tf":
    RESOLVERS[_letter] = [("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$")), *RESOLVERS.get(_letter, ())]
_STR = "tag:yaml.org,2002:str"
_COLLECTIONS = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_NO_KEY: Any = object()
_ODD = re.compile(r"[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\\u")
"""Characters that YAML takes for ends of lines, or refuses; and how JSON writes any by its number."""
_CONTROL = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_SPACE = re.compile("^ *([\xa0\u2000-\u200b\u202f\u3000])", re.MULTILINE)
_SLIPS = {
    "tab character": "; indent with spaces",
    "cannot start any token": "; put a text that begins with this sign in quotes, and indent with spaces",
    "mapping values are not allowed": "; put a text with a colon in quotes, or look at the indentation",
    "did not find expected": "; look for a bracket or quote that is not closed, and at the indentation",
    "could not find expected ':'": "; each line is a name, a colon and a value",
}
"""By a part of what the parser says, what to do."""


@lru_cache(maxsize=4096)
def _plain_scalar(text: str) -> Any:
    """What a scalar without quotes and tag means."""
    for tag, pattern in RESOLVERS.get(text[:1], ()):
        if pattern.match(text) and not _GUESSED.fullmatch(text):
            return _tagged(tag, text)
    return text


def _tagged(tag: str, text: str) -> Any:
    return yaml.constructor.SafeConstructor().construct_object(yaml.ScalarNode(tag, text))


def _scalar(event: yaml.ScalarEvent) -> Any:
    if event.implicit[0]:
        text = event.value
        if text.isdecimal() and text.isascii() and len(text) <= MAX_DIGITS and (text[0] != "0" or len(text) == 1):
            return int(text)
        if len(text) > MAX_DIGITS and text.strip("+-_0123456789") == "":
            raise _yaml_fault(event, "out_of_range", f"a number of more than {MAX_DIGITS} digits; write a smaller one")
        return _plain_scalar(text)
    if event.tag in (None, "!", _STR):
        if "\0" in event.value:
            raise _yaml_fault(event, "bad_text", "has a NUL character, which cannot be kept; leave it out")
        return event.value
    if event.tag not in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool"):
        raise _yaml_fault(event, "bad_tag", f"the tag {event.tag} is not allowed; leave it out")
    return _tagged(event.tag, event.value)


def _yaml_fault(place: yaml.Event, code: str, message: str) -> ProgramError:
    where = f"line {place.start_mark.line + 1}" if place.start_mark else ""
    return ProgramError([Fault(where, code, message)])


def _built(events: Iterable[Any]) -> Any:
    """The one value of a stream of parsing events; None where it holds none."""
    open_: list[Any] = [[]]
    keys: list[Any] = [_NO_KEY]
    documents = 0
    for event in events:
        kind, opens = type(event), False
        if kind is yaml.ScalarEvent:
            value = _scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            if len(open_) > MAX_DEPTH:
                raise _yaml_fault(event, "too_deep", f"nested deeper than {MAX_DEPTH} levels")
            if event.tag not in _COLLECTIONS:
                raise _yaml_fault(event, "bad_tag", f"the tag {event.tag} is not allowed; leave it out")
            opens, value = True, {} if kind is yaml.MappingStartEvent else []
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            open_.pop()
            keys.pop()
            continue
        else:
            if kind is yaml.AliasEvent:
                raise _yaml_fault(event, "alias", "anchors and aliases are not allowed; write it out")
            documents += kind is yaml.DocumentStartEvent
            if documents > 1:
                raise _yaml_fault(
                    event, "several_documents", "one document is expected; keep each in a file of its own"
                )
            continue
        around = open_[-1]
        if type(around) is list:
            around.append(value)
        elif keys[-1] is _NO_KEY:
            if not isinstance(value, str) or (value.isdigit() and _is_plain(event)):
                raise _yaml_fault(event, "bad_key", _no_name(event))
            if value == "<<":
                raise _yaml_fault(event, "alias", "one part merged into another is not allowed; write it out")
            if value in around:
                raise _yaml_fault(event, "duplicate_key", f"{value!r} stands twice; keep one")
            keys[-1] = value
            continue
        else:
            around[keys[-1]] = value
            keys[-1] = _NO_KEY
        if opens:
            open_.append(value)
            keys.append(_NO_KEY)
    return open_[0][0] if open_[0] else None


def _is_plain(event: yaml.Event) -> bool:
    """Whether a scalar stands without quotes and tag."""
    return isinstance(event, yaml.ScalarEvent) and bool(event.implicit[0])


def _no_name(event: yaml.Event) -> str:
    """Why what stands in the place of a name is none."""
    if not isinstance(event, yaml.ScalarEvent):
        return "a list or a set of parts is not a name; keys are texts"
    shown = (
        f"{event.value[:60]!r} is not a name; keys are texts" if event.value else "a name is missing before the colon"
    )
    if event.value.isdigit():
        shown += ", and in { } a comma begins the next one: write whole numbers of minor units, 1250 for 12.50"
    return shown


def _unreadable(text: str | bytes) -> Fault | None:
    """What in a text no document has: bytes that are not UTF-8, a control character, other indents than spaces."""
    if isinstance(text, bytes):
        wide = text[:2] in (b"\xff\xfe", b"\xfe\xff")
        try:
            told = text.decode("utf-16" if wide else "utf-8-sig")
        except UnicodeDecodeError as error:
            line = text.count(b"\n", 0, error.start) + 1
            byte = text[error.start]
            return Fault(f"line {line}", "not_yaml", f"the byte {byte:02X} is not UTF-8; save the document as UTF-8")
    else:
        told = text
    if found := _NO_SPACE.search(told):
        line = told.count("\n", 0, found.start(1)) + 1
        number = f"U+{ord(found[1]):04X}"
        return Fault(f"line {line}", "not_yaml", f"is indented with {number}, which looks like a space and is none")
    found = _CONTROL.search(told)
    if not found:
        return None
    line = told.count("\n", 0, found.start()) + 1
    number = f"U+{ord(found[0]):04X}"
    return Fault(f"line {line}", "not_yaml", f"has the character {number}, which no document can have; leave it out")


def _read(text: str | bytes) -> Any:
    """What a text of YAML holds; None where it holds nothing."""
    parser = yaml.CSafeLoader(text)
    try:
        return _built(iter(parser.get_event, None))
    finally:
        parser.dispose()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _finite(text: str) -> float:
    """A number; NaN and what is too large for one is none."""
    found = float(text)
    if not isfinite(found):
        raise ValueError(text)
    return found


_JSON = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_finite, parse_float=_finite)


def _json(text: str | bytes) -> Any:
    """What a JSON text holds, in a tenth of the time that reading it as YAML takes. None where it is none, or anything
    in it is to be refused: then the reader of YAML says what, and in which line."""
    try:
        told = text if isinstance(text, str) else text.decode()
        if not told.lstrip().startswith("{") or _ODD.search(told):
            return None
        found = _JSON.decode(told)
    except (ValueError, RecursionError):
        return None
    return None if _is_deep(found) else found


def _is_deep(value: dict[str, Any]) -> bool:
    """Whether it is nested deeper than is allowed."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        inner = (part for one in level for part in (one.values() if type(one) is dict else one))
        level = [part for part in inner if type(part) in (dict, list)]
    return bool(level)


def plain(text: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    """The document as plain data. Raises `ProgramError` where it is not a set of named parts."""
    if isinstance(text, Mapping):
        return dict(text)
    size = len(text.encode(errors="surrogatepass") if isinstance(text, str) else text)
    if size > MAX_BYTES:
        raise ProgramError([Fault("", "too_large", f"{size} bytes; at most {MAX_BYTES} are allowed")])
    if (found := _json(text)) is not None:
        return dict(found)
    try:
        data = _read(text)
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, ProgramError):
            raise
        if fault := _unreadable(text):
            raise ProgramError([fault]) from error
        mark: Any = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not readable as text"
        hint = next((told for slip, told in _SLIPS.items() if slip in problem), "")
        raise ProgramError([Fault(where, "not_yaml", f"not YAML or JSON: {problem}{hint}")]) from error
    if not isinstance(data, dict):
        raise ProgramError([Fault("", "not_an_object", "a program is a set of named parts: program, name, rewards, …")])
    return data
