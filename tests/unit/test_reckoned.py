"""How an amount came about, as staff read it."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.insight import reckoned

EXCHANGE = {
    "value": 10_000, "currency": "EUR", "base": "EUR", "quote": "USD", "rate": "1.10", "day": "2026-01-10",
    "source": "ECB",
}  # fmt: skip
TURNED = EXCHANGE | {"base": "USD", "quote": "EUR", "rate": "0.8"}


@pytest.mark.parametrize(
    ("amount_from", "exchange", "unit", "text"),
    [
        ({}, {}, "USD", ""),
        ({"value": 48_000, "percent": 12.5}, {}, "USD", "12.5 % × 480.00 USD"),
        ({"value": 100, "percent": 10, "floor": 500}, {}, "USD", "10 % × 1.00 USD, ≥ 5.00 USD"),
        ({"value": 100_000, "percent": 10, "ceiling": 500}, {}, "USD", "10 % × 1,000.00 USD, ≤ 5.00 USD"),
        ({"value": 10_000, "from": 5_000}, {}, "USD", "100.00 USD, ≥ 50.00 USD"),
        ({"value": 10_000, "percent": 1}, {}, "points", "1 % × 10,000"),
        ({"drawn": 7, "of": 100}, {}, "USD", "7 / 100"),
        ({"cel": 480}, {}, "USD", ""),
        (
            {"value": 11_000, "percent": 1},
            EXCHANGE,
            "points",
            "100.00 EUR → USD (EUR/USD 1.10, 2026-01-10, ECB); 1 % × 110.00 USD",
        ),
        ({"cel": 480}, TURNED, "USD", "100.00 EUR → USD (USD/EUR 0.8, 2026-01-10, ECB)"),
    ],
)
def test_what_was_taken_of_what(amount_from: dict[str, Any], exchange: dict[str, Any], unit: str, text: str) -> None:
    assert reckoned.told(amount_from, exchange, unit) == text


def test_the_value_behind_points_is_money() -> None:
    of = {"value": 10_000, "percent": 1, "floor": 5, "from": 500}
    assert reckoned.told(of, {}, "points", "en", "EUR") == "1 % × 100.00 EUR, ≥ 5.00 EUR, ≥ 5"


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    assert reckoned.told({"value": 150_000, "percent": 10}, {}, "USD", "da") == "10 % × 1.500,00 USD"


def test_bounds_of_a_reward_whose_unit_nobody_knows_are_left_out() -> None:
    of = {"value": 99_999, "percent": 12.5, "ceiling": 5_000}
    assert reckoned.told(of, {}, "", "en", "USD") == "12.5 % × 999.99 USD"
