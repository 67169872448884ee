"""What becomes of records: each is accepted and becomes an event, is skipped because it is there already, or cannot be.

A page of records is looked at with a constant number of statements. Who somebody is, is found as the engine finds it:
by external id, else by e-mail. What another system's id stood for is found among the keys of imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from goodword.domain import facts, ids, money
from goodword.domain.events import Event, EventError, PersonRef, parse_event
from goodword.domain.payloads import IMPORT_LINK, IMPORT_PARTICIPANT, IMPORT_REFERRAL, IMPORT_REWARD
from goodword.domain.program import Program
from goodword.domain.rows import STANDING, Participant, Referral
from goodword.domain.rules import Rule
from goodword.domain.state import State
from goodword.engine import load
from goodword.engine.imports import keys
from goodword.engine.imports.keys import New, Seen
from goodword.engine.imports.reading import Trouble
from goodword.engine.imports.records import Record, traits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SOURCE = "import"
"""The source of the events that imports record."""


@dataclass(slots=True)
class Line:
    """A line of the report: what became of a record, with its event where it was accepted, and what was seen in it."""

    record: Record
    status: str = "accepted"
    trouble: Trouble | None = None
    event: Event | None = None
    raw: dict[str, Any] | None = None
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Scope, key, and the id of what was there before."""
    number: int = 0
    like: Line | None = None
    """The line of the same page that the same thing stood on first."""
    quiet: bool = False
    """A repeat that is not worth telling."""


