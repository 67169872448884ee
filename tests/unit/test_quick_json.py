"""The quick reading of JSON says what the strict one says, or that it does not know."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from goodword.api import body, quick_json
from goodword.api.problems import Refusal
from goodword.domain import events as domain_events

ODD = [
    b'{"a":-0}', b'{"a":-0.0}', b'{"a":1e999}', b'{"a":-1E-400}', b'{"a":18446744073709551616}',
    b'{"a":9223372036854775808}', b'{"a":1,"a":2}', b'{"a":"\\ud800"}', b'{"a":"\\ud83d\\ude00"}',
    b"\xef\xbb\xbf{}", b'{"a":01}', b"[1,]", b'{"a":"\x01"}', b"nan", b"NaN", b" 1 ", b'""', b"", b"-",
    b'{"a":{"b":1,"b:":2,"b":":"}}', b'{"a\\u003a":1,"b":2,"b":3}', b'{"a":"x:y","a":":"}', b'{"":1,"":2}',
    b"0.1e1", b"1E5", b"100000000000000000000000.0", b"\xff", b'{"a":"\xc3"}', b"[1e309]", b"[5e-324]",
    b"[1.7976931348623157e308]", b"[0.30000000000000004]", b"[" * 33 + b"]" * 33, b"[" * 32 + b"]" * 32,
    b'{"x":' * 40 + b"1" + b"}" * 40, b'["]","]",' * 20 + b"1" + b"]" * 20, b'{"a":"\\u0000"}', b"[" * 5_000,
]  # fmt: skip
PLAIN = {"events": [{"type": "a.b", "properties": {"at": "10:00:00", "list": [1, 2.5, None, True, "é", "{[:,"]}}] * 50}


def _quick(raw: bytes) -> Any:
    return quick_json.read(raw, depth=body.MAX_DEPTH, values=body.MAX_VALUES)


def _strict(raw: bytes) -> Any:
    try:
        return body._parse_slowly(raw)
    except Refusal as refusal:
        return refusal.code


@pytest.mark.parametrize("raw", ODD, ids=range(len(ODD)))
def test_what_is_odd_is_read_alike_or_left_to_the_strict_reading(raw: bytes) -> None:
    quick = _quick(raw)
    assert quick is quick_json.IN_DOUBT or repr(quick) == repr(_strict(raw))


def test_what_is_plain_is_not_in_doubt() -> None:
    raw = json.dumps(PLAIN).encode()
    assert _quick(raw) == PLAIN
    assert body.parse_json(raw) == PLAIN


def test_too_many_values_are_in_doubt() -> None:
    raw = json.dumps([1] * (body.MAX_VALUES + 1)).encode()
    assert _quick(raw) is quick_json.IN_DOUBT


ATOMS = [
    b"1",
    b'"a:"',
    b'"]"',
    b"null",
    b"-0",
    b"1.5e3",
    b'"\\u003a"',
    b'"\\ud800"',
    b"12345678901234567890",
    b'"\\u0000"',
    b"0.1",
    b"1e22",
    b"-1",
]
NAMES = [b'"a"', b'"b"', b'":"', b'"c"', b'"d"']


def _made(chance: random.Random, depth: int = 0) -> bytes:
    kind = chance.random()
    if depth > 4 or kind < 0.3:
        return chance.choice(ATOMS)
    inner = [_made(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind < 0.6:
        return b"[" + b",".join(inner) + b"]"
    return b"{" + b",".join(chance.choice(NAMES) + b":" + one for one in inner) + b"}"


def test_documents_at_random_are_read_alike() -> None:
    chance, read = random.Random(4711), 0
    for _ in range(5_000):
        raw = _made(chance)
        quick = _quick(raw)
        if quick is not quick_json.IN_DOUBT:
            assert repr(quick) == repr(_strict(raw)), raw
            read += 1
    assert read > 1_000


def _events(raw: bytes, batch: bool) -> list[Any] | None:
    return quick_json.events(raw, batch=batch, values=body.MAX_VALUES)


def _sound(found: list[Any] | None, raw: bytes, batch: bool, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether events were found without a doubt; then they are those of the strict reading, and pass every limit on
    their shape when each is looked at."""
    if found is None:
        return False
    strict = _strict(raw)
    assert repr(found) == repr(strict["events"] if batch else [strict]), raw
    with monkeypatch.context() as looked:
        looked.setattr(domain_events, "surely_fine", lambda texts: False)
        for event in found:
            assert not isinstance(event, dict) or domain_events._shape_problems(event) == [], raw
    return True


@pytest.mark.parametrize("batch", [True, False])
def test_events_without_a_doubt_are_those_of_the_strict_reading(batch: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, sound = random.Random(4711), 0
    for number in range(5_000):
        made = [_made(chance) for _ in range(chance.randrange(1, 4))] if batch else [_made(chance)]
        made += ODD[number : number + 1]
        raw = b'{"events":[' + b",".join(made) + b"]}" if batch else made[-1]
        sound += _sound(_events(raw, batch), raw, batch, monkeypatch)
    assert sound > 1_000


@pytest.mark.parametrize(
    ("event", "certain"),
    [
        ({"a": {"b": {"c": {"d": {"e": {"f": {"g": {}}}}}}}}, True),
        ({"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {}}}}}}}}}, False),
        ({"a": "x" * (2 * domain_events.MAX_LIST - len('{"a":""}'))}, True),
        ({"a": "x" * (2 * domain_events.MAX_LIST - len('{"a":""}') + 1)}, False),
        ({"a": 10**17}, True),
        ({"a": 10**18}, False),
        ({"a": None}, False),
    ],
)
def test_what_may_be_beyond_a_limit_is_in_doubt(event: Any, certain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for batch in (True, False):
        raw = json.dumps({"events": [{"b": 1}, event]} if batch else event).encode()
        assert _sound(_events(raw, batch), raw, batch, monkeypatch) is certain


def test_a_batch_is_a_list_under_its_one_name() -> None:
    for raw in (b'{"events":{}}', b'{"events":[]}', b'{"events":[{}],"more":1}', b"[{}]", b'{"event":[{}]}', b"1", b""):
        assert _events(raw, True) is None, raw
    assert _events(b'{"events":[{},{}]}', True) == [{}, {}]
    assert _events(b'{"events":[{}]}', False) == [{"events": [{}]}]
