"""Stacking: which rewards of one decision exclude each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from goodword.domain.program import Program
from goodword.domain.rules import Rule, Stack

Wanted = tuple[Rule, str]
"""A rule to try, and its occurrence."""


OneTried = TypeVar("OneTried")


def group(program: Program, rule: Rule) -> Stack | None:
    """The stack of rules that exclude each other and has this one, if any."""
    stack = program.stack_of.get(rule.id)
    return stack if stack and stack.keep != "all" else None


def turns(program: Program, wanted: Iterable[Wanted]) -> list[list[Wanted]]:
    """The rules in the order in which they are tried: each by itself, but those of which the better is kept
    together, where the first of them stands."""
    if not program.stack_of:
        return [[one] for one in wanted]
    found: dict[int | str, list[Wanted]] = {}
    for place, one in enumerate(wanted):
        stack = program.stack_of.get(one[0].id)
        key = stack.rules[0] if stack and stack.keep == "better" else place
        found.setdefault(key, []).append(one)
    return list(found.values())


def best_first(tried: Sequence[OneTried], gives: Callable[[OneTried], int]) -> Sequence[OneTried]:
    """Who `gives` more before who gives less; of equal ones the first in the document is the better."""
    return tried if len(tried) < 2 else sorted(tried, key=lambda one: -gives(one))
