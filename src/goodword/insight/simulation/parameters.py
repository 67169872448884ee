"""The parameters of the model: name, unit, default, bounds, and where the default comes from.

docs/concepts/simulation.md is made from these definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from goodword.insight.simulation.texts import gettext_noop as _


class SimulationError(ValueError):
    """What was asked cannot be simulated. The message says what to do."""


SOURCES = {
    "fader2005": (
        "Fader, Hardie and Lee (2005), Counting Your Customers the Easy Way, Marketing Science 24(2): the BG/NBD "
        "model, estimated on the CDNOW orders",
        "",
    ),
    "fader2013": (
        "Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value, estimated on the CDNOW orders",
        "http://www.brucehardie.com/notes/025/gamma_gamma.pdf",
    ),
    "daniel": (
        "The Daniel Group, analysis of more than 500,000 interviews with customers of companies: 28 to 39 % said they "
        "had referred within six months, and 91 % of these were promoters",
        "https://thedanielgroup.com/resources/blog/great-customer-service-does-create-referring-customers/",
    ),
    "extole": (
        "Extole, referral metrics by industry; retail in general: 16.2 % of the visits through a share sign up, 10.8 % "
        "convert",
        "https://success.extole.com/en/articles/11199311-how-to-measure-and-benchmark-your-referral-program-success",
    ),
    "referralcandy": (
        "ReferralCandy, referral rates by industry: about 2.3 % of a shop's orders are referred ones",
        "https://www.referralcandy.com/blog/referral-rates",
    ),
    "ryu": (
        "Ryu and Feick (2007), A Penny for Your Thoughts, Journal of Marketing 71(1): a reward raises the likelihood "
        "of a referral, and between the sizes tried the size made no difference",
        "https://archive.ama.org/archive/AboutAMA/Pages/AMA%20Publications/AMA%20Journals/Journal%20of%20Marketing/TOCs/summary%20jan%2007/Pennyjmjan07.aspx",
    ),
    "schmitt": (
        "Schmitt, Skiera and Van den Bulte (2011), Referral Programs and Customer Value, Journal of Marketing 75(1): "
        "referred customers of a bank left less often (by about 18 %) and were worth at least 16 % more",
        "https://www.scribd.com/document/547988664/Schmitt-Skiera-VandenBulte-2011-Referral-Programs-Customer-Value",
    ),
    "sopact": (
        "Sopact, composite of NPS benchmarks by industry: the median of retail is +30",
        "https://sopact.com/use-case/nps-benchmarks",
    ),
    "implisit": (
        "Implisit (2014), nearly 500 companies: of the leads from customers and employees nearly 25 % became an "
        "opportunity, of these 14.7 % a deal; on average over all leads 84 days to the opportunity and 18 to the deal",
        "https://www.emarketer.com/Article/Referrals-Fuel-Highest-B2B-Conversion-Rates/1012000",
    ),
    "kbcm": (
        "KBCM Technology Group, private SaaS company survey 2021: median initial contract 28,000 USD a year",
        "https://slidepub.com/slideshow/keybank-private-saas-company-survey-2021",
    ),
    "recurly": (
        "Recurly, churn of 1,500 subscription businesses: 4.91 % a month in B2B",
        "https://recurly.com/research/churn-rate-benchmarks/",
    ),
    "nrf": (
        "National Retail Federation and Appriss Retail (2023): 17.6 % of what is sold online comes back",
        "https://dcvelocity.com/articles/59494-nrf-retailers-chip-away-at-online-return-rate-but-fraud-continues-to-grow",
    ),
    "pymnts": (
        "PYMNTS, The Challenge of Cheaters (2022), 2,000 consumers: 31.1 % admitted that in the past year they had "
        "used a referral code of their own under another name, somewhere",
        "https://fraudpractice.com/post/just-40-of-consumers-have-not-attempted-some-form-of-promo-abuse-in-the-past-year",
    ),
    "colloquy2011": (
        "Colloquy and Swift Exchange (2011), forecast of the value of loyalty points in the United States: a third of "
        "the value that is issued is never redeemed",
        "https://progressivegrocer.com/one-third-loyalty-reward-points-are-never-cashed",
    ),
    "leenheer": (
        "Leenheer, van Heerde, Bijmolt and Smidts (2007), International Journal of Research in Marketing 24(1): among "
        "Dutch households, membership in a loyalty programme has a small positive effect on what people spend there",
        "https://repub.eur.nl/pub/12168",
    ),
    "recurly2019": (
        "Recurly, nearly 2,000 subscription businesses in 2019: the median business loses 6.81 % of its subscribers a "
        "month among consumers",
        "https://recurly.com/research/annual-subscription-billling-metrics-report",
    ),
    "kivetz": (
        "Kivetz, Urminsky and Zheng (2006), Journal of Marketing Research 43(1): with a café's stamp card, the time to "
        "the next purchase was 20 % shorter at the end of the card than at its beginning",
        "https://doi.org/10.1509/jmkr.43.1.39",
    ),
    "casas_arce": (
        "Casas-Arce and Martínez-Jerez (2009), Management Science 55(8): in sales contests among retailers, those who "
        "compete try harder, and less where the gap to a prize is very large",
        "https://doi.org/10.1287/mnsc.1090.1021",
    ),
    "trackrev": (
        "TrackRev (2026), 200 and more partner programmes of software companies: the most active tenth of partners "
        "bring 65 to 70 % of the revenue",
        "https://www.trackrev.io/blog/saas-affiliate-program-benchmarks-2026",
    ),
    "rewardful": (
        "Rewardful (2024), 250 partner programmes: those with 100,000 to 500,000 USD a year have 5,507 leads and 1,076 "
        "new customers on average",
        "https://rewardful.com/articles/affiliate-program-revenue-data-report",
    ),
}  # fmt: skip
"""What defaults rest on: by key, the publication with the figure, and its address if it has one."""


class Parameter(NamedTuple):
    """One number of the model. `flow` is what reads it: `both` for every programme, a
    flow, `loyalty`, `partner`, or `subscription` where somebody pays by the month; `source` is a key of `SOURCES` or ''
    for an assumption; `note` says how the default follows from the source, or what is assumed besides."""

    name: str
    group: str
    flow: str
    unit: str
    default: float
    low: float
    high: float
    about: str
    source: str = ""
    note: str = ""


_JOIN, _LIKE, _REFER, _FRIEND, _ORDER = "Joining", "Satisfaction", "Referring", "Friends", "Orders"
_SHARED = "Goals and contests"
_LOYAL, _PAID, _PARTNER = "Loyalty", "Subscriptions", "Partners"
_DEAL, _CHEAT, _HOUSE, _WORTH = "Leads and deals", "Cheats", "The house", "What things are worth"
SHARE, MONTHLY, DAYS, MONEY = "share", "per month", "days", "currency"
_S, _D, _B, _L, _P, _U = "self_serve", "sales", "both", "loyalty", "partner", "subscription"


_ALL = (
    Parameter("start_share", _JOIN, _B, SHARE, 0.5, 0, 1,
        _("Customers who are there when the programme begins; the others join evenly over the months.")),
    Parameter("paid_share", _JOIN, _B, SHARE, 0.4, 0, 1,
        _("Of those who join by themselves, how many come through paid channels; the rest is organic.")),
    Parameter("promoters", _LIKE, _B, SHARE, 0.5, 0, 1, _("Customers who would give a 9 or 10."), "sopact",
        _("0.5 less 0.2 is an NPS of +30; the split is assumed")),
    Parameter("detractors", _LIKE, _B, SHARE, 0.2, 0, 1, _("Customers who would give 0 to 6."),
        "sopact", _("as promoters")),
    Parameter("refer_rate", _REFER, _B, MONTHLY, 0.15, 0, 10,
        _("Friends to whom a promoter recommends it, without a reward."), "daniel",
        _("a third of all within six months, 91 % of them promoters, half of all promoters: 60 % of the promoters, "
        "which is −ln(0.4)/6 a month")),
    Parameter("passive_factor", _REFER, _B, "factor", 0.15, 0, 1, _("A passive's rate as a part of a promoter's."),
        "daniel", _("with detractor_factor, so that 91 % of those who refer are promoters")),
    Parameter("detractor_factor", _REFER, _B, "factor", 0.02, 0, 1, _("A detractor's rate as a part of a promoter's."),
        "daniel", _("as passive_factor")),
    Parameter("through_program", _REFER, _B, SHARE, 0.35, 0, 1,
        _("Recommendations that go through the programme's link or form; the others are not seen here."),
        "referralcandy",
        _("set so that of the shop's orders some 2 % are first orders of referred people with the other defaults")),
    Parameter("activity_shape", _REFER, _B, "number", 0.5, 0.05, 100,
        _("Shape of the gamma distribution (mean 1) by which people differ in how much they refer: the smaller, the "
        "fewer bring most friends.")),
    Parameter("reward_lift", _REFER, _B, "factor", 0.5, 0, 20,
        _("How much a very large reward to the referrer adds to the rate: 0.5 is half as much again."), "ryu",
        _("that it rises and soon levels off; its height is assumed")),
    Parameter("reward_half", _REFER, _B, "share of an order", 0.1, 0.001, 100,
        _("The reward, as a part of an average order or deal, at which half of the lift is reached."), "ryu",
        _("small, because size mattered little; the number is assumed")),
    Parameter("group_size", _SHARED, _B, "people", 10, 1, 1_000_000,
        _("People of a group, where a goal counts by groups: by a trait, or by account.")),
    Parameter("goal_pull", _SHARED, _B, "factor", 0.25, 0, 20,
        _("How much more people do of what a goal counts just before it is reached; halfway there it is half of that."),
        "kivetz",
        _("20 % less time between two purchases, at the last stamp of one's own card; that a group's goal pulls as "
        "much is assumed")),
    Parameter("contest_pull", _SHARED, _B, "factor", 0.25, 0, 20,
        _("How much more people do of what a contest counts while a prize is within their reach."), "casas_arce",
        _("that they try harder; how much is assumed")),
    Parameter("contest_gap", _SHARED, _B, "number", 3, 0.01, 1_000_000,
        _("How far behind the last prize half of that is left: in what is counted, or in average orders or deals."),
        "casas_arce", _("that those who are far behind try less; the number is assumed")),
    Parameter("friend_signs_up", _FRIEND, _S, SHARE, 0.162, 0, 1, _("Friends who sign up with the code."), "extole"),
    Parameter("friend_orders", _FRIEND, _S, SHARE, 0.667, 0, 1, _("Of these, how many place a first order."), "extole",
        _("10.8 of 16.2 %")),
    Parameter("friend_lift", _FRIEND, _S, "factor", 0.2, 0, 20,
        _("How much a very large reward to the friend adds to both; it levels off like reward_lift.")),
    Parameter("friend_days", _FRIEND, _S, DAYS, 7, 0, 365, _("Mean time from sign-up to the first order.")),
    Parameter("referred_dropout", _FRIEND, _B, "factor", 0.82, 0, 5,
        _("How likely referred customers are to leave, compared with others."), "schmitt"),
    Parameter("order_r", _ORDER, _S, "number", 0.243, 0.01, 100,
        _("Shape r of the gamma distribution of people's order rates (BG/NBD)."), "fader2005"),
    Parameter("order_alpha", _ORDER, _S, "weeks", 4.414, 0.01, 1000,
        _("Its alpha: the mean rate is r/alpha orders a week."), "fader2005"),
    Parameter("dropout_a", _ORDER, _S, "number", 0.793, 0.01, 1000,
        _("First parameter of the beta distribution of the chance to leave for good after a repeat order (BG/NBD)."),
        "fader2005"),
    Parameter("dropout_b", _ORDER, _S, "number", 2.426, 0.01, 1000, _("Its second parameter."), "fader2005"),
    Parameter("spend_p", _ORDER, _S, "number", 6.25, 0.1, 1000,
        _("Shape of the gamma distribution of one person's order values (gamma-gamma)."), "fader2013"),
    Parameter("spend_q", _ORDER, _S, "number", 3.74, 1.01, 1000,
        _("Shape of the gamma distribution by which people's scales differ."), "fader2013"),
    Parameter("spend_gamma", _ORDER, _S, MONEY, 15.44, 0.01, 1_000_000,
        _("Its scale: the mean order is p·gamma/(q − 1), 35.22; dollars of the source are taken as the programme's "
        "currency."), "fader2013"),
    Parameter("refund_share", _ORDER, _S, SHARE, 0.176, 0, 1, _("Orders that are given back, wholly or in part."),
        "nrf",
        _("a share of the value sold, taken as one of the orders")),
    Parameter("refund_part", _ORDER, _S, SHARE, 0.3, 0, 1, _("Of the refunds, how many are of half the order only.")),
    Parameter("refund_days", _ORDER, _B, DAYS, 10, 0, 365, _("Mean time from order or deal to its refund.")),
    Parameter("lead_qualified", _DEAL, _D, SHARE, 0.5, 0, 1, _("Leads that sales find good.")),
    Parameter("lead_opportunity", _DEAL, _D, SHARE, 0.49, 0, 1, _("Of these, how many become an opportunity."),
        "implisit", _("nearly 25 % of all leads, given lead_qualified")),
    Parameter("opportunity_won", _DEAL, _D, SHARE, 0.147, 0, 1, _("Opportunities that become a deal."), "implisit"),
    Parameter("qualify_days", _DEAL, _D, DAYS, 5, 0, 365, _("Mean time until sales look at a lead.")),
    Parameter("opportunity_days", _DEAL, _D, DAYS, 79, 0, 1000, _("Mean time from there to the opportunity."),
        "implisit",
        _("84 days from the lead, less qualify_days")),
    Parameter("won_days", _DEAL, _D, DAYS, 18, 0, 1000, _("Mean time from the opportunity to its end."), "implisit"),
    Parameter("deal_median", _DEAL, _D, MONEY, 28_000, 1, 1e9, _("Median deal: what the first year is worth."), "kbcm"),
    Parameter("deal_sigma", _DEAL, _D, "number", 0.8, 0, 5, _("Standard deviation of the deals' logarithms.")),
    Parameter("deal_refund", _DEAL, _D, SHARE, 0.02, 0, 1, _("Deals that are given back wholly.")),
    Parameter("company_churn", _DEAL, _D, MONTHLY, 0.0491, 0, 1, _("Companies that cancel."), "recurly"),
    Parameter("lead_unfit", _DEAL, _D, SHARE, 0.2, 0, 1,
        _("Leads abroad, too small, known to sales or customers already, a quarter of them each.")),
    Parameter("account_trouble", _DEAL, _D, SHARE, 0.03, 0, 1,
        _("Companies in collections, and as many with an open dispute.")),
    Parameter("points_lift", _LOYAL, _L, "factor", 0.05, 0, 20,
        _("How much a very large return adds to the rate of repeat orders; it levels off like reward_lift."),
        "leenheer", _("that it is small; the number is assumed")),
    Parameter("redeemers", _LOYAL, _L, SHARE, 0.67, 0, 1, _("Members who ever spend points."), "colloquy2011",
        _("two thirds of the value, taken as so many of the members")),
    Parameter("redeem_rate", _LOYAL, _L, MONTHLY, 0.3, 0, 30,
        _("How often such a member looks at the catalogue; of what they can afford then, they take the dearest.")),
    Parameter("plan_price", _PAID, _U, MONEY, 30, 0, 1e9, _("What a subscription costs a month.")),
    Parameter("annual_share", _PAID, _U, SHARE, 0.3, 0, 1, _("Subscriptions that are paid for a year at once.")),
    Parameter("plan_churn", _PAID, _U, MONTHLY, 0.0681, 0, 1, _("Subscriptions that are cancelled."), "recurly2019"),
    Parameter("partners", _PARTNER, _P, "factor", 0.02, 0, 10,
        _("Partners for each customer who joins by themselves; there is at least one.")),
    Parameter("partner_shape", _PARTNER, _P, "number", 0.2, 0.05, 100,
        _("Shape of the gamma distribution (mean 1) by which partners differ in how much they bring."), "trackrev",
        _("under it the most active tenth bring some two thirds")),
    Parameter("partner_rate", _PARTNER, _P, MONTHLY, 1, 0, 1000,
        _("People whom a partner of average activity sends, or deals that they put forward.")),
    Parameter("partner_wins", _PARTNER, _P, SHARE, 0.195, 0, 1,
        _("People who came through a partner's link and become customers."), "rewardful", _("1,076 of 5,507")),
    Parameter("deal_accepted", _PARTNER, _P, SHARE, 0.7, 0, 1,
        _("Deals of partners that are accepted; the others are turned down.")),
    Parameter("accept_days", _PARTNER, _P, DAYS, 10, 0, 1000, _("Mean time until a deal is accepted.")),
    Parameter("deal_won", _PARTNER, _P, SHARE, 0.3, 0, 1, _("Accepted deals that are won.")),
    Parameter("deal_days", _PARTNER, _P, DAYS, 60, 0, 1000, _("Mean time from there to the win.")),
    Parameter("cheats", _CHEAT, _B, SHARE, 0.02, 0, 1,
        _("Participants who cheat wherever a reward is offered: one third refer themselves, one third invent friends, "
        "one third let an invented friend's order be refunded once the reward should be theirs."), "pymnts",
        _("that they are not few; how many cheat one given programme is assumed")),
    Parameter("cheat_rate", _CHEAT, _B, MONTHLY, 0.1, 0, 10, _("Attempts of a cheat.")),
    Parameter("cheat_days", _CHEAT, _S, DAYS, 45, 0, 1000, _("How long a cheat waits before the refund.")),
    Parameter("approved", _HOUSE, _B, SHARE, 0.98, 0, 1, _("Rewards that a person approves where one must.")),
    Parameter("approve_days", _HOUSE, _B, DAYS, 3, 0, 365, _("Time until that.")),
    Parameter("issue_days", _HOUSE, _B, DAYS, 2, 0, 365, _("Time from approval until the reward has reached them.")),
    Parameter("redeemed", _HOUSE, _B, SHARE, 0.8, 0, 1, _("Issued rewards that are used.")),
    Parameter("redeem_days", _HOUSE, _B, DAYS, 20, 0, 1000, _("Mean time until then.")),
    Parameter("margin", _WORTH, _S, SHARE, 0.4, 0, 1, _("What is left of an order after the cost of the goods.")),
    Parameter("deal_margin", _WORTH, _D, SHARE, 0.75, 0, 1, _("What is left of a deal after the cost of serving it.")),
    Parameter("unit_value", _WORTH, _B, MONEY, 0.01, 0, 1e6,
        _("One of a unit of the programme's own, such as a point.")),
    Parameter("gift_value", _WORTH, _B, MONEY, 10, 0, 1e6,
        _("A gift that has neither an amount nor a percentage, but for recognition, which costs nothing. A percentage "
        "counts as that part of one average order or deal, and something of a catalogue as its price in points.")),
)  # fmt: skip
PARAMETERS: Mapping[str, Parameter] = {parameter.name: parameter for parameter in _ALL}
"""Every parameter by name, in the order of a customer's life."""

