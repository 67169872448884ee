"""Contests: who competes for what, how far they are, and who has won.

A participant's score stands in a counter of the contest: `count` is the score, `amount` the moment (microseconds
since 1970) of the last fact that raised it. Until the result is final everything that becomes of the referrals
behind it counts; after that the counters stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from goodword.domain import ids, rewards, scores
from goodword.domain.draft import Decision, Draft
from goodword.domain.fields import CONTEST_DECIDED
from goodword.domain.program import ContestSpan, Program
from goodword.domain.rows import DropTimer, Referral, Timer
from goodword.domain.rules import Rule
from goodword.domain.shared import Contest, metric_text
from goodword.domain.state import State

DECIDED: str = CONTEST_DECIDED
"""The event that makes a result final; set as a timer."""
MOVES: frozenset[str] = frozenset({"contest.disqualified", "contest.reinstated"})
"""What staff say of a participant in a contest."""
MAX_RANKED = 1_000
"""Participants that a result ranks: the best, at the score of the last of them those who reached it first."""


class Score(NamedTuple):
    """How far a participant is. `at` is when they got there, in microseconds since 1970."""

    participant_id: str
    score: int
    at: int


class Standing(NamedTuple):
    """A place in a contest. `tied` is how many share it, this one included."""

    place: int
    participant_id: str
    score: int
    at: int
    tied: int


def counter(program: Program, contest: Contest) -> str:
    """The name of the counter of a participant's score."""
    return f"contest:{program.key}:{contest.id}"


def _out(program: Program, contest: Contest) -> str:
    """Of a participant: above zero while they are disqualified."""
    return "out:" + counter(program, contest)


def _all(program: Program, contest: Contest) -> str:
    """Of the program: how many referrals counted."""
    return "all:" + counter(program, contest)


def _final(program: Program, contest: Contest) -> str:
    """Of the program: 1 once the result is final."""
    return "final:" + counter(program, contest)


def timer(workspace_id: str, program: Program, span: ContestSpan) -> Timer:
    """The timer that decides the contest."""
    id = ids.derive(span.final_at, workspace_id, "timer", DECIDED, program.id, span.contest.id)
    return Timer(id, DECIDED, span.final_at, program.id, None, None, {"contest": span.contest.id})


def schedule(draft: Draft) -> None:
    """A version goes live: its contests will be decided, and those of the version before it that it moves or leaves
    out will not. One whose result would have been final before is never held; one whose timer is only late to ring,
    and that stays as it was, is decided."""
    live, workspace_id = draft.state.programs.get(draft.program.id), draft.state.workspace_id
    spans = [span for span in draft.program.contests.values() if span.final_at > draft.event.occurred_at]
    coming = [timer(workspace_id, draft.program, span) for span in spans if not is_final(draft, span.contest)]
    gone = {timer(workspace_id, live, span).id for span in live.contests.values()} if live else set()
    stays = {timer(workspace_id, draft.program, span).id for span in draft.program.contests.values()}
    draft.effects += [DropTimer(id) for id in sorted(gone - stays)]
    draft.effects += coming


def is_final(draft: Draft, contest: Contest) -> bool:
    """Whether the contest is decided."""
    return draft.counter(draft.program.id, _final(draft.program, contest))[0] > 0


# Counting


def recount(draft: Draft, before: Referral | None, after: Referral, *, enter: bool) -> None:
    """Brings the scores up to what a referral counts for from here on; with `enter` it may begin to count."""
    for span in draft.program.contests.values():
        if isinstance(span.contest.metric, str) and not is_final(draft, span.contest):
            _recount(draft, span, before, after, enter)


def _recount(draft: Draft, span: ContestSpan, before: Referral | None, after: Referral, enter: bool) -> None:
    contest = span.contest
    name = counter(draft.program, contest)
    was, at = draft.counter(after.id, "in:" + name)
    if not at:
        if not enter or not (moment := scores.arrived(draft, before, after, span.start, span.end, contest)):
            return
        at = scores.micros(moment)
        draft.count(after.id, "in:" + name, 0, at)
        entered(draft, span)
    now, owner = scores.score(draft, contest.metric, after), before.referrer_id if before else after.referrer_id
    if owner != after.referrer_id and was:
        draft.count(owner, name, -was, 0)
        draft.count(after.id, "in:" + name, -was, 0)
        was = 0
    if now == was:
        return
    draft.count(after.id, "in:" + name, now - was, 0)
    add(draft, contest, after.referrer_id, now - was, at)


def add(draft: Draft, contest: Contest, participant_id: str, change: int, at: int) -> None:
    """Changes a participant's score by a fact of that moment."""
    name = counter(draft.program, contest)
    before = draft.counter(participant_id, name)[1]
    draft.count(participant_id, name, change, max(at, before) - before if change > 0 else 0)
    line = {"contest": contest.id, "change": change, "score": draft.counter(participant_id, name)[0]}
    draft.trace["contests"] = [*draft.trace.get("contests", ()), line]


def entered(draft: Draft, span: ContestSpan) -> None:
    """Something more counts. The first sees to it that the contest is decided, also where nobody published it."""
    total = _all(draft.program, span.contest)
    if not draft.counter(draft.program.id, total)[0]:
        draft.effects.append(timer(draft.state.workspace_id, draft.program, span))
    draft.count(draft.program.id, total, 1, 0)


