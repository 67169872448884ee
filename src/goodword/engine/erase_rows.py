"""The rows of one erasure: events in the log first, then what was made of them, each in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from goodword.domain import ids
from goodword.domain.attribution import VISITORS
from goodword.domain.codes import plain
from goodword.domain.erasure import ERASED, Eraser
from goodword.engine.erase_log import Log
from goodword.engine.erase_sql import pages, text_of, update, uuids
from goodword.store import clicks
from goodword.store.sql import array, execute, fetch

ANSWERS_KEPT = "2 days"
"""Answers of the API are kept for a day: of events older than this there is none."""


class Rewriting:
    """Rewrites what an `Eraser` says. `links` has the ids of the person's links by code."""

    def __init__(self, workspace_id: str, eraser: Eraser, links: Mapping[str, str]) -> None:
        self.workspace_id = workspace_id
        self.eraser = eraser
        self.counts: Counter[str] = Counter()
        self._log = Log(workspace_id, eraser, links)
        self._decided: set[str] = set()
        """Events of decisions whose traces may have named the person."""

    def rewrite(self, events: set[str], decisions: set[str]) -> None:
        """All rows of the workspace. `events` and `decisions` are those in which the person was found by
        name; what hangs on the person by id is added here."""
        self._log.rewrite(events)
        if self._log.count:
            self.counts["event"] = self._log.count
        referrals = self._log.met["referral"] | self._log.sides.keys() | self._explained()
        marked = set(decisions)
        for column, values in (("referral_id", referrals), ("event_id", self._log.changed)):
            for page in pages(values):
                rows = fetch(
                    f"SELECT id::text FROM decision WHERE workspace_id = %s AND {column} = ANY(%s::uuid[])",
                    [self.workspace_id, uuids(page)],
                )
                marked.update(row[0] for row in rows)
        for page in pages(marked):
            self._decisions(page)
        self._participant()
        self._merges()
        self._links()
        self.counts["click"] += clicks.forget(self.workspace_id, self._log.clicks)
        for page in pages(referrals):
            self._referrals(page)
        self._own_bases()
        self._subjects()
        for page in pages(self._log.met["account"]):
            self._accounts(page)
        for page in pages(self._log.met["participant"] - {self.eraser.id}):
            self._others(page)
        for page in pages(self._log.changed | self._decided):
            self._outbox(page)
        self._errors()
        self._answers()

    def _explained(self) -> set[str]:
        """Other referrals that may have their reason from an event in which it was dropped."""
        names = {name for name, _ in self._log.reasoned if name}
        public = {id for name in names if (id := _internal("ref", name))}
        rows = fetch(
            """
            SELECT id::text FROM referral
            WHERE workspace_id = %(own)s AND (
                external_id = ANY(%(names)s::text[])
                OR id = ANY(%(public)s::uuid[])
                OR referred_id = ANY(%(about)s::uuid[])
            )
            """,
            {
                "own": self.workspace_id,
                "names": array("text", names),
                "public": uuids(public),
                "about": uuids({about for _, about in self._log.reasoned if about}),
            },
        )
        return {row[0] for row in rows}

    def _decisions(self, page: Sequence[str]) -> None:
        changed = []
        for id, event_id, referral_id, trace in fetch(
            """
            SELECT id::text, event_id::text, referral_id::text, trace FROM decision
            WHERE workspace_id = %s AND id = ANY(%s::uuid[]) AND trace ?| ARRAY['checks', 'rewards', 'attribution']
            """,
            [self.workspace_id, uuids(page)],
        ):
            self._decided.add(event_id)
            rewritten = event_id in self._log.changed
            referrer, referred = self._log.sides.get(referral_id, (False, False))
            if referral_id is None:
                referrer = referred = rewritten  # nothing began: nobody wrote down whose good word it was
            kept = self.eraser.trace(trace, referrer=referrer, referred=referred, event=rewritten)
            if kept != trace:
                changed.append((id, text_of(kept)))
        self._update("decision", "trace jsonb", changed)

    def _participant(self) -> None:
        self.counts["participant"] += execute(
            "UPDATE participant SET external_id = NULL, email = '', name = '', traits = '{}', updated_at = now() "
            "WHERE workspace_id = %s AND id = %s::uuid",
            [self.workspace_id, self.eraser.id],
        ).rowcount

    def _merges(self) -> None:
        rows = fetch(
            """
            SELECT id::text, moved, survivor_id = %(id)s::uuid FROM participant_merge
            WHERE workspace_id = %(own)s AND (merged_id = %(id)s::uuid OR survivor_id = %(id)s::uuid)
            """,
            {"own": self.workspace_id, "id": self.eraser.id},
        )
        kept = [(id, self.eraser.merge(moved, survivor=survivor), moved) for id, moved, survivor in rows]
        self._update("participant_merge", "moved jsonb", [(id, text_of(left)) for id, left, was in kept if left != was])

    def _links(self) -> None:
        rows = fetch(
            "SELECT id::text, code, channel FROM link WHERE workspace_id = %s AND participant_id = %s::uuid",
            [self.workspace_id, self.eraser.id],
        )
        changed = []
        for id, code, channel in rows:
            neutral = self.eraser.neutral(code)
            changed.append((id, neutral, self.eraser.clean(channel), "", plain(neutral)))
        self._update("link", "code text, channel text, destination text, typed text", changed)

    def _referrals(self, page: Sequence[str]) -> None:
        changed = []
        for id, external_id, reason, properties in fetch(
            """
            SELECT id::text, external_id, reason, properties
            FROM referral
            WHERE workspace_id = %s AND id = ANY(%s::uuid[])
            """,
            [self.workspace_id, uuids(page)],
        ):
            sides = self._log.sides.get(id, (False, False))
            kept = (
                self.eraser.key(external_id) if external_id is not None else None,
                self.eraser.reasons.get(reason, reason),
                self.eraser.referral(properties, side=any(sides), referred=sides[1]),
            )
            if kept != (external_id, reason, properties):
                changed.append((id, *kept[:2], text_of(kept[2])))
        self._update("referral", "external_id text, reason text, properties jsonb", changed)
        reasons = self.eraser.reasons
        self.counts["reward"] += execute(
            """
            UPDATE reward SET reason = said.kept
            FROM unnest(%s::text[], %s::text[]) AS said (reason, kept)
            WHERE reward.workspace_id = %s AND reward.subject_id = ANY(%s::uuid[]) AND reward.reason = said.reason
            """,
            [array("text", reasons), array("text", reasons.values()), self.workspace_id, uuids(page)],
        ).rowcount

        self._orders(page)

    def _orders(self, page: Sequence[str]) -> None:
        """Rewards for payments keep the order's name, and imported ones their id of before."""
        rows = fetch(
            """
            SELECT id::text, basis FROM reward
            WHERE workspace_id = %s AND subject_id = ANY(%s::uuid[]) AND basis ?| ARRAY['order_id', 'source_id']
            """,
            [self.workspace_id, uuids(page)],
        )
        self._bases(rows)

    def _own_bases(self) -> None:
        """The same for the person's rewards for no referral."""
        self._bases(
            fetch(
                """
                SELECT id::text, basis FROM reward
                WHERE workspace_id = %s AND participant_id = %s::uuid AND referral_id IS NULL AND basis ? 'imported'
                """,
                [self.workspace_id, self.eraser.id],
            )
        )

    def _bases(self, rows: Iterable[tuple[Any, ...]]) -> None:
        kept = [
            (
                id,
                basis,
                basis | {name: self.eraser.key(basis[name]) for name in ("order_id", "source_id") if name in basis},
            )
            for id, basis in rows
        ]
        changed = [(id, text_of(after)) for id, before, after in kept if after != before]
        self._update("reward", "basis jsonb", changed)

    def _subjects(self) -> None:
        """Early facts wait under the name of a referral that nobody knows yet, or of a visitor."""
        rows = fetch(
            "SELECT id::text, subject FROM early_fact WHERE workspace_id = %s AND subject ILIKE ANY(%s::text[])",
            [self.workspace_id, array("text", self.eraser.patterns)],
        )
        named = [(id, subject, subject.removeprefix(VISITORS)) for id, subject in rows]
        changed = [
            (id, subject.removesuffix(name) + self.eraser.key(name))
            for id, subject, name in named
            if self.eraser.names(name)
        ]
        self._update("early_fact", "subject text", changed)

    def _accounts(self, page: Sequence[str]) -> None:
        rows = fetch(
            """
            SELECT id::text, external_id, name, traits
            FROM account
            WHERE workspace_id = %s AND external_id = ANY(%s::text[])
            """,
            [self.workspace_id, array("text", page)],
        )
        kept = [
            (id, self.eraser.key(name), self.eraser.clean(called), self.eraser.each(traits))
            for id, name, called, traits in rows
        ]
        changed = [(*row[:3], text_of(row[3])) for row, before in zip(kept, rows, strict=True) if row != before]
        self._update("account", "external_id text, name text, traits jsonb", changed)

    def _others(self, page: Sequence[str]) -> None:
        rows = fetch(
            "SELECT id::text, email, name, traits FROM participant WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
            [self.workspace_id, uuids(page)],
        )
        kept = [
            (id, self._last_told(id, "email", email), self._last_told(id, "name", name), self.eraser.each(traits))
            for id, email, name, traits in rows
        ]
        changed = [(*row[:3], text_of(row[3])) for row, before in zip(kept, rows, strict=True) if row != before]
        self._update("participant", "email text, name text, traits jsonb", changed)

    def _last_told(self, id: str, what: str, value: str) -> str:
        """The address or name of somebody else; `ERASED` where it is the person's, and was told last by an event
        that named the person, for whom this somebody stood then."""
        if not (value and self.eraser.names(value)):
            return value
        rows = fetch(
            f"""
            SELECT event.payload->'participant'->>'{what}'
            FROM applied
            JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
            WHERE applied.workspace_id = %s AND applied.participant_id = %s::uuid
              AND event.payload->'participant'->>'{what}' <> ''
              {"AND event.payload->'participant'->>'external_id' IS NOT NULL" if what == "email" else ""}
            ORDER BY applied.position DESC
            LIMIT 1
            """,
            [self.workspace_id, id],
        )
        return ERASED if rows and rows[0][0] == ERASED else value

    def _outbox(self, page: Sequence[str]) -> None:
        """Found by the time in their ids, the event's or when it counted: there is no index by event."""
        rows = fetch(
            """
            SELECT outbox.id::text, outbox.payload
            FROM (
                SELECT workspace_id, id, least(occurred_at, received_at) AS at
                FROM event
                WHERE workspace_id = %(own)s AND id = ANY(%(events)s::uuid[])
                UNION
                SELECT workspace_id, event_id, (trace->>'counted_at')::timestamptz
                FROM decision
                WHERE workspace_id = %(own)s AND event_id = ANY(%(events)s::uuid[]) AND trace ? 'counted_at'
            ) AS told
            CROSS JOIN LATERAL (
                SELECT greatest(1, floor(extract(epoch FROM told.at) * 1000)::bigint) AS milliseconds
            ) AS at
            JOIN outbox ON outbox.workspace_id = %(own)s
                       AND outbox.id >= (lpad(to_hex(milliseconds - 1), 12, '0') || repeat('0', 20))::uuid
                       AND outbox.id <= (lpad(to_hex(milliseconds + 1), 12, '0') || repeat('f', 20))::uuid
                       AND outbox.event_id = told.id
            """,
            {"own": self.workspace_id, "events": uuids(page)},
        )
        kept = [(id, self.eraser.notice(payload), payload) for id, payload in rows]
        self._update("outbox", "payload jsonb", [(id, text_of(left)) for id, left, payload in kept if left != payload])

    def _errors(self) -> None:
        """An error may quote the event it came of: only its kind stays, where it names the person."""
        for table, column in (("inbox", "event_id"), ("timer", "id")):
            self.counts[table] += execute(
                f"""
                UPDATE {table} SET error = split_part(error, '(', 1)
                WHERE workspace_id = %s AND error LIKE '%%(%%'
                  AND (error ILIKE ANY(%s::text[]) OR {column} = ANY(%s::uuid[]))
                """,
                [self.workspace_id, array("text", self.eraser.patterns), uuids(self._log.changed)],
            ).rowcount

    def _answers(self) -> None:
        """Answers of the API that tell of the person or of an event that was rewritten: the repeat of such a
        request is carried out, and the events in it are still known."""
        recent = fetch(
            """
            SELECT id::text FROM event
            WHERE workspace_id = %s AND id = ANY(%s::uuid[]) AND received_at > now() - %s::interval
            """,
            [self.workspace_id, uuids(self._log.changed), ANSWERS_KEPT],
        )
        texts = [f"%{ids.public('evt', id)}%" for (id,) in recent]
        texts += [f"%{ids.public('par', self.eraser.id)}%", *self.eraser.patterns]
        self.counts["idempotency_key"] += execute(
            """
            DELETE FROM idempotency_key
            WHERE workspace_id = %(own)s
              AND (key ILIKE ANY(%(texts)s::text[]) OR convert_from(answer, 'UTF8') ILIKE ANY(%(texts)s::text[]))
            """,
            {"own": self.workspace_id, "texts": array("text", texts)},
        ).rowcount

    def _update(self, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self.counts[table] += update(self.workspace_id, table, columns, rows)


def _internal(prefix: str, text: str) -> str | None:
    try:
        return ids.internal(prefix, text)
    except ids.BadId:
        return None
