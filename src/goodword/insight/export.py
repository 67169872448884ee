"""Everything that is held about one person, as one document that may be given to them.

Reads only. What is another person's stays out: whom they referred, who referred them, what others wrote of
others. Lists are bounded by the sizes named here, the newest first; `not_whole` names those that have more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from goodword.domain import ids
from goodword.domain.payloads import CLAIMED
from goodword.domain.reasons import participant_text
from goodword.domain.visitors import clicks_of
from goodword.insight import ledger, statement
from goodword.insight.entitlements import entitlements
from goodword.insight.merged import family, survivor_id
from goodword.insight.numbers import written
from goodword.insight.participants import ParticipantNotFound
from goodword.store import clicks, tenancy, visits
from goodword.store.models import Claim, Erasure, Link, Outbox, Participant, Referral, Reward
from goodword.store.sql import array, fetch

FORMAT = "goodword.participant/1"
LINKS = 1_000
CLICKS = 1_000
REFERRALS = 5_000
"""On either side."""
CLAIMS = 5_000
"""On either side."""
REWARDS = 5_000
EVENTS = 10_000
EVENT_BYTES = 20_000_000
"""Of all events together, as JSON."""
DECISIONS = 10_000
MESSAGES = 10_000
PROOF = ("proof", "url", "reference")
"""What somebody told of a claim."""
_PLAIN = ("value", "currency", "referral", "rule", "reward", "reason", "order_id", "simulated", "program", "terms")
"""Properties that name nobody but the thing they are about."""


def export(workspace_id: str, participant_id: str, now: datetime | None = None) -> dict[str, Any]:
    """The document: see docs/concepts/erasure.md; of somebody merged into another, and of whom others were merged
    into, it is about all of them. Raises `ParticipantNotFound`."""
    cut: list[str] = []
    with tenancy.workspace(workspace_id):
        who = survivor_id(workspace_id, participant_id)
        row = Participant.objects.filter(workspace_id=workspace_id, id=who).select_related("account").first()
        if row is None:
            raise ParticipantNotFound(f"There is no participant {ids.public('par', participant_id)} here.")
        me = set(family(workspace_id, who))
        made = _referrals(workspace_id, me, "referrer", cut)
        received = _referrals(workspace_id, me, "referred", cut)
        visitor = visits.told_of(workspace_id, me)
        events = _events(workspace_id, me, visitor, cut)
        decisions = _decisions(workspace_id, me, cut)
        about = {decision["event"] for decision in decisions} | {event["id"] for event in events}
        return {
            "format": FORMAT,
            "exported_at": now or datetime.now(UTC),
            "participant": _profile(row),
            "merged": [
                _profile(one)
                for one in Participant.objects.filter(workspace_id=workspace_id, id__in=me - {who}).order_by("id")
            ],
            "account": _account(row),
            "links": _links(workspace_id, me, cut),
            "clicks": _clicks(workspace_id, me, visitor, cut),
            "referrals_made": made,
            "referrals_received": received,
            "claims_made": _claims(workspace_id, me, "participant", cut),
            "claims_received": _claims(workspace_id, me, "referred", cut),
            "rewards": _rewards(workspace_id, me, cut),
            "entitlements": [asdict(one) for one in entitlements(workspace_id, who, now)],
            "balances": [asdict(one) for one in ledger.balances(workspace_id, who)],
            "statement": _statement(workspace_id, who, cut),
            "events": events,
            "decisions": decisions,
            "messages": _messages(workspace_id, about, me, cut),
            "erasures": _erasures(workspace_id, me),
            "timezones": _timezones(workspace_id),
            "not_whole": sorted(set(cut)),
        }


def _timezones(workspace_id: str) -> dict[str, str]:
    """By program, the zone in which its days are counted."""
    return dict(
        fetch(
            """
            SELECT p.key, v.document ->> 'timezone'
            FROM program p
            JOIN program_version v ON v.workspace_id = p.workspace_id AND v.id = p.live_version_id
            WHERE p.workspace_id = %s AND v.document ->> 'timezone' IS NOT NULL
            """,
            [workspace_id],
        )
    )


def _first(rows: Iterable[Any], limit: int, name: str, cut: list[str]) -> list[Any]:
    found = list(rows)
    if len(found) > limit:
        cut.append(name)
    return found[:limit]


def _profile(row: Participant) -> dict[str, Any]:
    return {
        "id": ids.public("par", row.id),
        "external_id": row.external_id,
        "email": row.email,
        "name": row.name,
        "traits": row.traits,
        "first_seen_at": row.first_seen_at,
        "updated_at": row.updated_at,
    }


def _account(row: Participant) -> dict[str, Any] | None:
    """The company, by name: what else is known of it is the company's, and may name others."""
    account = row.account
    if account is None:
        return None
    return {
        "id": ids.public("acc", account.id),
        "external_id": account.external_id,
        "name": account.name,
        "since": account.since,
    }


