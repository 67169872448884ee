"""The reading of one event as it is sent.

Known types have a typed payload (`payloads`); unknown properties are kept. Any other `noun.verb` is a
custom event.
Reading is strict where money and time are concerned and never repairs: it answers with every problem,
each with a JSON pointer, a stable code and a sentence that says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from goodword.domain import codes
from goodword.domain.moments import parse_time as parse_time
from goodword.domain.payloads import CATALOGUE, RESERVED_NOUNS, EventType, Payload, RewardMoved

MAX_ID = 200
"""Characters in a sender's id of an event, a person or a company."""
MAX_TEXT = 10_000
"""Characters in any one string of an event."""
MAX_EVENT_BYTES = 65_536
"""Bytes of one event as JSON."""
MAX_DEPTH = 8
"""Levels of nesting in an event."""
MAX_LIST = 1_000
"""Entries in any one list or object of an event."""
MAX_AHEAD = timedelta(days=1)
"""How far in the future an event may say it happened: clocks differ, but not by more."""
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: where (JSON pointer), what (stable code), and what to do."""

    pointer: str
    code: str
    message: str


class EventError(ValueError):
    """An event that cannot be recorded. `problems` has every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.pointer or '/'}: {p.message}" for p in problems))


_TYPE = re.compile(r"^[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_]{0,30}$")
_ENVELOPE = ("type", "event_id", "source", "occurred_at", "participant", "account", "properties")
_ALLOWED = frozenset(_ENVELOPE)
_BOUNDS = {"greater_than_equal": "at least", "less_than_equal": "at most"}
_ID_EXPECTED = "expected a text of 1 to {} characters, not only spaces"
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


_NOTHING: Mapping[str, Any] = {}
_OBJECT = (dict, Mapping)
"""Any mapping; what JSON gives is found out at once."""


class PersonRef(NamedTuple):
    """How an event names a person, and what it says of them."""

    external_id: str | None
    email: str
    name: str = ""
    traits: Mapping[str, Any] = _NOTHING
    id: str = ""
    """Ours, in the log alone: of a person who was erased."""


class AccountRef(NamedTuple):
    """How an event names an account, and what it says of it."""

    external_id: str
    traits: Mapping[str, Any] = _NOTHING


class Event(NamedTuple):
    """One fact, read and checked. `id` is the log's id, empty until recorded. `erased` is in the log alone: the
    ids behind names that an erasure took out, under participant, referred, account, link and order, and under claims
    those of what the event said of who is who."""

    type: str
    source: str
    event_id: str
    occurred_at: datetime
    received_at: datetime
    properties: Mapping[str, Any]
    participant: PersonRef | None = None
    account: AccountRef | None = None
    id: str = ""
    erased: Mapping[str, Any] = _NOTHING

    @property
    def simulated(self) -> bool:
        """Whether the sender marked the fact as made up."""
        return self.properties.get("simulated") is True

    def payload(self) -> dict[str, Any]:
        """What the log keeps of it beside its columns."""
        kept: dict[str, Any] = {"properties": self.properties}
        if self.participant:
            person: dict[str, Any] = {**self.participant.traits}
            if self.participant.external_id is not None:
                person["external_id"] = self.participant.external_id
            if self.participant.email:
                person["email"] = self.participant.email
            if self.participant.name:
                person["name"] = self.participant.name
            kept["participant"] = person
        if self.account:
            kept["account"] = {**self.account.traits, "external_id": self.account.external_id}
        return kept


def from_log(
    id: str,
    type: str,
    source: str,
    event_id: str,
    occurred_at: datetime,
    received_at: datetime,
    payload: Mapping[str, Any],
) -> Event:
    """An event as the log keeps it. It was checked when it was recorded. One dated ahead of its receipt is taken
    to have happened at receipt, so that a sender's fast clock ends no hold early and opens no period."""
    person, account, erased = payload.get("participant"), payload.get("account"), payload.get("erased") or {}
    ours = erased.get("participant", "") if erased else ""
    return Event(
        type,
        source,
        event_id,
        occurred_at if occurred_at <= received_at else received_at,
        received_at,
        payload["properties"],
        _person_ref(person, ours) if person else erased_ref(ours),
        _account_ref(account) if account else None,
        id,
        erased,
    )


