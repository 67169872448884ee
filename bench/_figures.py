"""One measured figure and the floor it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in a unit, what the bare floor gave in the same run, and what is wanted, in words."""

    name: str
    value: float
    unit: str
    floor: float
    wanted: str = ""

    @property
    def ratio(self) -> float:
        return self.value / self.floor

    def data(self) -> dict[str, Any]:
        """As it stands in latest.json."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "floor": round(self.floor, 3),
            "ratio": round(self.ratio, 4),
            "wanted": self.wanted,
        }


HEAD = ("", "value", "floor", "unit", "ratio", "wanted")
TO_THE_RIGHT = (1, 2, 4)


def table(figures: list[Figure]) -> str:
    """The figures as a terminal shows them."""
    rows = [HEAD]
    rows += [
        (
            figure.name,
            f"{figure.value:,.1f}",
            f"{figure.floor:,.1f}",
            figure.unit,
            f"{figure.ratio:.3f}",
            figure.wanted,
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in TO_THE_RIGHT else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