# What staff say


def move(draft: Draft) -> Decision:
    """A participant is disqualified from a contest, or again part of it, before the result is final."""
    properties = draft.event.properties
    span = draft.program.contests.get(properties["contest"])
    draft.trace["contest"] = {"id": properties["contest"]}
    if span is None:
        return draft.no("unknown_contest")
    if is_final(draft, span.contest):
        return draft.no("contest_final")
    assert draft.participant_id
    name, out = _out(draft.program, span.contest), draft.event.type == "contest.disqualified"
    if (draft.counter(draft.participant_id, name)[0] > 0) == out:
        return draft.no("already_in_state")
    draft.count(draft.participant_id, name, 1 if out else -1, 0)
    return draft.yes("contest_disqualified" if out else "contest_reinstated")


# The result


def ranking(found: Iterable[Score], ties: str) -> list[Standing]:
    """The best, in order. With `earliest` each has a place alone; else who has the same score has the same place,
    and the next one's counts them all (1, 2, 2, 4)."""
    rows = sorted(found, key=lambda row: (-row.score, row.at, row.participant_id))[:MAX_RANKED]
    if ties == "earliest":
        return [Standing(place, *row, 1) for place, row in enumerate(rows, 1)]
    first: dict[int, int] = {}
    tied: dict[int, int] = {}
    for place, row in enumerate(rows, 1):
        first.setdefault(row.score, place)
        tied[row.score] = tied.get(row.score, 0) + 1
    return [Standing(first[row.score], *row, tied[row.score]) for row in rows]


def in_hand(state: State, program: Program, contest: Contest) -> Iterable[Score]:
    """The scores that the state has of who competes; whoever is disqualified competes not."""
    name, out = counter(program, contest), _out(program, contest)
    for subject_id, counters in state.counters.items():
        score, at = counters.get(name, (0, 0))
        if score > 0 and counters.get(out, (0, 0))[0] <= 0:
            yield Score(subject_id, score, at)


class Won(NamedTuple):
    """A prize somebody won: under which rule, and the amount where it is shared (minor units)."""

    standing: Standing
    rule: Rule
    amount: int | None


def won(program: Program, contest: Contest, standings: Sequence[Standing]) -> list[Won]:
    """Who wins what, best first."""
    found = []
    groups: dict[int, list[Standing]] = {}
    for row in standings:
        groups.setdefault(row.place, []).append(row)
    for place, rows in groups.items():
        if contest.ties != "share" or len(rows) == 1:
            found += [Won(row, rule, None) for row in rows for rule in _at(program, contest, place)]
        else:
            found += _shared(program, contest, place, rows)
    return found


def _at(program: Program, contest: Contest, place: int) -> list[Rule]:
    return [program.rules[prize.id] for prize in contest.prizes if prize.span[0] <= place <= prize.span[1]]


def _shared(program: Program, contest: Contest, place: int, rows: Sequence[Standing]) -> list[Won]:
    """The prizes of all the places that the tied hold, for each of them a part: amounts of one unit are put together
    and divided, what is left over goes, one minor unit each, to whoever was first; what has no amount all get."""
    pools: dict[str | None, tuple[Rule, int]] = {}
    whole: dict[str, Rule] = {}
    for held in range(place, place + len(rows)):
        for rule in _at(program, contest, held):
            amount = rule.give.amount
            if isinstance(amount, int):
                first, total = pools.get(rule.give.unit, (rule, 0))
                pools[rule.give.unit] = first, total + amount
            else:
                whole[rule.id] = rule
    found = []
    for number, row in enumerate(rows):
        for rule, total in pools.values():
            each, left = divmod(total, len(rows))
            found.append(Won(row, rule, each + (number < left)))
        found += [Won(row, rule, None) for rule in whole.values()]
    return found


def decide(draft: Draft, ring: Timer) -> Decision:
    """The result is final: prizes are given by place. The trace has the winners, by our ids."""
    span = draft.program.contests.get(ring.detail["contest"])
    draft.trace["contest"] = {"id": ring.detail["contest"]}
    if span is None or span.final_at != ring.due_at or is_final(draft, span.contest):
        return draft.no("superseded")
    contest = span.contest
    draft.count(draft.program.id, _final(draft.program, contest), 1, scores.micros(draft.event.occurred_at))
    prizes = won(draft.program, contest, ranking(in_hand(draft.state, draft.program, contest), contest.ties))
    lines: dict[str, dict[str, Any]] = {}
    for standing, rule, amount in prizes:
        lines.setdefault(
            standing.participant_id,
            {
                "place": standing.place,
                "participant": standing.participant_id,
                "score": standing.score,
                "at": scores.from_micros(standing.at).isoformat(),
            },
        )
        rewards.give(draft, rule, standing.participant_id, amount=amount)
    told = {"name": contest.name, "metric": metric_text(contest.metric), "ranking": list(lines.values())}
    draft.trace["contest"] |= told
    draft.notify(
        DECIDED,
        ring.id,
        {
            "program": draft.program.key,
            "contest": contest.id,
            "ranking": [
                {"place": line["place"], "participant": ids.public("par", line["participant"]), "score": line["score"]}
                for line in lines.values()
            ],
        },
    )
    return draft.yes("contest_decided") if lines else draft.no("nobody_won")