def _links(workspace_id: str, me: set[str], cut: list[str]) -> list[dict[str, Any]]:
    rows = (
        Link.objects.filter(workspace_id=workspace_id, participant_id__in=me)
        .order_by("-created_at", "-id")
        .values_list("program__key", "code", "channel", "created_at")
    )
    names = ("program", "code", "channel", "created_at")
    return [dict(zip(names, row, strict=True)) for row in _first(rows[: LINKS + 1], LINKS, "links", cut)]


def _clicks(workspace_id: str, me: set[str], visitor: set[str], cut: list[str]) -> list[dict[str, Any]]:
    """What is kept of the visits of their browsers, as far as their events tell of one, or those of the `visitor` they
    were; whose link it was is left out."""
    told = fetch(
        """
        SELECT event.payload->'properties'
        FROM applied                                                                         -- applied_participant
        JOIN event ON event.workspace_id = applied.workspace_id AND event.id = applied.event_id
        WHERE applied.workspace_id = %s AND applied.participant_id = ANY(%s::uuid[])
          AND event.payload->'properties' ?| ARRAY['click_id', 'client_reference_id', 'touches']
        UNION ALL
        SELECT payload->'properties' FROM event WHERE workspace_id = %s AND id = ANY(%s::uuid[])              -- the key
        """,
        [workspace_id, array("uuid", sorted(me)), workspace_id, array("uuid", sorted(visitor))],
    )
    made = {id for (properties,) in told for id in clicks_of(properties)}
    found = clicks.of_browsers(workspace_id, made, CLICKS + 1) if made else []
    return [
        {
            "clicked_at": one.clicked_at,
            "kind": one.kind,
            "device": one.device,
            "referrer": one.referrer,
            "language": one.language,
            "utm": one.utm,
            "ip": one.ip,
            "ip_hash": one.ip_hash,
        }
        for one in _first(found, CLICKS, "clicks", cut)
    ]


def _referrals(workspace_id: str, me: set[str], side: str, cut: list[str]) -> list[dict[str, Any]]:
    rows = (
        Referral.objects.filter(workspace_id=workspace_id, **{f"{side}_id__in": me})
        .select_related("program", "version")
        .order_by("-submitted_at", "-id")[: REFERRALS + 1]
    )
    return [
        {
            "id": ids.public("ref", row.id),
            "program": row.program.key,
            "test": row.program.test,
            "state": row.state,
            "reason": row.reason,
            "source": row.source,
            "value": row.value,
            "currency": row.version.document["currency"],
            "submitted_at": row.submitted_at,
            "qualified_at": row.qualified_at,
            "opportunity_at": row.opportunity_at,
            "closed_at": row.closed_at,
            "expires_at": row.expires_at,
            **({"told": row.properties} if side == "referred" else {}),
        }
        for row in _first(rows, REFERRALS, f"referrals_{'made' if side == 'referrer' else 'received'}", cut)
    ]


def _claims(workspace_id: str, me: set[str], side: str, cut: list[str]) -> list[dict[str, Any]]:
    """Claims that they brought somebody, with what they told of it, and claims that somebody brought them."""
    rows = (
        Claim.objects.filter(workspace_id=workspace_id, **{f"{side}_id__in": me})
        .select_related("program")
        .order_by("-claimed_at", "-id")[: CLAIMS + 1]
    )
    found = _first(rows, CLAIMS, f"claims_{'made' if side == 'participant' else 'received'}", cut)
    told = dict(
        fetch(
            "SELECT id::text, payload->'properties' FROM event WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
            [workspace_id, array("uuid", [str(row.id) for row in found])],
        )
    )
    return [
        {
            "id": ids.public("clm", row.id),
            "program": row.program.key,
            "state": row.state,
            "reason": row.reason,
            "at": row.at,
            "claimed_at": row.claimed_at,
            "decided_at": row.decided_at,
            "referral": ids.public("ref", row.referral_id) if row.referral_id else None,
            **{name: told[str(row.id)].get(name) for name in PROOF if side == "participant"},
            **({"referred": told[str(row.id)].get("referred")} if side == "referred" else {}),
        }
        for row in found
    ]


def _rewards(workspace_id: str, me: set[str], cut: list[str]) -> list[dict[str, Any]]:
    rows = (
        Reward.objects.filter(workspace_id=workspace_id, participant_id__in=me)
        .select_related("program")
        .order_by("-granted_at", "-id")[: REWARDS + 1]
    )
    plain = (
        "rule", "state", "reason", "gift", "amount", "unit", "reversed", "granted_at", "hold_until", "approved_at",
        "issued_at", "ended_at", "expires_at",
    )  # fmt: skip
    return [
        {
            "id": ids.public("rwd", row.id),
            "program": row.program.key,
            "test": row.program.test,
            **{name: getattr(row, name) for name in plain},
            "netted": row.basis.get("netted", 0),
        }
        for row in _first(rows, REWARDS, "rewards", cut)
    ]


