"""Units and amounts."""

from __future__ import annotations

import pytest

from goodword.domain import money


@pytest.mark.parametrize("code", ["USD", "EUR", "NOK", "DKK", "MYR", "JPY", "KWD"])
def test_money_in_use_is_a_currency(code: str) -> None:
    assert money.is_currency(code)


@pytest.mark.parametrize("code", ["", "usd", "US", "XXX", "DEM", "points", "BTC"])
def test_other_things_are_not(code: str) -> None:
    assert not money.is_currency(code)


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        (150000, "USD", "1,500.00 USD"),
        (1, "USD", "0.01 USD"),
        (-250, "USD", "-2.50 USD"),
        (1500, "JPY", "1,500 JPY"),
        (1500, "KWD", "1.500 KWD"),
        (1500, "points", "1,500 points"),
        (0, "NOK", "0.00 NOK"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_unit(amount: int, unit: str, shown: str) -> None:
    assert money.display(amount, unit) == shown


def test_an_amount_is_shown_as_the_reader_writes_numbers() -> None:
    assert money.display(150000, "NOK", "da") == "1.500,00 NOK"


@pytest.mark.parametrize(
    ("amount", "part", "whole", "expected"),
    [
        (100000, 100000, 700000, 14286),  # 14285.71
        (100000, 200000, 700000, 28571),  # 28571.43
        (100000, 4, 800000, 0),  # 0.5, to the even 0
        (100000, 12, 800000, 2),  # 1.5, to the even 2
        (100000, 20, 800000, 2),  # 2.5, to the even 2
        (100000, 800000, 800000, 100000),
        (100000, 0, 800000, 0),
        (0, 5, 10, 0),
        (10**15, 1, 3, 333333333333333),
    ],
)
def test_a_share_is_rounded_half_to_even(amount: int, part: int, whole: int, expected: int) -> None:
    assert money.share(amount, part, whole) == expected


def test_what_was_counted_is_a_sum_or_a_number_in_the_readers_language() -> None:
    assert money.tally(123450, "USD") == "1,234.50 USD"
    assert money.tally(123450, "USD", "nb") == "1\xa0234,50 USD"
    assert [money.tally(1200, "", language) for language in ("en", "da", "ms")] == ["1,200", "1.200", "1,200"]
