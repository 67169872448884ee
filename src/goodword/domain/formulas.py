"""Formulas: CEL expressions that give an amount. Read, bounded and explained as conditions are."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from goodword.domain import money
from goodword.domain.cel_kinds import never_number
from goodword.domain.conditions import Condition, ConditionError, tokens_of


class Reckoned(NamedTuple):
    """What one evaluation gave: minor units (None after an error), the values it read, and the error."""

    amount: int | None
    read: Mapping[str, Any]
    error: str = ""


class Formula(Condition):
    """One compiled expression whose result is an amount: a number from 0, rounded half to even to a whole one."""

    __slots__ = ()

    @property
    def reads_event_value(self) -> bool:
        """Whether it needs the event's value, which must then be in the program's currency."""
        return ("event", "value") in self.paths

    def _refuse(self, words: list[str]) -> None:
        if never_number(tokens_of(self.source)):
            raise ConditionError(
                "cel_not_number", "is never a number; write one, such as event.value / 10 or history.orders * 100"
            )

    def reckon(self, facts: Mapping[str, Mapping[str, Any]]) -> Reckoned:
        """Evaluates over `facts` (root to field to value). A result that is no amount is an error."""
        return Reckoned(*self._answer(facts))

    def _kept(self, result: Any) -> tuple[Any, str]:
        if isinstance(result, bool) or not isinstance(result, int | float):
            return None, "gave something other than a number"
        if not 0 <= result <= money.MAX_AMOUNT:
            return None, f"gave {result}; an amount is from 0 to {money.MAX_AMOUNT}"
        return round(Fraction(str(result))), ""