def erased_ref(id: str | None) -> PersonRef | None:
    """How the log names a person who was erased."""
    return PersonRef(None, "", id=id) if id else None


def _person_ref(person: Mapping[str, Any], id: str = "") -> PersonRef:
    if len(person) == 1 and "external_id" in person:
        return PersonRef(person["external_id"], "", id=id)
    traits = dict(person)
    external_id, email = traits.pop("external_id", None), traits.pop("email", None)
    name = traits.pop("name", None) or ""
    return PersonRef(external_id, email.strip().lower() if email else "", name, traits, id)


def _account_ref(account: Mapping[str, Any]) -> AccountRef:
    return AccountRef(account["external_id"], {key: value for key, value in account.items() if key != "external_id"})


def parse_event(
    raw: object, now: datetime, source: str = "api", *, internal: bool = False, fine: bool = False
) -> Event:
    """Reads one event as it is sent. `now` is the time of receipt, used where the event names none; `fine` says that
    `surely_fine` was asked already, and said so.

    Raises `EventError` with every problem. Engine-made types are refused unless `internal`.
    """
    if not isinstance(raw, _OBJECT):
        raise EventError([Problem("", "not_an_object", "an event is a JSON object with type, event_id and so on")])
    problems = [] if fine else _shape_problems(raw)
    if problems:
        raise EventError(problems)

    for key in () if raw.keys() <= _ALLOWED else [key for key in raw if key not in _ALLOWED]:
        problems.append(
            Problem(
                _pointer(key),
                "unknown_field",
                f"unknown field; allowed: {', '.join(_ENVELOPE)}. Put facts of your own under properties",
            )
        )
    kind = _type(raw, problems, internal)
    event_id = _short(raw.get("event_id"), "event_id", MAX_ID, problems)
    if "source" in raw:
        source = _short(raw["source"], "source", 64, problems)
    occurred_at = _occurred_at(raw.get("occurred_at"), now, problems)
    person = _person(raw.get("participant"), problems)
    account = _account(raw.get("account"), problems)
    properties = _properties(raw.get("properties", {}), kind, problems)
    named = raw.get("properties", {})
    unnamed = problems and any(_names_a_subject(one.pointer) for one in problems)
    if kind is not None and isinstance(named, _OBJECT) and not unnamed:
        _require_subject(kind, person, account, named, problems)
    if problems:
        raise EventError(problems)
    if raw["type"] == "link.created" and properties.get("code") is None:
        seed = "\x1f".join((source, event_id, properties["program"]))
        properties = {**properties, "code": codes.generated(seed)}
    return Event(raw["type"], source, event_id, occurred_at, now, properties, person, account)


def _names_a_subject(pointer: str) -> bool:
    """Whether what is wrong there may be why nobody seems to be named."""
    return pointer.split("/")[1:2] in (["participant"], ["account"]) or pointer in (
        "/properties/referral", "/properties/reward", "/properties/rule",
    )  # fmt: skip


def _pointer(*parts: object) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


_SURELY_FINE_BYTES = 2 * MAX_LIST
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19


def has_long_number(text: bytes) -> bool:
    """Whether JSON has a whole number of so many digits that it may be beyond 64 bits: it may say so of what is none,
    and never misses one. Looking through zeros is quicker than through digits."""
    return _LONG_NUMBER in text.translate(_DIGITS)


def surely_fine(texts: Sequence[bytes]) -> bool:
    """Whether events, each as compact JSON, are so small and plain that none can pass a limit on its shape."""
    whole = texts[0] if len(texts) == 1 else b",".join(texts)
    if b"null" in whole or b"\\u0000" in whole or has_long_number(whole):
        return False
    for text in texts:
        if len(text) > _SURELY_FINE_BYTES or text.count(b"{") + text.count(b"[") > MAX_DEPTH:
            return False
    return True


