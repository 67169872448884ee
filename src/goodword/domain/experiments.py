"""Experiments within a program: each person is in one variant of each, for good.

Nobody keeps who is where. The variant is drawn by a hash of names that anybody can look up, so it can be checked, and
is the same in every version, in replay and in a backtest.
"""

from __future__ import annotations

from bisect import bisect_right
from hashlib import blake2b
from itertools import accumulate
from typing import Literal

from pydantic import Field

from goodword.domain.fields import Code, Count, Id, Part


class Variant(Part):
    """One side of an experiment."""

    id: Id = Field(description="Its name in conditions.", examples=["more"])
    weight: Count = Field(description="So many of the sum of all weights are in it.", examples=[50])


class Experiment(Part):
    """A controlled comparison: conditions and amounts read a person's variant as `experiment.` and its id. The BLAKE2b
    hash (16 bytes) of `program:experiment:par_…`, as a big-endian whole number, modulo the sum of the weights, falls
    into the part of one variant, in the order of the list."""

    id: Code = Field(description="Its name: `experiment.thanks_size`.", examples=["thanks_size"])
    whose: Literal["referrer", "referred"] | None = Field(
        None,
        description="Who is drawn: the `referrer` (left out too) or the `referred`. In a loyalty program it is the "
        "participant.",
        examples=["referred"],
    )
    variants: list[Variant] = Field(
        description="Its sides. One that no condition names goes untreated.",
        min_length=2,
        max_length=20,
        examples=[[{"id": "none", "weight": 1}, {"id": "double", "weight": 3}]],
    )


def variant_of(program_key: str, experiment: Experiment, participant: str) -> str:
    """The variant that a participant (`par_…`) is in."""
    text = f"{program_key}:{experiment.id}:{participant}"
    place = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big")
    ends = list(accumulate(variant.weight for variant in experiment.variants))
    return experiment.variants[bisect_right(ends, place % ends[-1])].id
