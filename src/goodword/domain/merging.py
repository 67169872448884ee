"""What moves when two participants turn out to be one, and when they are taken apart again.

Links, both sides of referrals, the rewards of those sides with their balances, and the running figures go to
the one who stands for both. Nothing is taken from anybody: rewards that are owed or issued stay, and limits
are not applied to what was granted before; but what both used of them counts together from now on.

`Merge.moved` keeps what taking apart needs: how (what claimed it), links, referrer and referred (ids; referrals by
the side that moved), aside (referrals that stopped counting: id, to, and what they were: state, reason, closed_at,
rewards let go), orders (by counter, what was added), own (ids of rewards for no referral), told (fields of the
survivor: [before, after]), traits (what it was lent), followers (participants merged into the merged one before).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from goodword.domain import handover, ids, inactivity, lifecycle, own_moves, rewards
from goodword.domain.draft import Draft
from goodword.domain.events import Event
from goodword.domain.facts import ORDERS
from goodword.domain.rows import STANDING, Count, Effect, Link, Merge, Notice, Participant, Referral, Reward
from goodword.domain.state import DONE, State
from goodword.domain.terms import ACCEPTED
from goodword.domain.tiers import COUNTED
from goodword.domain.turns import FIRED

MAX_MOVED = 10_000
"""Links and referrals that one merge changes."""

_PARTS = {"participant_balance": "available", "fulfilled": "issued", "participant_debt": "owed"}
_SIDES = ("referrer", "referred")


def belongings(state: State, participant_id: str) -> tuple[list[Link], list[Referral]]:
    """The links of a participant, and the referrals that name it on either side, in a fixed order."""
    links = sorted((state.links[code] for code in state.links_of.get(participant_id, ())), key=lambda link: link.id)
    found = set(state.referrals_made.get(participant_id, ()))
    for program_id in {version.id for version in state.versions.values()}:
        found.update(state.referrals_of.get((program_id, participant_id), ()))
    return links, [state.referrals[id] for id in sorted(found)]


def size(state: State, survivor: Participant, merged: Participant) -> int:
    """How many links and referrals a merge would change: also the survivor's own where it is lent an account."""
    links, referrals = belongings(state, merged.id)
    own = _made(state, survivor.id) if merged.account_id and not survivor.account_id else 0
    own += sum(not _tested(state, state.rewards[id]) for id in state.own.get(merged.id, ()))
    return len(links) + own + sum(not _tested(state, row) for row in referrals)


def _tested(state: State, row: Referral | Reward) -> bool:
    """Whether it is a program's in test mode: it goes over with the others, and nobody hears of it."""
    return state.versions[row.version_id].is_test


def _made(state: State, participant_id: str) -> int:
    """How many referrals of live programs the participant made."""
    made = state.referrals_made.get(participant_id, ())
    return sum(not _tested(state, state.referrals[id]) for id in made)


def merge(state: State, event: Event, survivor: Participant, merged: Participant, how: str, email: str) -> _Move:
    """Brings `merged` into `survivor`; `how` says what claimed it. `email` is the survivor's address before the event
    told another."""
    move = _Move(state, event, merged.id, survivor.id, "merge")
    links, referrals = belongings(state, merged.id)
    # Where names were erased since, nothing is lent but the company: who knows what there was.
    told = event.erased.get("claims", {}).get(how)
    lender = merged._replace(email="", name="", traits={}) if told and not told.get("whole") else merged
    lent, told, traits = _lent(survivor, lender, email)
    move.people[survivor.id] = lent
    moved: dict[str, Any] = {
        "how": how,
        "links": sorted(link.id for link in links),
        **{side: [row.id for row in referrals if _side(row, side) == merged.id] for side in _SIDES},
        "aside": move.put_aside(referrals),
        "orders": move.orders(_orders(state, merged.id)),
        "own": sorted(state.own.get(merged.id, ())),
        "told": told,
        "traits": traits,
        "followers": sorted(state.followers.get(merged.id, ())),
    }
    move.links(links)
    for row in referrals:
        move.referral(row.id, [side for side in _SIDES if row.id in moved[side]])
    move.own(moved["own"])
    move.owed()
    move.effects += inactivity.joined(state, move.from_id, move.to_id)
    move.become(survivor, lent)
    for id in (merged.id, *moved["followers"]):
        move.effects.append(state.participants[id]._replace(merged_into=survivor.id))
    id = ids.derive(event.occurred_at, state.workspace_id, "merge", event.id, merged.id)
    move.effects.append(Merge(id, merged.id, survivor.id, event.id, event.occurred_at, moved))
    move.tell("participant.merged")
    return move


