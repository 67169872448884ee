"""What a person has a right to at a moment: the perks of the tiers they hold, and gifts that last.

One statement reads what that depends on, by the indexes it names: who the person is by now, which versions are live,
and the person's counters, referrals and gifts. What a version says is kept in this process, for it never changes. The
answer is worked out when it is asked for, so it is never stale: a right lapses where nothing happens too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from goodword.domain import calendar, ids, tiers
from goodword.domain.calendar import Duration
from goodword.domain.document import Tier
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.program import Program, compile_program
from goodword.domain.state import State
from goodword.store import tenancy
from goodword.store.sql import array, fetch

GIFTS = ("discount", "feature", "access", "free_period")
"""Types of gift that are a right for a while."""
LASTS = ("feature", "access", "free_period")
"""Those of which two at one time are worth no more than one: of one that does not lapse unused, the next begins when
the one before it ends."""
PAGE = 500
"""Gifts in one answer, the newest."""
KEPT = 500
"""Workspaces of which this process remembers what perks their live versions have."""
_versions: dict[str, Mapping[str, Program | None]] = {}
"""By workspace, the versions that were live when it was last looked, by id; None for one without perks."""


class UnknownPerson(LookupError):
    """No participant is known so."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One right. `kind` is perk or the gift's type; `since` and `until` are None where that is not known, or has no
    end; `tier` or `reward` (its public id) says why, and `gift` what the reward gives, as its rule words it.
    `timezone` is the program's, in which its days are counted."""

    kind: str
    name: str
    program: str
    since: datetime | None
    until: datetime | None
    timezone: str
    tier: str | None = None
    reward: str | None = None
    gift: Mapping[str, Any] | None = None


def entitlements(
    workspace_id: str, participant_id: str | None = None, at: datetime | None = None, *, external_id: str | None = None
) -> tuple[Entitlement, ...]:
    """What the participant of our id, or of the host's, or who stands for them, has a right to now; or by what is known
    now at another moment. Raises `UnknownPerson`."""
    now = at or datetime.now(UTC)
    with tenancy.workspace(workspace_id):
        versions = _versions.get(workspace_id, {})
        found = _read(workspace_id, participant_id, external_id, now, versions)
        if set(found.live) != set(versions):
            versions = _learn(workspace_id, found.live, versions)
            found = _read(workspace_id, participant_id, external_id, now, versions)
    programs = sorted((program for program in versions.values() if program), key=lambda program: program.key)
    return (*_perks(workspace_id, found, programs, now), *_gifts(found.gifts, now))


@dataclass(frozen=True, slots=True)
class _Read:
    """What one statement gave: who it is, the ids of the live versions, and the rows of the person."""

    who: str
    live: Sequence[str]
    counters: Sequence[Sequence[Any]]
    referrals: Sequence[Sequence[Any]]
    gifts: Sequence[Sequence[Any]]


_STATEMENT = """
    WITH who AS MATERIALIZED (
        SELECT COALESCE(merged_into_id, id) AS id
        FROM participant                                             -- its primary key, or participant_external_id
        WHERE workspace_id = %(own)s AND {column} = %(asked)s
    )
    SELECT who.id::text,
           (SELECT jsonb_agg(p.live_version_id)
            FROM program AS p                                        -- those of the workspace
            WHERE p.workspace_id = %(own)s AND p.live_version_id IS NOT NULL AND NOT p.test),
           (SELECT jsonb_agg(jsonb_build_array(c.name, c.count, c.amount))
            FROM counter AS c                                        -- its primary key
            WHERE c.workspace_id = %(own)s AND c.subject_id = who.id AND c.name LIKE 'tier:%%'),
           (SELECT jsonb_agg(jsonb_build_array(
                       r.program_id, r.id, r.submitted_at, r.qualified_at,
                       CASE WHEN r.state = 'closed_won' THEN r.closed_at END, COALESCE(r.value, 0),
                       COALESCE(back.amount, 0)))
            FROM referral AS r                                       -- referral_referrer
            LEFT JOIN counter AS back                                -- its primary key
                   ON back.workspace_id = r.workspace_id AND back.subject_id = r.id AND back.name = 'refunded'
            WHERE r.workspace_id = %(own)s
              AND r.referrer_id = who.id
              AND r.program_id = ANY(%(counting)s::uuid[])
              AND r.state NOT IN ('duplicate', 'disqualified', 'voided')),
           (SELECT jsonb_agg(jsonb_build_array(
                       g.id, g.gift, g.rule, g.granted_at, g.approved_at, g.issued_at, g.expires_at, g.key, g.timezone))
            FROM (SELECT r.id, r.gift, r.rule, r.granted_at, r.approved_at, r.issued_at, r.expires_at, p.key,
                         COALESCE(v.document ->> 'timezone', 'UTC') AS timezone
                  FROM reward AS r                                   -- reward_participant
                  JOIN program AS p ON p.workspace_id = r.workspace_id AND p.id = r.program_id
                  JOIN program_version AS v ON v.workspace_id = r.workspace_id AND v.id = r.version_id
                  WHERE r.workspace_id = %(own)s
                    AND r.participant_id = who.id
                    AND r.gift ->> 'type' = ANY(%(gifts)s::text[])
                    AND r.state IN ('approved', 'issued')
                    AND r.granted_at <= %(now)s
                    AND (r.expires_at IS NULL OR r.expires_at > %(now)s)
                    AND NOT p.test
                  ORDER BY r.granted_at DESC, r.id
                  LIMIT %(limit)s) AS g)
    FROM who
"""
_BY_ID, _BY_EXTERNAL_ID = _STATEMENT.format(column="id"), _STATEMENT.format(column="external_id")


