"""Brings into memory what goals and contests need beside what every batch loads.

A batch begins with the ring that reads it (`decide.ALONE`), so that what the tables have is what stands at that
moment: the best of a contest, or the next page of a reached goal's members. Only such a batch costs anything here,
and only where goals of accounts or traits are, one more statement reads how far their groups are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from goodword.domain import beside, contests, goals, scores
from goodword.domain.decide import ALONE
from goodword.domain.events import Event
from goodword.domain.rows import Timer
from goodword.domain.shared import ByTrait
from goodword.domain.state import State
from goodword.store import standings
from goodword.store.sql import array, fetch


def first_alone(due: Sequence[Timer]) -> Timer | None:
    """The ring that the batch must begin with, if it is one of those."""
    return due[0] if due and due[0].kind in ALONE else None


def load(state: State, ring: Timer | None) -> set[str]:
    """The participants whom the ring concerns."""
    if ring is None or ring.program_id not in state.programs:
        return set()
    if ring.kind == contests.DECIDED:
        return _best(state, ring)
    return _members(state, ring) if ring.kind == goals.REACHED else set()


def _best(state: State, ring: Timer) -> set[str]:
    span = state.programs[ring.program_id].contests.get(ring.detail["contest"])
    if span is None:
        return set()
    name = contests.counter(state.programs[ring.program_id], span.contest)
    return {id for id, _, _ in standings.best(state.workspace_id, name, contests.MAX_RANKED)}


def _members(state: State, ring: Timer) -> set[str]:
    """Who contributed (counter_shared), and, where that is enough, who has a link (link_participant) or submitted a
    referral (referral_referrer), in the order of ids."""
    program, detail = state.programs[ring.program_id], ring.detail
    span = program.goals.get(detail["goal"])
    if span is None:
        return set()
    goal, reached_at = span.goal, datetime.fromisoformat(detail["reached_at"])
    given = {
        "own": state.workspace_id,
        "name": goals.contributed(program, goal, detail["period"], detail["group"]),
        "by": scores.micros(reached_at),
        "at": reached_at,
        "program": program.id,
        "sharing": array("uuid", beside.sharing(state, program)),
        "account": detail["group"] if goal.group == "account" else None,
        "after": detail["after"] or None,
        "limit": goals.PAGE,
    }
    contributors = """
        SELECT subject_id
        FROM counter
        WHERE workspace_id = %(own)s
          AND name = %(name)s
          AND (name LIKE 'contest:%%' OR name LIKE 'goal:%%')
          AND count > 0
          AND amount <= %(by)s
          AND (%(after)s::uuid IS NULL OR subject_id > %(after)s::uuid)
        ORDER BY subject_id
        LIMIT %(limit)s
    """
    participants = """
        SELECT id
        FROM participant
        WHERE workspace_id = %(own)s
          AND (%(after)s::uuid IS NULL OR id > %(after)s::uuid)
          AND (%(account)s::uuid IS NULL OR account_id = %(account)s::uuid)
          AND (
              EXISTS (
                  SELECT FROM link
                  WHERE workspace_id = %(own)s
                    AND participant_id = participant.id
                    AND program_id = ANY(%(sharing)s::uuid[])
                    AND created_at <= %(at)s
              )
              OR EXISTS (
                  SELECT FROM referral
                  WHERE workspace_id = %(own)s
                    AND referrer_id = participant.id
                    AND program_id = %(program)s
                    AND submitted_at <= %(at)s
                    AND state NOT IN ('duplicate', 'voided', 'disqualified')
              )
          )
        ORDER BY id
        LIMIT %(limit)s
    """
    both = f"({contributors}) UNION ({participants})" if goal.members == "participants" else contributors
    rows = fetch(f"SELECT subject_id::text FROM ({both}) AS found ORDER BY subject_id LIMIT %(limit)s", given)
    state.rolls[ring.id] = [id for (id,) in rows]
    return set(state.rolls[ring.id])


def groups(state: State, events: Sequence[Event]) -> set[str]:
    """The groups whose progress the batch may read, beside programmes, and people's accounts as they are now."""
    parts = [span.goal.group for version in state.versions.values() for span in version.goals.values()]
    if all(group == "program" for group in parts):
        return set()
    found = {
        name.rpartition(":")[2]
        for counters in state.counters.values()
        for name in counters
        if name.startswith("in:goal:")
    }
    for lines in state.concluded.values():
        found.update(line["read"]["group"] for line in lines if "group" in line.get("read", ()))
    told = [person.traits for person in state.participants.values()]
    told += [event.participant.traits for event in events if event.participant]
    told += [event.properties for event in events if event.type == "participant.identified"]
    for trait in {group.trait for group in parts if isinstance(group, ByTrait)}:
        values = {traits[trait] for traits in told if isinstance(traits.get(trait), str)}
        found.update(goals.trait_group(state.workspace_id, trait, value) for value in values)
    return found - state.participants.keys() - state.accounts.keys() - state.programs.keys()
