"""Ids: public TypeIDs, and ids derived from what they stand for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from goodword.domain import ids

AT = datetime(2026, 3, 14, 10, 22, tzinfo=UTC)
UUID_TEXT = "0190a000-0000-7000-8000-000000000001"


def test_a_public_id_leads_back_to_the_internal_one() -> None:
    public = ids.public("par", UUID_TEXT)
    assert public.startswith("par_")
    assert len(public) == 4 + 26
    assert ids.internal("par", public) == UUID_TEXT
    assert ids.public("par", UUID(UUID_TEXT)) == public


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "is not an id; expected par_ and 26 characters"),
        ("par_", "is not an id"),
        ("par_" + "z" * 26, "is not an id"),
        ("par_" + "0" * 25, "is not an id"),
        ("PAR_" + "0" * 26, "is not an id"),
        ("", "is not an id"),
        (ids.public("ref", UUID_TEXT), "is an id of another kind; expected one that begins with par_"),
    ],
)
def test_a_text_that_is_no_id_of_the_kind_is_refused_with_what_one_looks_like(text: str, message: str) -> None:
    with pytest.raises(ids.BadId) as caught:
        ids.internal("par", text)
    assert message in str(caught.value)
    assert caught.value.code == "bad_id"


def test_a_very_long_text_is_cut_in_the_message() -> None:
    with pytest.raises(ids.BadId) as caught:
        ids.internal("par", "x" * 100_000)
    assert len(str(caught.value)) < 200


def test_a_derived_id_is_a_uuid_of_version_7_with_the_time_in_front() -> None:
    found = UUID(ids.derive(AT, "a", "b"))
    assert (found.version, found.variant) == (7, "specified in RFC 4122")
    assert found.int >> 80 == int(AT.timestamp() * 1000)
    assert str(found) == ids.derive(AT, "a", "b")


def test_other_parts_or_another_time_give_another_id() -> None:
    later = AT.replace(minute=23)
    found = {ids.derive(*given) for given in ((AT, "a", "b"), (AT, "ab"), (AT, "a", "c"), (later, "a", "b"))}
    assert len(found) == 4


def test_an_instant_before_1970_counts_as_1970() -> None:
    assert UUID(ids.derive(datetime(1960, 1, 1, tzinfo=UTC), "a")).int >> 80 == 0


def test_each_kind_of_thing_has_its_own_prefix() -> None:
    assert len(set(ids.PREFIXES.values())) == len(ids.PREFIXES)


def test_the_earliest_id_of_a_moment_divides_those_before_from_those_after() -> None:
    at = datetime(2026, 3, 14, tzinfo=UTC)
    before, after = ids.derive(at - timedelta(milliseconds=1), "a"), ids.derive(at, "a")
    assert before < ids.earliest(at) <= after