def split(state: State, event: Event, merge: Merge) -> _Move:
    """Takes a merge back: what came over then, as far as it is still there, goes back as it is now."""
    moved, survivor = merge.moved, state.participants[merge.survivor_id]
    move = _Move(state, event, survivor.id, merge.merged_id, "split")
    move.people[survivor.id] = _without_lent(survivor, moved, _made(state, survivor.id))
    owned, _ = belongings(state, survivor.id)
    move.links([link for link in owned if link.id in moved["links"]])
    for id in sorted({*moved["referrer"], *moved["referred"]}):
        move.referral(id, [side for side in _SIDES if id in moved[side]])
    move.own(id for id in moved.get("own", ()) if id in state.own.get(survivor.id, ()))
    move.owed()
    move.effects += inactivity.joined(state, move.from_id, move.to_id)
    move.become(survivor, move.people[survivor.id])
    for was in moved["aside"]:
        move.take_up(was)
    move.orders({name: (count, amount) for name, (count, amount) in moved["orders"].items()})
    for id in (merge.merged_id, *moved["followers"]):
        into = None if id == merge.merged_id else merge.merged_id
        move.effects.append(state.participants[id]._replace(merged_into=into))
    move.effects.append(merge._replace(split_event_id=event.id, split_at=event.occurred_at))
    move.tell("participant.split")
    return move


