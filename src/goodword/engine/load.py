"""Brings into memory what a batch of events needs: one statement per table, whatever the batch's size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from goodword.domain import attribution, facts, identity, ids, limits
from goodword.domain.events import Event, PersonRef
from goodword.domain.facts import new_key
from goodword.domain.payloads import CLAIMED, IMPORT_REFERRAL, IMPORT_UNDONE
from goodword.domain.program import Program, compile_program
from goodword.domain.rows import Account, Link, Participant, Referral, Reward, Timer
from goodword.domain.state import State
from goodword.engine import beside, claims, early, endings, merges, moving, own, rates, rolls
from goodword.engine.columns import LINK, PARTICIPANT, REFERRAL, REWARD
from goodword.store.sql import array, fetch

TIMER = "id::text, kind, due_at, program_id::text, referral_id::text, reward_id::text, detail, place"

_compiled: dict[str, Program] = {}
"""Compiled versions by id. A version never changes, so neither does its entry."""


PROGRAMS = """
    SELECT version.id::text, version.id = program.live_version_id, program.state
    FROM program
    JOIN program_version AS version
      ON version.workspace_id = program.workspace_id AND version.program_id = program.id
    WHERE program.workspace_id = %s
"""


def programs(workspace_id: str) -> State:
    """A state with the workspace's programmes and all their versions, and nothing else yet."""
    return begin(workspace_id, fetch(PROGRAMS, [workspace_id]))


def begin(workspace_id: str, rows: Sequence[tuple[Any, ...]]) -> State:
    """The same, from the rows of `PROGRAMS`."""
    unseen = [version_id for version_id, _, _ in rows if version_id not in _compiled]
    if unseen:
        for program_id, version_id, number, document in fetch(
            """
            SELECT program_id::text, id::text, number, document
            FROM program_version
            WHERE workspace_id = %s AND id = ANY(%s::uuid[])
            """,
            [workspace_id, array("uuid", unseen)],
        ):
            _compiled[version_id] = compile_program(program_id, version_id, number, document)
    versions = {version_id: _compiled[version_id] for version_id, _, _ in rows}
    live = {versions[version_id].id: versions[version_id] for version_id, is_live, _ in rows if is_live}
    state = State(workspace_id, live, versions)
    state.stopped = {versions[version_id].id: how for version_id, _, how in rows if how}
    return state


def due_timers(workspace_id: str, until: datetime, limit: int, max_attempts: int) -> list[Timer]:
    """The workspace's timers due at or before a moment, in the order in which they ring, that are not set aside."""
    rows = fetch(
        f"""
        SELECT {TIMER} FROM timer
        WHERE workspace_id = %s AND due_at <= %s AND attempts < %s
        ORDER BY due_at, place, id
        LIMIT %s
        """,
        [workspace_id, until, max_attempts, limit],
    )
    return [Timer(*row) for row in rows]


