"""The log of one erasure: the events that tell of the person, rewritten in pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from goodword.domain import ids, orders
from goodword.domain.erasure import NEVER, PUT_FORWARD, Eraser
from goodword.domain.visitors import clicks_of
from goodword.engine import erased_events
from goodword.engine.erase_sql import pages, text_of, update, uuids
from goodword.store import visits
from goodword.store.sql import array, fetch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Log:
    """Rewrites events as an `Eraser` says. `links` has the ids of the person's links by code."""

    def __init__(self, workspace_id: str, eraser: Eraser, links: Mapping[str, str]) -> None:
        self.workspace_id = workspace_id
        self.eraser = eraser
        self.links = links
        self.count = 0
        """Events rewritten."""
        self.changed: set[str] = set()
        """Their ids."""
        self.met: dict[str, set[str]] = {"account": set(), "participant": set(), "referral": set()}
        """Whose rows may hold what they said: accounts by external id, the others by id."""
        self.sides: dict[str, tuple[bool, bool]] = {}
        """Whether the person is referrer, and referred, of the referrals that have them."""
        self.clicks: set[str] = set()
        """Clicks of which events about the person tell."""
        self.reasoned: set[tuple[str, str]] = set()
        """Of events whose reason was dropped: the referral they name, and whom they are about."""
        self._came_as: dict[str, str] = {}
        """Who was referred when a referral began that came to the person in a merge."""
        self._identity: tuple[str | None, str] = (None, "")
        self._early: dict[str, set[str]] = {}
        """Events told again of the person's referrals, with those."""
        self._claimed: set[str] = set()
        """Events by which somebody claimed the person."""
        self._visits: set[str] = set()
        """Events of a visitor who turned out to be the person, and what staff said of claims: about them."""
        self._lent: dict[str, list[tuple[str, Any]]] = {}
        """Facts of the person that others were lent, by who stood for both then."""

    def rewrite(self, events: set[str]) -> None:
        """`events` are those in which the person was found by name; what hangs on the person by id is added here."""
        me = {"own": self.workspace_id, "id": self.eraser.id}
        [self._identity] = [
            (row[0], row[1])
            for row in fetch(
                "SELECT external_id, email FROM participant WHERE workspace_id = %(own)s AND id = %(id)s::uuid", me
            )
        ]
        self.sides = {
            row[0]: (row[1], row[2])
            for row in fetch(
                """
                SELECT id::text, referrer_id = %(id)s::uuid, referred_id = %(id)s::uuid FROM referral
                WHERE workspace_id = %(own)s AND (referrer_id = %(id)s::uuid OR referred_id = %(id)s::uuid)
                """,
                me,
            )
        }
        sides = array("uuid", self.sides)
        self._came_as = dict(
            fetch(
                """
                SELECT DISTINCT ON (moved.referral_id) moved.referral_id, merge.merged_id::text
                FROM participant_merge AS merge
                JOIN applied ON applied.workspace_id = merge.workspace_id AND applied.event_id = merge.event_id
                CROSS JOIN LATERAL jsonb_array_elements_text(merge.moved->'referred') AS moved (referral_id)
                WHERE merge.workspace_id = %s AND moved.referral_id::uuid = ANY(%s::uuid[])
                ORDER BY moved.referral_id, applied.position
                """,
                [self.workspace_id, sides],
            )
        )
        found = set(events)
        found.update(
            row[0]
            for row in fetch(
                "SELECT event_id::text FROM applied WHERE workspace_id = %(own)s AND participant_id = %(id)s::uuid", me
            )
        )
        found.update(
            row[0]
            for row in fetch(
                "SELECT event_id::text FROM decision WHERE workspace_id = %s AND referral_id = ANY(%s::uuid[])",
                [self.workspace_id, sides],
            )
        )
        self._read_early(sides)
        self._read_visits()
        self._read_claims()
        self._read_lent()
        found |= self._early.keys() | self._waiting() | self._visits | self._claimed
        for page in pages(found):
            self._events(page)

    def _read_early(self, sides: str) -> None:
        """Which events were told again, or will be, of the person's referrals: those are about them too."""
        for event_id, referral_id in fetch(
            """
            SELECT trace->>'recalled', referral_id::text FROM decision
            WHERE workspace_id = %(own)s AND referral_id = ANY(%(sides)s::uuid[]) AND trace ? 'recalled'
            """,
            {"own": self.workspace_id, "sides": sides},
        ):
            self._early.setdefault(ids.internal("evt", event_id), set()).add(referral_id)
        for event_id, referral_id in fetch(
            """
            SELECT early_fact.event_id::text, referral.id::text
            FROM referral
            JOIN early_fact ON early_fact.workspace_id = referral.workspace_id
                           AND early_fact.subject IN (referral.id::text, referral.external_id)
            WHERE referral.workspace_id = %(own)s AND referral.id = ANY(%(sides)s::uuid[])
            """,
            {"own": self.workspace_id, "sides": sides},
        ):
            self._early.setdefault(event_id, set()).add(referral_id)

    def _read_visits(self) -> None:
        """What was told of visitors of whom the person's own events say that they are the person."""
        self._visits = visits.told_of(self.workspace_id, [self.eraser.id])

    def _read_claims(self) -> None:
        """Claims of the person and by them; what staff said of either is about them (claim_referred,
        claim_participant)."""
        met: set[str] = set()
        for claim_id, decision_id, about in fetch(
            """
            SELECT id::text, decision_id::text, referred_id = %(id)s::uuid FROM claim
            WHERE workspace_id = %(own)s AND (referred_id = %(id)s::uuid OR participant_id = %(id)s::uuid)
            """,
            {"own": self.workspace_id, "id": self.eraser.id},
        ):
            self._claimed.update([claim_id] if about else [])
            self._visits.update([decision_id] if decision_id else [])
            met.add(claim_id)
        if met:  # what staff noted where the program refused them, or changed their mind
            rows = fetch(
                """
                SELECT decision.event_id::text
                FROM claim
                JOIN participant ON participant.workspace_id = %(own)s AND participant.id = claim.participant_id
                JOIN decision ON decision.workspace_id = %(own)s
                    AND decision.participant_id IN (participant.id, participant.merged_into_id)
                WHERE claim.workspace_id = %(own)s AND claim.id = ANY(%(met)s::uuid[])
                    AND decision.trace->>'claim' = claim.id::text AND decision.event_id <> claim.id
                """,
                {"own": self.workspace_id, "met": uuids(met)},
            )
            self._visits.update(row[0] for row in rows)

    def _read_lent(self) -> None:
        """What whoever stood for the person once was lent in the merge (domain.merging)."""
        for survivor_id, moved in fetch(
            "SELECT survivor_id::text, moved FROM participant_merge WHERE workspace_id = %s AND merged_id = %s::uuid",
            [self.workspace_id, self.eraser.id],
        ):
            told = {name: after for name, (_, after) in moved["told"].items()}
            self._lent.setdefault(survivor_id, []).extend([*told.items(), *moved["traits"].items()])

    def _waiting(self) -> set[str]:
        """Events that are not applied, or set aside, and name the person by identity or in words."""
        external_id, email = self._identity
        return {
            row[0]
            for row in fetch(
                """
                SELECT event.id::text
                FROM inbox
                JOIN event ON event.workspace_id = inbox.workspace_id AND event.id = inbox.event_id
                WHERE inbox.workspace_id = %(own)s AND (
                    event.payload->'participant'->>'external_id' = %(external_id)s
                    OR (%(email)s <> '' AND lower(event.payload->'participant'->>'email') = %(email)s)
                    OR event.payload::text ILIKE ANY(%(texts)s::text[])
                    OR event.payload::text ~ ANY(%(numbers)s::text[])
                    OR event.event_id ILIKE ANY(%(texts)s::text[])
                )
                """,
                {
                    "own": self.workspace_id,
                    "external_id": external_id,
                    "email": email,
                    "texts": array("text", self.eraser.patterns),
                    "numbers": array("text", self.eraser.numbers),
                },
            )
        }

    def _events(self, page: Sequence[str]) -> None:
        rows = fetch(
            """
            SELECT event.id::text, event.type, event.source, event.event_id, event.payload,
                   applied.event_id IS NOT NULL, applied.participant_id::text, decided.referrals, decided.own
            FROM event
            LEFT JOIN applied ON applied.workspace_id = event.workspace_id AND applied.event_id = event.id
            LEFT JOIN LATERAL (
                SELECT array_agg(DISTINCT decision.referral_id::text)
                           FILTER (WHERE decision.referral_id IS NOT NULL) AS referrals,
                       bool_or(decision.reason = 'self_referral') AS own
                FROM decision
                WHERE decision.workspace_id = %s AND decision.event_id = event.id
            ) AS decided ON true
            WHERE event.workspace_id = %s AND event.id = ANY(%s::uuid[])
            ORDER BY event.id
            """,
            [self.workspace_id, self.workspace_id, uuids(page)],
        )
        accounts = self._account_ids(rows)
        self.eraser.coupons = self._coupons(rows)
        claims = self._claims(page, {row[0] for row in rows if row[5] and self._tells_of_both(row[4], row[6])})
        changed, renamed = [], []
        for id, kind, source, event_id, payload, applied, about, decided, own in rows:
            if kind in NEVER:
                continue
            referrals = sorted({*(decided or ()), *self._early.get(id, ())})
            kept = self._payload(
                kind,
                payload,
                self.eraser.id if id in self._visits else about if applied else self._mine(payload),
                referrals,
                self.eraser.id
                if id in self._claimed
                else self._put_forward(kind, payload, referrals, about, themselves=own),
                accounts,
                claims.get(id),
            )
            kept = self._same_order(payload, kept)
            named = self.eraser.names(event_id) or self.eraser.names(source)
            if kept == payload and not named:
                continue
            if named:
                renamed.append((source, event_id, id))
                event_id = self.eraser.neutral(id)
                source = self.eraser.key(source)
            changed.append((id, source, event_id, text_of(kept)))
            self.changed.add(id)
            self.met["referral"].update(referrals)
            if kept["properties"].get("reason") != payload["properties"].get("reason"):
                self.reasoned.add((str(payload["properties"].get("referral") or ""), about or ""))
            self.met["participant"].update([about] if about else [])
            self.met["account"].update([payload["account"]["external_id"]] if payload.get("account") else [])
        if renamed:
            erased_events.note(self.workspace_id, renamed)
        self.count += update(self.workspace_id, "event", "source text, event_id text, payload jsonb", changed)

    def _same_order(self, payload: Mapping[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
        """What is kept of an event whose order lost its name, with our id of that order."""
        name = payload["properties"].get("order_id")
        if kept["properties"].get("order_id") == name or "order" in (payload.get("erased") or {}):
            return kept
        order = orders.order_named(self.workspace_id, name)
        return kept | {"erased": kept.get("erased", {}) | {"order": order}} if order else kept

    def _account_ids(self, rows: Iterable[tuple[Any, ...]]) -> dict[str, str]:
        """The ids of the accounts whose own name names the person."""
        names = {row[4]["account"]["external_id"] for row in rows if row[4].get("account")}
        named = [name for name in names if self.eraser.names(name)]
        return dict(
            fetch(
                "SELECT external_id, id::text FROM account WHERE external_id = ANY(%s::text[])", [array("text", named)]
            )
        )

    def _coupons(self, rows: Iterable[tuple[Any, ...]]) -> frozenset[str]:
        """The coupons of orders that are the codes of links (link_code)."""
        told = {str(row[4]["properties"].get("coupon") or "").lower() for row in rows if row[1] == "order.completed"}
        found = fetch(
            "SELECT code FROM link WHERE workspace_id = %s AND code = ANY(%s::text[])",
            [self.workspace_id, array("text", told - {""})],
        )
        return frozenset(code for (code,) in found)

    def _claims(self, page: Sequence[str], shared: set[str]) -> dict[str, dict[str, Mapping[str, Any]]]:
        """What events said of who is who, and what was decided, where it was about the person, or where the event
        has an address that was theirs too or named them while another stood for them (`shared`): the ids behind names
        that may go, or find others then."""
        found: dict[str, dict[str, Mapping[str, Any]]] = {event_id: {} for event_id in shared}
        theirs = set(shared)
        for event_id, reason, how, merged, survivor, previous in fetch(
            """
            SELECT decision.event_id::text, decision.reason, decision.trace->'merge'->>'how',
                   decision.trace->'merge'->>'merged', decision.trace->'merge'->>'survivor',
                   coalesce(event.payload->'properties'->>'previous_id', '')
            FROM decision
            JOIN event ON event.workspace_id = decision.workspace_id AND event.id = decision.event_id
            WHERE decision.workspace_id = %s AND decision.event_id = ANY(%s::uuid[]) AND decision.program_id IS NULL
              AND decision.trace ? 'merge'
            """,
            [self.workspace_id, uuids(page)],
        ):
            about = self.eraser.id in (merged, survivor) or self.eraser.names(previous)
            claim = {"other": merged, "reason": reason}
            found.setdefault(event_id, {})[how] = claim if about else claim | {"whole": True}
            theirs.update([event_id] if about else [])
        return {event_id: claims for event_id, claims in found.items() if event_id in theirs}

    def _mine(self, payload: Mapping[str, Any]) -> str | None:
        """Who an event that is not applied yet will be about, as far as it can be this person."""
        named, (external_id, email) = payload.get("participant") or {}, self._identity
        if named.get("external_id") is not None and external_id is not None:
            return self.eraser.id if named["external_id"] == external_id else None
        return self.eraser.id if email and str(named.get("email") or "").strip().lower() == email else None

    def _named_in(self, payload: Mapping[str, Any]) -> bool:
        """Whether an event names the person as its participant, whoever stood for them then."""
        named, (external_id, email) = payload.get("participant") or {}, self._identity
        if named.get("external_id") is not None:
            return bool(named["external_id"] == external_id)
        return external_id is None and bool(email) and str(named.get("email") or "").strip().lower() == email

    def _tells_of_both(self, payload: Mapping[str, Any], about: str | None) -> bool:
        """Whether an applied event has a name of the person, and may be about somebody else."""
        return self._shares(payload) or (about != self.eraser.id and self._named_in(payload))

    def _shares(self, payload: Mapping[str, Any]) -> bool:
        """Whether an event names its participant by an address that was the person's too."""
        return str((payload.get("participant") or {}).get("email") or "").strip().lower() in self.eraser.emails

    def _payload(
        self,
        kind: str,
        payload: Mapping[str, Any],
        about: str | None,
        referrals: Sequence[str],
        referred: str,
        accounts: dict[str, str],
        claims: Mapping[str, Mapping[str, Any]] | None,
    ) -> dict[str, Any]:
        sides = [self.sides[id] for id in referrals if id in self.sides]
        names_somebody = bool(payload.get("participant") or (payload.get("erased") or {}).get("participant"))
        own = names_somebody and about == self.eraser.id
        theirs = own or any(referred for _, referred in sides)
        theirs = theirs or (not names_somebody and (bool(sides) or about == self.eraser.id))
        self.clicks |= clicks_of(payload["properties"]) if theirs else set()
        return self.eraser.payload(
            kind,
            payload,
            own=own,
            stood_for=(about or "") if names_somebody and not own and self._named_in(payload) else "",
            lent=self._lent.get(about or "", ()),
            shared=(about or "") if names_somebody and not own and self._shares(payload) else "",
            about=theirs,
            referred=referred,
            strict=theirs or bool(sides),
            links=self.links,
            accounts=accounts,
            claims=claims,
        )

    def _put_forward(
        self, kind: str, payload: Mapping[str, Any], referrals: Sequence[str], about: str | None, *, themselves: bool
    ) -> str:
        """Whom a submission puts forward, where that is the person: by the referral it began, or whom it is `about`
        where they put forward `themselves`, else by the e-mail. Somebody who was merged later was somebody else
        then; so was whoever came to have the submitter's e-mail, where nothing began and no self-referral was seen."""
        if kind not in PUT_FORWARD or not payload["properties"].get("referred"):
            return ""
        if referrals:
            mine = [id for id in referrals if self.sides.get(id, (False, False))[1]]
            return self._came_as.get(mine[0], self.eraser.id) if mine else ""
        if about and themselves:
            return self.eraser.id if about == self.eraser.id else ""
        told = payload["properties"]["referred"]
        if not any(self.eraser.names(told[name]) for name in ("email", "external_id") if told.get(name)):
            return ""
        return self._nobody if about == self.eraser.id else self.eraser.id

    @property
    def _nobody(self) -> str:
        """The id of somebody who was put forward and never became known."""
        return ids.derive(_EPOCH, self.workspace_id, "participant", "put forward", self.eraser.id)
