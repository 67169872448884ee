"""What pages call the figures, parameters and units of a simulation.

What a figure or parameter means is said where it is defined, in `insight.simulation`; here are the names.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

FIGURES: dict[str, Text] = {
    "joined_organic": _("Joined by themselves"),
    "joined_paid": _("Joined through paid channels"),
    "new_customers": _("New customers"),
    "k_factor": _("K-factor"),
    "referral_rate": _("Share of referred orders"),
    "referrals": _("Referrals"),
    "rewards": _("Rewards"),
    "refused": _("Refused by a limit"),
    "cost": _("Cost"),
    "liability": _("Owed"),
    "other_gifts": _("Other gifts"),
    "cheat_cost": _("Cost of cheats"),
    "cost_per_customer": _("Cost per new customer"),
    "margin": _("Margin of new customers"),
    "payback_months": _("Months until payback"),
    "points_earned": _("Points earned"),
    "points_spent": _("Points spent"),
    "points_expired": _("Points that lapsed"),
    "points_back": _("Points taken back"),
    "points_left": _("Points outstanding"),
    "points_value": _("Value of points outstanding"),
    "redemptions": _("Redemptions"),
    "redemption_rate": _("Redemption rate"),
    "breakage": _("Breakage"),
    "in_tier": _("Members in a tier"),
    "added_margin": _("Added margin"),
    "partners_active": _("Active partners"),
    "registered": _("Registered deals"),
    "statements": _("Statements"),
    "payable": _("Payable"),
    "carried": _("Carried over"),
    "goals_reached": _("Goals reached"),
    "contests_decided": _("Contests decided"),
    "events": _("Events"),
}
GROUPS: dict[str, Text] = {
    "Joining": _("Joining"),
    "Satisfaction": _("Satisfaction"),
    "Referring": _("Referring"),
    "Goals and contests": _("Goals and contests"),
    "Friends": _("Friends"),
    "Orders": _("Orders"),
    "Leads and deals": _("Leads and deals"),
    "Loyalty": _("Loyalty"),
    "Subscriptions": _("Subscriptions"),
    "Partners": _("Partners"),
    "Cheats": _("Cheats"),
    "The house": _("The house"),
    "What things are worth": _("What things are worth"),
}
UNITS: dict[str, Text] = {
    "share": _("share, 0 to 1"),
    "per month": _("per month"),
    "days": _("days"),
    "people": _("people"),
    "weeks": _("weeks"),
    "currency": _("in the currency"),
    "number": _("number"),
    "factor": _("factor"),
    "share of an order": _("share of an order"),
}
FLOWS: dict[str, Text] = {
    "both": "",
    "self_serve": _("shops"),
    "sales": _("sales"),
    "loyalty": _("loyalty"),
    "partner": _("partners"),
    "subscription": _("subscriptions"),
}


def figure(name: str) -> str:
    """The name of a figure."""
    return str(FIGURES.get(name, name))


def group(name: str) -> str:
    """The name of a group of parameters."""
    return str(GROUPS.get(name, name))


def unit(name: str) -> str:
    """What a parameter counts."""
    return str(UNITS.get(name, name))


def flow(name: str) -> str:
    """Which programmes read a parameter; '' for all."""
    return str(FLOWS.get(name, name))
