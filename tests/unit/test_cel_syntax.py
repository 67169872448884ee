"""What is well-formed is told by its shape; the parser itself is the judge of what these tests expect."""

from __future__ import annotations

from collections.abc import Iterator

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.domain import cel_syntax
from goodword.domain.conditions import Condition

GOOD = (
    "a.b == 'x' || !(c > 1 && d in ['x', 'y', 'z']) ? f.g : h(1) + 2",
    "a ? b : c ? d : e",
    "(a || b) && (c)",
    "!!(a || b)",
    "a.exists(x, x.y == 'z' && x.n > 3)",
    "{'a': 1}.a == 1 || b",
    "a == r'\\d' || b == '\\n'",
    "a == '''it's''' || b",
    "a == 'é' && b // c",
    "a[0] == 1.5 && b",
    "has(a.b)",
    "a\n  || b",
    "a.while || b",
)
BAD = (
    "",
    "a ||",
    "a || || b",
    "a || b)",
    "(a || b",
    "a) || (b",
    "a ? b",
    "a ? b ? c : d : e",
    "a : b ? c",
    "a = = b",
    "a | | b",
    "a.in",
    "é || b",
    "a == 'x' 'y'",
    "a['x', 'y']",
    "a == 'x",
    "a == '\\q'",
    "[1, 2",
    "99999999999999999999 > a",
    "a.exists(1, b)",
    "a\x0b|| b",
    "1 .5 > a",
)


def parses(source: str) -> bool:
    try:
        cel.compile(source)
    except ValueError:
        return False
    return True


def passes(source: str) -> bool:
    try:
        cel_syntax.check(source)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("source", GOOD)
def test_what_the_parser_takes_passes(source: str) -> None:
    assert (parses(source), passes(source), passes(source)) == (True, True, True)


@pytest.mark.parametrize("source", BAD)
def test_what_the_parser_refuses_is_refused(source: str) -> None:
    assert (parses(source), passes(source), passes(source)) == (False, False, False)


def pieces() -> st.SearchStrategy[str]:
    words = [
        "a",
        "a.b",
        "x.in",
        "'t'",
        '"t"',
        "''",
        "1",
        "1.5",
        ".5",
        "1u",
        "true",
        "null",
        "size(x)",
        "a.exists(x, x)",
        "has(a.b)",
        "[1, 2]",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "!",
        "-",
        "||",
        "&&",
        "==",
        "<",
        "=",
        "|",
        "&",
        "?",
        ":",
        ",",
        ".",
        " in ",
        "//",
        "\\",
        "\n",
        "é",
        "r'x'",
    ]
    return st.lists(st.sampled_from(words), min_size=1, max_size=9).map(" ".join) | st.lists(
        st.sampled_from(words), min_size=1, max_size=9
    ).map("".join)


@given(source=pieces())
def test_shape_and_parser_always_agree(source: str) -> None:
    assert passes(source) == parses(source)


def test_a_shape_that_was_taken_needs_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    Condition("account.plan == 'gold' || event.value > 100 || history.order_value > 5")
    calls = list(counted(monkeypatch, "account.owner == 'ada' && history.orders > 7 || (account.plan == 'tin')"))
    assert calls == []
    assert list(counted(monkeypatch, "account.plan != 'tin'")) == ["account.f != 't'"]


def counted(monkeypatch: pytest.MonkeyPatch, source: str) -> Iterator[str]:
    """What the parser is asked while a condition is read."""
    asked: list[str] = []
    compile_ = cel.compile

    def ask(text: str) -> cel.Program:
        asked.append(text)
        return compile_(text)

    monkeypatch.setattr(cel_syntax.cel, "compile", ask)
    Condition(source)
    monkeypatch.undo()
    return iter(asked)


def test_so_many_shapes_are_remembered_and_then_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cel_syntax, "_known", set())
    monkeypatch.setattr(cel_syntax, "MAX_SHAPES", 2)
    for source in ("a > 1", "b > 1", "c > 1"):
        cel_syntax.check(source)
    assert cel_syntax._known == {"c > 1"}
