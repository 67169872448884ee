"""Brings into memory what merging participants, or taking them apart, needs beside what every batch loads.

Only a batch that may do either costs anything here: four statements, however many participants it brings
together. Which participants those may be is told from how the events name people; naming one too many costs
only its rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from goodword.domain import facts, identity
from goodword.domain.events import Event
from goodword.domain.merging import MAX_MOVED
from goodword.domain.rows import Link, Merge, Participant
from goodword.domain.state import State
from goodword.engine import beside
from goodword.engine.columns import LINK, PARTICIPANT
from goodword.store.sql import array, fetch


@dataclass(frozen=True, slots=True)
class Merging:
    """The participants that a batch may merge or take apart, the ones who may stand for them, and the referrals
    that hang on them."""

    participant_ids: set[str] = field(default_factory=set)
    referrer_ids: set[str] = field(default_factory=set)
    referral_ids: set[str] = field(default_factory=set)


def load(state: State, events: Sequence[Event]) -> Merging:
    """Loads links, merges and the people in them of those whom the events may bring together or take apart."""
    people, receivers = _people(state, events)
    if not people:
        return Merging()
    merges = [
        Merge(*row)
        for row in fetch(
            """
            SELECT id::text, merged_id::text, survivor_id::text, event_id::text, merged_at, moved,
                   split_event_id::text, split_at
            FROM participant_merge
            WHERE workspace_id = %s AND merged_id = ANY(%s::uuid[])
            ORDER BY merged_at, id
            """,
            [state.workspace_id, array("uuid", people)],
        )
    ]
    for merge in merges:
        state.load(merge)
    _related(state, people, [merge.survivor_id for merge in merges])
    taken = [merge for merge in merges if merge.split_at is None]
    links = {id for merge in taken for id in merge.moved["links"]}
    moved = {id for merge in taken for side in ("referrer", "referred") for id in merge.moved[side]}
    moved.update(was["id"] for merge in taken for was in merge.moved["aside"])
    for row in fetch(
        f"""
        SELECT {LINK} FROM link WHERE workspace_id = %(own)s AND id = ANY(%(links)s::uuid[])
        UNION
        SELECT owned.*
        FROM unnest(%(people)s::uuid[]) AS person (id)
        CROSS JOIN LATERAL (
            SELECT {LINK} FROM link WHERE workspace_id = %(own)s AND participant_id = person.id LIMIT %(limit)s
        ) AS owned
        """,  # the key, link_participant
        {
            "own": state.workspace_id,
            "links": array("uuid", links),
            "people": array("uuid", people),
            "limit": MAX_MOVED + 1,
        },
    ):
        state.load(Link(*row))
    made = fetch(
        """
        SELECT made.id
        FROM unnest(%s::uuid[]) AS person (id)
        CROSS JOIN LATERAL (
            SELECT id::text FROM referral WHERE workspace_id = %s AND referrer_id = person.id LIMIT %s
        ) AS made
        """,  # referral_referrer; those they came by are loaded with everybody's
        [array("uuid", people), state.workspace_id, (MAX_MOVED + 1) * (1 + len(beside.tested(state)))],
    )
    return Merging(people, people | receivers, moved | {id for (id,) in made})


def load_holdings(state: State, merging: Merging) -> None:
    """What is owed, issued and owed back of the rewards of those who may change hands (transfer_reward)."""
    if not merging.participant_ids:
        return
    for row in fetch(
        """
        SELECT transfer.reward_id::text, account.kind, account.participant_id::text,
               sum(CASE WHEN transfer.phase NOT IN ('posted', 'post') THEN 0
                        WHEN (account.id = transfer.debit_id) = (account.kind = 'participant_debt')
                        THEN transfer.amount ELSE -transfer.amount END)::bigint,
               max(transfer.effective_at)
        FROM transfer
        JOIN ledger_account AS account
          ON account.workspace_id = transfer.workspace_id AND account.id IN (transfer.debit_id, transfer.credit_id)
        WHERE transfer.workspace_id = %s
          AND transfer.reward_id = ANY(%s::uuid[])
          AND account.participant_id IS NOT NULL
        GROUP BY 1, 2, 3
        """,
        [state.workspace_id, array("uuid", state.rewards)],
    ):
        state.holdings.put(*row)


def _related(state: State, people: Collection[str], survivors: Iterable[str]) -> None:
    """Those merged into the people, and those the people were merged into once, with who stands for them now."""
    for row in fetch(
        f"""
        WITH related AS (
            SELECT id, merged_into_id FROM participant
            WHERE workspace_id = %(own)s AND merged_into_id = ANY(%(people)s::uuid[])
            UNION
            SELECT id, merged_into_id FROM participant
            WHERE workspace_id = %(own)s AND id = ANY(%(survivors)s::uuid[])
        )
        SELECT {PARTICIPANT} FROM participant
        WHERE workspace_id = %(own)s AND id IN (SELECT id FROM related UNION SELECT merged_into_id FROM related)
        """,  # participant_merged_into
        {"own": state.workspace_id, "people": array("uuid", people), "survivors": array("uuid", survivors)},
    ):
        if row[0] not in state.participants:
            state.load(Participant(*row))


def _people(state: State, events: Sequence[Event]) -> tuple[set[str], set[str]]:
    """The stored participants that the events may merge or take apart, with who stands for them; and those whom
    others may be merged into.

    One known only by e-mail, where an event names that address with an external id that is not about to become
    theirs, and who has that id where they may be lent an account; and everybody whom names connect, through the
    events of the batch, with an event that names another.
    """
    found: set[str] = set()
    receivers: set[str] = set()
    first_named_with: dict[str, str] = {}
    linked: dict[tuple[str, str], set[tuple[str, str]]] = {}
    reached: list[tuple[str, str]] = []
    for event in events:
        ref = event.participant
        if "claims" in event.erased:
            mine = facts.known(state, ref) if ref else None
            others = {claim["other"] for claim in event.erased["claims"].values()}
            found |= (others & state.participants.keys()) | ({mine.id} if mine else set())
        names = []
        if ref and ref.external_id is not None:
            names.append(("id", ref.external_id))
        if ref and ref.email:
            names.append(("email", ref.email))
        if ref and ref.external_id is not None:
            first = first_named_with.setdefault(ref.external_id, ref.email)
            known = state.participant_by_external.get(ref.external_id)
            other = state.person_by_email(ref.email) if ref.email else None
            if other and other.external_id is None and other.merged_into is None and (known or first != ref.email):
                found.add(other.id)
                if known:
                    mine = state.survivor(known)
                    (receivers if mine.account_id else found).add(mine.id)
        if len(names) == 2:
            linked.setdefault(names[0], set()).add(names[1])
            linked.setdefault(names[1], set()).add(names[0])
        if identity.names_another(event):
            reached += [*names, ("id", event.properties["previous_id"])]
    found |= _reached(state, reached, linked)
    return found | {state.survivor(id).id for id in found}, receivers


def _reached(
    state: State, names: list[tuple[str, str]], linked: dict[tuple[str, str], set[tuple[str, str]]]
) -> set[str]:
    """The stored participants of these names, and of all that are linked with them. An id of ours that nobody stored
    has is of somebody whom an event of the batch makes known: under any of the names."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    while names:
        name = names.pop()
        if name in seen:
            continue
        seen.add(name)
        names += linked.get(name, ())
        kind, text = name
        if kind == "email":
            found.update(state.participants_by_email.get(text, ()))
        elif id := identity.named(state, text):
            found.add(id)
            row = state.participants[id]
            names += [("id", row.external_id)] if row.external_id else []
            names += [("email", row.email)] if row.email else []
        elif text.startswith("par_"):
            names += linked
    return found
