"""The people of a simulation, and the chance that makes them.

Everything that is drawn is named by seed, run, person and thing, and the name alone decides what comes. So a parameter
or a programme that changes one thing leaves everything else as it was: two programmes are compared on the same people
(common random numbers).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from random import Random

from goodword.insight.simulation.parameters import Settings

SELF, FAKE, REFUND = "self_referral", "fake_friends", "refund_after_reward"
CHEATS = (SELF, FAKE, REFUND)
"""The ways to cheat."""
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Chance:
    """Where all chance of one run comes from."""

    seed: int
    run: int

    def share(self, name: str, thing: str) -> float:
        """One number from 0 to below 1: the first 53 bits of a hash."""
        digest = blake2b(f"{self.seed}/{self.run}/{name}/{thing}".encode(), digest_size=8).digest()
        return (int.from_bytes(digest, "big") >> 11) / (1 << 53)

    def gamma(self, name: str, thing: str, shape: float, scale: float) -> float:
        """One number of a gamma distribution with mean shape·scale."""
        return self._stream(name, thing).gammavariate(shape, scale)

    def normal(self, name: str, thing: str) -> float:
        """One number of the standard normal distribution."""
        return self._stream(name, thing).gauss(0, 1)

    def _stream(self, name: str, thing: str) -> Random:
        return Random(f"{self.seed}/{self.run}/{name}/{thing}")  # noqa: S311

    def wait(self, name: str, thing: str, mean: float) -> float:
        """One exponential waiting time."""
        return -mean * math.log(1.0 - self.share(name, thing))


def poisson(share: float, mean: float) -> int:
    """The number of a Poisson distribution at that share of its probability: it grows with the share and the mean, so a
    higher mean adds to what a lower one gave."""
    number, chance = 0, math.exp(-mean)
    total = chance
    while share > total and number < 1_000:
        number += 1
        chance *= mean / number
        total += chance
    return number


@dataclass(slots=True, eq=False)
class Person:
    """Somebody who is, or may become, a customer. `factor` is their rate of referring as a multiple of an average
    promoter's; `offer` what the programme pays them for a friend, in the currency's units; `left` is when they left for
    good."""

    name: str
    channel: str
    factor: float
    cheat: str
    offer: float
    referrer: Person | None = None
    since: datetime | None = None
    left: datetime | None = None
    shared: bool = False
    orders: int = 0
    rate: float = 0.0
    dropout: float = 0.0
    scale: float = 1.0
    value: float = 0.0

    @property
    def email(self) -> str:
        """An address that leads nowhere."""
        return f"{self.name.lower()}@example.com"


def person(
    chance: Chance, p: Settings, name: str, channel: str, offer: float, referrer: Person | None = None
) -> Person:
    """Somebody as they are: how satisfied, how active, whether a cheat."""
    likes = chance.share(name, "satisfaction")
    factor = 1.0
    if likes < p["detractors"]:
        factor = p["detractor_factor"]
    elif likes < 1 - p["promoters"]:
        factor = p["passive_factor"]
    shape = p["activity_shape"]
    factor *= chance.gamma(name, "activity", shape, 1 / shape)
    cheat = ""
    if chance.share(name, "cheat") < p["cheats"]:
        cheat = CHEATS[int(chance.share(name, "way") * len(CHEATS))]
    return Person(name, channel, factor, cheat, offer, referrer)


def shopper(chance: Chance, p: Settings, one: Person) -> None:
    """How often they order, how soon they leave, and how much they spend (BG/NBD and gamma-gamma). `rate` is in orders
    a week, `scale` in the currency's units."""
    one.rate = chance.gamma(one.name, "rate", p["order_r"], 1 / p["order_alpha"])
    leaves = chance.gamma(one.name, "leaves", p["dropout_a"], 1)
    stays = chance.gamma(one.name, "stays", p["dropout_b"], 1)
    one.dropout = leaves / (leaves + stays) if leaves + stays > 0 else 0.5
    if one.referrer:
        one.dropout = min(1.0, one.dropout * p["referred_dropout"])
    one.scale = 1 / max(1e-9, chance.gamma(one.name, "spends", p["spend_q"], 1 / p["spend_gamma"]))


def friend_name(one: Person, turn: str) -> str:
    """The name of a friend: the referrer's with what tells the friends apart, or a hash where friends of friends of
    friends make that long."""
    name = f"{one.name}-{turn}"
    return name if len(name) <= _LONGEST_NAME else f"sim-{blake2b(name.encode(), digest_size=12).hexdigest()}"


def lift(offer: float, typical: float, height: float, half: float) -> float:
    """The factor by which a reward raises a rate or a chance: 1 without one, 1 + height for a boundless one, and half
    of that where the reward is `half` of what is `typical`."""
    relative = offer / typical if typical > 0 else 0.0
    return 1 + height * relative / (relative + half) if relative > 0 else 1.0
