"""What no single field of a document can tell: references, order, circles, units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from goodword.domain import calendar, money, spelling
from goodword.domain.bounds import Campaign, CampaignLimit, Limit
from goodword.domain.document import Document, Tier
from goodword.domain.event_names import named_faults
from goodword.domain.faults import Fault, near, unknown
from goodword.domain.gift_checks import amount_faults, gift_faults, stack_faults
from goodword.domain.gifts import Gift
from goodword.domain.history_checks import history_faults
from goodword.domain.kind_checks import kind_faults
from goodword.domain.rules import Rule
from goodword.domain.shared import ByTrait, Contest, Goal, SharedReward
from goodword.domain.trigger_checks import (
    anniversary_faults,
    hold_faults,
    metric_faults,
    partner_faults,
    prorate_faults,
    tier_faults,
    trigger_faults,
)


def cross_faults(document: Document) -> Iterable[Fault]:
    """What no single field can tell: references, order, circles, units."""
    if not money.is_currency(document.currency):
        yield Fault(
            "currency",
            "unknown_currency",
            f"unknown currency {document.currency[:20]!r}; use an ISO 4217 code such as USD"
            + spelling.question(spelling.currency(document.currency)),
            document.currency,
        )
    if not calendar.is_timezone(document.timezone):
        yield Fault(
            "timezone",
            "unknown_timezone",
            f"unknown time zone {document.timezone[:40]!r}; use an IANA name such as Europe/Oslo"
            + spelling.question(spelling.timezone(document.timezone)),
            document.timezone,
        )
    if document.calendar is not None and document.calendar not in calendar.business_countries():
        yield Fault(
            "calendar",
            "unknown_calendar",
            "unknown country; use an ISO 3166 code such as US or NO" + spelling.question(_country(document.calendar)),
            document.calendar,
        )
    yield from _test_faults(document)
    for unit in document.units:
        if money.is_currency(unit.upper()):
            yield Fault(
                "units",
                "unit_is_currency",
                f"{unit!r} is a currency; amounts in it need no unit of their own",
                unit,
            )
    yield from stack_faults(document)
    yield from _unique("rewards", [rule.id for rule in document.rewards])
    yield from _unique("campaigns", [campaign.id for campaign in document.campaigns])
    yield from _unique("limits", [limit.id or f"limits.{index}" for index, limit in enumerate(document.limits)])
    yield from _unique("eligibility.refer", [entry.code for entry in document.eligibility.refer], "code")
    yield from _unique("eligibility.be_referred", [entry.code for entry in document.eligibility.be_referred], "code")
    yield from _tier_faults(document.tiers)
    yield from _shared_faults(document)
    rule_ids = [rule.id for rule in document.rewards] + [share.id for _, share in _shares(document)]
    tier_ids = [tier.id for tier in document.tiers]
    for index, rule in enumerate(document.rewards):
        yield from _rule_faults(f"rewards.{index}", rule, document, tier_ids)
        yield from trigger_faults(f"rewards.{index}", rule, document)
        yield from tier_faults(f"rewards.{index}", rule, document)
        yield from anniversary_faults(f"rewards.{index}", rule, document)
        yield from prorate_faults(f"rewards.{index}", rule)
        yield from hold_faults(f"rewards.{index}", rule, document)
    yield from partner_faults(document)
    for index, item in enumerate(document.catalogue):
        for fault in _rule_faults(f"catalogue.{index}", item.rule, document, tier_ids):
            yield replace(fault, path=fault.path.replace(".give", ".gift"))
    for index, limit in enumerate(document.limits):
        known = [*rule_ids, *(item.id for item in document.catalogue)]
        yield from _limit_faults(f"limits.{index}", limit, document, known)
    for index, campaign in enumerate(document.campaigns):
        path = f"campaigns.{index}"
        yield from _order_of_days(path, campaign.from_, campaign.to)
        for rule_id, change in campaign.rewards.items():
            if rule_id not in rule_ids:
                yield unknown(f"{path}.rewards", "rule", rule_id, rule_ids)
            if change.multiply is None and change.add is None and change.set is None:
                yield Fault(f"{path}.rewards.{rule_id}", "empty_change", "say what changes: multiply, add or set")
            if change.set is not None and not (change.multiply is None and change.add is None):
                yield Fault(
                    f"{path}.rewards.{rule_id}.set",
                    "not_allowed",
                    "set stands alone, without multiply or add",
                    change.set,
                )
        yield from _campaign_faults(path, campaign, document)
    yield from history_faults(document)
    yield from kind_faults(document)
    yield from named_faults(document)
    if (
        "lifecycle" in document.model_fields_set
        and document.lifecycle.flow == "self_serve"
        and not any((document.lifecycle.qualified, document.lifecycle.opportunity, document.lifecycle.closed_won))
    ):
        yield Fault(
            "lifecycle",
            "no_step",
            "a self_serve flow needs an event that moves it: qualified, opportunity or closed_won",
        )


def _country(text: str) -> str:
    """The country whose code is meant by its name, by one in small letters, or with a third letter."""
    if named := calendar.country_named(text):
        return named
    code = text.strip().upper()[:2]
    return code if len(text.strip()) in (2, 3) and code in calendar.business_countries() else ""


def _test_faults(document: Document) -> Iterable[Fault]:
    if document.beside is None:
        return
    if not document.test:
        yield Fault(
            "beside",
            "not_allowed",
            "beside is for a program in test mode; add test: true or leave it out",
            document.beside,
        )
    elif document.beside == document.program:
        told = "a program cannot be tested beside itself; name the live one, and give this one a key of its own"
        yield Fault("beside", "not_allowed", told, document.beside)


def _campaign_faults(path: str, campaign: Campaign, document: Document) -> Iterable[Fault]:
    if not campaign.rewards and not campaign.extend:
        yield Fault(path, "empty_campaign", "say what changes: rewards, extend or both")
    known = [limit.id for limit in document.limits if limit.id]
    for id in campaign.extend:
        if id not in known:
            yield unknown(f"{path}.extend", "limit", id, known)
    if campaign.limit:
        yield from _measure_faults(f"{path}.limit", campaign.limit, document)


def _measure_faults(path: str, limit: Limit | CampaignLimit, document: Document) -> Iterable[Fault]:
    """How much is allowed: a count, or a budget in some unit."""
    if (limit.count is None) == (limit.budget is None):
        yield Fault(path, "count_or_budget", "a limit has either count or budget")
    if limit.unit is not None:
        if limit.budget is None:
            yield Fault(f"{path}.unit", "not_allowed", "unit is for a budget; a count has none", limit.unit)
        elif not (money.is_currency(limit.unit) or limit.unit in document.units):
            yield _unknown_unit(f"{path}.unit", limit.unit, document)


def _rule_faults(path: str, rule: Rule, document: Document, tier_ids: list[str]) -> Iterable[Fault]:
    gift = rule.give
    yield from _gift_faults(path, gift, document)
    yield from amount_faults(f"{path}.give", gift, document, tier_ids)
    if rule.approval and rule.approval.above is not None and gift.amount is None:
        yield _nothing_above(path)


def _nothing_above(path: str) -> Fault:
    return Fault(f"{path}.approval.above", "not_allowed", "the gift has no amount to compare with; leave above out")


def _gift_faults(path: str, gift: Gift, document: Document) -> Iterable[Fault]:
    if gift.unit is not None and not (money.is_currency(gift.unit) or gift.unit in document.units):
        yield _unknown_unit(f"{path}.give.unit", gift.unit, document)
    yield from gift_faults(f"{path}.give", gift)


def _limit_faults(path: str, limit: Limit, document: Document, rule_ids: list[str]) -> Iterable[Fault]:
    yield from _measure_faults(path, limit, document)
    for rule_id in limit.rules or ():
        if rule_id not in rule_ids:
            yield unknown(f"{path}.rules", "rule", rule_id, rule_ids)
    if limit.when_reached == "partial" and limit.budget is None:
        yield Fault(f"{path}.when_reached", "not_allowed", "partial is for a budget; a count has no part", "partial")
    if limit.every and limit.within:
        yield Fault(f"{path}.within", "not_allowed", "a limit has either every or within", limit.within.text)
    if limit.within and (limit.within.months or limit.within.seconds):
        yield Fault(
            f"{path}.within", "not_allowed", "a rolling period is whole days, such as P30D or P4W", limit.within.text
        )
    if limit.campaigns is not None and limit.per != "campaign":
        yield Fault(f"{path}.campaigns", "not_allowed", "campaigns is for per: campaign", limit.campaigns)
    known = [campaign.id for campaign in document.campaigns]
    for id in limit.campaigns or ():
        if id not in known:
            yield unknown(f"{path}.campaigns", "campaign", id, known)


def _unknown_unit(path: str, unit: str, document: Document) -> Fault:
    return Fault(
        path,
        "unknown_unit",
        f"unknown unit {unit!r}; {_unit_meant(unit, document)} "
        + f"Allowed: {', '.join(['an ISO 4217 currency', *document.units])}",
        unit,
    )


def _unit_meant(unit: str, document: Document) -> str:
    if code := spelling.currency(unit):
        return f"did you mean {code}?"
    return near(unit, [document.currency, *document.units], "declare it under units.")


def _tier_faults(tiers: list[Tier]) -> Iterable[Fault]:
    yield from _unique("tiers", [tier.id for tier in tiers])
    by_id = {tier.id: tier for tier in tiers}
    last: dict[str, Tier] = {}
    for index, tier in enumerate(tiers):
        path = f"tiers.{index}"
        before = last.get(tier.metric)
        if before and tier.from_ <= before.from_:
            yield Fault(
                f"{path}.from",
                "tiers_not_rising",
                f"{tier.id} starts at {tier.from_}, not above {before.id}'s {before.from_}; "
                "list tiers from low to high",
                tier.from_,
            )
        last[tier.metric] = tier
        if tier.after is None:
            continue
        if tier.after not in by_id:
            yield unknown(f"{path}.after", "tier", tier.after, list(by_id))
            continue
        chain = [tier.id]
        here: Tier | None = tier
        while here and here.after and here.after in by_id:
            chain.append(here.after)
            if here.after == tier.id:
                yield Fault(
                    f"{path}.after",
                    "tier_cycle",
                    f"tiers go round in a circle: {' → '.join(chain)}; let one of them stand alone",
                    tier.after,
                )
                break
            if chain.count(here.after) > 1:
                break  # a circle that this tier leads into; its members report it
            here = by_id[here.after]


def _shares(document: Document) -> Iterable[tuple[str, SharedReward]]:
    """Every reward of a goal and prize of a contest, with its path."""
    for index, goal in enumerate(document.goals):
        yield from ((f"goals.{index}.rewards.{place}", share) for place, share in enumerate(goal.rewards))
    for index, contest in enumerate(document.contests):
        yield from ((f"contests.{index}.prizes.{place}", prize) for place, prize in enumerate(contest.prizes))


def _parts(document: Document) -> Iterable[tuple[str, Goal | Contest]]:
    yield from ((f"goals.{index}", goal) for index, goal in enumerate(document.goals))
    yield from ((f"contests.{index}", contest) for index, contest in enumerate(document.contests))


def _shared_faults(document: Document) -> Iterable[Fault]:
    """What is wrong with goals and contests, and with what they give."""
    if not (document.rewards or document.goals or document.contests):
        yield Fault("rewards", "missing", "say who gets what: at least one reward, goal or contest")
    for path, part in _parts(document):
        yield from metric_faults(path, part, document)
    yield from _unique("goals", [goal.id for goal in document.goals])
    yield from _unique("contests", [contest.id for contest in document.contests])
    taken = {rule.id for rule in document.rewards} | {item.id for item in document.catalogue}
    for path, share in _shares(document):
        if share.id in taken:
            yield Fault(f"{path}.id", "duplicate", f"{share.id!r} is used twice; each needs its own", share.id)
        taken.add(share.id)
        yield from _gift_faults(path, share.give, document)
        if share.give.amount is not None and not isinstance(share.give.amount, int):
            yield Fault(f"{path}.give.amount", "not_allowed", "of a goal or contest is a fixed number of minor units")
        if share.approval and share.approval.above is not None and share.give.amount is None:
            yield _nothing_above(path)
    for index, goal in enumerate(document.goals):
        path = f"goals.{index}"
        if goal.every and (goal.from_ or goal.to):
            yield Fault(f"{path}.every", "not_allowed", "say either from and to, or every", goal.every)
        if goal.from_ and goal.to:
            yield from _order_of_days(path, goal.from_, goal.to)
        if isinstance(goal.group, ByTrait) and goal.members == "participants":
            yield Fault(
                f"{path}.members",
                "not_allowed",
                "who shares a trait is known of contributors only; choose contributors",
                goal.members,
            )
    for index, contest in enumerate(document.contests):
        yield from _order_of_days(f"contests.{index}", contest.from_, contest.to)
        for place, prize in enumerate(contest.prizes):
            path = f"contests.{index}.prizes.{place}"
            if (prize.place is None) == (prize.places is None):
                yield Fault(path, "place_or_places", "a prize has either place or places: [first, last]")
            elif prize.span[0] > prize.span[1]:
                yield Fault(f"{path}.places", "places_not_rising", "write the first place, then the last", prize.places)


def _order_of_days(path: str, first: date, last: date) -> Iterable[Fault]:
    if last < first:
        yield Fault(f"{path}.to", "ends_before_start", f"{last} is before {first}", str(last))


def _unique(path: str, names: list[str], word: str = "id") -> Iterable[Fault]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Fault(f"{path}.{index}.{word}", "duplicate", f"{name!r} is used twice; each needs its own", name)
        seen.add(name)
