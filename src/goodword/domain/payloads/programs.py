"""What happens to programmes, and the rings of their timers."""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    Field,
    StrictInt,
)

from goodword.domain.payloads.base import Code, Name, Payload


class ContestMoved(Payload):
    """Staff took a participant out of a contest, or let them back in, before its result is final."""

    program: Code = Field(description="The program's key.")
    contest: Code = Field(description="The contest's id.")
    by: Name | None = Field(None, description="Who decided.")
    reason: Code | None = Field(None, description="Why, as a code of your own.")


class TimerRang(Payload):
    """A moment the engine had set has come. Recorded by the engine alone."""

    timer: Name = Field(description="Which one.")


class ProgramPublished(Payload):
    """A version of a program went live. Recorded by the engine alone."""

    program: Code = Field(description="Its key.")
    version: Name = Field(description="The version's id.")
    instead_of: Name | None = Field(None, description="The moment at which it was to go live until then (RFC 3339).")


class ProgramScheduled(ProgramPublished):
    """A version of a program goes live at a moment. Recorded by the engine alone."""

    at: Name = Field(description="When (RFC 3339).")


MAX_REASON = 200
"""Characters of why somebody did something with a program."""


class ProgramMoved(Payload):
    """Somebody paused, resumed or ended a program. Recorded by `goodword program`, the API and the console alone."""

    program: Code = Field(description="Its key.")
    by: Name = Field(description="Who.")
    reason: Annotated[str, Field(max_length=MAX_REASON)] | None = Field(None, description="Why, in words.")


Public = Annotated[str, Field(pattern=r"^ref_[0-9a-z]{26}$")]


class ProgramMigrated(ProgramMoved):
    """Running referrals move to another version of their program. Recorded by `goodword program migrate`, the API and
    the console alone."""

    to_version: Annotated[StrictInt, Field(ge=1)] = Field(description="The number of the version they move to.")
    from_versions: list[StrictInt] = Field(description="The numbers of the versions they come from.")
    referrals: list[Public] | None = Field(None, description="Only these (ref_…); left out: all that run.")


class MigrationUndone(ProgramMoved):
    """A migration is taken back, for each referral with no reward under the new version. Recorded as the migration."""

    migration: Annotated[str, Field(pattern=r"^evt_[0-9a-z]{26}$")] = Field(description="The migration's event, evt_….")
    to_version: Annotated[StrictInt, Field(ge=1)] = Field(description="The number of the version they had moved to.")
    referrals: list[Public] | None = Field(None, description="Those that the migration named, where it did.")
