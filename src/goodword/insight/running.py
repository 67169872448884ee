"""What runs for a participant at a moment, in words that they may read: campaigns, contests and goals of the live
programmes, and how far the participant is. Reads only.

Whether a condition holds is known of an event only, so the text says that it holds for some. Of a goal with one on the
participant or their account alone, who cannot count for it is told nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.db.models import F
from django.utils.translation import get_language, gettext

from goodword.domain import calendar, contests, goals, money, rows
from goodword.domain.bounds import Campaign, Change
from goodword.domain.draft import Draft, Facts
from goodword.domain.events import Event
from goodword.domain.program import ContestSpan, GoalSpan, Program, compile_program
from goodword.domain.shared import ByTrait, Goal, is_money
from goodword.domain.state import State
from goodword.store import standings, tenancy
from goodword.store.models import Counter, Participant, ProgramVersion


@dataclass(frozen=True, slots=True)
class Running:
    """One campaign, contest or goal. `ends_at` is the first moment after it; `text` is for the participant. Of a
    contest `state` is running, review (over, not final), final or disqualified, and `place` and `score` the
    participant's; of a goal it is running or reached, and `score` what the group has of `target`. Scores and targets
    are in minor units of `unit`, a currency, or counts where that is ''. `timezone` is the program's, in which its
    days begin."""

    kind: str
    program: str
    id: str
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    state: str
    text: str
    timezone: str
    place: int | None = None
    score: int | None = None
    target: int | None = None
    unit: str = ""


def running(workspace_id: str, participant_id: str, at: datetime | None = None) -> tuple[Running, ...]:
    """What runs now, or at another moment by what is known now, in the present language: by program, campaigns first.
    A contest is told of until its result was final for a month."""
    now = at or datetime.now(UTC)
    with tenancy.workspace(workspace_id):
        person = Participant.objects.select_related("account").get(workspace_id=workspace_id, id=participant_id)
        live = ProgramVersion.objects.filter(
            workspace_id=workspace_id,
            program__live_version_id=F("id"),
            program__test=False,
            program__state__in=("", "settling"),
        )
        found: list[Running] = []
        for row in live.select_related("program").order_by("program__key"):
            program = compile_program(str(row.program_id), str(row.id), row.number, row.document)
            if not row.program.state:
                found += _campaigns(program, now)
                found += _goals(workspace_id, program, person, now)
            found += _contests(workspace_id, program, participant_id, now)
    return tuple(found)


# Campaigns


def _campaigns(program: Program, now: datetime) -> Iterator[Running]:
    for campaign, start, end in program.campaign_spans:
        if start <= now < end:
            name = campaign.name or campaign.id.replace("-", " ").capitalize()
            text = _campaign_text(program, campaign, name, end)
            yield Running("campaign", program.key, campaign.id, name, start, end, "running", text, program.zone)


def _campaign_text(program: Program, campaign: Campaign, name: str, end: datetime) -> str:
    until = _last_day(program, end)
    if len(campaign.rewards) == 1 and (told := _change_text(program, *next(iter(campaign.rewards.items())))):
        text = gettext("%(name)s, until %(day)s: %(change)s.") % {"name": name, "day": until, "change": told}
    else:
        text = gettext("%(name)s, until %(day)s.") % {"name": name, "day": until}
    return f"{text} {gettext('It holds for some rewards only.')}" if campaign.when else text


def _change_text(program: Program, rule_id: str, change: Change) -> str:
    """What becomes of a reward; '' where that takes more than few words."""
    unit = program.rules[rule_id].give.unit or program.document.currency
    if change.set is not None:
        return gettext("the reward is %(amount)s") % {"amount": _amount(change.set, unit)}
    if change.multiply is not None and change.add is None:
        return gettext("the reward is %(times)s times as much") % {
            "times": format_decimal(change.multiply, locale=_locale())
        }
    if change.multiply is None and change.add is not None:
        return gettext("the reward is %(amount)s more") % {"amount": _amount(change.add, unit)}
    return ""


# Contests


def _contests(workspace_id: str, program: Program, participant_id: str, now: datetime) -> Iterator[Running]:
    for span in program.contests.values():
        if span.start <= now < span.final_at + timedelta(days=31):
            yield _contest(workspace_id, program, span, participant_id, now)


def _contest(workspace_id: str, program: Program, span: ContestSpan, participant_id: str, now: datetime) -> Running:
    contest = span.contest
    name = contests.counter(program, contest)
    own = _counters(workspace_id, participant_id, [name, f"out:{name}"])
    final = _counters(workspace_id, program.id, [f"final:{name}"]).get(f"final:{name}", 0) > 0
    rows = standings.best(workspace_id, name, contests.MAX_RANKED)
    ranked = contests.ranking((contests.Score(*row) for row in rows), contest.ties)
    place = next((row.place for row in ranked if row.participant_id == participant_id), None)
    out = own.get(f"out:{name}", 0) > 0
    state = "disqualified" if out else "final" if final else "running" if now < span.end else "review"
    shown = None if place is None else money.tally(place, "", _locale())
    told = {"name": contest.name, "place": shown, "day": _last_day(program, span.end)}
    if out:
        text = gettext("You are not part of this contest.")
    elif final:
        text = gettext("%(name)s is decided. Your place: %(place)s.") if place else gettext("%(name)s is decided.")
    elif state == "review":
        text = (
            gettext("%(name)s is over and being checked. Your place so far: %(place)s.")
            if place
            else gettext("%(name)s is over and being checked.")
        )
    else:
        text = (
            gettext("%(name)s runs until %(day)s. Your place so far: %(place)s.")
            if place
            else gettext("%(name)s runs until %(day)s. You have no place yet.")
        )
    score = max(own.get(name, 0), 0)
    unit = program.document.currency if is_money(contest.metric) else ""
    return Running(
        "contest", program.key, contest.id, contest.name, span.start, span.end, state, text % told, program.zone,
        place, score, unit=unit,
    )  # fmt: skip


# Goals


def _goals(workspace_id: str, program: Program, person: Participant, now: datetime) -> Iterator[Running]:
    for span in program.goals.values():
        if (span.start and now < span.start) or (span.end and now >= span.end):
            continue
        group_id = _group(workspace_id, program, span.goal, person)
        if group_id and _may_count(workspace_id, program, span.goal, person, now):
            yield _goal(workspace_id, program, span, group_id, now)


def _group(workspace_id: str, program: Program, goal: Goal, person: Participant) -> str:
    if goal.group == "program":
        return program.id
    if goal.group == "account":
        return str(person.account_id or "")
    assert isinstance(goal.group, ByTrait)
    value = person.traits.get(goal.group.trait)
    return goals.trait_group(workspace_id, goal.group.trait, value) if isinstance(value, str) and value else ""


def _may_count(workspace_id: str, program: Program, goal: Goal, person: Participant, now: datetime) -> bool:
    """Whether something of the person may count for the goal. A condition on the event or on what they refer is known
    of that only; one on themselves and their account alone is known now."""
    if goal.when is None or not all(_about_them(path) for path in goal.when.paths):
        return True
    state = State(workspace_id, {program.id: program}, {})
    row = rows.Participant(
        str(person.id), person.external_id, person.email, person.name,
        str(person.account_id) if person.account_id else None, person.traits, person.first_seen_at,
    )  # fmt: skip
    state.load(row)
    if account := person.account:
        told = rows.Account(str(account.id), account.external_id, account.name, account.since, account.traits)
        state.load(told)
    event = Event("insight.asked", "insight", "now", now, now, {})
    ok, _, _ = goal.when.test(_Person(Draft(state, event, program, row.id)))
    return ok is True


def _about_them(path: Sequence[str]) -> bool:
    return path[0] in ("referrer", "participant", "account") and tuple(path[:2]) != ("participant", "tier")


class _Person(Facts):
    """Facts of a person who has referred nobody by the event that is asked about: they are the referrer themselves."""

    def _referrer(self) -> Mapping[str, Any]:
        return self._person(self._draft.participant_id, {})

    def _participant(self) -> Mapping[str, Any]:
        return self._referrer()


def _goal(workspace_id: str, program: Program, span: GoalSpan, group_id: str, now: datetime) -> Running:
    goal = span.goal
    name = goals.progress(program, goal, goals.label_at(program, goal, now))
    count = max(_counters(workspace_id, group_id, [name]).get(name, 0), 0)
    period = calendar.period(now, goal.every, program.zone) if goal.every else None
    start, end = (period.start, period.end) if period else (span.start, span.end)
    unit = program.document.currency if is_money(goal.metric) else ""
    sums = {"count": count, "target": goal.target, "left": goal.target - count}
    told = {name: money.tally(sum, unit, _locale()) for name, sum in sums.items()}
    if count >= goal.target:
        text = gettext("You reached the goal together: %(count)s of %(target)s.") % told
    else:
        text = gettext("Together you have %(count)s of %(target)s; %(left)s to go.") % told
    if goal.when:
        text = f"{text} {gettext('Not everything counts towards it.')}"
    state = "reached" if count >= goal.target else "running"
    label = goal.id.replace("-", " ").capitalize()
    return Running(
        "goal", program.key, goal.id, label, start, end, state, text, program.zone, None, count, goal.target, unit
    )


def _counters(workspace_id: str, subject_id: str, names: list[str]) -> dict[str, int]:
    rows = Counter.objects.filter(workspace_id=workspace_id, subject_id=subject_id, name__in=names)
    return dict(rows.values_list("name", "count"))


def _last_day(program: Program, end: datetime) -> str:
    """The last day before a moment, in the program's zone and the reader's words."""
    day = calendar.local_day(end - timedelta(microseconds=1), program.zone)
    return format_date(day, "long", locale=_locale())


def _amount(amount: int, unit: str) -> str:
    return money.display(amount, unit, _locale())


def _locale() -> str:
    return get_language() or "en"