def _shape_problems(raw: Mapping[str, Any]) -> list[Problem]:
    """Limits on size, depth and text that hold for everything in an event."""
    try:
        if surely_fine([orjson.dumps(raw)]):
            return []
    except TypeError:  # what JSON cannot say is told of below
        pass
    problems: list[Problem] = []
    waiting: list[tuple[str, Any, int]] = [("", raw, 1)]
    while waiting:
        pointer, value, depth = waiting.pop()
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                problems.append(
                    Problem(pointer, "text_too_long", f"{len(value)} characters; at most {MAX_TEXT} are allowed")
                )
            elif "\x00" in value or not _encodable(value):
                problems.append(
                    Problem(
                        pointer,
                        "bad_text",
                        "has a NUL character or half a surrogate pair; send valid Unicode",
                    )
                )
        elif isinstance(value, Mapping | list):
            if depth > MAX_DEPTH:
                problems.append(Problem(pointer, "too_deep", f"nested deeper than {MAX_DEPTH} levels"))
                continue
            if len(value) > MAX_LIST:
                problems.append(Problem(pointer, "too_many", f"{len(value)} entries; at most {MAX_LIST} are allowed"))
                continue
            if isinstance(value, Mapping):
                for key, inner in value.items():
                    waiting.append((pointer + _pointer(key), inner, depth + 1))
                    if not isinstance(key, str) or "\x00" in key or not _encodable(key):
                        problems.append(Problem(pointer, "bad_name", "a field's name is not valid text"))
            else:
                waiting.extend((f"{pointer}/{index}", inner, depth + 1) for index, inner in enumerate(value))
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
            problems.append(Problem(pointer, "number_too_large", "whole numbers must fit in 64 bits"))
        elif isinstance(value, float) and value - value != 0:
            problems.append(Problem(pointer, "not_a_number", "NaN and infinity are not allowed"))
    if not problems and len(orjson.dumps(raw)) > MAX_EVENT_BYTES:
        problems.append(Problem("", "event_too_large", f"over {MAX_EVENT_BYTES} bytes as JSON"))
    return problems


def _encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _type(raw: Mapping[str, Any], problems: list[Problem], internal: bool) -> EventType | None:
    name = raw.get("type")
    known = CATALOGUE.get(name) if isinstance(name, str) else None
    if known and (internal or not known.internal):
        return known
    if not isinstance(name, str) or not _TYPE.match(name):
        problems.append(
            Problem(
                "/type",
                "bad_type",
                "expected noun.verb in lower case, such as order.completed or ride.finished",
            )
        )
        return None
    noun = name.partition(".")[0]
    if known or noun in RESERVED_NOUNS:
        allowed = [entry for entry, kind in CATALOGUE.items() if entry.startswith(noun + ".") and not kind.internal]
        problems.append(
            Problem(
                "/type",
                "unknown_type",
                f"{name} cannot be sent; of the noun {noun} there are: {', '.join(allowed) or 'none'}",
            )
        )
        return None
    return EventType(name, Payload)


def _short(value: object, name: str, longest: int, problems: list[Problem]) -> str:
    if not _names_something(value, longest):
        problems.append(Problem(f"/{name}", f"bad_{name}", _ID_EXPECTED.format(longest)))
        return ""
    return str(value)


def _names_something(value: object, longest: int) -> bool:
    """Whether this is an id: spaces alone would tell nobody apart."""
    return isinstance(value, str) and 1 <= len(value) <= longest and not value.isspace()


def _occurred_at(value: object, now: datetime, problems: list[Problem]) -> datetime:
    if value is None:
        return now
    try:
        moment = value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else parse_time(value)
    except ValueError as error:
        problems.append(Problem("/occurred_at", "bad_time", str(error)))
        return now
    if moment < OLDEST:
        problems.append(Problem("/occurred_at", "time_too_old", "is before 1970; check the sender's clock and format"))
    elif moment > now + MAX_AHEAD:
        problems.append(
            Problem("/occurred_at", "time_in_future", "is more than a day in the future; check the sender's clock")
        )
    return moment


