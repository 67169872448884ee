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
_TEXT = re.compile(r"""'[^'\x00-\x1f\x7f]*'|"[^"\x00-\x1f\x7f]*\"""")
_NUMBER = re.compile(r"(?<![\w.])\d{1,15}(?![\w.])")
_RESERVED = (
    "as|break|const|continue|else|false|for|function|if|import|in|let|loop|package|namespace|null|return|true|var|void|"
    "while"
)
_FIELD = re.compile(rf"\.(?!(?:{_RESERVED})\b)[A-Za-z_]\w*+(?!\s*\()", re.ASCII)
_STRANGE = re.compile(r"[^ -~\n\t]|//")
_ODD_TEXT = re.compile(r"\\|'''|" + '"""')
_LIST = re.compile(r"\[(?:('t'|1), ?)+('t'|1)\]")
_JOINT = re.compile(r"(\|\||&&|\?|:)")
_UNCLEAR = re.compile(r"\{|[.\[]\s*\?")
_known: set[str] = set()


def check(source: str) -> None:
    """Raises the parser's `ValueError` where the expression is not well-formed."""
    shape = _shape(source)
    if shape is None or not _is_good(shape):
        cel.compile(source)


def pieces(source: str) -> list[str] | None:
    """What `&&`, `||`, `?` and `:` stand between, with one text and number in place of all; None where only the parser
    can tell what is a text."""
    bare = _bare(source)
    return None if bare is None else [piece.strip() for piece in _JOINT.split(bare)[::2]]


@lru_cache(maxsize=256)
def _bare(source: str) -> str | None:
    """The expression with one text and number in place of all; None where what is a text is not clear."""
    if _ODD_TEXT.search(source):
        return None
    bare = _TEXT.sub("'t'", source)
    return None if _STRANGE.search(bare) else _NUMBER.sub("1", bare)


def _shape(source: str) -> str | None:
    """The expression with one text, number and field in place of all; None where that could change its meaning."""
    bare = _bare(source)
    return None if bare is None else _LIST.sub("[1, 1]", _FIELD.sub(".f", bare))


def _operands(shape: str) -> Iterator[str]:
    """What is joined by `||`, `&&` and `? :`, also in brackets around the whole of an operand. Where it is not joined
    as the grammar asks, or a brace or `?` may mean something else, the whole of it too."""
    if _UNCLEAR.search(shape):
        yield shape
        return
    parts = _JOINT.split(shape)
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


def _opened(piece: str) -> int:
    """How many more brackets it opens than it closes."""
    return sum(map(piece.count, "([{")) - sum(map(piece.count, ")]}"))


def _is_good(shape: str) -> bool:
    if shape in _known:
        return True
    operands = list(_operands(shape))
    if not (_is_taken(shape) if shape in operands else all(map(_is_good, operands))):
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