class Planner:
    """Looks at pages of records of one import, in their order."""

    def __init__(
        self, workspace_id: str, run_id: str, vendor: str, program: Program, rule: str, now: datetime, *, dry: bool,
        files: Sequence[str],
    ) -> None:  # fmt: skip
        self.workspace_id = workspace_id
        self.run_id = run_id
        self.vendor = vendor
        self.program = program
        self.rule = rule
        self.now = now
        self.dry = dry
        self.files = files
        self.file = 0
        self._public = ids.public("imp", run_id)
        self._scopes = (vendor, run_id)

    def page(self, records: Sequence[Record], *, once: bool, first: int, file: int) -> list[Line]:
        """What becomes of the records of a file; they are numbered in the import from `first` on."""
        self.file = file
        good = [record for record in records if not (record.trouble or record.skip)]
        known = _Known(self, good)
        lines = []
        for number, record in enumerate(records, first):
            line = Line(record, number=number)
            if record.trouble or record.skip:
                line.status = "error" if record.trouble else "skipped"
                line.trouble = record.trouble or record.skip
            else:
                _PLANS[record.kind](self, known, line, number)
                line.quiet = once and line.status == "skipped"
            if record.trouble and line.status == "accepted":
                line.status, line.trouble, line.raw = "error", record.trouble, None
            if line.raw:
                self._event(line)
            if line.status != "error":
                known.note(line)
            lines.append(line)
        return lines

    def _place(self, before: Seen) -> str:
        """Where this import saw something first."""
        other = before.file is not None and before.file != self.file
        return f"line {before.line} of {self.files[before.file or 0]}" if other else f"line {before.line}"

    def _event(self, line: Line) -> None:
        assert line.raw
        try:
            line.event = parse_event(line.raw, self.now, SOURCE, internal=True)
        except EventError as error:
            first = error.problems[0]
            line.status = "error"
            line.trouble = Trouble("BAD_VALUE", f"{first.pointer.removeprefix('/properties/')}: {first.message}")

    # Participants

    def participant(self, known: _Known, line: Line, number: int) -> None:
        record = line.record
        name, email = record.get("external_id"), record.get("email") or ""
        if not name and not email:
            record.refuse("NO_IDENTITY", "has neither our id (external_id) nor an e-mail address")
            return
        own = self._own(record, "p")
        found = known.person(PersonRef(name, email))
        before = known.seen_before([*own, *_names(name, email)])
        if before and before.run_id == self.run_id:
            line.seen += [(self.vendor, key, before.participant_id) for key in own]
            line.like = known.line_of([*own, *_names(name, email)])
            _skip(line, "DUPLICATE_IN_FILE", f"the same person stands on {self._place(before)}; the first counts")
            return
        if found:
            line.seen += [(self.vendor, key, found.id) for key in own]
            _skip(line, "ALREADY_KNOWN", "this person is known here already and stays as they are")
            return
        line.seen += [(self.vendor, key, None) for key in own]
        line.seen += [(self.run_id, key, None) for key in _names(name, email)]
        person = {"external_id": name, "email": email, "name": record.get("name"), **traits(record)}
        line.raw = self._raw(IMPORT_PARTICIPANT, number, record, {}, person, "created_at")
        if record.get("account"):
            line.raw["account"] = {"external_id": record.get("account")}

    def _own(self, record: Record, kind: str) -> list[str]:
        name = record.get("source_id")
        return [keys.key(kind, name)] if name else []

    def _raw(
        self, kind: str, number: int, record: Record, properties: dict[str, Any], person: dict[str, Any], at: str
    ) -> dict[str, Any]:
        """An event as it is recorded. One import never has the same one twice."""
        own = {
            "import_id": self._public,
            "vendor": self.vendor,
            "source_id": record.get("source_id"),
            "source_state": record.get("source_state"),
            **properties,
        }
        return {
            "type": kind,
            "event_id": f"{self._public}:{number}",
            "occurred_at": record.get(at) or self.now,
            "participant": {name: value for name, value in person.items() if value not in (None, "")},
            "properties": {name: value for name, value in own.items() if value is not None},
        }

    # Links

    def link(self, known: _Known, line: Line, number: int) -> None:
        record = line.record
        who = self._who(known, record, "participant")
        if who is None:
            return
        if self.program.is_loyalty:
            record.refuse("NO_REFERRALS", "a loyalty program has no links", "code")
            return
        code = record.get("code")
        if not code:
            record.refuse("CODE_MISSING", "the row has no code", "code")
            return
        key = keys.key("l", code.lower())
        before, there = known.seen.get(key), known.state.links.get(code.lower())
        if there and there.participant_id == who.id:
            same = before and before.run_id == self.run_id
            code_of = "DUPLICATE_IN_FILE" if same else "ALREADY_KNOWN"
            _skip(
                line, code_of, f"this code is theirs already{f', by {self._place(before)}' if before and same else ''}"
            )
            return
        if before and before.run_id == self.run_id and before.participant_id == who.mark:
            _skip(line, "DUPLICATE_IN_FILE", f"the same code stands on {self._place(before)}; the first counts")
            return
        if there or before:
            where = f"on {self._place(before)}" if before and before.run_id == self.run_id else "here"
            message = f"somebody else has this code {where} (capitals and small letters are the same)"
            record.refuse("CODE_TAKEN", message, "code")
            return
        line.seen.append((self.run_id, key, who.mark))
        told = {"program": self.program.key, "code": code, "channel": record.get("channel")}
        line.raw = self._raw(IMPORT_LINK, number, record, told, who.ref, "created_at")
        return

    # Referrals

    def referral(self, known: _Known, line: Line, number: int) -> None:
        record = line.record
        if self.program.is_loyalty:
            record.refuse("NO_REFERRALS", "a loyalty program has no referrals", "state")
            return
        who = self._who(known, record, "referrer")
        if who is None:
            return
        name, email = record.get("referred.external_id"), record.get("referred.email") or ""
        if not name and not email:
            record.refuse("CUSTOMER_NOT_NAMED", "has neither our id nor an e-mail of who was referred")
            return
        found = known.person(PersonRef(name, email))
        if who.is_same(found, name, email):
            record.refuse("SELF_REFERRAL", "referrer and referred are the same person", "referred.email")
            return
        own = [*self._own(record, "r"), *self._customer(record)]
        mine = [keys.key("r", self.program.key, "person", key) for key in _names(name, email)]
        stands = [keys.key("r", self.program.key, "stands", key) for key in _names(name, email)]
        stands = stands if record.get("state") in STANDING else []
        before = known.seen_before([*self._own(record, "r"), *stands])
        standing = known.standing(found) if found else None
        if before and before.run_id == self.run_id:
            line.seen += [(self.vendor, key, standing.id if standing else None) for key in own]
            line.like = known.line_of([*self._own(record, "r"), *stands])
            _skip(line, "DUPLICATE_IN_FILE", f"the same person is referred on {self._place(before)}; the first counts")
            return
        external = record.get("source_id") or f"{self.vendor}:{mine[0].partition(':')[2][:24]}"
        there = known.state.referral_by_external.get((self.program.id, external))
        if there or (standing and standing.referrer_id == who.id):
            target = there or (standing.id if standing else None)
            line.seen += [(self.vendor, key, target) for key in own]
            _skip(line, "ALREADY_KNOWN", "this referral is here already and stays as it is")
            return
        if standing and record.get("state") in STANDING:
            record.refuse(
                "ALREADY_REFERRED",
                "somebody else's referral of this person stands here; only one can",
                "referred.email",
            )
            return
        line.seen += [(self.vendor, key, None) for key in own] + [(self.run_id, key, None) for key in (*mine, *stands)]
        currency = record.get("currency") or self.program.document.currency
        worth = record.get("value") is not None
        told = {
            "program": self.program.key,
            "referral": external,
            "referred": _given({"external_id": name, "email": email, "name": record.get("referred.name")}),
            "state": record.get("state"),
            "value": record.get("value"),
            "currency": currency if worth else None,
            "order_id": record.get("order_id"),
            **{at: _text(record.get(at)) for at in ("qualified_at", "closed_at", "expires_at")},
        }
        line.raw = self._raw(IMPORT_REFERRAL, number, record, told, who.ref, "created_at")
        return

    def _customer(self, record: Record) -> list[str]:
        name = record.get("referred.source_id")
        return [keys.key("r", self.program.key, "customer", name)] if name else []

    # Rewards and balances

    def reward(self, known: _Known, line: Line, number: int) -> None:
        record = line.record
        own = self._own(record, "w")
        if record.kind == "balances" and record.get("amount") == 0:
            _skip(line, "NOTHING_THERE", "the balance is zero")
            return
        before = known.seen_before(own)
        if before:
            where = (
                self._place(before) if before.run_id == self.run_id else f"import {ids.public('imp', before.run_id)}"
            )
            code = "DUPLICATE_IN_FILE" if before.run_id == self.run_id else "ALREADY_KNOWN"
            _skip(line, code, f"the same reward came with {where}")
            return
        referral = self._referral_of(known, record)
        if record.trouble:
            return
        who = self._receiver(known, record, referral)
        if who is None:
            return
        rule = self._rule(record, "referrer" if referral is None or who.refers else "referred", referral is not None)
        if rule is None:
            return
        line.seen += [(self.vendor, key, None) for key in own]
        amount, unit = record.get("amount"), record.get("unit")
        told = {
            "program": self.program.key,
            "rule": rule.id,
            "referral": referral,
            "state": record.get("state") or "approved",
            "amount": amount,
            "unit": self._unit(record, rule, unit) if amount is not None else None,
            "order_id": record.get("order_id"),
            "value": record.get("value"),
            "currency": (record.get("currency") or self.program.document.currency)
            if record.get("value") is not None
            else None,
            **{at: _text(record.get(at)) for at in ("due_at", "approved_at", "issued_at", "ended_at", "expires_at")},
        }
        line.raw = self._raw(IMPORT_REWARD, number, record, told, who.ref, "created_at")
        return

    def _unit(self, record: Record, rule: Rule, unit: str | None) -> str:
        """The unit, where the rule can have given it; else the record is refused."""
        own = rule.give.unit or self.program.document.currency
        told = unit or own
        if told != own and not (money.is_currency(told) and money.is_currency(own)):
            record.refuse(
                "UNIT_WRONG", f"rule {rule.id} gives {own}; map the unit, or choose another rule", "unit", told
            )
        return told

    def _referral_of(self, known: _Known, record: Record) -> str | None:
        """The external id of the referral that a reward is for; None where it names none."""
        name = record.get("referral")
        own = [keys.key("r", name)] if name else []
        own += self._customer(record)
        seen = next((found for key in own if (found := known.seen.get(key))), None)
        if seen and seen.referral:
            return seen.referral
        if name and (self.program.id, name) in known.state.referral_by_external:
            return str(name)
        if seen and self.dry:
            return str(name or seen.run_id)
        external, email = record.get("referred.external_id"), record.get("referred.email") or ""
        if external or email:
            person = known.person(PersonRef(external, email))
            row = known.latest(person) if person else None
            if row and row.external_id:
                return row.external_id
            if self.dry and known.seen_before(
                [keys.key("r", self.program.key, "person", key) for key in _names(external, email)]
            ):
                return str(external or email)
        if not (name or external or email or record.get("referred.source_id")):
            return None
        if name:
            record.refuse(
                "REFERRAL_NOT_FOUND", "no referral of this id was imported; import referrals first", "referral"
            )
            return None
        column = next(c for c in ("referred.source_id", "referred.external_id", "referred.email") if record.get(c))
        record.refuse("CUSTOMER_NOT_FOUND", "nobody of this name was referred here; import referrals first", column)
        return None

    def _receiver(self, known: _Known, record: Record, referral: str | None) -> _Who | None:
        """Who has the reward: who is named, else the referrer of its referral."""
        named = any(record.get(f"participant.{way}") for way in ("source_id", "external_id", "email", "code"))
        id = known.state.referral_by_external.get((self.program.id, referral)) if referral else None
        row = known.state.referrals.get(id) if id else None
        if not named:
            if row:
                return known.who(row.referrer_id, refers=True)
            if referral and self.dry:
                return _would_be(referral)
            record.refuse("PARTNER_NOT_NAMED", "says neither who has it nor which referral it is for")
            return None
        who = self._who(known, record, "participant")
        if who and row and who.id:
            if who.id not in (row.referrer_id, row.referred_id):
                record.refuse("NOT_THEIRS", "this participant is on neither side of the referral", "participant.email")
                return None
            return _Who(who.id, who.ref, who.id == row.referrer_id)
        return who

    def _rule(self, record: Record, side: str, of_referral: bool) -> Rule | None:
        """The rule that a reward stands for: as it is named, else the only one there is for that side, else the one
        that pays for a win."""
        rules = {rule.id: rule for rule in self.program.document.rewards}
        named = record.get("rule") or self.rule
        if named:
            if named not in rules:
                record.refuse("RULE_UNKNOWN", f"the program has no such rule; it has {', '.join(rules)}", "rule", named)
                return None
            return rules[named]
        unit = record.get("unit")
        own = [rule for rule in rules.values() if not of_referral or rule.to == side]
        if unit and not money.is_currency(unit):
            own = [rule for rule in own if rule.give.unit == unit]
        elif unit:
            own = [rule for rule in own if money.is_currency(rule.give.unit or self.program.document.currency)] or own
        if unit and rules and not money.is_currency(unit) and not own:
            given = sorted({rule.give.unit or self.program.document.currency for rule in rules.values()})
            record.refuse("UNIT_WRONG", f"no rule here gives that; they give {', '.join(given)}; map the unit", "unit")
            return None
        best = own if len(own) < 2 else [rule for rule in own if rule.on == "referral.closed_won"]
        if len(best) != 1:
            record.refuse(
                "RULE_UNCLEAR",
                f"which rule does it stand for? Say rule, here or in the mapping: {', '.join(rules) or 'none there'}",
                "rule",
            )
            return None
        return best[0]

    # Who

    def _who(self, known: _Known, record: Record, role: str) -> _Who | None:
        """Who is named in a role; else the record is refused."""
        source, name = record.get(f"{role}.source_id"), record.get(f"{role}.external_id")
        email, code = record.get(f"{role}.email") or "", record.get(f"{role}.code")
        if source and (seen := known.seen.get(keys.key("p", source))):
            if seen.participant_id:
                if found := known.who(seen.participant_id):
                    return found
            elif self.dry:
                return _would_be(source)
        if (name or email) and (person := known.person(PersonRef(name, email))):
            return known.who(person.id)
        if (name or email) and self.dry and known.seen_before(_names(name, email)):
            return _Who(None, _given({"external_id": name, "email": email}))
        if code and (link := known.state.links.get(code)):
            return known.who(link.participant_id)
        if code and self.dry and keys.key("l", code) in known.seen:
            return _would_be(code)
        for way in ("source_id", "external_id", "email"):
            if record.get(f"{role}.{way}"):
                record.refuse(
                    "PARTNER_NOT_FOUND", "nobody of this name is known; import participants first", f"{role}.{way}"
                )
                return None
        if code:
            record.refuse("LINK_NOT_FOUND", "no link has this code; import links first", f"{role}.code")
            return None
        record.refuse("PARTNER_NOT_NAMED", "does not say who it is about", f"{role}.email")
        return None


