"""What the fields of a programme document may hold: durations, conditions, dates, counts."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictFloat, StrictInt

from goodword.domain import money
from goodword.domain.calendar import Duration
from goodword.domain.conditions import MAX_SOURCE, Condition
from goodword.domain.formulas import Formula

STATES = ("submitted", "qualified", "opportunity", "closed_won", "closed_lost")
"""The states of a referral that a reward can be for, in the order of a good life."""
ON_STATES = frozenset(f"referral.{state}" for state in STATES)
"""What `on` says where a state earns the reward; else an event does."""
REACHED = "tier.reached"
"""What `on` says where reaching a tier earns the reward."""
ANNIVERSARY = "anniversary.reached"
"""What `on` says where time earns the reward; and the timer that rings then."""
GOAL_REACHED, CONTEST_DECIDED, REDEEMED = "goal.reached", "contest.decided", "catalogue.redeemed"
"""What the rules behind a shared goal, a contest and the catalogue are on."""
OF_REFERRALS = ON_STATES | {REACHED, ANNIVERSARY}
"""What earns a reward for the referral itself, not for one payment."""
MAX_RULES = 200
"""Entries in any one list of a document."""


def _duration(text: object) -> Duration:
    if not isinstance(text, str):
        meant = f"; did you mean P{text}D?" if type(text) is int and text > 0 else ""
        raise ValueError(f"expected an ISO 8601 duration such as P30D or PT24H{meant}")
    return Duration.parse(text)


def _any_time(text: object) -> Duration:
    try:
        return _duration(text)
    except ValueError as error:
        raise ValueError(f"{error}; or business days, such as '5 business days'") from error


def _no_business_days(duration: Duration) -> Duration:
    if duration.business_days:
        raise ValueError("business days are for promises; use calendar days here, such as P7D")
    return duration


def _condition(source: Any) -> Condition:
    return Condition(source)


def _formula(source: Any) -> Formula:
    return Formula(source)


def _day(text: object) -> date:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        meant = _day_meant(str(text))
        raise ValueError("expected a date such as 2026-03-01" + (f"; did you mean {meant}?" if meant else ""))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"there is no such day ({error}); expected a date such as 2026-03-01") from error


def _day_meant(text: str) -> str:
    """A day that is meant by `2026/3/1` or `1.3.2026`; '' where that is not clear."""
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?|(\d{1,2})\.(\d{1,2})\.(\d{4})", text.strip())
    if not found:
        return ""
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    with suppress(ValueError):
        return date(int(year), int(month), int(day)).isoformat()
    return ""


_AnyTimeText = Annotated[str, Field(title="duration or business days", examples=["5 business days"])]
_LengthText = Annotated[str, Field(title="duration", examples=["P30D"])]
_WhenText = Annotated[str, Field(title="CEL condition", max_length=MAX_SOURCE)]
_FormulaText = Annotated[str, Field(title="CEL number", max_length=MAX_SOURCE)]
_DayText = Annotated[str, Field(title="date", pattern=r"^\d{4}-\d{2}-\d{2}$")]
AnyTime = Annotated[Duration, BeforeValidator(_any_time, json_schema_input_type=_AnyTimeText)]
Length = Annotated[
    Duration, AfterValidator(_no_business_days), BeforeValidator(_duration, json_schema_input_type=_LengthText)
]
When = Annotated[Condition, BeforeValidator(_condition, json_schema_input_type=_WhenText)]
Number = Annotated[Formula, BeforeValidator(_formula, json_schema_input_type=_FormulaText)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=_DayText)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Amount = Annotated[StrictInt, Field(ge=0, le=money.MAX_AMOUNT)]
PERCENT = "percent"
"""Marks numbers that are told with a percent sign."""
Percent = Annotated[StrictInt | StrictFloat, Field(gt=0, le=100), PERCENT]
Count = Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]
Month = Annotated[StrictInt, Field(ge=1, le=1_200)]
Place = Annotated[StrictInt, Field(ge=1, le=1_000)]
EventName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_]{0,30}$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
