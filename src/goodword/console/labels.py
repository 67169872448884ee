"""The words pages use for codes: states, kinds, units, periods. A code nobody named here is shown as it is.

Every text is a message of the catalogues in `goodword/locale`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from babel.core import Locale
from babel.dates import format_skeleton
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from goodword.domain import calendar, money
from goodword.domain.calendar import Duration
from goodword.domain.reasons import REASONS, staff_text
from goodword.domain.shared import EventMetric

Text = str | Promise

REFERRAL_STATES: dict[str, tuple[Text, str]] = {
    "submitted": (_("Submitted"), "info"),
    "qualified": (_("Qualified"), "info"),
    "opportunity": (_("Opportunity"), "info"),
    "closed_won": (_("Won"), "good"),
    "closed_lost": (_("Lost"), "plain"),
    "disqualified": (_("Disqualified"), "bad"),
    "nurture": (_("Nurture"), "warn"),
    "expired": (_("Expired"), "plain"),
    "duplicate": (_("Duplicate"), "plain"),
    "voided": (_("Voided"), "plain"),
}
LINK_STATES: dict[str, tuple[Text, str]] = {
    "on": (_("Works"), "good"),
    "off": (_("Switched off"), "plain"),
    "expired": (_("Expired"), "plain"),
    "paused": (_("Program paused"), "warn"),
    "ended": (_("Program ended"), "plain"),
}
KEY_STATES: dict[str, tuple[Text, str]] = {
    "active": (_("Works"), "good"),
    "replaced": (_("Replaced"), "warn"),
    "expired": (_("Expired"), "plain"),
    "revoked": (_("Revoked"), "plain"),
}
KEY_KINDS: dict[str, Text] = {
    "secret": _("Secret key"),
    "publishable": _("Publishable key"),
    "token": _("Token secret"),
}
REWARD_STATES: dict[str, tuple[Text, str]] = {
    "waitlisted": (_("On the waiting list"), "warn"),
    "pending": (_("Held"), "warn"),
    "approved": (_("Approved"), "info"),
    "issued": (_("Issued"), "good"),
    "redeemed": (_("Redeemed"), "good"),
    "rejected": (_("Rejected"), "bad"),
    "cancelled": (_("Cancelled"), "plain"),
    "expired": (_("Expired"), "plain"),
    "reversed": (_("Taken back"), "bad"),
    "failed": (_("Failed"), "bad"),
}
EVENT_STATES: dict[str, tuple[Text, str]] = {
    "waiting": (_("Waiting for the engine"), "warn"),
    "failed": (_("Failed, will be tried again"), "bad"),
}
PROGRAM_KINDS: dict[str, Text] = {
    "referral": _("Referral"),
    "partner": _("Partner"),
    "loyalty": _("Loyalty"),
}
PROGRAM_STATES: dict[str, tuple[Text, str]] = {
    "draft": (_("Draft"), "plain"),
    "review": (_("In review"), "warn"),
    "scheduled": (_("Scheduled"), "info"),
    "live": (_("Live"), "good"),
    "paused": (_("Paused"), "warn"),
    "ended": (_("Ended"), "plain"),
}
PROGRAM_MOVES: dict[str, Text] = {
    "scheduled": _("Scheduled"),
    "live": _("Went live"),
    "paused": _("Paused"),
    "resumed": _("Resumed"),
    "ended": _("Ended"),
}
CLAIM_STATES: dict[str, tuple[Text, str]] = {
    "waiting": (_("Waiting"), "warn"),
    "approved": (_("Approved"), "good"),
    "rejected": (_("Rejected"), "bad"),
}
DRAFT_STATES: dict[str, tuple[Text, str]] = {
    "draft": (_("Draft"), "plain"),
    "review": (_("In review"), "warn"),
    "approved": (_("Approved"), "good"),
    "published": (_("Published"), "good"),
    "discarded": (_("Discarded"), "plain"),
}
DRAFT_STEPS: dict[str, Text] = {
    "saved": _("Saved"),
    "submitted": _("Submitted for review"),
    "approved": _("Approved"),
    "sent_back": _("Sent back"),
    "published": _("Published"),
    "discarded": _("Discarded"),
}
JOB_STATES: dict[str, tuple[Text, str]] = {
    "waiting": (_("Waiting"), "info"),
    "running": (_("Running"), "info"),
    "done": (_("Done"), "good"),
    "failed": (_("Failed"), "bad"),
    "cancelled": (_("Cancelled"), "plain"),
}
IMPORT_STATES: dict[str, tuple[Text, str]] = {
    **JOB_STATES,
    "undoing": (_("Being taken out again"), "info"),
    "undone": (_("Taken out again"), "plain"),
    "accepted": (_("Accepted"), "good"),
    "skipped": (_("Skipped"), "plain"),
    "error": (_("Error"), "bad"),
    "kept": (_("Kept"), "info"),
}
JOB_FAILURES: dict[str, Text] = {
    "refused": _("The question cannot be answered:"),
    "invalid_program": _("The document cannot be a program:"),
    "too_long": _("It took too long. Try a shorter stretch of time."),
    "process_died": _("The process that worked at it died three times. Tell whoever runs the server."),
    "broken": _("Something broke on our side. Tell whoever runs the server."),
}
BACKTEST_TABLES: dict[str, Text] = {
    "totals": _("Totals"),
    "cost": _("Cost"),
    "people": _("People"),
    "decisions": _("Changed decisions"),
    "caps": _("Limits"),
    "budgets": _("Budgets"),
    "liability": _("Owed at the end"),
}
LIMITED: dict[str, Text] = {
    "program": _("program"),
    "campaign": _("campaign"),
    "referrer": _("referrer"),
    "referred": _("referred person"),
    "participant": _("participant"),
    "account": _("account"),
}
CHANGES: dict[str, tuple[Text, str]] = {
    "new": (_("New"), "good"),
    "removed": (_("Removed"), "bad"),
    "changed": (_("Changed"), "info"),
    "order": (_("Another order"), "plain"),
}
MIGRATION_STATES: dict[str, tuple[Text, str]] = {
    "moving": (_("Under way"), "warn"),
    "moved": (_("Done"), "good"),
    "going_back": (_("Going back"), "warn"),
    "undone": (_("Taken back"), "plain"),
}
DEPENDS: dict[str, Text] = {
    "order": _("depends on the order"),
    "facts": _("depends on facts to come"),
    "draw": _("drawn"),
    "tier": _("depends on the tier"),
}
STATEMENT_STATES: dict[str, tuple[Text, str]] = {
    "payable": (_("Payable"), "good"),
    "carried": (_("Carried over"), "plain"),
}
MOVEMENTS: dict[str, Text] = {
    "approved": _("Approved"),
    "reversed": _("Taken back"),
    "paid": _("Paid out"),
    "moved": _("Moved by a merge"),
    "netted": _("Netted with a debt"),
    "owed": _("Owed back"),
}
ROLES: dict[str, Text] = {
    "owner": _("Owner"),
    "manager": _("Manager"),
    "finance": _("Finance"),
    "support": _("Support"),
}
EVIDENCE: dict[str, Text] = {
    "code": _("code"),
    "submission": _("submission"),
    "link": _("link"),
    "invitation": _("invitation"),
    "claim": _("claim"),
    "coupon": _("coupon"),
    "crm": _("CRM"),
}
CLAIMS: dict[str, Text] = {
    "email": _("the same e-mail address"),
    "previous_id": _("named by the event"),
    "split": _("taken apart by the event"),
}
SIDES: dict[str, Text] = {
    "referrer": _("to the referrer"),
    "referred": _("to the referred person"),
    "participant": _("to the participant"),
}
LEDGER_KINDS: dict[str, Text] = {
    "program_cost": _("Cost of programs"),
    "opening": _("Brought over by imports"),
    "participant_balance": _("Balances of participants"),
    "fulfilled": _("Handed over"),
    "participant_debt": _("Debts of participants"),
}
PERIODS: dict[str, Text] = {
    "day": _("a day"),
    "week": _("a week"),
    "month": _("a month"),
    "quarter": _("a quarter"),
    "year": _("a year"),
}
METRICS: dict[str, Text] = {
    "submitted_referrals": _("submitted referrals"),
    "qualified_referrals": _("qualified referrals"),
    "closed_won_referrals": _("won referrals"),
    "submitted": _("submitted referrals"),
    "qualified": _("qualified referrals"),
    "closed_won": _("won referrals"),
    "revenue": _("revenue"),
    "points": _("points"),
}
DOWNGRADES: dict[str, Text] = {
    "to_balance": _("lost at once"),
    "keep_until_period_end": _("kept for one more period"),
    "one_down": _("down by one tier a period"),
}
TIES: dict[str, Text] = {
    "earliest": _("Of a tie, whoever was there first is before."),
    "share": _("Who is tied shares the prizes of their places."),
    "all": _("Who is tied wins the prize of the best place each."),
}
SPANS: dict[str, tuple[Text, str]] = {
    "upcoming": (_("Coming"), "info"),
    "next": (_("Coming"), "info"),
    "running": (_("Running"), "good"),
    "now": (_("Running"), "good"),
    "review": (_("Being checked"), "warn"),
    "final": (_("Final"), "plain"),
    "over": (_("Over"), "plain"),
    "past": (_("Over"), "plain"),
}
"""Where a goal, contest or campaign is in time."""
WHEN_REACHED: dict[str, Text] = {
    "reject": _("then no reward"),
    "partial": _("then what is left"),
    "waitlist": _("then a place in line"),
}
GIFTS: dict[str, Text] = {
    "account_credit": _("Account credit"),
    "cash": _("Cash"),
    "gift_card": _("Gift card"),
    "discount": _("Discount"),
    "free_period": _("Free period"),
    "trial_extension": _("Longer trial"),
    "points": _("Points"),
    "upgrade": _("Upgrade"),
    "feature": _("Feature"),
    "quantity": _("Quantity"),
    "service": _("Service"),
    "product": _("Product"),
    "donation": _("Donation"),
    "access": _("Access"),
    "recognition": _("Recognition"),
}
RIGHTS: dict[str, Text] = {"perk": _("Perk"), **GIFTS}
"""Kinds of entitlement."""

TRANSFERS: dict[str, Text] = {
    "grant": _("Given"),
    "approve": _("Approved"),
    "reject": _("Rejected"),
    "cancel": _("Cancelled"),
    "merge": _("Cancelled"),
    "split": _("Given"),
    "reverse": _("Taken back"),
    "fail": _("Not handed over"),
    "net": _("Netted with a debt"),
    "debt": _("Owed back"),
    "issue": _("Handed over"),
    "redeem": _("Redeemed"),
    "expire": _("Expired"),
    "import": _("Imported"),
    "import_undone": _("Import taken out"),
}
"""What a transfer did, for whose balance it moved."""
APPLIES: dict[str, Text] = {
    "once": _("once"),
    "forever": _("for ever"),
    "next_shipment": _("next shipment"),
}

SETTINGS: dict[str, Text] = {
    "name": _("Name"),
    "short_domain": _("Short domain"),
    "fallback": _("Fallback page"),
    "cookie": _("Cookie that knows a browser again"),
    "privacy_signals": _("Browsers that ask not to be tracked (DNT, GPC)"),
    "ip_hash_days": _("Days for which hashes of IP addresses can be compared"),
    "raw_ip_days": _("Days for which the IP address itself is kept"),
    "clicks_days": _("Days for which clicks are kept"),
}
SETTING_VALUES: dict[str, Text] = {
    "consent": _("Where the visitor agreed"),
    "always": _("Always"),
    "never": _("Never"),
    "respect": _("Respect it"),
    "ignore": _("Take no notice"),
}
SETTING_DOORS: dict[str, Text] = {
    "console": _("on this page"),
    "api": _("through the API"),
    "cli": _("at the command line"),
}


def locale() -> Locale:
    """The reader's locale. English here means the day before the month: 3/4 must not be read two ways."""
    language = get_language() or "en"
    return Locale.parse({"en": "en_GB"}.get(language, language))


