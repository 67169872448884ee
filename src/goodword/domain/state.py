"""The state that decisions read, in memory: rows as frozen values, indexes over them, and what changed.

The engine fills a `State` with what a batch of events needs, `step` moves it event by event, and the
engine writes what changed. Nothing here knows where rows come from or go to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from operator import itemgetter
from typing import Any

from goodword.domain import ids
from goodword.domain.events import Event
from goodword.domain.fx import Rate, Rates
from goodword.domain.holdings import Holdings
from goodword.domain.program import Program
from goodword.domain.rows import (
    BEHIND,
    Account,
    Claim,
    Count,
    DropEarly,
    DropLink,
    DropParticipant,
    DropTimer,
    EarlyFact,
    Effect,
    LedgerAccount,
    Link,
    Merge,
    Notice,
    Participant,
    Publish,
    Referral,
    Reward,
    Stop,
    Timer,
    Transfer,
    Wake,
    WakeLines,
)

MOVED, UNMOVED = "migrated:", "unmigrated:"
"""Counters of a referral, by migration: the number of the version that it had before it was moved (`amount`: when it
would have run out, in microseconds since 1970), or before it went back."""
DONE = "done:"
"""Counters of what people did, by program, type of event and day (`windows`)."""
WAITED = "waited:"
"""Counters of a referral that was moved, by the number of a version: that it stood in a line under it."""
_BEYOND_ANY_POSITION = 2**62
_PLACE = itemgetter(0)
_TIMERS_OF_ONE = 2**20
"""More timers than one event sets."""


@dataclass(slots=True)
class Changes:
    """What a batch changed, to be written. Rows are looked up in the state by id (links by code); the rest is
    in order."""

    participants: dict[str, None] = field(default_factory=dict)
    accounts: dict[str, None] = field(default_factory=dict)
    links: dict[str, None] = field(default_factory=dict)
    dropped_links: dict[str, None] = field(default_factory=dict)
    """Links that are no more, by id."""
    dropped_participants: dict[str, None] = field(default_factory=dict)
    referrals: dict[str, None] = field(default_factory=dict)
    claims: dict[str, None] = field(default_factory=dict)
    rewards: dict[str, None] = field(default_factory=dict)
    counters: dict[tuple[str, str], None] = field(default_factory=dict)
    timers: dict[str, Timer] = field(default_factory=dict)
    dropped_timers: dict[str, None] = field(default_factory=dict)
    woken: dict[str, datetime] = field(default_factory=dict)
    """Timers that are not in memory, by when they are due."""
    woken_lines: list[WakeLines] = field(default_factory=list)
    early: dict[str, EarlyFact] = field(default_factory=dict)
    dropped_early: dict[str, None] = field(default_factory=dict)
    ledger_accounts: dict[str, LedgerAccount] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    merges: dict[str, None] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    rates: dict[tuple[str, str, date], Rate] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)


class State:
    """One workspace's state, as far as a batch needs it. Loading puts rows with `load`; applying puts
    effects with `apply`, which also notes them in `changes`."""

    def __init__(self, workspace_id: str, programs: Mapping[str, Program], versions: Mapping[str, Program]) -> None:
        self.workspace_id = workspace_id
        self.programs: dict[str, Program] = dict(programs)
        self._in_order: tuple[Program, ...] | None = None
        self.versions: dict[str, Program] = dict(versions)
        self.stopped: dict[str, str] = {}
        """By program, how it does not run: `paused`, `settling` or `ended`."""
        self.participants: dict[str, Participant] = {}
        self.participant_by_external: dict[str, str] = {}
        self.participants_by_email: dict[str, list[str]] = {}
        self.followers: dict[str, dict[str, None]] = {}
        self.accounts: dict[str, Account] = {}
        self.account_by_external: dict[str, str] = {}
        self.links: dict[str, Link] = {}
        self.links_of: dict[str, dict[str, None]] = {}
        self.codes: dict[str, str] = {}
        """The codes of links, by id."""
        self.referrals: dict[str, Referral] = {}
        self.referrals_of: dict[tuple[str, str], list[str]] = {}
        self.referrals_made: dict[str, dict[str, None]] = {}
        self.referral_by_external: dict[tuple[str, str], str] = {}
        self.claims: dict[str, Claim] = {}
        self.claims_about: dict[str, dict[str, None]] = {}
        """By the person claimed, the ids of claims."""
        self.rewards: dict[str, Reward] = {}
        self.rewards_of: dict[str, list[str]] = {}
        self.own: dict[str, dict[str, None]] = {}
        """By participant, the rewards of theirs that are for no referral."""
        self.counters: dict[str, dict[str, tuple[int, int]]] = {}
        self.progress: dict[tuple[str, str], dict[str, tuple[datetime, datetime | None, datetime | None]]] = {}
        self.elsewhere: set[str] = set()
        """Ids of referrals, and names that senders gave them, of programs that whoever replays a history leaves out."""
        self.worth: dict[str, int] = {}
        """By won referral that is not loaded whole, its value less refunds, where tiers count that."""
        self.timers: dict[str, Timer] = {}
        self.early: dict[str, dict[str, EarlyFact]] = {}
        self.tell_from: datetime | None = None
        """What happened before is not remembered of people: whoever replays a history knows that it matters no more."""
        self.unheard = False
        """Whether nobody is told of anything: whoever tries a program on a history reads decisions alone."""
        self._told: dict[str, list[tuple[int, Event]]] = {}
        self._tellings = count(_BEYOND_ANY_POSITION)
        self.new_timers: list[Timer] = []
        self.unseen: list[Wake] = []
        """Timers that are due now and not in memory: nothing due at that moment or later may go before them."""
        self.cut = False
        """Whether what changed must be written before anything else is decided."""
        self.position = 0
        """How many events were applied in the workspace; `step` counts on from what the engine put here."""
        self._set = 0
        self.concluded: dict[tuple[str, str], Sequence[Mapping[str, Any]]] = {}
        """For replay, by event and program: what conditions gave whose facts were erased since."""
        self.rolls: dict[str, Sequence[str]] = {}
        """By timer, the members that a ring of a reached goal gives to, where the engine has read them."""
        self.moving: dict[str, tuple[Sequence[str], str]] = {}
        """By timer, the referrals that a ring of a migration looks at, and after which id the next page begins ('' for
        none), where the engine has read them."""
        self.merges: dict[str, Merge] = {}
        self.merges_of: dict[str, list[str]] = {}
        self.holdings = Holdings()
        self.rates = Rates()
        self.changes = Changes()

    def forget_changes(self) -> None:
        """What changed is written, or wanted by nobody: notes of changes begin anew."""
        self.holdings.forget(self.changes.transfers)
        self.changes = Changes()

    def counter(self, subject_id: str, name: str) -> tuple[int, int]:
        """The running count and amount of that name."""
        return self.counters.get(subject_id, {}).get(name, (0, 0))

    def had_versions(self, referral: Referral) -> tuple[Program, ...]:
        """The versions that the referral had before it was moved, and under which it may have been promised something
        that it has yet."""
        numbers = set()
        for name, value in self.counters.get(referral.id, {}).items():
            if name.startswith(MOVED):
                numbers.add(value[0])
            elif name.startswith(WAITED):
                numbers.add(int(name.removeprefix(WAITED)))
        if not numbers:
            return ()
        found = [row for row in self.versions.values() if row.id == referral.program_id and row.number in numbers]
        return tuple(row for row in found if row.version_id != referral.version_id)

    def survivor(self, id: str) -> Participant:
        """Who stands for a participant: the one it was merged into, else itself."""
        row = self.participants[id]
        return self.participants[row.merged_into] if row.merged_into else row

    def tell(self, person_id: str, event: Event, position: int | None = None) -> None:
        """Remembers that an event told of a person; `position` is its place in the applied order, where it has
        one by now."""
        if self.tell_from and event.occurred_at < self.tell_from:
            return
        place = next(self._tellings) if position is None else position
        self._told.setdefault(person_id, []).append((place, event))

    def tellings(self) -> list[Event]:
        """What was told of everybody in hand."""
        return [event for told in self._told.values() for _, event in told]

    def told(self, person_id: str) -> list[Event]:
        """What was told of a person and of those merged into it, in the order of application."""
        found = self._told.get(person_id, [])
        if followers := self.followers.get(person_id):
            found = [*found, *(telling for id in followers for telling in self._told.get(id, ()))]
        return [event for _, event in sorted(found, key=_PLACE)] if found else []

    def person_by_email(self, email: str) -> Participant | None:
        """Whose address this is, merged or not: one known only by it comes first, then the one merged into
        nobody, then the one first seen."""
        found = self.participants_by_email.get(email)
        if not found:
            return None
        rows = [self.participants[id] for id in found]
        return min(rows, key=lambda row: (row.external_id is not None, row.merged_into is not None, row.id))

    def knows_referral(self, name: str, *, but_of: str) -> bool:
        """Whether another program than that one has a referral of that name, its sender's or ours. What only one in
        test mode has by its sender's name, nobody knows."""
        others = (program.id for program in self.programs.values() if program.id != but_of and not program.is_test)
        if name in self.elsewhere or any((other, name) in self.referral_by_external for other in others):
            return True
        try:
            id = ids.internal("ref", name)
        except ids.BadId:
            return False
        return id in self.referrals or id in self.elsewhere

    def load(
        self, row: Participant | Account | Link | Referral | Claim | Reward | Timer | EarlyFact | Merge | Rate
    ) -> None:
        """Puts a stored row in place."""
        _PUT[type(row)](self, row)

    def load_counter(self, subject_id: str, name: str, count: int, amount: int) -> None:
        """Puts a stored counter in place."""
        self.counters.setdefault(subject_id, {})[name] = (count, amount)

    def load_progress(
        self,
        program_id: str,
        referrer_id: str,
        referral_id: str,
        submitted_at: datetime,
        qualified_at: datetime | None,
        won_at: datetime | None,
    ) -> None:
        """Notes when a referral that is not loaded whole reached what tiers count."""
        reached = self.progress.setdefault((program_id, referrer_id), {})
        reached[referral_id] = (submitted_at, qualified_at, won_at)

    def in_order(self) -> Sequence[Program]:
        """The programs in the order in which they decide: by priority, then by key; those in test mode last, which see
        what live ones made of the event, and not the reverse."""
        if self._in_order is None:
            self._in_order = tuple(sorted(self.programs.values(), key=_turn))
        return self._in_order

    def apply(self, effect: Effect) -> None:
        """Puts an effect in place and notes that it must be written."""
        _APPLY[type(effect)](self, effect)

    def apply_all(self, effects: Iterable[Effect]) -> None:
        """The same for effects in their order."""
        for effect in effects:
            _APPLY[type(effect)](self, effect)

    def _put_participant(self, row: Participant) -> None:
        known = self.participants.get(row.id)
        self.participants[row.id] = row
        if row.external_id is not None:
            self.participant_by_external[row.external_id] = row.id
        if known is None or known.email != row.email:
            if known and known.email:
                self.participants_by_email[known.email].remove(row.id)
            if row.email:
                self.participants_by_email.setdefault(row.email, []).append(row.id)
        if known and known.merged_into:
            del self.followers[known.merged_into][row.id]
        if row.merged_into:
            self.followers.setdefault(row.merged_into, {})[row.id] = None

    def _put_account(self, row: Account) -> None:
        self.accounts[row.id] = row
        self.account_by_external[row.external_id] = row.id

    def _put_link(self, row: Link) -> None:
        known = self.links.get(row.code)
        if known:
            del self.links_of[known.participant_id][row.code]
        self.links[row.code] = row
        self.codes[row.id] = row.code
        self.links_of.setdefault(row.participant_id, {})[row.code] = None

    def _put_referral(self, row: Referral) -> None:
        known = self.referrals.get(row.id)
        if known is None:
            self.referrals_of.setdefault((row.program_id, row.referred_id), []).append(row.id)
            self.referrals_made.setdefault(row.referrer_id, {})[row.id] = None
            if row.external_id is not None:
                self.referral_by_external[row.program_id, row.external_id] = row.id
        elif known.external_id is not None and row.external_id is None:
            del self.referral_by_external[row.program_id, known.external_id]
        elif known.referrer_id != row.referrer_id or known.referred_id != row.referred_id:
            self._change_sides(known, row)
        self.referrals[row.id] = row
        reached = self.progress.setdefault((row.program_id, row.referrer_id), {})
        if row.state in ("duplicate", "disqualified", "voided"):
            reached.pop(row.id, None)
        else:
            won_at = row.closed_at if row.state == "closed_won" else None
            reached[row.id] = (row.submitted_at, row.qualified_at, won_at)

    def _change_sides(self, known: Referral, row: Referral) -> None:
        self.referrals_of[row.program_id, known.referred_id].remove(row.id)
        self.referrals_of.setdefault((row.program_id, row.referred_id), []).append(row.id)
        del self.referrals_made[known.referrer_id][row.id]
        self.referrals_made.setdefault(row.referrer_id, {})[row.id] = None
        self.progress[row.program_id, known.referrer_id].pop(row.id, None)

    def _put_claim(self, row: Claim) -> None:
        self.claims[row.id] = row
        self.claims_about.setdefault(row.referred_id, {})[row.id] = None

    def _apply_claim(self, row: Claim) -> None:
        self._put_claim(row)
        self.changes.claims[row.id] = None

    def _put_reward(self, row: Reward) -> None:
        known = self.rewards.get(row.id)
        if known is None:
            self.rewards_of.setdefault(row.subject_id, []).append(row.id)
        if row.referral_id is None:
            if known:
                del self.own[known.participant_id][row.id]
            self.own.setdefault(row.participant_id, {})[row.id] = None
        self.rewards[row.id] = row

    def _put_timer(self, row: Timer) -> None:
        self.timers[row.id] = row

    def _put_early(self, row: EarlyFact) -> None:
        self.early.setdefault(row.subject, {})[row.id] = row

    def _put_rate(self, row: Rate) -> None:
        self.rates.put(row)

    def _put_merge(self, row: Merge) -> None:
        if row.id not in self.merges:
            self.merges_of.setdefault(row.merged_id, []).append(row.id)
        self.merges[row.id] = row

    def _apply_participant(self, row: Participant) -> None:
        self._put_participant(row)
        self.changes.participants[row.id] = None
        self.changes.dropped_participants.pop(row.id, None)

    def _apply_account(self, row: Account) -> None:
        self._put_account(row)
        self.changes.accounts[row.id] = None

    def _apply_link(self, row: Link) -> None:
        self._put_link(row)
        self.changes.links[row.code] = None
        self.changes.dropped_links.pop(row.id, None)

    def _drop_link(self, effect: DropLink) -> None:
        link = self.links.pop(effect.code)
        del self.links_of[link.participant_id][effect.code]
        self.changes.links.pop(effect.code, None)
        self.changes.dropped_links[link.id] = None

    def _drop_participant(self, effect: DropParticipant) -> None:
        row = self.participants[effect.id]
        if row.external_id is not None:
            del self.participant_by_external[row.external_id]
        self._apply_participant(row._replace(external_id=None, email="", name="", traits={}, account_id=None))
        if not effect.kept:
            del self.participants[effect.id], self.changes.participants[effect.id]
            self.changes.dropped_participants[effect.id] = None

    def _apply_referral(self, row: Referral) -> None:
        self._put_referral(row)
        self.changes.referrals[row.id] = None

    def _apply_reward(self, row: Reward) -> None:
        self._put_reward(row)
        self.changes.rewards[row.id] = None

    def begin(self) -> None:
        """One more event is applied."""
        self.position += 1
        self._set = 0

    def _apply_timer(self, row: Timer) -> None:
        if not row.place:
            self._set += 1
            row = Timer(*row[:-1], self.position * _TIMERS_OF_ONE + self._set)
        self.timers[row.id] = row
        self.new_timers.append(row)
        self.changes.timers[row.id] = row
        self.changes.dropped_timers.pop(row.id, None)

    def _drop_timer(self, effect: DropTimer) -> None:
        self.timers.pop(effect.id, None)
        if self.changes.timers.pop(effect.id, None) is None:
            self.changes.dropped_timers[effect.id] = None

    def _wake(self, effect: Wake) -> None:
        timer = self.timers.get(effect.id)
        if timer is None:
            self.changes.woken[effect.id] = min(effect.at, self.changes.woken.get(effect.id, effect.at))
            self.unseen.append(effect)
        elif effect.at < timer.due_at:
            self._apply_timer(timer._replace(due_at=effect.at))

    def _wake_lines(self, effect: WakeLines) -> None:
        for timer in list(self.timers.values()):
            if (
                timer.program_id == effect.program_id
                and timer.detail.get("line") in effect.lines
                and effect.at < timer.due_at < BEHIND
            ):
                self._apply_timer(timer._replace(due_at=effect.at))
        self.changes.woken_lines.append(effect)
        self.cut = True

    def _apply_early(self, row: EarlyFact) -> None:
        self._put_early(row)
        self.changes.early[row.id] = row
        self.changes.dropped_early.pop(row.id, None)

    def _drop_early(self, effect: DropEarly) -> None:
        self.early[effect.subject].pop(effect.id)
        self.changes.early.pop(effect.id, None)
        self.changes.dropped_early[effect.id] = None

    def _apply_transfer(self, row: Transfer) -> None:
        for account in (row.debit, row.credit):
            self.changes.ledger_accounts[account.id] = account
        self.changes.transfers.append(row)

    def _apply_count(self, effect: Count) -> None:
        count, amount = self.counter(effect.subject_id, effect.name)
        self.load_counter(effect.subject_id, effect.name, count + effect.number, amount + effect.amount)
        self.changes.counters[effect.subject_id, effect.name] = None

    def _apply_notice(self, effect: Notice) -> None:
        self.changes.notices.append(effect)

    def _apply_merge(self, row: Merge) -> None:
        self._put_merge(row)
        self.changes.merges[row.id] = None

    def _apply_rate(self, row: Rate) -> None:
        self._put_rate(row)
        self.changes.rates[row.base, row.quote, row.day] = row

    def _apply_publish(self, effect: Publish) -> None:
        self.programs[effect.program_id] = self.versions[effect.version_id]
        self._in_order = None
        self.changes.published[effect.program_id] = effect.version_id

    def _apply_stop(self, effect: Stop) -> None:
        self.stopped[effect.program_id] = effect.how
        self.changes.stopped[effect.program_id] = effect.how


def _turn(program: Program) -> tuple[bool, int, str]:
    return program.is_test, -program.document.priority, program.key


_PUT: Mapping[type, Any] = {
    Participant: State._put_participant,
    Account: State._put_account,
    Link: State._put_link,
    Referral: State._put_referral,
    Claim: State._put_claim,
    Reward: State._put_reward,
    Timer: State._put_timer,
    EarlyFact: State._put_early,
    Merge: State._put_merge,
    Rate: State._put_rate,
}
_APPLY: Mapping[type, Any] = {
    Participant: State._apply_participant,
    Account: State._apply_account,
    Link: State._apply_link,
    Referral: State._apply_referral,
    Claim: State._apply_claim,
    Reward: State._apply_reward,
    Timer: State._apply_timer,
    DropLink: State._drop_link,
    DropParticipant: State._drop_participant,
    DropTimer: State._drop_timer,
    Wake: State._wake,
    WakeLines: State._wake_lines,
    EarlyFact: State._apply_early,
    DropEarly: State._drop_early,
    Transfer: State._apply_transfer,
    Count: State._apply_count,
    Notice: State._apply_notice,
    Merge: State._apply_merge,
    Publish: State._apply_publish,
    Rate: State._apply_rate,
    Stop: State._apply_stop,
}
