"""What a run came to: sums from the ledger's own transfers, figures, and intervals over many runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from goodword.domain.draft import Decision
from goodword.domain.program import Program
from goodword.domain.rows import Transfer
from goodword.insight.simulation.texts import gettext_noop as _


class Figure(NamedTuple):
    """What a figure is. `unit` is `minor` for minor units of the programme's currency."""

    unit: str
    words: str


FIGURES = {
    "joined_organic": Figure("people", _("customers who came by themselves, those there at the start included")),
    "joined_paid": Figure("people", _("customers who came through paid channels")),
    "new_customers": Figure("people", _("customers who were referred; friends that a cheat invented are none")),
    "k_factor": Figure("number", _("referred customers for each customer there ever was")),
    "referral_rate": Figure("share", _("first orders or deals of referred customers, of all orders or deals")),
    "referrals": Figure("number", _("referrals that began")),
    "rewards": Figure("number", _("rewards that were granted and not taken back wholly")),
    "refused": Figure("number", _("times a cap or budget refused a reward or made it wait")),
    "cost": Figure("minor", _("granted and not taken back, in the programme's currency; held rewards included")),
    "liability": Figure("minor", _("of the cost, what is held or owed and not handed over at the end")),
    "other_gifts": Figure("minor", _("rewards that the ledger does not hold in the currency, at the values assumed")),
    "cheat_cost": Figure("minor", _("of cost and other gifts, what friends that a cheat invented brought")),
    "cost_per_customer": Figure("minor", _("cost and other gifts for each referred customer")),
    "margin": Figure("minor", _("margin of the referred customers until the end")),
    "payback_months": Figure("months", _("cost per referred customer, divided by their margin per customer and month")),
    "points_earned": Figure("points", _("points that were granted, held ones included")),
    "points_spent": Figure("points", _("points that bought something of the catalogue")),
    "points_expired": Figure("points", _("points that were not spent in time")),
    "points_back": Figure("points", _("points that were rejected, or taken back when orders were")),
    "points_left": Figure(
        "points", _("points earned, less those spent, lapsed and taken back: what people may still spend")
    ),
    "points_value": Figure("minor", _("the same at the value assumed of a point")),
    "redemptions": Figure("number", _("times that somebody bought something of the catalogue")),
    "redemption_rate": Figure("share", _("points spent, of those earned")),
    "breakage": Figure("share", _("points that lapsed, of those earned")),
    "in_tier": Figure("people", _("people who are in a tier at the end")),
    "added_margin": Figure("minor", _("margin of the repeat orders that the programme is assumed to bring")),
    "partners_active": Figure("people", _("partners who brought a customer")),
    "registered": Figure("number", _("deals that were accepted within the window for it")),
    "statements": Figure("number", _("statements that were closed, of all partners")),
    "payable": Figure("minor", _("what the last statement of each partner lets be paid")),
    "carried": Figure("minor", _("what the last statements carry over, below the least that is paid")),
    "goals_reached": Figure("number", _("goals that a group reached; one that begins anew counts each time")),
    "contests_decided": Figure("number", _("contests whose result became final")),
    "events": Figure("number", _("events sent")),
}
"""Every figure of a run, by name."""
MONTHLY = ("new_customers", "cost", "liability", "points_left")
"""Figures that are also told at the end of each month, as things stand then."""
_REFERRAL = frozenset({"new_customers", "k_factor", "referral_rate", "referrals", "cheat_cost", "cost_per_customer",
                       "margin", "payback_months"})  # fmt: skip
_POINTS = frozenset({"points_earned", "points_spent", "points_expired", "points_back", "points_left", "points_value",
                     "redemptions", "redemption_rate", "breakage"})  # fmt: skip
_STATEMENT = frozenset({"statements", "payable", "carried"})


def points_unit(program: Program) -> str:
    """The unit of the points that are kept and spent in a programme, the first rule's where it has several; '' where
    there are none."""
    rules = (rule for rule in program.document.rewards if program.is_loyalty and rule.give.type == "points")
    first = next(rules, None)
    return first.give.unit or program.document.units[0] if first else ""


