"""Whatever is sent, written or typed: it is read, or refused with a reason. Nothing else ever happens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from goodword.domain.conditions import FIELDS, Condition, ConditionError
from goodword.domain.events import EventError, parse_event
from goodword.domain.faults import Fault, ProgramError
from goodword.domain.payloads import CATALOGUE
from goodword.domain.program import compile_program, read
from support.cases import NAMES, source

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
WORDS = ["event_id", "occurred_at", "participant", "external_id", "email", "value", "currency", "code", "referral"]
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(CATALOGUE)) | st.text(max_size=12), "event_id": st.text(min_size=1, max_size=8)},
    optional={
        "occurred_at": st.datetimes().map(lambda moment: moment.isoformat() + "Z") | JSON,
        "participant": st.text(max_size=8) | st.dictionaries(st.sampled_from(WORDS), JSON, max_size=3),
        "account": JSON,
        "properties": st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), JSON, max_size=5),
    },
)
PLAIN = {name: read(source(name))[1] for name in NAMES}
PIECES = st.sampled_from(
    [f"{group}.{fact}" for group, facts in FIELDS.items() for fact in sorted(facts)]
    + ["true", "1", "-1", "2.5", "'x'", "null", "[1, 2]", "{'a': 1}", "x", "size", "timestamp", "duration"]
    + [
        "(",
        ")",
        "[",
        "]",
        " && ",
        " || ",
        "!",
        " == ",
        " < ",
        " in ",
        " + ",
        " / ",
        " ? ",
        " : ",
        ".",
        ", ",
        ".all(x, ",
    ]
)


@given(EVENTS | JSON)
@example({"type": "order.completed", "event_id": "1", "participant": "u", "properties": {"value": 1}})
def test_an_event_is_read_or_refused_with_reasons(raw: Any) -> None:
    try:
        event = parse_event(raw, NOW)
    except EventError as error:
        problems = error.problems
    else:
        problems = []
        assert orjson.loads(orjson.dumps(event.payload()))
    assert all(problem.code and problem.message for problem in problems)


@given(st.sampled_from(NAMES), st.data())
def test_a_changed_document_is_read_or_refused_with_reasons(name: str, data: st.DataObject) -> None:
    document = json.loads(json.dumps(PLAIN[name]))
    for _ in range(data.draw(st.integers(1, 3))):
        _change(document, data)
    faults = _faults(document)
    assert all(fault.code and fault.message for fault in faults)
    if not faults:
        compiled = compile_program("p", "v", 1, document)
        assert compiled.rules_on.keys() >= {"submitted", "closed_won"}


def _faults(document: Any) -> list[Fault]:
    try:
        read(document)
    except ProgramError as error:
        return error.faults or [Fault("", "", "")]
    return []


def _change(part: Any, data: st.DataObject) -> None:
    """Goes down to some place of the document and puts something else there, or takes it away."""
    while True:
        places = sorted(part) if isinstance(part, dict) else list(range(len(part)))
        if not places:
            return
        place = data.draw(st.sampled_from(places))
        if isinstance(part[place], dict | list) and part[place] and data.draw(st.booleans()):
            part = part[place]
            continue
        if data.draw(st.booleans()):
            part[place] = data.draw(JSON)
        else:
            del part[place]
        return


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_a_document_or_refused(text: str | bytes) -> None:
    assert _faults(text)


@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=40), st.data())
def test_an_expression_is_refused_or_answers(text: str, data: st.DataObject) -> None:
    try:
        condition = Condition(text)
    except ConditionError as error:
        refused = error.code
    else:
        refused = ""
        groups = {path[0] for path in condition.paths}
        facts = {group: {fact: data.draw(JSON) for fact in sorted(FIELDS[group])} for group in sorted(groups)}
        outcome = condition.test(facts)
        assert (outcome.ok is None) == bool(outcome.error)
    assert refused in ("", "cel_syntax", "cel_cost", "cel_unknown_name", "cel_not_boolean")