def _read(
    workspace_id: str,
    participant_id: str | None,
    external_id: str | None,
    now: datetime,
    versions: Mapping[str, Program | None],
) -> _Read:
    counting = [program.id for program in versions.values() if program and not program.is_loyalty]
    asked = {"own": workspace_id, "asked": participant_id if external_id is None else external_id, "now": now}
    lists = {"counting": array("uuid", counting), "gifts": array("text", GIFTS), "limit": PAGE}
    rows = fetch(_BY_ID if external_id is None else _BY_EXTERNAL_ID, {**asked, **lists})
    if not rows:
        raise UnknownPerson("No participant is known so.")
    who, live, counters, referrals, gifts = rows[0]
    return _Read(who, live or (), counters or (), referrals or (), gifts or ())


def _learn(workspace_id: str, live: Sequence[str], known: Mapping[str, Program | None]) -> Mapping[str, Program | None]:
    """The live versions, those that this process does not know yet read: once for each."""
    found = {id: program for id, program in known.items() if id in live}
    for program_id, version_id, number, document in fetch(
        """
        SELECT program_id::text, id::text, number, document FROM program_version
        WHERE workspace_id = %s AND id = ANY(%s::uuid[])
        """,
        [workspace_id, array("uuid", [id for id in live if id not in found])],
    ):
        perks = any(tier.get("perks") for tier in document.get("tiers", ()))
        found[version_id] = compile_program(program_id, version_id, number, document) if perks else None
    if len(_versions) >= KEPT:
        _versions.clear()
    _versions[workspace_id] = found
    return found


def _gifts(rows: Sequence[Sequence[Any]], now: datetime) -> Iterator[Entitlement]:
    """Of their rewards, those that are given, last, and have not lapsed."""
    times = dict(_times(rows))
    for id, gift, rule, _, _, _, _, program, timezone in rows:
        since, until = times[id]
        if until is None or until > now:
            name, reward = gift.get("name") or rule, ids.public("rwd", id)
            yield Entitlement(gift["type"], name, program, since, until, timezone, reward=reward, gift=gift)


def _times(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, tuple[datetime, datetime | None]]]:
    """By reward, since and until when. One that lasts for a time does so from when it was handed over, or from the end
    of the one before it that opens the same (`LASTS`); until it is handed over it has no end."""
    ended: dict[tuple[str, ...], datetime] = {}
    for since, row in sorted(((_time(row[5] or row[4] or row[3]), row) for row in rows), key=lambda one: one[0]):
        id, gift, rule, _, _, issued_at, expires_at, program, timezone = row
        until = _time(expires_at) if expires_at else None
        if issued_at and (length := gift.get("duration")):
            what = gift.get("plan", "") if gift["type"] == "free_period" else gift.get("name") or rule
            opens = (program, gift["type"], what)
            follows = gift["type"] in LASTS and not expires_at
            begins = max(since, ended.get(opens, since)) if follows else since
            end = Duration.parse(length).after(begins, timezone)
            if follows:
                since, ended[opens] = begins, end
            until = min(until or end, end)
        yield id, (since, until)


def _perks(workspace_id: str, found: _Read, programs: Sequence[Program], now: datetime) -> Iterator[Entitlement]:
    state = State(workspace_id, {program.id: program for program in programs}, {})
    for name, count, amount in found.counters:
        state.load_counter(found.who, name, count, amount)
    for program_id, id, submitted_at, qualified_at, won_at, value, back in found.referrals:
        moments = (_time(submitted_at), _maybe(qualified_at), _maybe(won_at))
        state.load_progress(program_id, found.who, id, *moments)
        state.worth[id] = value - min(back, value)
    event = Event("insight.asked", "insight", "now", now, now, {})
    for program in programs:
        draft = Draft(state, event, program, found.who)
        tier, _ = tiers.tier_of(draft)
        if tier:
            yield from _of_tier(draft, program, tier, now)


def _of_tier(draft: Draft, program: Program, tier: Tier, now: datetime) -> Iterator[Entitlement]:
    since = tiers.reached_at(draft, tier)
    until = calendar.period(now, tier.every, program.zone).end if tier.every else None
    for perk in tier.perks:
        yield Entitlement("perk", perk, program.key, since, until, program.zone, tier=tier.id)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _maybe(text: str | None) -> datetime | None:
    return _time(text) if text else None
