"""What lapses when its owner does nothing for long.

Every event about a participant is something they did, but the engine's own. When they last did something is kept (a
counter) only of those who have, or had, something that lapses so; it costs an event of theirs one row that is read
anyway, and everybody else nothing. The timer is not set anew with each event: it looks at that moment when it rings,
and is set again where they were there since.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from goodword.domain import calendar, timers
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.rows import Count, Reward
from goodword.domain.rules import Expire
from goodword.domain.state import State

ACTIVE = "active"
"""Counter of a participant of whom it is kept: when they last did something, in microseconds since 1970."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def seen(state: State, event: Event, participant_id: str) -> list[Count]:
    """The event is about the participant: that moves their moment on, where it is kept and the event is later."""
    kept, last = state.counter(participant_id, ACTIVE)
    later = (event.occurred_at - _EPOCH) // _MICROSECOND - last
    return [Count(participant_id, ACTIVE, 0, later)] if kept and later > 0 else []


def joined(state: State, from_id: str, to_id: str) -> list[Count]:
    """What somebody did, the other one did too from here on: they are one person, or were."""
    (kept, last), (also, mine) = state.counter(from_id, ACTIVE), state.counter(to_id, ACTIVE)
    return [Count(to_id, ACTIVE, 0 if also else 1, max(last - mine, 0))] if kept else []


def first(draft: Draft, reward: Reward, expire: Expire, start: datetime) -> datetime | None:
    """When the reward lapses if nothing happens; its time begins at `start`."""
    if expire.inactive and not draft.counter(reward.participant_id, ACTIVE)[0]:
        draft.count(reward.participant_id, ACTIVE, 1, 0)
    return _end(draft, reward, expire, start)


def lapses_later(draft: Draft, reward: Reward, expire: Expire | None, start: datetime) -> bool:
    """Whether the owner of a reward whose timer rang was there since, so that it lapses later; the timer is set
    again."""
    if expire is None or expire.inactive is None:
        return False
    at = _end(draft, reward, expire, start)
    if at is None or at <= draft.event.occurred_at:
        return False
    later = reward._replace(expires_at=at)
    draft.put_reward(later)
    draft.effects.append(timers.expiry(draft, later))
    return True


def _end(draft: Draft, reward: Reward, expire: Expire, start: datetime) -> datetime:
    zone = draft.program.zone
    ends = [expire.after.after(start, zone)] if expire.after else []
    if expire.on:
        ends.append(max(calendar.at_local(datetime.combine(expire.on + timedelta(days=1), time()), zone), start))
    if expire.inactive:
        last = _EPOCH + draft.counter(reward.participant_id, ACTIVE)[1] * _MICROSECOND
        ends.append(expire.inactive.after(max(start, last), zone))
    return calendar.period(min(ends), expire.end_of, zone).end if expire.end_of else min(ends)