def moment(at: datetime, zone: str, form: str = "minute") -> str:
    """A moment in a zone, which is named: "14 Mar 2026, 10:22 CET". Form: minute, day, or last for the day that ends
    with it."""
    shown_at = at - timedelta(microseconds=1) if form == "last" else at
    local = shown_at.astimezone(calendar.timezone(zone))
    day = format_skeleton("yMMMd", local, locale=locale())
    return f"{day}, {local:%H:%M} {local.tzname()}" if form == "minute" else day


def state(kind: str, code: str) -> tuple[str, str]:
    """The label and the tone (`good`, `bad`, `warn`, `info`, `plain`) of a state of one kind of thing."""
    states = {
        "referral": REFERRAL_STATES, "reward": REWARD_STATES, "event": EVENT_STATES, "program": PROGRAM_STATES,
        "statement": STATEMENT_STATES, "migration": MIGRATION_STATES, "draft": DRAFT_STATES, "claim": CLAIM_STATES,
        "import": IMPORT_STATES, "key": KEY_STATES, "link": LINK_STATES, "job": JOB_STATES, "span": SPANS,
    }[kind]  # fmt: skip
    label, tone = states.get(code, (code, "plain"))
    return str(label), tone


def word(words: Mapping[str, Text], code: str) -> str:
    """The text for a code, or the code."""
    return str(words.get(code, code))


