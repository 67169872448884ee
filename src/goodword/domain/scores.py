"""What one referral is worth under a metric, and when it got there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from goodword.domain.draft import Draft
from goodword.domain.rows import ASIDE, Referral
from goodword.domain.shared import Contest, EventMetric, Goal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NEVER_COUNTS = ASIDE | {"disqualified"}


def micros(moment: datetime) -> int:
    """A moment in whole microseconds since 1970, as counters keep it."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(number: int) -> datetime:
    """The moment that a counter keeps."""
    return _EPOCH + number * _MICROSECOND


def score(draft: Draft, metric: str | EventMetric, row: Referral) -> int:
    """What the referral counts for: 1 or 0, or minor units of the program's currency. One that is refunded wholly
    is won no more."""
    won = row.state == "closed_won"
    if row.state in _NEVER_COUNTS or (metric in ("closed_won", "revenue") and not won):
        return 0
    if metric in ("submitted", "qualified"):
        return 1
    left = max((row.value or 0) - draft.counter(row.id, "refunded")[1], 0)
    if metric == "revenue":
        return left
    return 1 if left or not row.value else 0


def arrived(
    draft: Draft,
    before: Referral | None,
    after: Referral,
    start: datetime | None,
    end: datetime | None,
    part: Goal | Contest,
) -> datetime | None:
    """When the referral got where the metric looks, if this change brought it there within the time, and it may
    count. Facts that are marked as simulated do so in test mode only, where nothing is given."""
    moment = _moment(part.metric, after)
    if moment is None or after.state in _NEVER_COUNTS or (before and _moment(part.metric, before)):
        return None
    if after.simulated and not draft.program.document.test:
        return None
    if (start and moment < start) or (end and moment >= end):
        return None
    if part.when:
        draft.referral = after
        if draft.check(part.id, part.when):
            return None
    return moment


def _moment(metric: str | EventMetric, row: Referral) -> datetime | None:
    if metric == "submitted":
        return row.submitted_at
    if metric == "qualified":
        return row.qualified_at
    return row.closed_at if row.state == "closed_won" else None
