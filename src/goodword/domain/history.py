"""What a document asks to be counted of people within a time, for its conditions and amounts (`history.ID`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from goodword.domain.fields import Code, Length
from goodword.domain.shared import EventMetric


class HistoryCount(EventMetric):
    """Events of a type about a person, counted, or a property of them added up, within a time. Conditions and amounts
    read it as `history.` and its id. It counts from the moment its version is live."""

    id: Code = Field(description="Its name: `history.recent_orders`.", examples=["recent_orders"])
    within: Length | None = Field(
        None,
        description="So many whole days of the program's time zone, today and those before it. Either this or `every`; "
        "neither: all since it counts.",
        examples=["P30D"],
    )
    every: Literal["day", "week", "month", "quarter", "year"] | None = Field(
        None, description="The calendar period of the event at hand.", examples=["month"]
    )
    whose: Literal["referred", "referrer"] | None = Field(
        None,
        description="About whom: `referred` (left out too) or `referrer`. In a loyalty program it is the participant.",
        examples=["referrer"],
    )