class _Move:
    """Everything that goes from one participant to another by one event: the effects, and what to say of them."""

    def __init__(self, state: State, event: Event, from_id: str, to_id: str, code: str) -> None:
        self.state = state
        self.event = event
        self.from_id = from_id
        self.to_id = to_id
        self.code = code
        self.effects: list[Effect] = []
        self.people: dict[str, Participant] = {}
        self._referrals: dict[str, Referral] = {}
        self._rewards: dict[str, Reward] = {}
        self._given: list[Reward] = []
        self._aside: list[dict[str, Any]] = []
        self._lines: list[dict[str, Any]] = []
        self._balances: dict[str, dict[str, int]] = {}
        self._unsaid: list[Effect] = []
        """Of the effects, those on what programs in test mode count."""
        self._moved = {"links": 0, "made": 0, "received": 0, "rewards": 0}

    def trace(self) -> dict[str, Any]:
        """What moved of live programs: how many links, referrals made and received, and rewards; balances by unit;
        counters as they grew for the one who received them; referrals that stopped counting or count again (moves),
        with their rewards."""
        counted: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        unsaid = {id(effect) for effect in self._unsaid}
        for effect in self.effects:
            if isinstance(effect, Count) and effect.subject_id == self.to_id and id(effect) not in unsaid:
                count, amount = counted[effect.name]
                counted[effect.name] = (count + effect.number, amount + effect.amount)
        merge = {
            **self._moved,
            "balances": [{"unit": unit, **parts} for unit, parts in sorted(self._balances.items())],
            "counters": [
                {"name": name, "count": count, "amount": amount}
                for name, (count, amount) in sorted(counted.items())
                if count or amount
            ],
            "moves": self._aside,
        }
        return {"merge": merge} | ({"rewards": self._lines} if self._lines else {})

    def put_aside(self, referrals: Iterable[Referral]) -> list[dict[str, Any]]:
        """Of the referrals that will change hands, and of those they meet there, the ones that cannot count any
        more: the two sides are one person, or another referral of the person was there first."""
        found = []
        meeting: dict[str, list[Referral]] = defaultdict(list)
        for row in referrals:
            if {row.referrer_id, row.referred_id} == {self.from_id, self.to_id}:
                if row.state in STANDING or row.state == "expired":
                    found.append(self._put_aside(row, "voided", "self_referral"))
            elif row.referred_id == self.from_id and row.state in STANDING:
                meeting[row.program_id].append(row)
        for program_id, coming in sorted(meeting.items()):
            there = [self.state.referrals[id] for id in self.state.referrals_of.get((program_id, self.to_id), ())]
            here = [row for row in there if row.state in STANDING and row.id not in self._referrals]
            rows = sorted([*coming, *here], key=lambda row: (row.submitted_at, row.id))
            found += [self._put_aside(row, "duplicate", "already_referred") for row in rows[1:]]
        return found

    def _put_aside(self, row: Referral, state: str, reason: str) -> dict[str, Any]:
        draft = self._draft(row, before=True)
        lifecycle.put_aside(draft, state, reason)
        self._take(draft)
        if not _tested(self.state, row):
            self._aside.append({"referral": row.id, "from": row.state, "to": state, "reason": reason})
        return {
            "id": row.id,
            "to": state,
            "state": row.state,
            "reason": row.reason,
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
            "rewards": sorted(line["reward"] for line in draft.trace.get("rewards", ())),
        }

    def take_up(self, was: Mapping[str, Any]) -> None:
        """A referral that was put aside counts again, unless somebody else's has taken its place by now."""
        row = self._referral(was["id"])
        assert row.state == was["to"], "nothing else moves a referral that is aside"
        others = {*self.state.referrals_of.get((row.program_id, row.referred_id), ()), *self._referrals} - {row.id}
        taken = any(
            (other.program_id, other.referred_id) == (row.program_id, row.referred_id) and other.state in STANDING
            for other in map(self._referral, others)
        )
        if was["state"] in STANDING and taken:
            return
        draft = self._draft(row)
        lifecycle.take_up(draft, was)
        self._take(draft)
        if not _tested(self.state, row):
            self._aside.append({"referral": row.id, "from": row.state, "to": was["state"], "reason": was["reason"]})

    def links(self, links: Iterable[Link]) -> None:
        """Links go over."""
        for link in links:
            self.effects.append(link._replace(participant_id=self.to_id))
            self._moved["links"] += 1

    def referral(self, id: str, sides: Collection[str]) -> None:
        """The sides of a referral go over, with the rewards given to them."""
        was = now = self._referral(id)
        said = not _tested(self.state, was)
        if "referrer" in sides:
            now = now._replace(referrer_id=self.to_id)
            self._moved["made"] += said
        if "referred" in sides:
            now = now._replace(referred_id=self.to_id)
            self._moved["received"] += said
        before, after = self._draft(was, before=True), self._draft(now)
        for reward in sorted(before.rewards(), key=lambda row: row.id):
            rewards.recount(before, after, reward)
            rule = self.state.versions[reward.version_id].rules[reward.rule]
            if rule.to in sides:
                self._balance(reward)
                self._given.append(reward)
                after.put_reward(handover.hand_over(after, reward, self.to_id, self.code))
                self._moved["rewards"] += said
        self.effects += before.effects
        if not said:
            self._unsaid += before.effects
        after.put_referral(now)
        self._take(after)

    def own(self, ids: Iterable[str]) -> None:
        """Rewards for no referral go over."""
        rows = [self.state.rewards[id] for id in ids]
        for reward in rows:
            self._balance(reward)
        self._given += rows
        for tested in (False, True):
            some = [row for row in rows if _tested(self.state, row) == tested]
            effects = own_moves.hand_over(self.state, self.event, some, self.from_id, self.to_id, self.code)
            self.effects += effects
            if tested:
                self._unsaid += effects
            else:
                self._moved["rewards"] += len(some)

    def owed(self) -> None:
        """What is owed goes over with the rewards, after all of them have."""
        for tested in (False, True):
            some = [row for row in self._given if _tested(self.state, row) == tested]
            effects = own_moves.owed(self.state, self.event, some, self.from_id, self.to_id, self.code)
            self.effects += effects
            if tested:
                self._unsaid += effects

    def become(self, was: Participant, now: Participant) -> None:
        """The survivor is lent something, or gives it back. Their own rewards count where they count from now on."""
        if now != was:
            self.effects.append(now)
        if now.account_id == was.account_id:
            return
        for id in sorted(self.state.referrals_made.get(was.id, {}).keys() - self._referrals.keys()):
            row = self.state.referrals[id]
            before, after = self._draft(row, before=True), self._draft(row)
            for reward in before.rewards():
                rewards.recount(before, after, reward)
            self.effects += [*before.effects, *after.effects]
            if _tested(self.state, row):
                self._unsaid += [*before.effects, *after.effects]

    def orders(self, counts: Mapping[str, tuple[int, int]]) -> dict[str, list[int]]:
        """What was ordered goes over, by counter."""
        keys = [row.key for row in self.state.versions.values() if row.is_test]
        tested = tuple(f"{kind}{key}:" for kind in (COUNTED, ACCEPTED, FIRED, DONE) for key in keys)
        for name, (count, amount) in sorted(counts.items()):
            effects = [Count(self.from_id, name, -count, -amount), Count(self.to_id, name, count, amount)]
            self.effects += effects
            if name.startswith(tested):
                self._unsaid += effects
        return {name: [count, amount] for name, (count, amount) in sorted(counts.items())}

    def tell(self, topic: str) -> None:
        """The world must hear who is who."""
        merged, survivor = (self.from_id, self.to_id) if self.code == "merge" else (self.to_id, self.from_id)
        payload = {"participant": ids.public("par", survivor), "merged": ids.public("par", merged)}
        key = f"{topic}:{merged}:{self.event.id}"
        self.effects.append(Notice(topic, key, self.event.id, self.event.occurred_at, payload))

    def _referral(self, id: str) -> Referral:
        return self._referrals.get(id) or self.state.referrals[id]

    def _draft(self, row: Referral, *, before: bool = False) -> Draft:
        """A draft of the referral's own program, as things stand in this move."""
        known = self.state.rewards_of.get(row.id, ())
        return Draft(
            self.state,
            self.event,
            self.state.versions[row.version_id],
            row.referrer_id,
            row,
            reward_rows={id: self._rewards[id] for id in known if id in self._rewards},
            people={} if before else dict(self.people),
        )

    def _take(self, draft: Draft) -> None:
        assert draft.referral
        self.effects += draft.effects
        self._referrals[draft.referral.id] = draft.referral
        self._rewards.update(draft.reward_rows)
        if _tested(self.state, draft.referral):
            self._unsaid += draft.effects
        else:
            self._lines += draft.trace.get("rewards", ())

    def _balance(self, reward: Reward) -> None:
        if not reward.unit or _tested(self.state, reward):
            return
        parts = self._balances.setdefault(reward.unit, dict.fromkeys(("reserved", "available", "issued", "owed"), 0))
        if reward.pending_transfer_id:
            parts["reserved"] += handover.left(reward)
        for kind, amount in self.state.holdings.of(
            self.state.changes.transfers, reward.id, reward.participant_id
        ).items():
            parts[_PARTS[kind]] += amount


