"""What is left of an event, a trace or a row when a person is erased.

Pure. Two treatments: what is the person's own loses everything but the facts that sums and decisions rest
on; what is somebody else's loses the texts that name the person. Both act on each value alone, so that a
row which the engine copied from events stays what replaying the rewritten events makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

from goodword.domain.payloads import CATALOGUE, CLAIMED, IMPORT_LINK, IMPORT_PARTICIPANT, IMPORT_REFERRAL, IMPORTED

ERASED = "[erased]"
"""Stands where a text named the person."""
GONE = "erased"
"""Stands where a reason was given in words."""
MAX_TEXTS = 500
"""Texts by which one person is looked for; the longest are taken."""
MAX_ALSO = 20
"""Texts that the caller may add to them, each of 3 to 200 characters."""
NEVER = frozenset(name for name, kind in CATALOGUE.items() if kind.internal) - IMPORTED
"""Types of event that only the engine makes and that name nobody but by id."""
WHOLE = frozenset({"participant.identified", "account.updated", IMPORT_PARTICIPANT})
"""Types whose properties become facts of a person or company, all of them."""
PUT_FORWARD = frozenset({"referral.submitted", CLAIMED, IMPORT_REFERRAL})
"""Types that name a second person: the referred one."""
_READ = frozenset({"simulated", "value", "currency", "order_id", "referral", "reason"})
_TYPED = frozenset(
    {"quantity", "program", "rule", "reward", "code", "channel", "referred", "contest", "terms", "touches"}
)
_TYPED |= {"expires_at", "state", "anonymous_id", "claim", "at"}
_PROOF = frozenset({"proof", "url", "reference"})
"""What a claim says of the claimant and of whom they brought."""
_EVIDENCE = frozenset({"code", "touches", "anonymous_id"})
"""What somebody who is identified may have come by."""
_IDENTITY = frozenset({"external_id", "email", "name"})
_NAMES = ("external_id", "email")
_STANDS = frozenset(
    {"import_id", "vendor", "source_state", "state", "amount", "unit"}
    | {"qualified_at", "closed_at", "expires_at", "due_at", "approved_at", "issued_at", "ended_at"}
)
"""What an imported fact says of a referral or reward: of nobody."""
_KEPT = _TYPED | _STANDS | {"source_id"}
_STAY = frozenset({"program", "rule", "reward", "currency", "contest"}) | _STANDS
_CONTACT = re.compile(
    r"phone|mobile|address|street|user_?name|nick|handle|full_?name|linkedin|twitter|instagram|iban|passport|birth",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"(?=(?:\D*\d){8})(?!\d{4}-\d\d-\d\d$)(?=[+0]|.*[\s(-])\+?[\d\s().\-/]+")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
"""What an address has as it is (RFC 3986)."""
_BEFORE = r"(?:(?<![^\W_])|(?<=%[\da-f]{2}))"
"""Where a word may begin: also after a letter that an address has in its own way (`to%3Aada`)."""
_GROUPED = r"(?:[\s().\-/+]|%20)*"
"""What may stand between two digits of a telephone number; and the same for the database."""
_GROUPED_THERE = r"([ ().\-/+]|\\.|%20)*"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_REASON = 64


class Eraser:
    """Knows one person by every name they had, and takes them out of values.

    `known` is how events named the person (external_id, email, name, traits), `codes` are those of their
    links, `also` are further texts that name them. `secret` makes the neutral names that stand for keys;
    without it nobody can tell whose they were.
    """

    def __init__(
        self, id: str, known: Iterable[Mapping[str, Any]], codes: Iterable[str], secret: bytes, also: Iterable[str] = ()
    ) -> None:
        self.id = id
        self.codes = frozenset(code.lower() for code in codes)
        self.reasons: dict[str, str] = {}
        """Reasons that were dropped, as rows keep them, and what stands for each."""
        self.coupons: frozenset[str] = frozenset()
        """Coupons that are the codes of links, in lower case: evidence of who brought a person, which stays."""
        self._secret = secret
        known = list(known)
        self.emails = frozenset(str(person["email"]).strip().lower() for person in known if person.get("email"))
        """Every address the person had."""
        words, same = _texts(known, also)
        self._whole = same | self.codes
        self._words = frozenset(sorted(words, key=lambda text: (-len(text), text))[:MAX_TEXTS])
        self._numbers = frozenset(text for text in self._words if _PHONE.fullmatch(text))
        spelt = [_spelt(text) for text in self._words - self._numbers] + [_dialled(text) for text in self._numbers]
        spelt += [_spelt(code) for code in self.codes if _telling(code)]
        links = [rf"(?<=[/=]){re.escape(code)}(?![^\W_])" for code in self.codes]
        self._found = re.compile("|".join(sorted(spelt) + sorted(links)) or r"(?!)", re.IGNORECASE)

    @property
    def patterns(self) -> list[str]:
        """LIKE patterns, for any case, that find at least every JSON text which names the person by a word."""
        texts = self._words | self._whole | {_digits(text) for text in self._numbers}
        return sorted({f"%{_like(text)}%" for text in texts})

    @property
    def numbers(self) -> list[str]:
        """The database's regular expressions that find the person's telephone numbers, however they are grouped."""
        return sorted({_GROUPED_THERE.join(_digits(text)) for text in self._numbers})

    def names(self, text: str) -> bool:
        """Whether a text names the person."""
        return text.strip().lower() in self._whole or self._found.search(text) is not None

    def key(self, text: str) -> str:
        """A key that others refer to: itself, or a neutral one where it names the person."""
        return self.neutral(text) if self.names(text) else text

    def neutral(self, text: str) -> str:
        """The same for the same text in any case; tells nothing of it."""
        return "erased-" + blake2b(text.strip().lower().encode(), key=self._secret, digest_size=8).hexdigest()

    def clean(self, value: Any) -> Any:
        """A value of somebody else's without the person. An object that names them is theirs, whole."""
        if isinstance(value, str):
            return ERASED if self.names(value) else value
        if isinstance(value, Mapping):
            if any(isinstance(inner, str) and self.names(inner) for inner in value.values()):
                return {self.clean(key): _blank(inner) for key, inner in value.items()}
            return self.each(value)
        return [self.clean(inner) for inner in value] if isinstance(value, list) else value

    def each(self, values: Mapping[str, Any], untouched: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Facts by name, each cleaned alone."""
        return {
            name if name in untouched else self.clean(name): value if name in untouched else self.clean(value)
            for name, value in values.items()
        }

    # Events

    def payload(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        own: bool,
        stood_for: str = "",
        lent: Collection[tuple[str, Any]] = (),
        shared: str = "",
        about: bool,
        referred: str,
        strict: bool,
        links: Mapping[str, str],
        accounts: Mapping[str, str],
        claims: Mapping[str, Mapping[str, Any]] | None,
    ) -> dict[str, Any]:
        """What the log keeps of an event, its names replaced by ids under `erased`.

        `own`: it names the person as its participant. `stood_for`: it does, and was told of this somebody else, into
        whom the person was merged then, who was `lent` these facts. `shared`: it names this somebody else by an
        address that was the person's too. `about`: what it says beside typed facts is of the person. `referred`: it
        puts the person forward, by whom this id was then. `strict`: its reason is of the person. `links` and
        `accounts` have ids by code and external id, `claims` what it said of who is who, and what was decided; None
        where that can be read from the event still.
        """
        erased = dict(payload.get("erased") or {})
        if claims is not None:
            erased["claims"] = dict(claims)
        kept: dict[str, Any] = {}
        person, company = payload.get("participant"), payload.get("account")
        if person and own:
            erased["participant"] = self.id
        elif person and stood_for:
            erased["participant"] = stood_for
            kept |= self._told_of_another(person, lent)
        elif person:
            erased |= {"participant": shared} if shared else {}
            kept["participant"] = self.each(person, _IDENTITY)
        if company:
            name = self.key(company["external_id"])
            if name != company["external_id"]:
                erased["account"] = accounts[company["external_id"]]
            kept["account"] = {**self.each(company, frozenset({"external_id"})), "external_id": name}
        properties: Mapping[str, Any] = payload["properties"]
        if kind == "account.updated" or (kind in WHOLE and not about):
            kept["properties"] = self.each(properties)
        else:
            known = CATALOGUE.get(kind)
            typed = known.payload.model_fields.keys() if known else frozenset[str]()
            free = properties.keys() - typed - _READ
            # Free facts that name the person are theirs, all of them: who is meant by the others is in the one.
            named = any(self.names(name) or self._named_in(properties[name]) for name in free)
            dropped = free if named else frozenset[str]()
            kept["properties"] = {
                name: told
                for name, value in properties.items()
                if name not in dropped
                for told in self._property(kind, name, value, about, strict)
            }
            if kind in PUT_FORWARD and referred:
                kept["properties"]["referred"] = {}
                erased["referred"] = referred
            if kind == CLAIMED and (about or referred):
                kept["properties"] = _without(kept["properties"], _PROOF)
            code = properties.get("code")
            if kind in ("link.created", IMPORT_LINK) and str(code).lower() in links:
                erased["link"] = links[str(code).lower()]
        return kept | {"erased": erased} if erased else kept

    def _told_of_another(self, person: Mapping[str, Any], lent: Collection[tuple[str, Any]]) -> dict[str, Any]:
        """What an event told of whoever stood for the person, beside what that one was lent and gave back: an address
        only where an id was named with it (an address alone finds, it does not tell), and '' for that id."""
        email = str(person.get("email") or "").strip().lower()
        told = {name: value for name, value in person.items() if name not in _NAMES and (name, value) not in lent}
        if email and person.get("external_id") is not None and ("email", email) not in lent:
            told |= {"external_id": "", "email": email}
        return {"participant": self.each(told)} if told else {}

    def _named_in(self, value: Any) -> bool:
        return isinstance(value, str) and self.names(value)

    def _property(self, kind: str, name: str, value: Any, about: bool, strict: bool) -> Iterator[Any]:
        """The property as it is kept; nothing where it is dropped."""
        known = CATALOGUE.get(kind)
        typed = known is not None and name in known.payload.model_fields
        if name == "coupon" and typed and str(value).lower() in self.coupons:
            yield self._code(value)
            return
        stays = name == "simulated" or (kind == "participant.identified" and name in _EVIDENCE)
        if about and not stays and (kind in WHOLE or not (name in _READ or (typed and name in _KEPT))):
            return
        if name == "destination" and typed:
            return  # an address may say anything; its link leads where the program says
        if name == "reason":
            yield self.reason(value, strict)
        elif (name in ("order_id", "referral") or (typed and name == "source_id")) and isinstance(value, str):
            yield self.key(value)
        elif name == "code" and typed and isinstance(value, str):
            yield self._code(value)
        elif name == "anonymous_id" and typed and isinstance(value, str):
            yield self.key(value)
        elif name == "touches" and typed:
            yield [self._touch(touch, about) for touch in value or ()]
        elif name == "referred" and typed:
            yield self.each(value, _IDENTITY)
        elif about and not typed:
            yield from _plain(name, value)
        elif typed and name in _STAY:
            yield value
        else:
            yield self.clean(value)

    def _code(self, code: str) -> str:
        return self.neutral(code) if self.names(code) else code

    def _touch(self, touch: Mapping[str, Any], about: bool) -> dict[str, Any]:
        """A touch that an event tells of. `about`: it is evidence about the person."""
        gone = {"proof", "click"} if about else {"proof"} if self._named_in(touch.get("proof")) else set()
        return _without(touch, frozenset(gone)) | {"code": self._code(touch["code"])}

    def reason(self, value: Any, strict: bool) -> Any:
        """A reason: as it is where it is a code, or somebody else's; words of the person are dropped."""
        text = str(value or "")
        if not text or not (self.names(text) or (strict and not _CODE.fullmatch(text))):
            return value
        self.reasons[text[:_REASON]] = GONE
        return GONE

    # What the engine made of events

    def merge(self, moved: Mapping[str, Any], *, survivor: bool) -> dict[str, Any]:
        """What a merge moved, without what the person was lent or lent another: see `domain.merging`. `survivor`:
        the person is the one who stood for both."""
        told = moved["told"]
        stated = moved["how"] == "email" and not survivor
        kept = {name: told[name] for name in told if name == "account_id" or (name == "email" and stated)}
        return {**moved, "told": kept, "traits": {}}

    def referral(self, properties: Mapping[str, Any], *, side: bool, referred: bool) -> dict[str, Any]:
        """A referral's properties. `side`: the person is on one of its sides; `referred`: on that one."""
        kept: dict[str, Any] = {}
        for name, value in properties.items():
            if name == "referred":
                kept[name] = {} if referred else self.each(value, _IDENTITY)
            elif name in ("order_id", "source_id"):
                kept[name] = self.key(value)
            elif name in ("imported", "source_state"):
                kept[name] = value
            elif not (side and name == "need"):
                kept[name] = self.clean(value)
        return kept

    def trace(self, trace: Mapping[str, Any], *, referrer: bool, referred: bool, event: bool) -> dict[str, Any]:
        """A decision's trace: outcomes stay, the values that were read of the person go.

        `referrer` and `referred` say whether that side is the person, `event` whether the event was
        rewritten. Where any go, it says `erased`: what its conditions gave is from then on the record.
        """
        gone = tuple(
            group
            for group, theirs in (
                ("referrer.", referrer),
                ("referred.", referred),
                ("referral.properties", referrer or referred),
                ("event.properties", event),
            )
            if theirs
        )
        kept = dict(trace)
        checks = [self._check(line, gone) for line in trace.get("checks", ())]
        if checks != trace.get("checks", []):
            kept |= {"checks": checks, "erased": True}
        if told := trace.get("attribution"):
            gone_too = frozenset({"click"} if referred else ())
            kept["attribution"] = told | {"kept": [_without(touch, gone_too) for touch in told["kept"]]}
            if "by" in told:
                kept["attribution"]["by"] = _without(told["by"], gone_too)
        if "rewards" in trace:
            kept["rewards"] = [
                {**line, "reason": self.reasons.get(line["reason"], line["reason"])} if "reason" in line else line
                for line in trace["rewards"]
            ]
        return kept

    def _check(self, line: Mapping[str, Any], gone: tuple[str, ...]) -> dict[str, Any]:
        read = {name: value for name, value in (line.get("read") or {}).items() if not name.startswith(gone)}
        kept = {**line, "read": self.each(read)}
        return kept | {"error": GONE} if "error" in line and kept != line else kept

    def notice(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What the outbox tells of an event that was rewritten."""
        reason = payload.get("reason")
        kept = self.each(payload)
        return kept | {"reason": self.reasons[reason]} if reason in self.reasons else kept


def _without(told: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}


def _plain(name: str, value: Any) -> Iterator[Any]:
    """A fact of the person under a name that the engine reads, where it is of the kind that it reads."""
    if name == "currency":
        yield value if isinstance(value, str) and _CURRENCY.fullmatch(value) else None
    elif (name == "value" and type(value) is int) or (name == "simulated" and value is True):
        yield value


def _blank(value: Any) -> Any:
    if isinstance(value, str):
        return ERASED
    if isinstance(value, Mapping):
        return {name: _blank(inner) for name, inner in value.items()}
    return [_blank(inner) for inner in value] if isinstance(value, list) else None


# How a person is recognised


def _texts(known: Iterable[Mapping[str, Any]], also: Iterable[str]) -> tuple[set[str], frozenset[str]]:
    """Texts that name the person inside others, and ids that name them only when nothing stands beside."""
    words, same = {text.strip().lower() for text in also}, set()
    for person in known:
        for name, value in _leaves(person):
            text = value.strip().lower()
            if name == "external_id":
                same |= {text} if len(text) >= 4 and not text.isdigit() else set()
                words |= {text} if _telling(text) else set()
            elif name == "name":
                words |= _full(*text.split(","))
            elif _EMAIL.fullmatch(text) or _PHONE.fullmatch(text) or (_CONTACT.search(name) and len(text) >= 6):
                words.add(text)
        words |= _full(str(person.get("first_name") or ""), str(person.get("last_name") or ""))
    return words, frozenset(same)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value, with the name it stands under."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for inner, held in value.items():
            yield from _leaves(held, inner)
    elif isinstance(value, list):
        for held in value:
            yield from _leaves(held, name)


def _full(*parts: str) -> set[str]:
    """A full name, as it is said and as lists have it. One word alone is anybody's."""
    words = " ".join(parts).lower().split()
    if len(words) < 2 or len("".join(words)) < 4:
        return set()
    return {" ".join(words), f"{words[-1]}, {' '.join(words[:-1])}", f"{words[-1]} {' '.join(words[:-1])}"}


def _telling(text: str) -> bool:
    """Whether a key could hardly be anything else, wherever it is found."""
    return len(text) >= 5 and (len(text) >= 8 if text.isdigit() else bool(re.search(r"[\d_.:@|-]", text)))


def _spelt(text: str) -> str:
    """The text in any case, with any space between its words, also as an address has it: `ada%40x.example`."""
    words = r"(?:\s|\+|%20)+".join("".join(map(_quoted, word)) for word in text.split())
    return rf"{_BEFORE}{words}(?![^\W_])"


def _quoted(letter: str) -> str:
    if letter in _UNRESERVED:
        return re.escape(letter)
    there = "".join(f"%{byte:02x}" for byte in letter.encode())
    return f"(?:{re.escape(letter)}|{there})"


def _dialled(text: str) -> str:
    """A telephone number by its digits, however they are grouped."""
    return rf"{_BEFORE}(?:\+|00|%2B)?{_GROUPED.join(_digits(text))}(?!\d)"


def _digits(text: str) -> str:
    """Of a telephone number, without what dials abroad."""
    return re.sub(r"\D", "", text).removeprefix("00")


def _like(text: str) -> str:
    """For LIKE: what may be written, cased or put into an address in another way stands for anything."""
    return re.sub(r"[^A-Za-z0-9.~-]+", "%", text)
