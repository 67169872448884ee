"""What a migration would do, before anybody does it: who is affected, what changes for each, and what it would cost.

Writes nothing. The cost is what the rules give if every referral went on to each state that is still ahead of it,
without limits, campaigns and conditions; where an amount depends on what is yet to happen, the least and the most, and
what it is likely to be if an order is worth what those were on the mean that were won.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from goodword.domain import expected, ids, migrating
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.expected import NOTHING, Expected, Range
from goodword.domain.lifecycle import RANK
from goodword.domain.program import Program
from goodword.domain.rows import OPEN, Participant, Referral
from goodword.domain.state import State
from goodword.domain.wording import Change, changes
from goodword.engine import load, moving
from goodword.engine.migrations import Chosen
from goodword.store import tenancy
from goodword.store.sql import array, fetch

RECKONED = 5_000
"""Referrals up to which each one's tier is looked at; of more, the lowest and the highest tier are taken."""
SHOWN = 50
"""Referrals that one page of a preview shows."""
_PAGE = 1_000
_NOBODY = Participant("", None, "", "", None, {}, datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Person:
    """A side of a referral: our id (par_…), and what to call them."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Affected:
    """One referral: who, and what changes for it in words. `stays`: the reason code, where it is not moved."""

    id: str
    external_id: str | None
    referrer: Person
    referred: Person
    state: str
    version: int
    changes: tuple[Change, ...]
    stays: str


@dataclass(frozen=True, slots=True)
class Source:
    """A version that referrals come from: how many, and what the new one changes of it in words."""

    number: int
    referrals: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one rule would give in all, under the versions that referrals have and under the new one. `rewards`: to
    how many, before and after."""

    rule: str
    on: str
    to: str
    unit: str
    rewards: tuple[int, int]
    before: Range
    after: Range
    conditional: bool


class Assumed(NamedTuple):
    """What an order or deal is taken to be worth that is not known yet: the mean, in minor units of the program's
    currency, of so many referrals that were won."""

    value: int
    referrals: int
    currency: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a migration would do. `costs` by rule, `totals` by unit; `exact` whether each referrer's tier was looked at.
    `later`: rewards for events after, each time, that no total can know. `after`: where the next page of `rows`
    begins. `assumed`: what likely amounts stand on, None where no referral was won yet."""

    program: str
    to: int
    sources: tuple[Source, ...]
    referrals: int
    states: Mapping[str, int]
    stays: Mapping[str, int]
    rows: tuple[Affected, ...]
    after: str
    costs: tuple[Cost, ...]
    totals: tuple[Cost, ...]
    later: tuple[Cost, ...]
    exact: bool
    assumed: Assumed | None


def preview(workspace_id: str, chosen: Chosen, after: str = "") -> Preview:
    """Looks, without writing. `after` is what the page before said (an id, ref_…), '' for the first. Raises
    `goodword.domain.ids.BadId`."""
    begins = ids.internal("ref", after) if after else ""
    now = datetime.now(UTC)
    detail = chosen.detail(now)
    with tenancy.workspace(workspace_id):
        state = load.programs(workspace_id)
        counts = _counts(state, chosen)
        number = sum(counts.values())
        assumed = _assumed(state, chosen)
        looked = _Looked(state, chosen, now, assumed.value if assumed else None)
        rows, next_page = _rows(looked, detail, begins)
        exact = number <= RECKONED
        if exact:
            for referrals in _all(looked, detail):
                for row in referrals:
                    looked.add(row)
        else:
            for (version_id, at), referrals_of in counts.items():
                looked.add_any(state.versions[version_id], at, referrals_of)
        moved = {key: n for key, n in counts.items() if not _other_currency(state, chosen, key[0])}
        if chosen.only is not None:
            moved = Counter((row.version_id, row.state) for row in looked.moved)
    versions, states = Counter[str](), Counter[str]()
    for (version_id, at), n in moved.items():
        versions[version_id] += n
        states[at] += n
    stays = looked.stays if exact else Counter({"other_currency": number - sum(moved.values())})
    return Preview(
        program=chosen.key,
        to=chosen.to.number,
        sources=tuple(
            Source(row.number, versions[row.version_id], changes(row.document, chosen.to.document))
            for row in chosen.sources
        ),
        referrals=sum(moved.values()),
        states=dict(sorted(states.items(), key=lambda one: (RANK.get(one[0], len(RANK)), one[0]))),
        stays={reason: n for reason, n in stays.items() if n},
        rows=tuple(rows),
        after=ids.public("ref", next_page) if next_page else "",
        costs=looked.costs(each=False),
        totals=looked.totals(),
        later=looked.costs(each=True),
        exact=exact,
        assumed=assumed,
    )


def _assumed(state: State, chosen: Chosen) -> Assumed | None:
    currency = chosen.to.document.currency
    same = [id for id, version in state.versions.items() if version.document.currency == currency]
    [(number, mean)] = fetch(
        """
        SELECT count(*), coalesce(round(avg(value)), 0)::bigint FROM referral
         WHERE workspace_id = %s
           AND program_id = %s
           AND state = 'closed_won'
           AND value > 0
           AND version_id = ANY(%s::uuid[])
        """,
        [state.workspace_id, chosen.program_id, array("uuid", same)],
    )
    return Assumed(mean, number, currency) if number else None


def _other_currency(state: State, chosen: Chosen, version_id: str) -> bool:
    return state.versions[version_id].document.currency != chosen.to.document.currency


def _counts(state: State, chosen: Chosen) -> Counter[tuple[str, str]]:
    """By version and state, how many referrals would be looked at."""
    won = migrating.won_and_running(state.versions, chosen.to, [row.version_id for row in chosen.sources])
    which, given = "id = ANY(%(only)s::uuid[])", {"only": array("uuid", chosen.only or ())}
    if chosen.only is None:
        which = """version_id = ANY(%(from)s::uuid[])
              AND (state = ANY(%(open)s::text[]) OR (state = 'closed_won' AND version_id = ANY(%(won)s::uuid[])))"""
        given = {
            "from": array("uuid", (row.version_id for row in chosen.sources)),
            "open": array("text", sorted(OPEN)),
            "won": array("uuid", won),
        }
    rows = fetch(
        f"""
        SELECT version_id::text, state, count(*) FROM referral
        WHERE workspace_id = %(own)s AND program_id = %(program)s AND {which}
        GROUP BY version_id, state
        """,
        {"own": state.workspace_id, "program": chosen.program_id, **given},
    )
    return Counter({(version_id, at): number for version_id, at, number in rows})


def _rows(looked: _Looked, detail: Mapping[str, Any], begins: str) -> tuple[list[Affected], str]:
    """One page of who is affected, and where the next begins."""
    found: list[str] = []
    after = begins
    while True:
        page, after = moving.page(
            looked.state, looked.chosen.program_id, {**detail, "after": after}, SHOWN - len(found)
        )
        found += page
        if not after or len(found) == SHOWN:
            break
    looked.bring(found)
    return [looked.affected(looked.state.referrals[id]) for id in found], after


def _all(looked: _Looked, detail: Mapping[str, Any]) -> Iterator[list[Referral]]:
    """Everybody who is affected, in pages, of which one is in memory at a time."""
    after = ""
    while True:
        page, after = moving.page(looked.state, looked.chosen.program_id, {**detail, "after": after}, _PAGE)
        looked.bring(page)
        yield [looked.state.referrals[id] for id in page]
        if not after:
            return


class _Looked:
    """Adds up what a migration would change."""

    def __init__(self, state: State, chosen: Chosen, now: datetime, worth: int | None) -> None:
        self.worth = worth
        self.state = state
        self.chosen = chosen
        self.event = Event(migrating.MIGRATED, "preview", "", now, now, {})
        self.moved: list[Referral] = []
        self.stays: Counter[str] = Counter()
        self._sums: dict[tuple[str, str, str, str, bool], list[Any]] = {}

    def bring(self, referral_ids: list[str]) -> None:
        """Brings these referrals, and what deciding about them reads, into memory, in place of those before."""
        before = self.state
        self.state = State(before.workspace_id, before.programs, before.versions)
        load.fill(self.state, (), (), referrals=referral_ids)

    def reason(self, row: Referral) -> str:
        """Why a referral would not be moved, or ''."""
        if row.version_id not in {source.version_id for source in self.chosen.sources}:
            return "other_version"
        return migrating.why_not(self.state, row, self.chosen.to)

    def ahead(self, row: Referral, version: Program) -> list[Expected]:
        """What is still ahead of a referral under a version."""
        return expected.ahead(Draft(self.state, self.event, version, row.referrer_id, row), self.worth)

    def add(self, row: Referral) -> None:
        """Adds a referral, at its referrer's tier of today."""
        if reason := self.reason(row):
            self.stays[reason] += 1
            return
        if self.chosen.only is not None:
            self.moved.append(row)
        for side, version in enumerate((self.state.versions[row.version_id], self.chosen.to)):
            for one in self.ahead(row, version):
                self._add(one, side, 1)

    def add_any(self, version: Program, at: str, number: int) -> None:
        """Adds so many referrals of a version and state, whatever their referrers' tiers."""
        if not _other_currency(self.state, self.chosen, version.version_id):
            for side, judged in enumerate((version, self.chosen.to)):
                for one in expected.ahead_of_any(judged, at, self.worth):
                    self._add(one, side, number)

    def _add(self, one: Expected, side: int, number: int) -> None:
        key = (one.rule, one.on, one.to, one.unit, one.each)
        sums = self._sums.setdefault(key, [[0, 0], [NOTHING, NOTHING], False])
        sums[0][side] += number
        more = one.amount if one.each else one.amount.times(number)
        sums[1][side] = _widest(sums[1][side], more, sums[0][side] == number) if one.each else sums[1][side].plus(more)
        sums[2] |= one.conditional

    def costs(self, *, each: bool) -> tuple[Cost, ...]:
        """By rule; with `each`, those for events, what one such event gives."""
        return tuple(
            Cost(rule, on, to, unit, (counts[0], counts[1]), before, after, conditional)
            for (rule, on, to, unit, for_events), (counts, (before, after), conditional) in self._sums.items()
            if for_events == each
        )

    def totals(self) -> tuple[Cost, ...]:
        """By unit, all rules for states together."""
        found: dict[str, Cost] = {}
        for row in self.costs(each=False):
            so_far = found.get(row.unit) or Cost("", "", "", row.unit, (0, 0), NOTHING, NOTHING, False)
            found[row.unit] = Cost(
                "",
                "",
                "",
                row.unit,
                (so_far.rewards[0] + row.rewards[0], so_far.rewards[1] + row.rewards[1]),
                so_far.before.plus(row.before),
                so_far.after.plus(row.after),
                so_far.conditional or row.conditional,
            )
        return tuple(found.values())

    def affected(self, row: Referral) -> Affected:
        """A referral with what changes for it."""
        reason, has = self.reason(row), self.state.versions[row.version_id]
        return Affected(
            id=ids.public("ref", row.id),
            external_id=row.external_id,
            referrer=self._person(row.referrer_id),
            referred=self._person(row.referred_id),
            state=row.state,
            version=has.number,
            changes=() if reason else tuple(self._changes(row, has)),
            stays=reason,
        )

    def _person(self, id: str) -> Person:
        row = self.state.participants.get(id, _NOBODY)
        public = ids.public("par", id)
        return Person(public, row.name or row.external_id or row.email or public)

    def _changes(self, row: Referral, has: Program) -> Iterator[Change]:
        """What is ahead of it by the one version and the other, where that is not the same."""
        before, after = (
            {(one.rule, one.on): one for one in self.ahead(row, version)} for version in (has, self.chosen.to)
        )
        for key in dict.fromkeys((*before, *after)):
            old, new = before.get(key), after.get(key)
            if old and new and old._replace(conditional=new.conditional) == new:
                continue
            yield Change(
                "changed" if old and new else "new" if new else "removed",
                (f"reward {key[0]}",),
                _told(old),
                _told(new),
            )
        expires_at = migrating.expiry(row, self.chosen.to)
        if expires_at != row.expires_at:
            yield Change("changed", ("expires",), _day(row.expires_at), _day(expires_at))


def _widest(one: Range, other: Range, first: bool) -> Range:
    """Of what one event gives, for different referrals: from the least to the most."""
    if first or one == other:
        return other
    high = None if one.high is None or other.high is None else max(one.high, other.high)
    return Range(min(one.low, other.low), high, one.why or other.why or expected.TIER)


def _told(one: Expected | None) -> str:
    if one is None:
        return ""
    return (one.form or expected.in_words(one.amount, one.unit)) + (f" for each {one.on}" if one.each else "")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "never"
