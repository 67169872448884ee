"""Segment's calls (track, identify, page, screen, group, alias) read as events of ours: a call in, documents as
`events.parse_event` reads them out, or what is wrong with the call.

A call that is refused is not lost where its sender cannot read the answer: `Read.kept` is an event that keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import ValidationError

from goodword.domain import segment_money, segment_names, segment_touches
from goodword.domain.events import MAX_ID, EventError, Problem, parse_event, parse_time
from goodword.domain.payloads import CATALOGUE

SOURCE = "segment"
"""The source of events that come in Segment's shapes."""
CALLS = ("track", "identify", "page", "screen", "group", "alias")
"""Types of call."""
VISITOR = "visitor.touched"
"""The type of event that tells who brought a visitor whom nobody knows yet."""
REFUSED = "segment.refused"
"""The type of event that keeps a call that could not be read."""
NOBODY = "nobody_known"
"""Why a call was left out: it is about a visitor whom nobody knows, and does not tell who brought them."""

FAULTS = 20
"""Faults of a refused call that are kept."""
_NEEDED = frozenset({"value", "currency", "milestone", "previous_id", "anonymous_id"})
"""Properties that are never put aside: without them the event is refused."""
_PAID = frozenset({"order.completed", "order.refunded", "invoice.paid"})
"""Types that need an amount."""
_OF_MONEY = _PAID | {"subscription.started", "subscription.renewed", "subscription.upgraded"}
"""Types whose amount, where they have one, must be read."""
_PERSONAL = {"email": "email", "firstName": "first_name", "lastName": "last_name", "phone": "phone", "name": "name"}
_ANONYMOUS = 128
"""Characters of the id of a visitor."""
_PLACES = {
    "/properties/anonymous_id": "/anonymousId",
    "/event_id": "/messageId",
    "/occurred_at": "/timestamp",
    "/participant/external_id": "/userId",
    "/participant": "/traits",
    "/account/external_id": "/groupId",
    "/account": "/traits",
}


