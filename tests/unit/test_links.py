"""Where a programme's links lead, as its document says."""

from __future__ import annotations

from typing import Any

import pytest

from goodword.domain import spelling
from goodword.domain.destinations import LONGEST, MAX_HOSTS, read
from goodword.domain.faults import ProgramError
from goodword.domain.links import Links
from goodword.domain.program import json_schema
from goodword.domain.program import read as read_program

PROGRAM: dict[str, Any] = {
    "program": "friends",
    "name": "Friends",
    "currency": "EUR",
    "lifecycle": {"flow": "self_serve", "qualified": {"on": "order.completed"}},
    "rewards": [
        {"id": "credit", "on": "referral.qualified", "to": "referrer", "give": {"type": "cash", "amount": 500}}
    ],
}


def faults(**links: Any) -> list[tuple[str, str]]:
    try:
        read_program({**PROGRAM, "links": links})
    except ProgramError as error:
        return [(fault.path, fault.code) for fault in error.faults]
    return []


def test_links_lead_nowhere_until_the_document_says_where() -> None:
    document, _ = read_program(PROGRAM)
    assert document.links.home is None
    document, _ = read_program({**PROGRAM, "links": {"destination": "https://www.example.com/a"}})
    assert document.links.home == ("https", "www.example.com", "/a")


def test_the_longest_address_and_the_longest_list_of_hosts_and_one_beyond() -> None:
    head = "https://www.example.com/"
    assert read(head + "a" * (LONGEST - len(head)))
    assert read(head + "a" * (LONGEST - len(head) + 1)) is None
    assert faults(hosts=[f"h{number}.example.com" for number in range(MAX_HOSTS)]) == []
    assert faults(hosts=[f"h{number}.example.com" for number in range(MAX_HOSTS + 1)]) == [
        ("links.hosts", "wrong_type")
    ]


@pytest.mark.parametrize("name", ["destination", "fallback"])
@pytest.mark.parametrize("bad", ["http://www.example.com", "www.example.com", "https://a@b.com", 7, "", "javascript:x"])
def test_a_bad_address_is_told_with_its_path(name: str, bad: Any) -> None:
    assert [path for path, _ in faults(**{name: bad})] == [f"links.{name}"]


@pytest.mark.parametrize("bad", ["https://a.com", "A.com", "*", 7])
def test_a_bad_host_is_told_with_its_place(bad: Any) -> None:
    assert [path for path, _ in faults(hosts=["a.com", bad])] == ["links.hosts.1"]


@pytest.mark.parametrize("bad", ["utm_source", "a b", "", "1a", "a&b", "x" * 33])
def test_a_bad_name_for_the_code_is_refused(bad: str) -> None:
    assert [path for path, _ in faults(code_name=bad, click_name=bad)] == ["links.code_name", "links.click_name"]
    assert Links.model_validate({"code_name": "ref"}).code_name == "ref"


def test_a_loyalty_programme_has_no_links() -> None:
    loyal = {
        **{key: value for key, value in PROGRAM.items() if key != "lifecycle"},
        "kind": "loyalty",
        "units": ["points"],
        "rewards": [
            {
                "id": "p",
                "on": "order.completed",
                "to": "participant",
                "give": {"type": "points", "amount": 5, "unit": "points"},
            }
        ],
        "links": {"destination": "https://www.example.com"},
    }
    with pytest.raises(ProgramError) as error:
        read_program(loyal)
    assert [fault.path for fault in error.value.faults] == ["links"]


def test_every_pattern_of_the_schema_is_told_in_words() -> None:
    def patterns(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(patterns, schema))
        if not isinstance(schema, dict):
            return set()
        own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
        return own.union(*map(patterns, schema.values()))

    wanted = patterns(json_schema())
    assert len({spelling.pattern("?", pattern) for pattern in wanted}) == len(wanted) >= 5