Settings = Mapping[str, float]
"""A value for every parameter."""


def settings(changed: Iterable[str] = ()) -> dict[str, float]:
    """The defaults with `name=value` texts put in. Raises `SimulationError`."""
    found: dict[str, float] = {}
    for text in changed:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign:
            raise SimulationError(f"--set {text[:60]!r}: expected name=value, such as refer_rate=0.2")
        try:
            found[name] = float(value)
        except ValueError:
            _known(name)
            raise SimulationError(_wanted(PARAMETERS[name], value)) from None
        check({name: found[name]}, alone=True)
    return check(found)


def check(changed: Mapping[str, float], *, alone: bool = False) -> dict[str, float]:
    """The defaults with other values put in; `alone`: each for itself. Raises `SimulationError`."""
    for name, value in changed.items():
        _known(name)
        parameter = PARAMETERS[name]
        if not parameter.low <= value <= parameter.high:
            raise SimulationError(_wanted(parameter, f"{value:g}"))
    found = {parameter.name: float(parameter.default) for parameter in _ALL} | dict(changed)
    if not alone and found["promoters"] + found["detractors"] > 1:
        raise SimulationError("promoters and detractors are more than everybody; together at most 1")
    return found


def _known(name: str) -> None:
    if name not in PARAMETERS:
        near = get_close_matches(name, PARAMETERS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(PARAMETERS)}"
        raise SimulationError(f"--set {name[:60]!r}: there is no such parameter; {hint}")


def _wanted(parameter: Parameter, text: str) -> str:
    return (
        f"--set {parameter.name}={text[:40]}: expected a number from {parameter.low:g} to {parameter.high:g} "
        f"({parameter.unit})"
    )
