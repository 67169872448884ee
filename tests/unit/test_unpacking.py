"""Compressed bodies: unpacked within a bound, or refused with a code."""

from __future__ import annotations

import gzip
import zlib

import pytest

from goodword.domain.unpacking import MAX_MEMBERS, BadPacking, unpacked

TEXT = b'{"type": "order.completed"}' * 40


@pytest.mark.parametrize("coding", ["", "identity", " Identity "])
def test_a_plain_body_is_itself(coding: str) -> None:
    assert unpacked(TEXT, coding, 10) is TEXT


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", " gzip "])
def test_gzip_is_unpacked(coding: str) -> None:
    assert unpacked(gzip.compress(TEXT), coding, len(TEXT)) == TEXT


def test_members_follow_one_another() -> None:
    packed = gzip.compress(TEXT[:100]) + gzip.compress(b"") + gzip.compress(TEXT[100:])

    assert unpacked(packed, "gzip", len(TEXT)) == TEXT


def test_no_body_is_no_body() -> None:
    assert unpacked(b"", "gzip", 10) == b""


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "gzip, identity", "nonsense" * 20])
def test_another_encoding_is_not_read(coding: str) -> None:
    with pytest.raises(BadPacking, match="send gzip") as caught:
        unpacked(TEXT, coding, 10_000)

    assert caught.value.code == "unsupported_media_type"
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(TEXT, id="not packed at all"),
        pytest.param(zlib.compress(TEXT), id="zlib without gzip's head"),
        *[pytest.param(gzip.compress(TEXT)[:length], id=f"cut off at {length}") for length in (1, 5, 12, 30)],
        pytest.param(gzip.compress(TEXT)[:-1], id="without its last byte"),
        pytest.param(gzip.compress(TEXT)[:-8] + b"\0" * 8, id="another checksum"),
        pytest.param(gzip.compress(TEXT) + b"more", id="something behind it"),
    ],
)
def test_what_is_no_gzip_is_refused(raw: bytes) -> None:
    with pytest.raises(BadPacking) as caught:
        unpacked(raw, "gzip", 10_000)

    assert caught.value.code == "malformed_gzip"
    assert "Error" not in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(gzip.compress(b"\0" * 20_000_000), id="a bomb"),
        pytest.param(gzip.compress(b"\0" * 600) * 2, id="in parts"),
        pytest.param(gzip.compress(b"\0" * 1_001), id="a byte more"),
        pytest.param(gzip.compress(b"\0" * 1_001)[:-6], id="a byte more, and cut off"),
    ],
)
def test_no_more_is_unpacked_than_may_be(raw: bytes) -> None:
    with pytest.raises(BadPacking, match="over 1,000 bytes") as caught:
        unpacked(raw, "gzip", 1_000)

    assert caught.value.code == "body_too_large"


def test_exactly_the_limit_is_taken() -> None:
    assert len(unpacked(gzip.compress(b"\0" * 1_000), "gzip", 1_000)) == 1_000


def test_so_many_members_are_read_and_no_more() -> None:
    member = gzip.compress(b"a")
    assert unpacked(member * MAX_MEMBERS, "gzip", 1_000) == b"a" * MAX_MEMBERS
    with pytest.raises(BadPacking, match="members") as caught:
        unpacked(member * (MAX_MEMBERS + 1), "gzip", 1_000)

    assert caught.value.code == "malformed_gzip"