@dataclass(frozen=True, slots=True)
class _Who:
    """Somebody: our id of them (none in a dry run that would have made them known), how events name them, and whether
    they are the referrer."""

    id: str | None
    ref: dict[str, Any]
    refers: bool = True

    @property
    def mark(self) -> str:
        """What tells them apart from others: our id, or one like it."""
        return self.id or ids.derive(_EPOCH, "mark", *self.ref.values())

    def is_same(self, other: Participant | None, name: str | None, email: str) -> bool:
        if self.id and other:
            return other.id == self.id
        return bool(name and self.ref.get("external_id") == name) or bool(email and self.ref.get("email") == email)


def _would_be(name: str) -> _Who:
    """Somebody whom a dry run would have made known, and of whom it knows no more than another system's name."""
    return _Who(None, {"email": f"{keys.key('n', name)[2:]}@known.invalid"})


class _Known:
    """What is known of what a page of records names."""

    def __init__(self, planner: Planner, records: Iterable[Record]) -> None:
        self._run_id, self._file = planner.run_id, planner.file
        wanted, names, emails, codes, referrals = set(), set(), set(), set(), set()
        for record in records:
            for role in ("", "participant.", "referrer.", "referred."):
                name, email = record.get(f"{role}external_id"), record.get(f"{role}email")
                names.update([name] if name else [])
                emails.update([email] if email else [])
                wanted.update(_names(name, email or ""))
                if role and (source := record.get(f"{role}source_id")):
                    wanted.add(keys.key("p", source))
            kind = {"participants": "p", "referrals": "r"}.get(record.kind, "w")
            wanted.update(planner._own(record, kind))
            wanted.update(planner._customer(record))
            wanted.update(
                keys.key("r", planner.program.key, what, key)
                for what in ("person", "stands")
                for key in _names(record.get("referred.external_id"), record.get("referred.email") or "")
            )
            if record.get("referral"):
                wanted.add(keys.key("r", record.get("referral")))
                referrals.add(record.get("referral"))
            if record.kind == "referrals":
                referrals.update(
                    f"{planner.vendor}:{keys.key('r', planner.program.key, 'person', key).partition(':')[2][:24]}"
                    for key in _names(record.get("referred.external_id"), record.get("referred.email") or "")
                )
                referrals.update([record.get("source_id")] if record.get("source_id") else [])
            for code in (record.get("code"), record.get("participant.code"), record.get("referrer.code")):
                if code:
                    codes.add(code.lower())
                    wanted.add(keys.key("l", code.lower()))
        self.seen: dict[str, Seen] = keys.find(planner.workspace_id, planner._scopes, wanted)
        self.state = State(planner.workspace_id, {}, {})
        load._links(self.state, codes)
        found = {row.participant_id for row in self.seen.values() if row.participant_id}
        found |= {link.participant_id for link in self.state.links.values()}
        load._participants(self.state, names, emails, found)
        load._survivors(self.state)
        referrals |= {row.referral for row in self.seen.values() if row.referral}
        self._program_id = planner.program.id
        self._lines: dict[str, Line] = {}
        if any(record.kind in ("referrals", "rewards") for record in records):
            load._referrals(self.state, (), referrals, ())
            people = {row.referrer_id for row in self.state.referrals.values()} - self.state.participants.keys()
            load._participants(self.state, (), (), people)
            load._survivors(self.state)

    def note(self, line: Line) -> None:
        """What was seen in a line is known to those after it."""
        for _, key, target in line.seen:
            self._lines.setdefault(key, line.like or line)
            if key not in self.seen:
                self.seen[key] = Seen(self._run_id, self._file, line.record.line, target, None)

    def person(self, ref: PersonRef) -> Participant | None:
        """Who a reference means, as the engine finds them."""
        return facts.known(self.state, ref)

    def seen_before(self, wanted: Iterable[str]) -> Seen | None:
        """Where one of these was seen first."""
        return next((found for key in wanted if (found := self.seen.get(key))), None)

    def line_of(self, wanted: Iterable[str]) -> Line | None:
        """The line of this page on which one of these was seen first."""
        return next((found for key in wanted if (found := self._lines.get(key))), None)

    def who(self, id: str, *, refers: bool = True) -> _Who | None:
        """Somebody by our id, as events name them; None for nobody, or of whom only the id is left."""
        if id not in self.state.participants:
            return None
        row = self.state.survivor(id)
        ref = _given({"external_id": row.external_id, "email": "" if row.external_id else row.email})
        return _Who(row.id, ref, refers) if ref else None

    def _rows(self, person: Participant) -> list[Referral]:
        found = self.state.referrals_of.get((self._program_id, person.id), ())
        return [self.state.referrals[id] for id in found]

    def standing(self, person: Participant) -> Referral | None:
        """The referral that takes the person's place."""
        return next((row for row in self._rows(person) if row.state in STANDING), None)

    def latest(self, person: Participant) -> Referral | None:
        """The standing referral of a person, else the latest that counted."""
        rows = [row for row in self._rows(person) if row.state not in ("voided", "duplicate")]
        return self.standing(person) or max(rows, key=lambda row: (row.submitted_at, row.id), default=None)


_PLANS = {
    "participants": Planner.participant,
    "links": Planner.link,
    "referrals": Planner.referral,
    "rewards": Planner.reward,
    "balances": Planner.reward,
}


def _skip(line: Line, code: str, message: str) -> None:
    record = line.record
    named = next((n for n in ("source_id", "code", "email", "external_id", "referred.email") if record.get(n)), "")
    line.status = "skipped"
    line.trouble = Trouble(code, message, record.columns.get(named, named), str(record.get(named) or ""))


def _names(name: str | None, email: str) -> list[str]:
    """The keys of a person's names."""
    found = [keys.key("n", "external_id", name)] if name else []
    return found + ([keys.key("n", "email", email)] if email else [])


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def new_keys(line: Line, events: Mapping[int, str], only: str = "") -> list[New]:
    """What was seen in a line, to be kept, with the log's ids of events by the number of their line; `only` in one
    scope, where nothing was made."""
    event_id = events.get((line.like or line).number)
    return [New(only or scope, key, line.record.line, event_id, target) for scope, key, target in line.seen]