def _side(row: Referral, side: str) -> str:
    return row.referrer_id if side == "referrer" else row.referred_id


def _orders(state: State, participant_id: str) -> dict[str, tuple[int, int]]:
    counters = state.counters.get(participant_id, {})
    return {
        name: count
        for name, count in counters.items()
        if name.startswith((ORDERS, COUNTED, ACCEPTED, FIRED, DONE)) and any(count)
    }


def _lent(
    survivor: Participant, merged: Participant, email: str
) -> tuple[Participant, dict[str, list[Any]], dict[str, Any]]:
    """The survivor with what only the other one had; which fields that changed (before and after, the address
    also where the event told it), and which traits it added."""
    lent = survivor._replace(
        email=survivor.email or merged.email,
        name=survivor.name or merged.name,
        account_id=survivor.account_id or merged.account_id,
        traits={**merged.traits, **survivor.traits},
    )
    told = {
        name: [before, after]
        for name, before, after in (
            ("email", email, lent.email),
            ("name", survivor.name, lent.name),
            ("account_id", survivor.account_id, lent.account_id),
        )
        if before != after
    }
    return lent, told, {key: value for key, value in merged.traits.items() if key not in survivor.traits}


def _without_lent(survivor: Participant, moved: Mapping[str, Any], made: int) -> Participant:
    """The survivor, who made so many referrals, without what it was lent, where no later fact has replaced that."""
    kept = {
        key: value
        for key, value in survivor.traits.items()
        if key not in moved["traits"] or value != moved["traits"][key]
    }
    back = {name: before for name, (before, after) in moved["told"].items() if getattr(survivor, name) == after}
    if "account_id" in back and made > MAX_MOVED:
        del back["account_id"]  # what counts by account could not follow
    return survivor._replace(traits=kept, **back)