def behind(workspace_id: str, due: Sequence[Timer], limit: int, max_attempts: int) -> list[Timer]:
    """The timers next in line behind those that are due, as many in all as the limit; the first of a line that
    finds room gives the one behind it a turn."""
    lines = [timer for timer in due if timer.kind == "waitlist.reached"]
    if not lines:
        return []
    ids = [id for timer in lines for id in limits.behind(workspace_id, timer, max(1, limit // len(lines)))]
    rows = fetch(
        f"SELECT {TIMER} FROM timer WHERE workspace_id = %s AND id = ANY(%s::uuid[]) AND attempts < %s",
        [workspace_id, array("uuid", ids), max_attempts],
    )
    return [Timer(*row) for row in rows]


def timers(workspace_id: str, ids: Collection[str]) -> list[Timer]:
    """The timers of these ids."""
    rows = fetch(
        f"SELECT {TIMER} FROM timer WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
        [workspace_id, array("uuid", ids)],
    )
    return [Timer(*row) for row in rows]


def fill(
    state: State,
    events: Sequence[Event],
    due: Iterable[Timer],
    first: Timer | None = None,
    referrals: Collection[str] = (),
) -> None:
    """Loads all that deciding these events, and ringing these timers, can read; and the `referrals` of these ids.
    `first` is the ring that the batch begins with, where that one reads more than others."""
    names = _Names(events)
    for timer in due:
        state.load(timer)
    referral_ids = {timer.referral_id for timer in state.timers.values() if timer.referral_id} | names.referral_ids
    referral_ids |= {*referrals} | moving.load(state, first)
    _links(state, names.codes, names.link_ids)
    details = [timer.detail for timer in state.timers.values()]
    named = {detail[name] for detail in details for name in ("person", "of") if name in detail}
    _participants(state, names.external_ids, names.emails, names.ids | named)
    _survivors(state)
    _participants(state, (), (), claims.load(state, events) - state.participants.keys())
    _survivors(state)
    _links(state, early.load_touches(state, events) - state.links.keys())
    merging = merges.load(state, events)
    ending = endings.load(state, events)
    early.load_told(state, events, merging.participant_ids | merging.referrer_ids)
    _referrals(state, referral_ids | merging.referral_ids | ending.referral_ids, names.referrals, names.reward_ids)
    if names.referral_ids or names.reward_ids:
        beside.load_referrals(state)
    orders = own.orders(state, events)
    early.load(state, names.referrals | own.kept(state, orders))
    rates.load(state, events)
    people = {link.participant_id for link in state.links.values()} | names.new(state)
    for referral in state.referrals.values():
        people.add(referral.referrer_id)
        people.add(referral.referred_id)
    people |= rolls.load(state, first)
    _participants(state, (), (), people - state.participants.keys())
    _accounts(state, names.accounts)
    rung = {timer.reward_id for timer in state.timers.values() if timer.reward_id}
    orders |= {detail["order"] for detail in details if "order" in detail}
    waiting = {state.survivor(detail["of"]).id for detail in details if "of" in detail}
    _rewards(state, names.reward_ids | rung | ending.reward_ids, orders | waiting)
    if names.reward_ids:
        beside.load_rewards(state)
    own.load(state, own.buyers(state, events), merging.participant_ids)
    owners = {reward.participant_id for reward in state.rewards.values()}
    _participants(state, (), (), owners - state.participants.keys())
    lines = {timer.detail["subject"] for timer in state.timers.values() if "subject" in timer.detail}
    known = {*state.participants, *state.accounts, *state.referrals, *state.programs, *lines}
    _counters(state, known | orders | own.lots(state))
    if others := rolls.groups(state, events):
        _counters(state, others)
    _progress(state, _submitters(state, events) | merging.referrer_ids)
    merges.load_holdings(state, merging)


def _submitters(state: State, events: Sequence[Event]) -> set[str]:
    """The known participants who put in a good word in this batch."""
    submitters = (event.participant for event in events if event.type == "referral.submitted" and event.participant)
    return {found.id for ref in submitters if (found := facts.known(state, ref))}


def _survivors(state: State) -> None:
    """Who stands for those who were merged into another; one hop, for nobody stands who is merged."""
    wanted = {row.merged_into for row in state.participants.values() if row.merged_into} - state.participants.keys()
    _participants(state, (), (), wanted)


class _Names:
    """How the events of a batch name people, accounts, links, referrals and rewards."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.external_ids: set[str] = set()
        self.emails: set[str] = set()
        self.accounts: set[str] = set()
        self.codes: set[str] = set()
        self.link_ids: set[str] = set()
        self.referrals: set[str] = set()
        self.referral_ids: set[str] = set()
        self.reward_ids: set[str] = set()
        self.ids: set[str] = set()
        self._refs: list[tuple[datetime, PersonRef]] = []
        for event in events:
            self._read(event)

    def _read(self, event: Event) -> None:
        if event.participant:
            if event.participant.external_id is not None:
                self.external_ids.add(event.participant.external_id)
            if event.participant.email:
                self.emails.add(event.participant.email)
            self._refs.append((event.occurred_at, event.participant))
        if event.erased:
            self.ids.update(id for name, id in event.erased.items() if name in ("participant", "referred"))
            self.ids.update(claim["other"] for claim in event.erased.get("claims", {}).values() if claim["other"])
        elif event.type == "participant.erased":
            self.ids.add(ids.internal("par", event.properties["participant"]))
        if event.account:
            self.accounts.add(event.account.external_id)
        self.codes |= attribution.codes(event.properties)
        if event.type in (IMPORT_REFERRAL, CLAIMED):
            self._read_referred(event)
        referred = event.properties.get("referred")
        if event.type == "referral.submitted" and isinstance(referred, Mapping) and "email" in referred:
            email = referred["email"].strip().lower()
            self.emails.add(email)
            self._refs.append((event.occurred_at, PersonRef(None, email)))
        self._add(event.properties.get("referral"), "ref", self.referrals, self.referral_ids)
        self._add(event.properties.get("reward"), "rwd", set(), self.reward_ids)
        if event.type == IMPORT_UNDONE:
            self._add(event.properties.get("link"), "lnk", set(), self.link_ids)
            self._add(event.properties.get("participant"), "par", set(), self.ids)
        if identity.names_another(event):
            self._add(event.properties["previous_id"], "par", self.external_ids, self.ids)

    def _read_referred(self, event: Event) -> None:
        """Who was referred, as an import or a claim names them."""
        ref = facts.referred(event)
        if ref.external_id is not None:
            self.external_ids.add(ref.external_id)
        if ref.email:
            self.emails.add(ref.email)
        self._refs.append((event.occurred_at, ref))

    def new(self, state: State) -> set[str]:
        """The ids that the unknown among them would get: of those, one may be somebody's who was erased."""
        return {
            ids.derive(at, state.workspace_id, "participant", *new_key(ref))
            for at, ref in self._refs
            if not ref.id
            and (ref.external_id is None or ref.external_id not in state.participant_by_external)
            and (ref.external_id is not None or not state.participants_by_email.get(ref.email))
        }

    @staticmethod
    def _add(name: Any, prefix: str, names: set[str], found: set[str]) -> None:
        if not isinstance(name, str):
            return
        names.add(name)
        if name.startswith(prefix + "_"):
            try:
                found.add(ids.internal(prefix, name))
            except ids.BadId:
                return


def _links(state: State, codes: Collection[str], ids: Collection[str] = ()) -> None:
    """By code (link_code), or by id (the key)."""
    for column, kind, values in (("code", "text", codes), ("id", "uuid", ids)):
        if values:
            for row in fetch(
                f"SELECT {LINK} FROM link WHERE workspace_id = %s AND {column} = ANY(%s::{kind}[])",
                [state.workspace_id, array(kind, values)],
            ):
                state.load(Link(*row))


def _participants(state: State, external_ids: Collection[str], emails: Collection[str], ids: Collection[str]) -> None:
    """By external id (participant_external_id), by e-mail (participant_email), or by id (the key)."""
    if external_ids or emails or ids:
        for row in fetch(
            f"""
            SELECT {PARTICIPANT} FROM participant
            WHERE workspace_id = %(own)s AND external_id = ANY(%(external_ids)s::text[])
            UNION
            SELECT {PARTICIPANT} FROM participant
            WHERE workspace_id = %(own)s AND email = ANY(%(emails)s::text[]) AND email <> ''
            UNION
            SELECT {PARTICIPANT} FROM participant WHERE workspace_id = %(own)s AND id = ANY(%(ids)s::uuid[])
            """,
            {
                "own": state.workspace_id,
                "external_ids": array("text", external_ids),
                "emails": array("text", emails),
                "ids": array("uuid", ids),
            },
        ):
            state.load(Participant(*row))


def _referrals(
    state: State, referral_ids: Collection[str], names: Collection[str], reward_ids: Collection[str]
) -> None:
    """Of the people as referred (referral_referred), by id, by the sender's id, or by a reward's id."""
    for row in fetch(
        f"""
        WITH found AS (
            SELECT id FROM referral WHERE workspace_id = %(own)s AND referred_id = ANY(%(people)s::uuid[])
            UNION
            SELECT id FROM referral WHERE workspace_id = %(own)s AND external_id = ANY(%(names)s::text[])
            UNION
            SELECT referral_id FROM reward WHERE workspace_id = %(own)s AND id = ANY(%(rewards)s::uuid[])
            UNION
            SELECT unnest(%(ids)s::uuid[])
        )
        SELECT {REFERRAL} FROM referral WHERE workspace_id = %(own)s AND id IN (SELECT id FROM found) ORDER BY id
        """,
        {
            "own": state.workspace_id,
            "people": array("uuid", state.participants),
            "names": array("text", names),
            "rewards": array("uuid", reward_ids),
            "ids": array("uuid", referral_ids),
        },
    ):
        state.load(Referral(*row))


def _accounts(state: State, external_ids: Collection[str]) -> None:
    wanted = {person.account_id for person in state.participants.values() if person.account_id}
    if wanted or external_ids:
        for row in fetch(
            """
            SELECT id::text, external_id, name, since, traits FROM account
            WHERE workspace_id = %(own)s AND external_id = ANY(%(external_ids)s::text[])
            UNION
            SELECT id::text, external_id, name, since, traits FROM account
            WHERE workspace_id = %(own)s AND id = ANY(%(ids)s::uuid[])
            """,
            {
                "own": state.workspace_id,
                "external_ids": array("text", external_ids),
                "ids": array("uuid", wanted),
            },
        ):
            state.load(Account(*row))


def _rewards(state: State, reward_ids: Collection[str], subjects: Collection[str]) -> None:
    """All rewards of the referrals in hand and of these participants and orders (reward_once begins with their
    subject), and those of these ids."""
    if state.referrals or reward_ids or subjects:
        for row in fetch(
            f"""
            SELECT {REWARD} FROM reward WHERE workspace_id = %(own)s AND subject_id = ANY(%(subjects)s::uuid[])
            UNION ALL
            SELECT {REWARD} FROM reward
            WHERE workspace_id = %(own)s AND id = ANY(%(ids)s::uuid[]) AND referral_id IS NULL
            ORDER BY id
            """,
            {
                "own": state.workspace_id,
                "subjects": array("uuid", [*state.referrals, *subjects]),
                "ids": array("uuid", reward_ids),
            },
        ):
            state.load(Reward(*row))


def _counters(state: State, subjects: Collection[str]) -> None:
    """Of everybody and everything in hand that is counted."""
    for row in fetch(
        """
        SELECT subject_id::text, name, count, amount
        FROM counter
        WHERE workspace_id = %s AND subject_id = ANY(%s::uuid[])
        """,
        [state.workspace_id, array("uuid", subjects)],
    ):
        state.load_counter(*row)


def _progress(state: State, submitters: Collection[str]) -> None:
    """What tiers count: when each referral of the referrers in hand got how far (referral_referrer)."""
    tiered = [program.id for program in state.versions.values() if program.document.tiers]
    referrers = {referral.referrer_id for referral in state.referrals.values()}
    referrers |= {link.participant_id for link in state.links.values()}
    referrers.update(submitters)
    if tiered and referrers:
        for program_id, referrer_id, referral_id, submitted, qualified, won in fetch(
            """
            SELECT program_id::text, referrer_id::text, id::text, submitted_at, qualified_at,
                   CASE WHEN state = 'closed_won' THEN closed_at END
            FROM referral
            WHERE workspace_id = %s
              AND referrer_id = ANY(%s::uuid[])
              AND program_id = ANY(%s::uuid[])
              AND state NOT IN ('duplicate', 'disqualified', 'voided')
            """,
            [state.workspace_id, array("uuid", referrers), array("uuid", tiered)],
        ):
            state.load_progress(program_id, referrer_id, referral_id, submitted, qualified, won)
    valued = [program.id for program in state.versions.values() if program.counts_deals]
    if valued and referrers:
        state.worth.update(
            fetch(
                """
                SELECT referral.id::text, value - LEAST(value, COALESCE(counter.amount, 0))
                FROM referral
                LEFT JOIN counter
                  ON counter.workspace_id = referral.workspace_id
                 AND counter.subject_id = referral.id
                 AND counter.name = 'refunded'
                WHERE referral.workspace_id = %s
                  AND referrer_id = ANY(%s::uuid[])
                  AND program_id = ANY(%s::uuid[])
                  AND state = 'closed_won'
                  AND value IS NOT NULL
                """,
                [state.workspace_id, array("uuid", referrers), array("uuid", valued)],
            )
        )
