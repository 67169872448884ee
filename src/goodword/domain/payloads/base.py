"""What all payloads have, and the kinds of values in them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
)

from goodword.domain import codes, money
from goodword.domain.moments import parse_time


def _currency(code: str) -> str:
    if not money.is_currency(code):
        raise ValueError(f"unknown currency {code[:20]!r}; use an ISO 4217 code such as USD, in capitals")
    return code


def _day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError("expected a day such as 2026-03-01")
    date.fromisoformat(text)
    return text


def _link_code(text: str) -> str:
    if told := codes.fault(text):
        raise ValueError(told)
    return text


def _instant(text: str) -> str:
    parse_time(text)
    return text


def _time(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("expected a time with an offset, such as 2026-03-14T10:22:00+00:00")
    return text


Instant = Annotated[str, AfterValidator(_instant)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Amount = Annotated[StrictInt, Field(ge=0, le=money.MAX_AMOUNT)]
Currency = Annotated[str, AfterValidator(_currency)]
Day = Annotated[str, AfterValidator(_day)]
Moment = Annotated[str, AfterValidator(_time)]
Told = Annotated[str, Field(max_length=200)]


class Payload(BaseModel):
    """What every event's properties may carry. Unknown properties are kept as sent."""

    model_config = ConfigDict(extra="allow", frozen=True)

    simulated: StrictBool | None = Field(None, description="True marks a made-up fact; shown wherever it leads.")