def figures_of(program: Program) -> tuple[str, ...]:
    """The names of the figures that mean something for a programme."""
    document = program.document
    without = set(_REFERRAL) if program.is_loyalty else {"added_margin"}
    if program.is_partner:
        without |= {"k_factor"}
    else:
        without |= {"partners_active"}
    if not points_unit(program):
        without |= _POINTS
    if not document.registration:
        without.add("registered")
    if not document.statement:
        without |= _STATEMENT
    if not document.tiers:
        without.add("in_tier")
    if not document.goals:
        without.add("goals_reached")
    if not document.contests:
        without.add("contests_decided")
    return tuple(name for name in FIGURES if name not in without)


Outcome = Mapping[str, float | None]
"""The figures of one run; None where there is none, such as a cost per customer without a customer."""


class Tally:
    """Counts while a run goes on; amounts are in minor units."""

    def __init__(self, currency: str, points: str = "") -> None:
        self.currency = currency
        self.points = points
        self.joined: Counter[str] = Counter()
        self.refused = 0
        self.orders = 0
        self.first_referred = 0
        self.margin = 0.0
        self.added = 0.0
        self.redemptions = 0
        self.points_spent = 0
        self.goals = 0
        self.contests = 0
        self.statements = 0
        self.last_statement: dict[str, tuple[int, int]] = {}
        """By partner, what is payable and what is carried over by the last one."""
        self.months: list[tuple[int, int, int, int]] = []
        self._held = self._spent = self._owed = 0

    def move(self, row: Transfer) -> None:
        """One transfer of the ledger."""
        if row.debit.unit != self.currency:
            return
        if row.phase in ("pending", "post", "void"):
            self._held += row.amount if row.phase == "pending" else -row.amount
        if row.phase in ("posted", "post"):
            for side, sign in ((row.debit, 1), (row.credit, -1)):
                if side.kind == "program_cost":
                    self._spent += sign * row.amount
                elif side.kind == "participant_balance":
                    self._owed -= sign * row.amount

    @property
    def cost(self) -> int:
        """Granted and not taken back."""
        return self._spent + self._held

    @property
    def liability(self) -> int:
        """Held or owed."""
        return self._owed + self._held

    def told(self, decision: Decision) -> None:
        """What a decision says of limits, points, goals, contests and statements."""
        trace = decision.trace
        self.refused += sum(line.get("reason") in ("cap_reached", "waitlisted") for line in trace.get("rewards", ()))
        if decision.reason == "redeemed":
            self.redemptions += 1
            self.points_spent += trace["spent"]["price"] * (trace["spent"]["unit"] == self.points)
        self.goals += sum(bool(line.get("reached")) for line in trace.get("goals", ()))
        self.contests += "ranking" in trace.get("contest", {})
        if "statement" in trace:
            assert decision.participant_id
            self.statements += 1
            self.last_statement[decision.participant_id] = trace["statement"]["payable"], trace["statement"]["carried"]

    def close_month(self, points: int) -> None:
        """Notes how things stand; `points` are outstanding."""
        self.months.append((self.joined["referred"], self.cost, self.liability, points))


class Interval(NamedTuple):
    """A figure over many runs: its mean and the 10th, 50th and 90th percentile, over the runs that have it; None where
    none has. `missing` is how many have none."""

    mean: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    missing: int = 0


def interval(values: Sequence[float | None]) -> Interval:
    """The interval of a figure; percentiles are interpolated between the two nearest runs."""
    found = sorted(value for value in values if value is not None)
    if not found:
        return Interval(None, None, None, None, len(values))
    mean = sum(found) / len(found)
    low, middle, high = (_percentile(found, share) for share in (0.1, 0.5, 0.9))
    return Interval(mean, low, middle, high, len(values) - len(found))


def _percentile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def differences(ours: Sequence[Outcome], theirs: Sequence[Outcome], name: str) -> Interval:
    """Theirs less ours, run by run: both were played on the same people."""
    pairs = [(one[name], other[name]) for one, other in zip(ours, theirs, strict=True)]
    return interval([None if a is None or b is None else b - a for a, b in pairs])
