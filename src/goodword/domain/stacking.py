"""Stacking: which rewards of one decision exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from goodword.domain.document import Rule, Stack
from goodword.domain.program import Program


class Tried(Protocol):
    """A rule that would pay, and how much."""

    @property
    def rule(self) -> Rule: ...
    @property
    def amount(self) -> int | None: ...


OneTried = TypeVar("OneTried", bound=Tried)


def group(program: Program, rule: Rule) -> Stack | None:
    """The stack of rules that exclude each other and has this one, if any."""
    stack = program.stack_of.get(rule.id)
    return stack if stack and stack.keep != "all" else None


def in_turn(program: Program, tried: Sequence[OneTried]) -> list[OneTried]:
    """The rules in the order in which they may pay: that of the document, but where the better one is kept, the
    larger amount comes before the smaller. Of equal ones the first in the document is the better."""
    turns = list(tried)
    for stack in program.document.stacking:
        if stack.keep == "better":
            places = [place for place, one in enumerate(tried) if one.rule.id in stack.rules]
            best = sorted((tried[place] for place in places), key=lambda one: -(one.amount or 0))
            for place, one in zip(places, best, strict=True):
                turns[place] = one
    return turns
