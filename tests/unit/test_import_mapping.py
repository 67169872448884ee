"""A mapping is read strictly: every fault at once, with its place, what is allowed and what was probably meant."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.engine.imports import mapping
from goodword.engine.imports.mapping import MappingError, UnknownMapping, read

FIELDS = {"external_id": "id", "email": "mail"}


def faults(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(MappingError) as told:
        read(document)
    return [(fault.path, fault.code) for fault in told.value.faults]


def messages(document: Any) -> str:
    with pytest.raises(MappingError) as told:
        read(document)
    return str(told.value)


def one(kind: str = "participants", **part: Any) -> dict[str, Any]:
    return {"mapping": "m", "files": {"f": {"makes": [{"kind": kind, "fields": FIELDS, **part}]}}}


def field(name: str, source: Any) -> dict[str, Any]:
    return one(fields={**FIELDS, name: source})


@pytest.mark.parametrize("name", mapping.names())
def test_every_ready_mapping_can_be_used(name: str) -> None:
    found = mapping.ready(name)
    assert found.name == name
    assert found.files


def test_there_is_no_other_ready_one() -> None:
    with pytest.raises(UnknownMapping, match="did you mean 'rewardful'"):
        mapping.ready_text("rewardfull")


def test_every_fault_is_told_at_once_with_the_nearest_spelling() -> None:
    document = {
        "mapping": "My mapping",
        "mony": "minor",
        "money": "cents",
        "zone": "Europe/Olso",
        "time": "epoch",
        "encoding": "utf8",
        "delimiter": ":",
        "decimal_comma": "yes",
        "title": 12.5,
        "files": {
            "f": {
                "hass": ["id"],
                "makes": [
                    {"kind": "participant", "fields": {"email": "mail"}},
                    {"kind": "participants", "fields": {"emial": "mail", "traits.Bad": "x"}, "once": "no"},
                    {"kind": "referrals", "fields": {"state": {"column": "s", "map": {"a": "closed_wn"}}}},
                    {"kind": "rewards", "fields": {"state": {"value": "payed"}, "participant.email": {}}},
                    {"kind": "links", "fields": {"code": {"column": "c", "value": "x", "tke": "code"}}},
                    {"kind": "balances"},
                    7,
                ],
            },
            "g": 7,
            "A b": {"makes": []},
        },
    }
    assert faults(document) == [
        ("mony", "unknown_field"),
        ("mapping", "bad_name"),
        ("zone", "unknown_zone"),
        ("files.f.hass", "unknown_field"),
        ("files.f.makes[0].kind", "unknown_word"),
        ("files.f.makes[1].fields.emial", "unknown_field"),
        ("files.f.makes[1].fields.traits.Bad", "unknown_field"),
        ("files.f.makes[1].fields", "missing"),
        ("files.f.makes[1].once", "wrong_type"),
        ("files.f.makes[2].fields.state.map.a", "unknown_state"),
        ("files.f.makes[2].fields", "missing"),
        ("files.f.makes[2].fields", "missing"),
        ("files.f.makes[3].fields.state.value", "unknown_state"),
        ("files.f.makes[3].fields.participant.email", "missing"),
        ("files.f.makes[4].fields.code.tke", "unknown_field"),
        ("files.f.makes[4].fields.code", "missing"),
        ("files.f.makes[4].fields", "missing"),
        ("files.f.makes[5].fields", "missing"),
        ("files.f.makes[6]", "wrong_type"),
        ("files.g", "wrong_type"),
        ("files.A b", "bad_name"),
        ("files.A b.makes", "missing"),
        ("title", "wrong_type"),
        ("money", "unknown_word"),
        ("time", "unknown_word"),
        ("encoding", "unknown_word"),
        ("delimiter", "unknown_word"),
        ("decimal_comma", "wrong_type"),
    ]
    said = messages(document)
    for near in ("'money'", "'Europe/Oslo'", "'has'", "'participants'", "'email'", "'closed_won'", "'utf-8'", "'take'"):
        assert f"did you mean {near}?" in said, near


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (b"[1]", "", "not_an_object"),
        (b"a: b: c", "line 1", "not_yaml"),
        ({"mapping": "m"}, "files", "missing"),
        ({"mapping": "m", "files": {}}, "files", "missing"),
        (one(when=["x"]), "files.f.makes[0].when", "wrong_type"),
        (field("country", {"column": "c", "map": {}}), "files.f.makes[0].fields.country.map", "wrong_type"),
        (one(fields={**FIELDS, "name": 12}), "files.f.makes[0].fields.name", "wrong_type"),
        (field("name", {"column": ["c"] * 21}), "files.f.makes[0].fields.name.column", "too_many"),
        (one(fields={**FIELDS, "name": {"value": "x" * 201}}), "files.f.makes[0].fields.name.value", "wrong_type"),
        (field("created_at", {"column": "c", "time": "%d"}), "files.f.makes[0].fields.created_at.time", "unknown_word"),
    ],
)  # fmt: skip
def test_a_fault_has_its_place(document: Any, path: str, code: str) -> None:
    assert (path, code) in faults(document)


def test_limits_are_reached_and_not_passed() -> None:
    name = {"value": "x" * mapping.MAX_TEXT}
    columns = {"column": [f"c{number}" for number in range(mapping.MAX_COLUMNS)]}
    words = {f"w{number}": "NO" for number in range(mapping.MAX_WORDS)}
    fields = {**FIELDS, "name": name, "company": columns, "country": {"column": "c", "map": words}}
    part = {"kind": "participants", "fields": fields}
    files = {f"f{number}": {"makes": [part] * mapping.MAX_PARTS} for number in range(mapping.MAX_FILES)}
    assert len(read({"mapping": "m", "files": files}).files) == mapping.MAX_FILES
    words["one-more"] = "NO"
    files["one-more"] = {"makes": [part] * (mapping.MAX_PARTS + 1)}
    assert faults({"mapping": "m", "files": files}) == [("files", "missing")]
    one_file = {"f": files["one-more"]}
    assert ("files.f.makes", "missing") in faults({"mapping": "m", "files": one_file})
    assert faults(one(fields=fields)) == [("files.f.makes[0].fields.country.map", "wrong_type")]
