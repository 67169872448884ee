"""Codes that people read, say and type."""

from __future__ import annotations

import pytest

from goodword.domain import codes


@pytest.mark.parametrize(
    "typed",
    ["ADA-4711", "ada4711", "Ada 47-11", " ada_4711\n", "ada\u201147\u201311", "ＡＤＡ－４７１１".replace("－", "-")],
)
def test_case_spaces_hyphens_and_wide_letters_make_no_other_code(typed: str) -> None:
    assert codes.plain(typed) == "ada4711"


def test_a_generated_code_is_short_plain_and_has_nothing_that_looks_like_something_else() -> None:
    made = {codes.generated(f"event-{number}") for number in range(2_000)}

    assert len(made) == 2_000
    assert all(len(code) == codes.GENERATED and codes.plain(code) == code for code in made)
    assert not set("".join(made)) & set("0o1il2z5s8baeu")


def test_the_same_seed_gives_the_same_code_and_another_one_another() -> None:
    assert codes.generated("a") == codes.generated("a") != codes.generated("b")


@pytest.mark.parametrize("code", ["ADA-4711", "abc", "a" * 64, "7_eleven"])
def test_a_code_of_ones_own_is_of_letters_digits_hyphens_and_underscores(code: str) -> None:
    assert codes.fault(code) is None


@pytest.mark.parametrize("code", ["ab", "a" * 65, "-ada", "_ada", "ådal", "a b c", "a/b", "ada\n", "", "١٢٣"])
def test_what_cannot_be_a_code_is_told_how_one_looks(code: str) -> None:
    assert "such as ADA-4711" in str(codes.fault(code))


@pytest.mark.parametrize("code", ["ADA-4711", "ada 47 11", "ada.lovelace", "100%", "a+b", "åse", "日本", "--", "<b>"])
def test_what_other_systems_gave_out_is_possible_beside_ours(code: str) -> None:
    assert codes.possible(code)


@pytest.mark.parametrize("code", ["", " ", "a.b/c", "a.b?", "#.", "a.\0", "\ud800", "\u202e.", "a.\n"])
def test_what_no_address_can_carry_is_nobodys_code(code: str) -> None:
    assert not codes.possible(code)


@pytest.mark.parametrize("code", ["Admin", "LOG-IN", "healthz", "s_u_p_port"])
def test_reserved_words_are_nobodys_code_however_they_are_written(code: str) -> None:
    assert "reserved" in str(codes.fault(code))
