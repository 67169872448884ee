"""Whether a CEL expression is well-formed, told by its shape.

The parser takes most of the time in which a large document is read, and large documents say the same again and again:
a fact, a comparison, a text. So an expression is stripped of what no grammar minds (which text, which number, which
field, how long a list) and taken apart where `||`, `&&` and `? :` join its operands; a shape that the parser has taken
before needs no parser. What may mean anything else to the parser, such as an escape, a comment or a letter outside
ASCII, is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import cel

MAX_SHAPES = 20_000
"""Shapes remembered; with one more they are forgotten."""
LONG = 1_000
"""Characters of a shape beyond which it is not remembered."""
PARTS = 4_096
"""Parts of expressions of which is remembered what they hold."""
_TEXT = re.compile(r"""'[^'\x00-\x1f\x7f]*'|"[^"\x00-\x1f\x7f]*\"""")
_NUMBER = re.compile(r"(?<![\w.])\d{1,15}(?![\w.])")
_RESERVED = (
    "as|break|const|continue|else|false|for|function|if|import|in|let|loop|package|namespace|null|return|true|var|void|"
    "while"
)
_FIELD = re.compile(rf"\.(?!(?:{_RESERVED})\b)[A-Za-z_]\w*+(?!\s*\()", re.ASCII)
_STRANGE = re.compile(r"[^ !#-~\n\t]")
_ODD_TEXT = ("\\", "'''", '"""')
_LIST = re.compile(r"\[(?:('t'|1), ?)+('t'|1)\]")
_JOINT = re.compile(r"(\|\||&&|\?|:)")
_UNCLEAR = re.compile(r"\{|[.\[]\s*\?")
_known: set[str] = set()


def check(source: str) -> None:
    """Raises the parser's `ValueError` where the expression is not well-formed."""
    parts = parts_of(source)
    shapes = None if parts is None else list(map(_shape, parts))
    if shapes is None or not _is_good("".join(shapes), shapes):
        cel.compile(source)


@lru_cache(maxsize=256)
def parts_of(source: str) -> tuple[str, ...] | None:
    """What `&&`, `||`, `?` and `:` stand between, and these, in turn, with one text and number in place of all; None
    where only the parser can tell what is a text."""
    if any(odd in source for odd in _ODD_TEXT):
        return None
    bare, texts = _TEXT.subn("'t'", source)
    if "//" in bare or bare.count("'") != 2 * texts or _STRANGE.search(bare):
        return None
    return tuple(_JOINT.split(_NUMBER.sub("1", bare)))


@lru_cache(maxsize=PARTS)
def _shape(part: str) -> str:
    """The part with one field and list in place of all."""
    return _LIST.sub("[1, 1]", _FIELD.sub(".f", part))


def _operands(shape: str, parts: list[str]) -> Iterator[str]:
    """What is joined by `||`, `&&` and `? :`, also in brackets around the whole of an operand. Where it is not joined
    as the grammar asks, or a brace or `?` may mean something else, the whole of it too."""
    if _UNCLEAR.search(shape):
        yield shape
        return
    begun, sides, depth = "", "", 0
    for operand, joint in zip(parts[::2], [*parts[1::2], ""], strict=True):
        begun += operand
        depth += _opened(operand)
        if depth:
            begun += joint
            continue
        whole = begun.strip()
        inside = whole.lstrip("!")
        yield inside[1:-1] if inside[:1] == "(" and inside[-1:] == ")" else whole
        begun = ""
        sides += joint if joint in ("?", ":") else ""
    if begun or sides.replace("?:", ""):
        yield shape


@lru_cache(maxsize=PARTS)
def _opened(part: str) -> int:
    """How many more brackets it opens than it closes."""
    return sum(map(part.count, "([{")) - sum(map(part.count, ")]}"))


def _is_good(shape: str, parts: list[str]) -> bool:
    if shape in _known:
        return True
    operands = list(_operands(shape, parts))
    if not (_is_taken(shape) if shape in operands else all(_is_good(one, _JOINT.split(one)) for one in operands)):
        return False
    if len(shape) <= LONG:
        if len(_known) >= MAX_SHAPES:
            _known.clear()
        _known.add(shape)
    return True


def _is_taken(shape: str) -> bool:
    """Whether the parser takes it."""
    try:
        cel.compile(shape)
    except ValueError:
        return False
    return True