class Read(NamedTuple):
    """What a call comes to: events (documents), what is wrong with it (then there are no events, and `kept` is the
    event that keeps it where somebody is named), or why there is nothing to record."""

    events: tuple[Mapping[str, Any], ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: str = ""
    kept: Mapping[str, Any] | None = None


Orders = Mapping[tuple[str, str], segment_money.Left]
"""What is left of orders, by the user's id and the order's."""


class _Call(NamedTuple):
    """A call's parts, with what is not of the right type left out. Ids are '' where there is none."""

    kind: str
    id: str
    user: str
    visitor: str
    name: str
    properties: Mapping[str, Any]
    traits: Mapping[str, Any]
    context: Mapping[str, Any]
    raw: Mapping[str, Any]
    orders: Orders

    @property
    def addresses(self) -> list[object]:
        page = _object(self.context.get("page"))
        return [where.get(name) for where in (self.properties, page) for name in ("url", "search")]


def read(
    raw: object,
    received_at: datetime,
    *,
    kind: str | None,
    sent_at: object,
    spare_id: str,
    orders: Orders | None = None,
) -> Read:
    """Reads one call. `kind` is its type where the address says it, None where the call does; `sent_at` is the sender's
    clock at the request; `spare_id` takes the place of a `messageId` that is not there; `orders` has those that
    `whole_refund` names, as far as they are known."""
    if not isinstance(raw, Mapping):
        return Read(problems=(Problem("", "not_an_object", "a call is a JSON object"),))
    named = raw.get("type") if kind is None else kind
    if kind is not None and raw.get("type", kind) != kind:
        told = f"this is the address of {kind} calls; leave type out, or send the call to its own"
        return Read(problems=(Problem("/type", "wrong_call", told),))
    if named not in CALLS:
        return Read(problems=(_unknown_kind(named),))
    call = _call(raw, str(named), spare_id, orders or {})
    problems: list[Problem] = []
    moment = _moment(raw.get("timestamp"), received_at, sent_at or raw.get("sentAt"), problems)
    documents = _WAYS[call.kind](call, problems)
    documents = [{**document, "occurred_at": moment, "source": SOURCE} for document in documents]
    for document in documents:
        try:
            parse_event(document, received_at)
        except EventError as error:
            problems += [problem for problem in map(_placed, error.problems) if problem not in problems]
    if problems:
        return Read(problems=tuple(problems), kept=_kept(call, received_at, problems))
    return Read(tuple(documents), left_out="" if documents else NOBODY)


def _unknown_kind(named: object) -> Problem:
    near = get_close_matches(str(named)[:40].lower(), CALLS, 1)
    meant = f" Did you mean {near[0]}?" if near and named is not None else ""
    told = f"there is no call {str(named)[:40]!r}; allowed: {', '.join(CALLS)}.{meant}"
    return Problem("/type", "unknown_call", told)


def whole_refund(raw: object) -> tuple[str, str] | None:
    """The user and the order of a call that pays all of it back without saying how much that is; None for others."""
    call = _call(_object(raw), "track", "", {})
    order_id = _id(call.properties.get("order_id"))
    if segment_names.type_of(call.name) != "order.refunded" or not (call.user and order_id):
        return None
    return (call.user, order_id) if segment_money.of_products(call.properties) == segment_money.Sum() else None


def _call(raw: Mapping[str, Any], kind: str, spare_id: str, orders: Orders) -> _Call:
    properties = _object(raw.get("properties"))
    return _Call(
        kind,
        _id(raw.get("messageId")) or spare_id,
        _id(raw.get("userId")),
        _id(raw.get("anonymousId")),
        str(raw["event"]) if isinstance(raw.get("event"), str) else "",
        {key: value for key, value in properties.items() if value is not None},
        _object(raw.get("traits")),
        _object(raw.get("context")),
        raw,
        orders,
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _id(value: object) -> str:
    """An id as text; numbers are the same as their digits. '' where there is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _moment(told: object, received_at: datetime, sent_at: object, problems: list[Problem]) -> datetime:
    """When it happened by our clock: the sender's time, moved by as much as the sender's clock differs from ours; never
    later than receipt. A time without an offset is UTC."""
    if told is None or told == "":
        return received_at
    try:
        moment = _time(told)
    except ValueError as error:
        problems.append(Problem("/timestamp", "bad_time", str(error)))
        return received_at
    try:
        skew = received_at - _time(sent_at)
    except ValueError:
        return min(moment, received_at)
    try:
        return min(moment + skew, received_at)
    except OverflowError:
        return min(moment, received_at)


def _time(told: object) -> datetime:
    if isinstance(told, str):
        try:
            found = datetime.fromisoformat(told.strip())
        except ValueError:
            return parse_time(told)  # says what is expected
        try:
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except OverflowError:
            raise ValueError("is not a time that exists; expected one such as 2026-03-14T10:22:00Z") from None
    return parse_time(told)


def _placed(problem: Problem) -> Problem:
    """The problem of a document, at the place in the call that it comes from."""
    for ours, theirs in _PLACES.items():
        if problem.pointer == ours or problem.pointer.startswith(f"{ours}/"):
            return Problem(theirs + problem.pointer.removeprefix(ours), problem.code, problem.message)
    return problem


def _kept(call: _Call, received_at: datetime, problems: list[Problem]) -> Mapping[str, Any] | None:
    """The event that keeps a call that is refused: about the person, with what was sent and what is wrong with it. Its
    id is not the call's, so that the call may be sent again when it is mended."""
    faults = [
        {"pointer": each.pointer[:200], "code": each.code, "detail": each.message[:500]} for each in problems[:FAULTS]
    ]
    known = {"call": call.kind, "sent_as": call.name[:200], "message_id": call.id[:MAX_ID], "faults": faults}
    sent = {name: call.raw[name] for name in ("properties", "traits", "groupId", "previousId") if call.raw.get(name)}
    email = _object(call.raw.get("traits")).get("email")
    person = call.user or ({"email": email} if email else None)
    if person is None:  # a visitor whom nobody knows is made known by nothing that could not be read
        return None
    for more in ({"sent": sent}, {}):
        document = {
            "type": REFUSED,
            "event_id": f"{call.id[: MAX_ID - 8]}:refused",
            "source": SOURCE,
            "occurred_at": received_at,
            "participant": person,
            "properties": {**known, **more},
        }
        try:
            parse_event(document, received_at)
        except EventError:
            continue
        return document
    return None


# Who it is about


def _person(call: _Call, told: Mapping[str, Any], *, visitors: bool = False) -> dict[str, Any] | None:
    """Whom a call is about, with what is said of them: by user id, else by e-mail, else, for `visitors`, by anonymous
    id. None where it is nobody who can be known."""
    traits = {key: value for key, value in told.items() if value is not None and value != ""}
    if "external_id" in traits:
        traits["external_id_as_sent"] = traits.pop("external_id")
    names = [traits.get(one) or traits.get(other) for one, other in _NAMES]
    whole = " ".join(name for name in names if isinstance(name, str))
    if "name" not in traits and whole:
        traits["name"] = whole
    for name in ("email", "name"):
        if name in traits and not _reads({"external_id": "u", name: traits[name]}):
            traits[f"{name}_as_sent"] = traits.pop(name)
    if call.user:
        return {**traits, "external_id": call.user}
    if "email" in traits:
        return traits
    return {**traits, "external_id": call.visitor} if call.visitor and visitors else None


_NAMES = (("first_name", "firstName"), ("last_name", "lastName"))
_ANY = datetime(2026, 1, 1, tzinfo=UTC)


def _reads(person: Mapping[str, Any]) -> bool:
    try:
        parse_event({"type": "any.thing", "event_id": "any", "participant": person}, _ANY)
    except EventError:
        return False
    return True


def _visitor(call: _Call) -> dict[str, Any]:
    """The anonymous id, as an event about a person who is known has it."""
    return {"anonymous_id": call.visitor} if 0 < len(call.visitor) <= _ANONYMOUS else {}


def _touched(call: _Call, evidence: Mapping[str, Any], problems: list[Problem]) -> list[dict[str, Any]]:
    """What a call about nobody who is known comes to: who brought the visitor, or nothing."""
    if not call.visitor:
        problems.append(Problem("/userId", "no_identity", "the call names nobody: give userId or anonymousId"))
    if not evidence or not call.visitor:
        return []
    return [_document(call, VISITOR, None, {**evidence, **_campaign(call), "anonymous_id": call.visitor})]


def _evidence(call: _Call) -> dict[str, Any]:
    return segment_touches.of_pages(call.addresses)


def _campaign(call: _Call) -> dict[str, Any]:
    found = segment_touches.campaign(call.context, call.addresses)
    return {"campaign": found} if found and "campaign" not in call.properties else {}


def _group(call: _Call) -> str:
    return _id(call.raw.get("groupId")) or _id(call.context.get("groupId")) or _id(call.properties.get("group_id"))


def _document(
    call: _Call, kind: str, person: Mapping[str, Any] | None, properties: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    found = {"type": kind, "event_id": call.id, "properties": _fitting(kind, properties), **more}
    return found if person is None else {**found, "participant": person}


def _fitting(kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties, those that a type of ours knows in another form put aside under another name: what is not needed
    stops no event."""
    found = dict(properties)
    known = CATALOGUE.get(kind)
    try:
        if known:
            known.payload.model_validate(found)
    except ValidationError as error:
        names = {str(item["loc"][0]) for item in error.errors(include_url=False, include_input=False) if item["loc"]}
        for name in sorted(names - _NEEDED):
            found[f"{name}_as_sent"] = found.pop(name)
    return found


# The calls


def _track(call: _Call, problems: list[Problem]) -> list[dict[str, Any]]:
    if not call.name.strip():
        problems.append(Problem("/event", "missing", "event is missing; a track call needs its name"))
        return []
    kind = segment_names.type_of(call.name)
    traits = {**_object(call.context.get("traits")), **_of_properties(call, kind)}
    if kind == segment_names.COUPON:
        return _coupon(call, traits, problems)
    if kind == "account.updated":
        return _account_of(call, traits, problems)
    person = _person(call, traits, visitors=kind in CATALOGUE)
    if person is None:
        return _touched(call, _evidence(call), problems)
    said = _PERSONAL.keys() | _PERSONAL.values() if kind == "participant.signed_up" else {"email"}
    kept = {name: value for name, value in call.properties.items() if name not in said}
    properties: dict[str, Any] = {**kept, "sent_as": call.name, **_campaign(call)}
    more = {"account": group} if (group := _group(call)) else {}
    if kind == "participant.identified":
        return [_document(call, kind, person, _visitor(call), **more)]
    if kind == "milestone.reached":
        properties = {"milestone": call.properties.get("name"), **properties}
    if kind in ("participant.signed_up", "order.completed"):
        properties = {**_evidence(call), **_visitor(call), **properties}
    if kind == "participant.signed_up":
        properties |= segment_touches.typed(call.properties)
    else:
        properties = _paid(call, kind, properties, problems)
    return [] if problems else [_document(call, kind, person, properties, **more)]


def _of_properties(call: _Call, kind: str) -> dict[str, Any]:
    """What the properties of a call say of its person: all that Segment names of a sign-up, of others the e-mail."""
    names = _PERSONAL if kind == "participant.signed_up" else {"email": "email"}
    pairs = ((ours, theirs) for theirs, ours in names.items())
    found = {ours: call.properties.get(ours, call.properties.get(theirs)) for ours, theirs in pairs}
    return {name: value for name, value in found.items() if value is not None}


def _paid(call: _Call, kind: str, properties: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """The properties with what was paid in minor units, and ids as texts."""
    if kind == "order.refunded":
        found = segment_money.paid_back(
            call.properties, call.orders.get((call.user, _id(call.properties.get("order_id"))))
        )
    else:
        found = segment_money.read(call.properties)
    if kind in _OF_MONEY and found.problem:
        problems.append(found.problem)
    elif kind in _PAID and found.value is None:
        told = "revenue is missing; give revenue, total, value or subtotal as a decimal, with currency"
        problems.append(Problem("/properties/revenue", "missing", told))
    if found.value is not None:
        properties = {**properties, "value": found.value, "currency": found.currency}
    elif kind in CATALOGUE:
        money = {name: properties[name] for name in ("value", "currency") if name in properties}
        aside = {f"{name}_as_sent": told for name, told in money.items()} if found.problem else {}
        properties = {key: value for key, value in properties.items() if key not in money} | aside
    for name in ("order_id", "subscription_id", "invoice_id"):
        if _id(properties.get(name)):
            properties[name] = _id(properties[name])
    if kind == "order.completed" and "quantity" not in properties:
        properties |= _quantity(call.properties.get("products"))
    return properties


def _quantity(products: object) -> dict[str, int]:
    each = [_object(product).get("quantity", 1) for product in products] if isinstance(products, list) else []
    whole = [number for number in each if isinstance(number, int) and not isinstance(number, bool) and number >= 0]
    return {"quantity": sum(whole)} if each and len(whole) == len(each) else {}


def _coupon(call: _Call, traits: Mapping[str, Any], problems: list[Problem]) -> list[dict[str, Any]]:
    """A coupon that was applied tells who brought the person; one without a code is a custom event as any other."""
    told = segment_touches.of_coupon(call.properties)
    person = _person(call, traits)
    if person is None:
        return _touched(call, told or _evidence(call), problems)
    if not told:
        return [_document(call, "coupon.applied", person, {**call.properties, "sent_as": call.name})]
    return [_document(call, "participant.identified", person, {**told, **_visitor(call)})]


def _account_of(call: _Call, traits: Mapping[str, Any], problems: list[Problem]) -> list[dict[str, Any]]:
    """An account was made or deleted; one that has no id is a custom event as any other."""
    group = _group(call) or _id(call.properties.get("account_id"))
    person = _person(call, traits)
    if not group:
        named = "track." + "_".join(segment_names.words(call.name))
        if person is None:
            return _touched(call, _evidence(call), problems)
        return [_document(call, named, person, {**call.properties, "sent_as": call.name})]
    told = {"name": call.properties.get("account_name"), "plan": call.properties.get("plan")}
    if segment_names.words(call.name)[-1] == "deleted":
        told["status"] = "deleted"
    known = {key: value for key, value in told.items() if value is not None}
    return [_document(call, "account.updated", person, known, account=group)]


def _identify(call: _Call, problems: list[Problem]) -> list[dict[str, Any]]:
    traits = dict(_object(call.context.get("traits"))) | dict(call.traits)
    company, address = _object(traits.get("company")), _object(traits.get("address"))
    person = _person(call, traits)
    if person is None:
        return _touched(call, _evidence(call), problems)
    properties: dict[str, Any] = {**_evidence(call), **_visitor(call)}
    country = person.pop("country", None) or address.get("country")
    if isinstance(country, str):
        properties["country"] = country.strip().upper() if len(country.strip()) == 2 else country
    locale = person.pop("locale", None) or call.context.get("locale")
    if locale:
        properties["locale"] = locale
    group = _group(call) or _id(company.get("id"))
    more: dict[str, Any] = {}
    if group:
        name = company.get("name")
        more = {"account": {"external_id": group, **({"name": name} if isinstance(name, str) and name else {})}}
    return [_document(call, "participant.identified", person, properties, **more)]


def _page(call: _Call, problems: list[Problem]) -> list[dict[str, Any]]:
    person = _person(call, _object(call.context.get("traits")))
    evidence = _evidence(call)
    if person is None:
        return _touched(call, evidence, problems)
    told = {"name": call.raw.get("name"), "category": call.raw.get("category"), **_campaign(call)}
    properties = {**{key: value for key, value in told.items() if value}, **call.properties}
    found = [_document(call, f"{call.kind}.viewed", person, properties)]
    if evidence:
        touched = _document(call, "participant.identified", person, {**evidence, **_visitor(call)})
        found.append({**touched, "event_id": f"{call.id[: MAX_ID - 8]}:touched"})
    return found


def _grouped(call: _Call, problems: list[Problem]) -> list[dict[str, Any]]:
    group = _group(call)
    if not group:
        problems.append(Problem("/groupId", "missing", "groupId is missing; a group call needs it"))
        return []
    traits = {key: value for key, value in call.traits.items() if value is not None}
    employees = traits.get("employees")
    if isinstance(employees, str) and employees.isascii() and employees.isdigit() and len(employees) < 16:
        traits["employees"] = int(employees)
    try:
        parse_time(traits.get("since", "2026-01-01T00:00:00Z"))
    except ValueError:
        traits["since_as_sent"] = traits.pop("since")
    person = _person(call, _object(call.context.get("traits")))
    return [_document(call, "account.updated", person, traits, account=group)]


def _alias(call: _Call, problems: list[Problem]) -> list[dict[str, Any]]:
    previous = _id(call.raw.get("previousId"))
    for name, value in (("previousId", previous), ("userId", call.user)):
        if not value:
            problems.append(Problem(f"/{name}", "missing", f"{name} is missing; an alias call needs it"))
    if problems:
        return []
    told = {"previous_id": previous, **_visitor(call._replace(visitor=previous))}
    return [_document(call, "participant.identified", {"external_id": call.user}, told)]


_WAYS = {
    "track": _track,
    "identify": _identify,
    "page": _page,
    "screen": _page,
    "group": _grouped,
    "alias": _alias,
}
