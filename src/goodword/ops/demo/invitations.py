"""Simulated invitations among the real buyers: links after a first order, sign-ups before one.

A few inviters bring many friends and most bring none, as in life, so that every tier and every cap of
the self-serve programmes is reached. Odd sign-ups are among them: wrong codes, one's own code, customers
who come back with a friend's code, people who sign up twice.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from goodword.ops.demo.facts import Dice, Fact, simulated
from goodword.ops.demo.orders import Order

PROGRAMS = {"give": "credit-after-threshold", "gold": "bronze-silver-gold"}
"""The two self-serve programmes by the first word of their links' codes."""
LINK_SHARE = 0.20
SIGN_UP_SHARE = 0.10
THRESHOLD = 2500
"""Cents a friend must spend in credit-after-threshold: its refunds are made where they matter."""
HEAVIEST = 250.0
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHANNELS = ("email", "letter", "word_of_mouth", "newsgroup")


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer with all their orders in order of time."""

    customer: str
    orders: Sequence[tuple[datetime, Order]]

    @property
    def first(self) -> datetime:
        return self.orders[0][0]


@dataclass(frozen=True, slots=True)
class Link:
    """A simulated link: whose, since when, and how much its owner shares it."""

    created: datetime
    code: str
    owner: Buyer
    weight: float

    @property
    def program(self) -> str:
        return self.code.partition("-")[0]


@dataclass(frozen=True, slots=True)
class SignUp:
    """A friend who came through a link."""

    at: datetime
    friend: Buyer
    link: Link


def facts(buyers: Sequence[Buyer]) -> Iterator[Fact]:
    """All simulated events of invitations. `buyers` are in the order of their first orders."""
    links = _links(buyers)
    sign_ups = _sign_ups(buyers, links)
    dice = Dice("channels")
    for link in links:
        yield simulated(
            "link.created",
            f"link-{link.code}",
            link.created,
            participant=link.owner.customer,
            program=PROGRAMS[link.program],
            code=link.code,
            channel=dice.pick(CHANNELS),
        )
    for sign_up in sign_ups:
        yield _signed_up(f"sign-up-{sign_up.friend.customer}", sign_up.at, sign_up.friend, sign_up.link.code)
    yield from _refunds(sign_ups)
    yield from _oddities(buyers, links, sign_ups)


def _signed_up(event_id: str, at: datetime, person: Buyer, code: str | None = None) -> Fact:
    named = {"code": code} if code else {}
    return simulated("participant.signed_up", event_id, at, participant=person.customer, **named)


def _links(buyers: Sequence[Buyer]) -> list[Link]:
    """The links of every fifth buyer or so, oldest first, made within three days of the first order."""
    dice = Dice("links")
    found = []
    for buyer in buyers:
        if dice.chance(LINK_SHARE):
            created = buyer.first + dice.between(timedelta(minutes=5), 3 * DAY)
            word = "give" if dice.chance(0.5) else "gold"
            found.append(Link(created, f"{word}-{buyer.customer}", buyer, dice.heavy(HEAVIEST)))
    return sorted(found, key=lambda link: (link.created, link.code))


def _sign_ups(buyers: Sequence[Buyer], links: Sequence[Link]) -> list[SignUp]:
    """One later first-time buyer in ten comes through a link that exists by then, the more a link is
    shared the likelier through that one, minutes to two days before the first order."""
    dice = Dice("sign-ups")
    reach = list(accumulate(link.weight for link in links))
    made = [link.created for link in links]
    found = []
    for buyer in buyers:
        open_links = bisect(made, buyer.first - HOUR)
        if not open_links or not dice.chance(SIGN_UP_SHARE):
            continue
        total = reach[open_links - 1]
        link = links[bisect(reach, dice.below(int(total * 1000)) / 1000, 0, open_links - 1)]
        at = max(buyer.first - dice.between(timedelta(minutes=3), 2 * DAY), link.created + timedelta(minutes=1))
        found.append(SignUp(at, buyer, link))
    return found


def _refunds(sign_ups: Sequence[SignUp]) -> Iterator[Fact]:
    """Some friends send back the order that crossed the threshold: most in time to undo the reward, some
    too late."""
    dice = Dice("refunds")
    for sign_up in sign_ups:
        if sign_up.link.program != "give" or not dice.chance(0.08):
            continue
        spent = 0
        for at, order in sign_up.friend.orders:
            spent += order.value
            if spent >= THRESHOLD:
                late = dice.chance(0.25)
                wait = dice.between(33 * DAY, 60 * DAY) if late else dice.between(2 * DAY, 28 * DAY)
                yield simulated(
                    "order.refunded",
                    f"refund-cdnow-{order.line}",
                    at + wait,
                    participant=sign_up.friend.customer,
                    order_id=f"cdnow-{order.line}",
                    value=order.value,
                    currency="USD",
                )
                break


def _oddities(buyers: Sequence[Buyer], links: Sequence[Link], sign_ups: Sequence[SignUp]) -> Iterator[Fact]:
    """Sign-ups that must not open a referral, each kind a few dozen times."""
    dice = Dice("oddities")
    invited = {sign_up.friend.customer for sign_up in sign_ups}
    by_program = {word: [link for link in links if link.program == word] for word in PROGRAMS}
    for buyer in buyers[len(buyers) // 4 :]:
        if buyer.customer in invited:
            continue
        before, after = buyer.first - dice.between(HOUR, DAY), buyer.first + dice.between(5 * DAY, 90 * DAY)
        draw = dice.below(1000)
        if draw < 3:
            yield _signed_up(f"alone-{buyer.customer}", before, buyer)
        elif draw < 5:
            yield _signed_up(f"no-code-{buyer.customer}", before, buyer, "spring-sale")
        elif draw < 8:
            link = dice.pick(links)
            if link.owner is not buyer and link.created < after:
                yield _signed_up(f"back-{buyer.customer}", after, buyer, link.code)
    for link in links:
        if dice.chance(0.01):
            at = link.created + dice.between(HOUR, 9 * DAY)
            yield _signed_up(f"own-{link.owner.customer}", at, link.owner, link.code)
    for sign_up in sign_ups:
        other = dice.pick(by_program[sign_up.link.program])
        at = sign_up.at + dice.between(timedelta(minutes=1), 2 * DAY)
        if dice.chance(0.02) and other.created < at and other.owner is not sign_up.friend:
            yield _signed_up(f"again-{sign_up.friend.customer}", at, sign_up.friend, other.code)