def unit(code: str, amount: int) -> str:
    """What a unit is called beside an amount: currencies keep their code, known units get a word."""
    if money.is_currency(code):
        return code
    known = {
        "points": ngettext("point", "points", amount),
        "days": ngettext("day", "days", amount),
        "months": ngettext("month", "months", amount),
        "seats": ngettext("seat", "seats", amount),
        "rides": ngettext("ride", "rides", amount),
        "hours": ngettext("hour", "hours", amount),
        "mb": "MB",
        "gb": "GB",
    }
    return known.get(code, code)


def gift(terms: Mapping[str, Any]) -> str:
    """A gift but for its amount in few words: "Discount of 20 %, 12 months", "Upgrade, pro"."""
    name = word(GIFTS, str(terms.get("type", "")))
    percent = terms.get("percent")
    if percent is not None:
        name = gettext("%(gift)s of %(percent)s %%") % {"gift": name, "percent": percent}
    told = [str(terms[key]) for key in ("name", "plan", "brand", "recipient") if terms.get(key)]
    if terms.get("duration"):
        told.append(length(Duration.parse(str(terms["duration"]))))
    if terms.get("applies"):
        told.append(word(APPLIES, str(terms["applies"])))
    return ", ".join([name, *told])


def metric(counted: str | EventMetric) -> str:
    """What a goal or contest counts: a state of referrals, or events of a type."""
    if isinstance(counted, str):
        return word(METRICS, counted)
    if counted.count:
        return gettext("events %(type)s") % {"type": counted.count}
    return gettext("%(property)s of %(type)s") % {"property": counted.of, "type": counted.sum}


def length(duration: Duration) -> str:
    """A length of time in words: "1 month, 2 days"; one with a part of an hour as it is written."""
    hours, rest = divmod(duration.seconds, 3600)
    if rest:
        return duration.text
    parts = (("months", duration.months), ("days", duration.days), ("hours", hours))
    return ", ".join(f"{count} {unit(name, count)}" for name, count in parts if count)


def reason(code: str) -> str:
    """The staff text of a reason code; codes a program made itself read as their words."""
    known = REASONS.get(code)
    return gettext(known.staff) if known else staff_text(code)
