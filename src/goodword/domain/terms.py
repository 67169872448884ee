"""Terms: which of a program's texts a participant accepted, and whether that is asked for before anything begins.

An acceptance is an event, and so stays on record with its time and sender. What decisions read of it is a counter of
the participant, by program and number of the terms: how often they accepted exactly these. Such counts add up when two
participants turn out to be one, and come apart again.
"""

from __future__ import annotations

from goodword.domain.draft import Decision, Draft

EVENT = "terms.accepted"
ACCEPTED = "terms:"
"""Counters of a participant, by program and number of the terms."""


def accept(draft: Draft) -> Decision:
    """A participant accepted terms of the draft's program; they must be those of one of its versions."""
    key, number = draft.program.key, draft.event.properties["terms"]
    texts = (version.document.terms for version in draft.state.versions.values() if version.key == key)
    if number not in {text.version for text in texts if text}:
        return draft.no("unknown_terms")
    assert draft.participant_id
    draft.count(draft.participant_id, f"{ACCEPTED}{key}:{number}", 1, 0)
    draft.trace["terms"] = number
    return draft.yes("terms_accepted")


def missing(draft: Draft, participant_id: str) -> str:
    """Why nothing may begin for the participant: they have accepted none of the terms that the draft's version takes.
    '' where they have, or where it does not ask; nor is anybody asked to accept what runs in test mode."""
    asked = draft.program.document.terms
    if asked is None or not asked.required or draft.program.is_test:
        return ""
    least = asked.since or asked.version or 1
    prefix = f"{ACCEPTED}{draft.program.key}:"
    accepted = (
        int(name.removeprefix(prefix))
        for name, (times, _) in draft.state.counters.get(participant_id, {}).items()
        if name.startswith(prefix) and times > 0
    )
    return "" if any(number >= least for number in accepted) else "terms_not_accepted"
