"""What a document asks to be counted of people within a time, for its conditions and amounts (`history.ID`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from goodword.domain.fields import Code, EventName, Length, Part


class HistoryCount(Part):
    """Events of a type about a person, counted, or a property of them added up, within a time. Conditions and amounts
    read it as `history.` and its id. It counts from the moment its version is live."""

    id: Code = Field(description="Its name: `history.recent_orders`.", examples=["recent_orders"])
    count: EventName | None = Field(
        None, description="The type of event of which each counts for 1.", examples=["order.completed"]
    )
    sum: EventName | None = Field(
        None, description="Or the type of event of which `of` is added up.", examples=["order.completed"]
    )
    of: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        "value",
        description="The property of the event that is added up, a whole number; `value` in the program's currency.",
        examples=["kilometres"],
    )
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

    @property
    def event(self) -> str:
        """The type of event."""
        return self.count or self.sum or ""