def _statement(workspace_id: str, who: str, cut: list[str]) -> list[dict[str, Any]]:
    found = [asdict(entry) for entry in statement.entries(workspace_id, who)]
    if len(found) >= statement.ENTRIES:
        cut.append("statement")
    return sorted(found, key=lambda entry: entry["effective_at"], reverse=True)


# Events


def _events(workspace_id: str, me: set[str], visitor: set[str], cut: list[str]) -> list[dict[str, Any]]:
    """Events of the person, those about a referral in which they were referred, and of the visitor they were before."""
    rows = fetch(
        """
        WITH theirs AS (
            SELECT applied.workspace_id, applied.event_id, applied.position, applied.participant_id
            FROM applied
            WHERE applied.workspace_id = %(own)s AND applied.participant_id = ANY(%(me)s::uuid[])
            UNION
            SELECT applied.workspace_id, applied.event_id, applied.position, applied.participant_id
            FROM referral
            JOIN decision ON decision.workspace_id = referral.workspace_id AND decision.referral_id = referral.id
            JOIN applied ON applied.workspace_id = decision.workspace_id AND applied.event_id = decision.event_id
            WHERE referral.workspace_id = %(own)s AND referral.referred_id = ANY(%(me)s::uuid[])
            UNION
            SELECT applied.workspace_id, applied.event_id, applied.position, applied.participant_id
            FROM early_fact
            JOIN applied ON applied.workspace_id = early_fact.workspace_id AND applied.event_id = early_fact.event_id
            WHERE early_fact.workspace_id = %(own)s AND early_fact.subject = ANY(%(me)s::text[])
            UNION
            SELECT applied.workspace_id, applied.event_id, applied.position, applied.participant_id
            FROM applied
            WHERE applied.workspace_id = %(own)s AND applied.event_id = ANY(%(visitor)s::uuid[])
        )
        SELECT event.id::text, event.type, event.source, event.event_id, event.occurred_at, event.received_at,
               event.payload, theirs.participant_id = ANY(%(me)s::uuid[])
        FROM theirs
        JOIN event ON event.workspace_id = %(own)s AND event.id = theirs.event_id
        ORDER BY theirs.position DESC
        LIMIT %(limit)s
        """,
        {"own": workspace_id, "me": array("uuid", me), "visitor": array("uuid", visitor), "limit": EVENTS + 1},
    )
    found, size = [], 0
    for row in _first(rows, EVENTS, "events", cut):
        event = _event(*row)
        size += len(written(event))
        if size > EVENT_BYTES:
            cut.append("events")
            break
        found.append(event)
    return found


def _event(
    id: str,
    kind: str,
    source: str,
    event_id: str,
    occurred_at: datetime,
    received_at: datetime,
    payload: Mapping[str, Any],
    own: bool,
) -> dict[str, Any]:
    event: dict[str, Any] = {
        "id": ids.public("evt", id),
        "type": kind,
        "source": source,
        "event_id": event_id,
        "occurred_at": occurred_at,
        "received_at": received_at,
    }
    named = payload.get("participant") or (payload.get("erased") or {}).get("participant")
    properties: Mapping[str, Any] = payload["properties"]
    mine = own and bool(named)
    if mine:
        event |= {name: payload[name] for name in ("participant", "account") if name in payload}
    if mine and kind in (CLAIMED, "referral.submitted"):
        event["properties"] = {name: value for name, value in properties.items() if name not in ("referred", "need")}
    elif mine or (not own and not named):
        event["properties"] = properties
    elif not own and kind == "referral.submitted":
        event["properties"] = {name: properties[name] for name in ("referred", "need") if name in properties}
    else:
        event["properties"] = {name: properties[name] for name in _PLAIN if name in properties}
    return event


# Decisions


