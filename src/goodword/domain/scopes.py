"""What a secret key may do: a small set of scopes, `noun:verb`. Which route needs which is said in `api/access.py`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

ALL = "all"
"""Every scope, also those that come later."""

SCOPES = {
    "events:read": "Read events with their decisions.",
    "events:write": "Record facts. Events that move a referral, a reward or a contest need that noun's scope too.",
    "participants:read": "Read participants, accounts, and what belongs to them.",
    "participants:write": "Make, change, merge and take apart participants and accounts.",
    "participants:erase": "Take a person's identity out of everything that is held, for good.",
    "referrals:read": "Read referrals and claims.",
    "referrals:write": "Submit referrals and move them along; make claims, approve and reject them.",
    "rewards:read": "Read rewards.",
    "rewards:write": "Approve, reject, issue and redeem rewards.",
    "decisions:read": "Read what the engine concluded, and why.",
    "ledger:read": "Read accounts, balances, statements and the books' sums.",
    "programs:read": "Read programs, drafts, backtests and simulations.",
    "programs:write": "Publish, pause, end and migrate programs; write drafts; ask backtests and simulations.",
    "links:read": "Read links, codes and clicks.",
    "links:write": "Make and change links and codes.",
    "imports:write": "Bring in participants, links, referrals and balances from elsewhere, and take that back.",
    "workspace:read": "Read the workspace and its numbers.",
    "workspace:write": "Change the workspace.",
    "keys:admin": "Make, rotate and revoke keys and token secrets, with no more scopes than its own.",
}
"""Every scope, and what it lets a key do."""

_NEEDED = {
    "reward": "rewards:write",
    "referral": "referrals:write",
    "claim": "referrals:write",
    "contest": "programs:write",
    "link": "links:write",
}
_NEEDED_BY = {"referral.submitted": None, "participant.split": "participants:write"}


class BadScopes(ValueError):
    """Scopes that do not exist, or none at all. The message names the nearest that does."""

    code = "bad_scope"


def read(given: Iterable[str]) -> tuple[str, ...]:
    """The scopes in the catalogue's order, each once; `all` takes the place of every other. Raises `BadScopes`."""
    named = set(given)
    if not named:
        raise BadScopes(f"A secret key needs a scope: {ALL}, or some of {', '.join(SCOPES)}.")
    for name in sorted(named - {ALL, *SCOPES}):
        near = get_close_matches(name, [ALL, *SCOPES], 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise BadScopes(f"There is no scope {name[:60]!r}.{meant} There are {ALL}, {', '.join(SCOPES)}.")
    return (ALL,) if ALL in named else tuple(name for name in SCOPES if name in named)


def allows(held: Iterable[str], needed: str | None) -> bool:
    """Whether a key with these scopes may do what needs that one; None is what every secret key may do."""
    known = set(held)
    return needed is None or ALL in known or needed in known


def lacking(held: Iterable[str], asked: Iterable[str]) -> tuple[str, ...]:
    """Which of the scopes asked for a key with those held does not have, and so cannot give to another."""
    known = set(held)
    return () if ALL in known else tuple(name for name in asked if name not in known)


def of_event(kind: str) -> str | None:
    """The scope that recording an event of this type needs beside `events:write`; None for none."""
    return _NEEDED_BY.get(kind, _NEEDED.get(kind.partition(".")[0]))
