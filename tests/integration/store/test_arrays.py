"""Columns go to the database as arrays, packed or as text: what is read is what was given."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError

from goodword.store import tenancy
from goodword.store.sql import Documents, Uuids, execute, fetch, packed

ONE, TWO = "01890a5d-ac96-774b-bcce-b302099a8057", "00000000-0000-0000-0000-0000000000ff"


def test_ids_arrive_as_they_are(workspace: str) -> None:
    for ids in ([ONE], [ONE, TWO], [None, ONE, None], [TWO, None], [None, None], [ONE.upper()]):
        with tenancy.workspace(workspace):
            rows = fetch(
                "SELECT id::text FROM unnest(%s::uuid[], %s::int[]) AS row (id, place) ORDER BY place",
                [packed("uuid", ids), list(range(len(ids)))],
            )
        assert [id for (id,) in rows] == [id and id.lower() for id in ids]


def test_the_database_refuses_what_is_no_id(workspace: str) -> None:
    others: list[list[Any]] = [[], [ONE], [None]]
    for id in ("", "abc", ONE[:-1], ONE + "0", ONE.replace("a", "x"), "é" + ONE[1:], 7):
        for beside in others:
            with pytest.raises(DataError), tenancy.workspace(workspace):
                execute("SELECT unnest(%s::uuid[])", [packed("uuid", [id, *beside])])


def test_data_arrive_as_they_are(workspace: str) -> None:
    given = [{"a": 'she said "no" \\ {x,y}', "b": [1, 2.5, True, None]}, None, {}, {"ø": "日本\n\t'"}, [1], [], 0]
    with tenancy.workspace(workspace):
        rows = fetch(
            "SELECT data FROM unnest(%s::jsonb[]) WITH ORDINALITY AS row (data, place) ORDER BY place",
            [packed("jsonb", given)],
        )
    assert [data for (data,) in rows] == [*given[:5], {}, {}]  # what says nothing is an empty object, as in `array`


def test_what_is_packed_is_not_text() -> None:
    assert isinstance(packed("uuid", [ONE, None]), Uuids)
    assert isinstance(packed("jsonb", [{}]), Documents)
    assert packed("text", ["a"]) == '{"a"}'
    assert packed("uuid", [None]) == packed("jsonb", [None, None]) == "{}"
