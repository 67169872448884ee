"""Reads the bodies of long questions: the document, and what is asked of it. Every fault has its JSON pointer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from goodword.api import body
from goodword.api.documents import fault_at
from goodword.api.problems import Fault, Refusal
from goodword.domain import faults as wrong
from goodword.domain import program as documents
from goodword.domain.document import Document
from goodword.domain.events import parse_time

ELASTICITY = (-10, 10)
"""The least and the greatest elasticity."""


class Body:
    """The members of a JSON object, taken one by one; `done` raises for every fault found."""

    def __init__(self, sent: Any, names: tuple[str, ...]) -> None:
        if not isinstance(sent, Mapping):
            raise Refusal("invalid_request", errors=[Fault("not_an_object", "expected an object", pointer="")])
        if "program" in sent and not sent.keys() & set(names):
            told = f'a program stands under document here: send {{"document": …}}, beside it {", ".join(names[1:])}'
            raise Refusal("invalid_request", errors=[Fault("bare_document", told, pointer="")])
        self._sent = sent
        self._of_document: list[Fault] = []
        self._faults = [
            Fault("unknown_field", f"unknown field; allowed: {', '.join(names)}", pointer=body.pointer(name))
            for name in sent
            if name not in names
        ]

    def take(self, name: str, read: Callable[[Any], Any], default: Any = None) -> Any:
        """A member as `read` reads it; null is as good as left out. `read` raises `ValueError` with what is allowed."""
        value = self._sent.get(name)
        if value is None:
            return default
        try:
            return read(value)
        except ValueError as error:
            self.fault(name, "bad_value", str(error))
            return default

    def fault(self, name: str, code: str, detail: str, *inner: str) -> None:
        """Notes a fault of a member, or of what lies further in."""
        self._faults.append(Fault(code, detail, pointer=body.pointer(name, *inner)))

    def document(self, name: str) -> tuple[Document, dict[str, Any]] | None:
        """The document under a name, as an object or as YAML text; None where it is left out, or is none: then every
        fault of it is noted."""
        value = self._sent.get(name)
        if value is None:
            return None
        if not isinstance(value, str | Mapping):
            self.fault(name, "wrong_type", "expected a program, as an object or as YAML text")
            return None
        try:
            document, plain = documents.read(value)
        except wrong.ProgramError as error:
            self._of_document += [fault_at(fault, name) for fault in error.faults]
            return None
        body.check(plain)
        return document, plain

    def done(self) -> None:
        """Raises `Refusal` where anything was wrong: invalid_program where the document was."""
        if self._of_document:
            told = "Nothing was tried. Repair what `errors` names."
            raise Refusal("invalid_program", told, errors=[*self._of_document, *self._faults])
        if self._faults:
            raise Refusal("invalid_request", errors=self._faults)


def moment(value: Any) -> datetime:
    """A time of RFC 3339."""
    if not isinstance(value, str):
        raise ValueError("expected a time (RFC 3339), such as 2026-03-14T10:22:00Z")
    return parse_time(value)


def whole(least: int, most: int) -> Callable[[Any], int]:
    """A whole number within bounds."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"expected a whole number from {least:,} to {most:,}")
        return value

    return read


def elasticity(value: Any) -> Decimal:
    """A number within its bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not ELASTICITY[0] <= value <= ELASTICITY[1]:
        raise ValueError(f"expected a number from {ELASTICITY[0]} to {ELASTICITY[1]}, such as 0.5")
    return Decimal(str(value))