def _person(value: object, problems: list[Problem]) -> PersonRef | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = {"external_id": value}
    elif isinstance(value, dict) and len(value) == 1 and _names_something(value.get("external_id"), MAX_ID):
        return PersonRef(value["external_id"], "")
    if not isinstance(value, _OBJECT):
        problems.append(
            Problem(
                "/participant",
                "bad_participant",
                "expected an external id, or an object with external_id or email",
            )
        )
        return None
    external_id, email, name = value.get("external_id"), value.get("email"), value.get("name")
    if external_id is not None and not _names_something(external_id, MAX_ID):
        problems.append(Problem("/participant/external_id", "bad_external_id", _ID_EXPECTED.format(MAX_ID)))
    elif email and not (isinstance(email, str) and len(email) <= 254 and _EMAIL.match(email.strip())):
        problems.append(
            Problem("/participant/email", "bad_email", "expected an e-mail address such as ada@example.com")
        )
    elif name and not (isinstance(name, str) and len(name) <= 200):
        problems.append(Problem("/participant/name", "bad_name", "expected a text of at most 200 characters"))
    elif external_id is None and not email:
        problems.append(
            Problem("/participant", "no_identity", "the participant has no identity: give external_id or email")
        )
    else:
        return _person_ref(value)
    return None


def _account(value: object, problems: list[Problem]) -> AccountRef | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = {"external_id": value}
    external_id = value.get("external_id") if isinstance(value, _OBJECT) else None
    if not (isinstance(value, _OBJECT) and _names_something(external_id, MAX_ID)):
        problems.append(
            Problem(
                "/account",
                "bad_account",
                "expected an external id, or an object with external_id (1 to 200 characters, not only spaces)",
            )
        )
        return None
    return _account_ref(value)


def _properties(value: object, kind: EventType | None, problems: list[Problem]) -> Mapping[str, Any]:
    if not isinstance(value, _OBJECT):
        problems.append(Problem("/properties", "bad_properties", "expected an object"))
        return {}
    if kind is None:
        return value
    try:
        kind.payload.__pydantic_validator__.validate_python(value)  # as `model_validate` does, and less around it
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            problems.append(Problem(_pointer("properties", *item["loc"]), _code(item), _sentence(item)))
        return value
    if kind.type == "account.updated" and value.get("since") is not None:
        try:
            parse_time(value["since"])
        except ValueError as error:
            problems.append(Problem("/properties/since", "bad_time", str(error)))
    return value


def _code(item: Any) -> str:
    if item["loc"] and item["loc"][-1] in ("currency", "base", "quote") and item["type"] == "value_error":
        return "unknown_currency"
    codes = {
        "missing": "missing",
        "value_error": "bad_value",
        "same_currency": "same_currency",
        **dict.fromkeys(_BOUNDS, "out_of_range"),
    }
    return codes.get(item["type"], "wrong_type")


def _sentence(item: Any) -> str:
    name = item["loc"][-1] if item["loc"] else "value"
    if item["type"] == "missing":
        return f"{name} is missing; this type of event needs it"
    if item["type"] in ("int_type", "int_parsing", "int_from_float"):
        return "expected a whole number (amounts are in minor units: 4.80 USD is 480)"
    if item["type"] in _BOUNDS:
        return f"must be {_BOUNDS[item['type']]} {next(iter(item['ctx'].values())):,}"
    if item["type"] == "model_type":
        such = ', such as {"kind": "code", "code": "ada-4711"}' if "touches" in item["loc"] else ""
        return f"expected an object{such}"
    return str(item["msg"].removeprefix("Value error, "))


def _require_subject(
    kind: EventType,
    person: PersonRef | None,
    account: AccountRef | None,
    properties: Mapping[str, Any],
    problems: list[Problem],
) -> None:
    """Each event must be about somebody: a person, an account, or a referral or reward by id."""
    if kind.needs_person and person is None:
        problems.append(
            Problem("/participant", "no_identity", f"{kind.type} needs a participant: give external_id or email")
        )
    elif kind.needs_account and account is None:
        problems.append(Problem("/account", "no_account", f"{kind.type} needs an account with an external_id"))
    elif kind.payload is RewardMoved and not (
        properties.get("reward") or (properties.get("referral") and properties.get("rule"))
    ):
        problems.append(
            Problem("/properties/reward", "missing", "name the reward: reward, or referral together with rule")
        )
    elif kind.payload is Payload and not (person or account or properties.get("referral")):
        problems.append(
            Problem(
                "/participant",
                "no_identity",
                "say who it is about: a participant, an account, or properties.referral",
            )
        )