def _decisions(workspace_id: str, me: set[str], cut: list[str]) -> list[dict[str, Any]]:
    rows = fetch(
        """
        WITH theirs AS (
            SELECT decision.id
            FROM applied
            JOIN decision ON decision.workspace_id = applied.workspace_id AND decision.event_id = applied.event_id
            WHERE applied.workspace_id = %(own)s AND applied.participant_id = ANY(%(me)s::uuid[])
            UNION
            SELECT decision.id
            FROM referral
            JOIN decision ON decision.workspace_id = referral.workspace_id AND decision.referral_id = referral.id
            WHERE referral.workspace_id = %(own)s
              AND (referral.referrer_id = ANY(%(me)s::uuid[]) OR referral.referred_id = ANY(%(me)s::uuid[]))
        )
        SELECT decision.id::text, decision.event_id::text, event.type, program.key, version.number, decision.outcome,
               decision.reason, decision.occurred_at, decision.referral_id::text, decision.trace,
               coalesce(referral.referrer_id = ANY(%(me)s::uuid[]), false),
               coalesce(referral.referred_id = ANY(%(me)s::uuid[]), false),
               coalesce(applied.participant_id = ANY(%(me)s::uuid[]), false) AND event.payload ? 'participant'
        FROM theirs
        JOIN decision ON decision.workspace_id = %(own)s AND decision.id = theirs.id
        JOIN event ON event.workspace_id = decision.workspace_id AND event.id = decision.event_id
        LEFT JOIN program ON program.workspace_id = decision.workspace_id AND program.id = decision.program_id
        LEFT JOIN program_version AS version ON version.workspace_id = decision.workspace_id
                                            AND version.id = decision.version_id
        LEFT JOIN referral ON referral.workspace_id = decision.workspace_id AND referral.id = decision.referral_id
        LEFT JOIN applied ON applied.workspace_id = decision.workspace_id AND applied.event_id = decision.event_id
        ORDER BY decision.occurred_at DESC, decision.id DESC
        LIMIT %(limit)s
        """,
        {"own": workspace_id, "me": array("uuid", me), "limit": DECISIONS + 1},
    )
    return [_decision(me, *row) for row in _first(rows, DECISIONS, "decisions", cut)]


def _decision(
    me: set[str],
    id: str,
    event_id: str,
    kind: str,
    program: str | None,
    version: int | None,
    outcome: str,
    reason: str,
    occurred_at: datetime,
    referral_id: str | None,
    trace: Mapping[str, Any] | None,
    referrer: bool,
    referred: bool,
    own: bool,
) -> dict[str, Any]:
    readable = tuple(
        group
        for group, theirs in (
            ("referrer.", referrer),
            ("account.", referrer),
            ("referred.", referred),
            ("referral.properties", referred),
            ("event.", own),
            ("history.", referred or own),
            ("program.", True),
        )
        if theirs
    )
    found: dict[str, Any] = {
        "id": ids.public("dec", id),
        "event": ids.public("evt", event_id),
        "event_type": kind,
        "program": program,
        "version": version,
        "outcome": outcome,
        "reason": reason,
        "text": participant_text(reason),
        "campaigns": sorted({line["campaign"] for line in (trace or {}).get("rewards", ()) if line.get("campaign")}),
        "occurred_at": occurred_at,
        "referral": ids.public("ref", referral_id) if referral_id else None,
        "checks": [
            {
                "code": line["code"],
                "ok": line["ok"],
                "read": {name: value for name, value in (line.get("read") or {}).items() if name.startswith(readable)},
            }
            for line in (trace or {}).get("checks", ())
        ],
        "rewards": [
            {name: line[name] for name in _TOLD if name in line}
            for line in (trace or {}).get("rewards", ())
            if (line.get("to") == "referred") == referred or "to" not in line
        ],
    }
    return found


_TOLD = ("rule", "ok", "reason", "amount", "unit", "netted", "owed")
"""What of a decision's line about a reward is told."""


# What left


def _messages(workspace_id: str, events: set[str], me: set[str], cut: list[str]) -> list[dict[str, Any]]:
    """What the outbox told, or will tell, of the person; by the time in their ids, the decisions' own."""
    public = [ids.public("par", id) for id in sorted(me)]
    about = Q()
    for name in ("participant", "referrer", "referred"):
        about |= Q(**{f"payload__{name}__in": public})
    rows = Outbox.objects.filter(
        about, workspace_id=workspace_id, event_id__in=[ids.internal("evt", event) for event in events]
    ).order_by("-id")[: MESSAGES + 1]
    return [
        {
            "topic": row.topic,
            "created_at": row.created_at,
            "delivered_at": row.delivered_at,
            "payload": {name: value for name, value in row.payload.items() if not _somebody(value, public)},
        }
        for row in _first(rows, MESSAGES, "messages", cut)
    ]


def _somebody(value: Any, mine: Sequence[str]) -> bool:
    return isinstance(value, str) and value.startswith("par_") and value not in mine


def _erasures(workspace_id: str, me: set[str]) -> list[dict[str, Any]]:
    rows = Erasure.objects.filter(workspace_id=workspace_id, participant_id__in=me).order_by("-erased_at")
    return [
        {"id": ids.public("ers", row.id), "requested_at": row.requested_at, "erased_at": row.erased_at} for row in rows
    ]
