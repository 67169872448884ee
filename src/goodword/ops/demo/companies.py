"""Simulated B2B: customers' people introduce companies, sales move the deals, finance pays.

Nothing here is real. Every person has an address under the reserved domain .example (RFC 2606).
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from goodword.ops.demo.deals import Deal, life
from goodword.ops.demo.facts import END, Dice, Fact, simulated, stamp

PROGRAM = "b2b-sales"
SUBMISSIONS = 400
ACCOUNTS = 60
PEOPLE = 140
DAY = timedelta(days=1)
MONTHS = (
    (1997, 2, 9), (1997, 3, 12), (1997, 4, 14), (1997, 5, 15), (1997, 6, 16), (1997, 7, 14), (1997, 8, 14),
    (1997, 9, 24), (1997, 10, 60), (1997, 11, 70), (1997, 12, 40), (1998, 1, 30), (1998, 2, 26), (1998, 3, 24),
    (1998, 4, 18), (1998, 5, 14),
)  # fmt: skip
"""How many submissions each month gets: an autumn drive, so that the quarter's budget is used up."""
TROUBLES: dict[int, dict[str, Any]] = {
    3: {"status": "trial"},
    7: {"in_collections": True},
    11: {"open_dispute": True},
    13: {"active_days_30": 0},
    17: {"since": None},
}
"""What is wrong with an account, by its number modulo 20; of the last, nobody told its age."""
FIRST_NAMES = (
    "Ada", "Aisyah", "Ben", "Clara", "Daniel", "Elin", "Farid", "Grace", "Hanna", "Ivan", "Jonas", "Kari", "Lars",
    "Mei", "Nora", "Omar", "Priya", "Quinn", "Rosa", "Siti", "Tomas", "Uma", "Victor", "Wen", "Yara",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Berg", "Chen", "Dahl", "Eriksen", "Foster", "Garcia", "Holm", "Ibrahim", "Jensen", "Khan", "Lund",
    "Moore", "Nilsen", "Okafor", "Patel", "Quist", "Rossi", "Silva", "Tan", "Usman", "Vogel", "Walsh", "Yilmaz",
)  # fmt: skip
COMPANY_WORDS = (
    "Alder", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper", "Keystone",
    "Lumen", "Meadow", "North", "Orchard", "Pioneer", "Quarry", "River", "Summit", "Timber", "Union", "Vista",
)  # fmt: skip
TRADES = (
    ("Bank", "finance"), ("Capital", "finance"), ("Clinics", "health"), ("Foods", "food"), ("Freight", "logistics"),
    ("Media", "media"), ("Software", "software"), ("Stores", "retail"), ("Systems", "software"),
    ("Works", "manufacturing"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """A customer company. `healthy` says that its people may refer, once it is 90 days old."""

    id: str
    company: str
    since: datetime
    known: datetime
    facts: dict[str, Any]
    healthy: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a customer company, and how eagerly they refer."""

    id: str
    name: str
    account: Account | None
    weight: float

    def ref(self) -> dict[str, Any]:
        domain = domain_of(self.account.company) if self.account else "nowhere.example"
        return {
            "external_id": self.id,
            "email": address(self.name, self.id, domain),
            "name": self.name,
            "simulated": True,
        }


@dataclass(frozen=True, slots=True)
class Submission:
    """A good word for somebody. `fits` is what the simulation expects the programme to say."""

    id: str
    at: datetime
    person: Person
    referred: dict[str, Any]
    fits: bool


def facts() -> Iterator[Fact]:
    """All simulated B2B events, in no order. None is after the end of the real orders."""
    accounts = _accounts()
    for account in accounts:
        yield simulated(
            "account.updated",
            f"account-{account.id}",
            account.known,
            account=account.id,
            name=account.company,
            **account.facts,
        )
    submissions = _submissions(_people(accounts))
    for submission in submissions:
        yield _submitted(submission, f"submit-{submission.id}", submission.at)
    yield from (fact for fact in _later(submissions) if fact.at < END)


def address(name: str, number: str, domain: str) -> str:
    return f"{name.lower().replace(' ', '.')}.{number.rpartition('-')[2]}@{domain}"


def domain_of(company: str) -> str:
    return f"{company.lower().replace(' ', '-')}.example"


def _accounts() -> list[Account]:
    """Sixty companies, most of them old customers in good standing; the last of each ten is new."""
    dice = Dice("accounts")
    found = []
    for number in range(ACCOUNTS):
        trade, industry = TRADES[number % len(TRADES)]
        company = f"{COMPANY_WORDS[number % len(COMPANY_WORDS)]} {trade}"
        is_new = number % 10 == 9
        opening = datetime(1997, 8, 15, 14, tzinfo=UTC) if is_new else datetime(1993, 1, 4, 14, tzinfo=UTC)
        since = opening + dice.between(timedelta(), 120 * DAY if is_new else 1200 * DAY)
        known = since + timedelta(hours=1) if is_new else datetime(1997, 1, 2, 13, number % 60, tzinfo=UTC)
        trouble = TROUBLES.get(number % 20, {})
        standing = {
            "status": "paying",
            "since": stamp(since),
            "plan": dice.pick(("team", "business", "enterprise")),
            "country": "US",
            "industry": industry,
            "employees": 20 + dice.below(2000),
            "in_collections": False,
            "open_dispute": False,
            "active_days_30": 8 + dice.below(20),
        }
        found.append(Account(f"acme-{number:02}", company, since, known, {**standing, **trouble}, not trouble))
    return found


def _people(accounts: Sequence[Account]) -> list[Person]:
    """People of the accounts, and two of a company nobody has said anything about."""
    dice = Dice("people")
    found = []
    for number in range(PEOPLE):
        account = accounts[number % ACCOUNTS]
        weight = dice.heavy(25.0) if account.healthy else 1.0
        found.append(Person(f"b2b-{number:03}", _name(dice), account, weight))
    return [*found, *(Person(f"b2b-{PEOPLE + extra:03}", _name(dice), None, 4.0) for extra in range(2))]


def _name(dice: Dice) -> str:
    return f"{dice.pick(FIRST_NAMES)} {dice.pick(LAST_NAMES)}"


def _submissions(people: Sequence[Person]) -> list[Submission]:
    """Four hundred submissions in office hours, by people whose account was known by then."""
    dice = Dice("submissions")
    reach = list(accumulate(person.weight for person in people))
    moments = sorted(
        dice.moment(_office_day(date(year, month, 1 + dice.below(28))), 9, 18)
        for year, month, count in MONTHS
        for _each in range(count)
    )
    assert len(moments) == SUBMISSIONS
    found: list[Submission] = []
    for number, at in enumerate(moments):
        person = people[bisect(reach, dice.below(int(reach[-1] * 1000)) / 1000, 0, len(people) - 1)]
        while person.account and person.account.known >= at:
            person = dice.pick(people)
        referred, suits = _referred(dice, number)
        standing = [other for other in found if other.fits and other.person is not person]
        if standing and dice.chance(0.04):
            referred, suits = dice.pick(standing).referred, False
        account = person.account
        may_refer = bool(account and account.healthy and (at - account.since) > 91 * DAY)
        found.append(Submission(f"sub-{number:03}", at, person, referred, suits and may_refer))
    return found


def _office_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def _referred(dice: Dice, number: int) -> tuple[dict[str, Any], bool]:
    """The referred person with their company, and whether the programme wants such a one."""
    trade, industry = dice.pick(TRADES)
    company = f"{dice.pick(COMPANY_WORDS)} and {dice.pick(COMPANY_WORDS)} {trade}"
    name = _name(dice)
    small, abroad, customer, in_pipeline = (dice.chance(share) for share in (0.07, 0.05, 0.04, 0.04))
    person = {
        "name": name,
        "email": address(name, str(number), domain_of(company)),
        "company": company,
        "country": dice.pick(("NO", "DK", "MY", "DE")) if abroad else dice.pick(("US", "US", "US", "CA")),
        "industry": industry,
        "employees": 2 + dice.below(17) if small else 20 + dice.below(4000),
        "is_customer": customer,
        "in_pipeline": in_pipeline,
        "simulated": True,
    }
    return person, not (small or abroad or customer or in_pipeline)


def _submitted(submission: Submission, event_id: str, at: datetime) -> Fact:
    account = submission.person.account
    return simulated(
        "referral.submitted",
        event_id,
        at,
        participant=submission.person.ref(),
        account=account.id if account else None,
        program=PROGRAM,
        referral=submission.id,
        referred=submission.referred,
        need="They asked us what we use." if int(submission.id[-1]) % 2 else "Their contract ends this quarter.",
    )


def _later(submissions: Sequence[Submission]) -> Iterator[Fact]:
    """What happens to the submissions, and a few events that name the wrong one or come twice."""
    dice = Dice("deals")
    qualified: dict[str, list[datetime]] = {}
    for submission in submissions:
        if not submission.fits:
            continue
        deal = Deal(submission.id, submission.at, submission.referred["email"])
        qualified_before = qualified.setdefault(submission.person.id, [])
        yield from life(deal, dice, qualified_before)
    for submission in submissions[:: SUBMISSIONS // 6]:
        at = submission.at + dice.between(DAY, 3 * DAY)
        yield _submitted(submission, f"resubmit-{submission.id}", at)
        yield simulated("referral.qualified", f"qualify-lost-{submission.id}", at, referral=f"lost-{submission.id}")
