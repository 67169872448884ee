"""Rows and views as the API shows them: public ids, keys instead of inner ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from goodword.domain import ids
from goodword.domain.wording import Change
from goodword.engine import programs
from goodword.engine.erase import Receipt
from goodword.insight import ledger, standing, traces
from goodword.insight.contests import ContestView
from goodword.insight.explained import DecisionView, Explanation
from goodword.insight.partner_statements import Line, Statement
from goodword.insight.programs import Compared
from goodword.store import models


def public(prefix: str, id_: UUID | str | None) -> str | None:
    """The public id, or None for none."""
    return ids.public(prefix, id_) if id_ else None


def person(row: models.Participant) -> dict[str, Any]:
    return {
        "id": public("par", row.id),
        "external_id": row.external_id,
        "email": row.email,
        "name": row.name,
    }


def participant(row: models.Participant) -> dict[str, Any]:
    """A participant; its account and those merged into it are loaded with it."""
    account = row.account
    return {
        **person(row),
        "account": {
            "id": public("acc", account.id),
            "external_id": account.external_id,
            "name": account.name,
        }
        if account
        else None,
        "traits": row.traits,
        "first_seen_at": row.first_seen_at,
        "updated_at": row.updated_at,
        "merged": [person(one) for one in sorted(row.merged.all(), key=lambda one: one.id)],
    }


def receipt(done: Receipt) -> dict[str, Any]:
    """The receipt of an erasure."""
    facts = asdict(done)
    return {
        "id": public("ers", done.id),
        "participant": public("par", facts.pop("participant_id")),
        "event": public("evt", facts.pop("event_id")),
        **{name: value for name, value in facts.items() if name != "id"},
    }


def referral(row: models.Referral) -> dict[str, Any]:
    """A referral; program, version, referrer and referred are loaded with it."""
    return {
        "id": public("ref", row.id),
        "external_id": row.external_id,
        "program": row.program.key,
        "version": row.version.number,
        "state": row.state,
        "reason": row.reason,
        "referrer": person(row.referrer),
        "referred": person(row.referred),
        "source": row.source,
        "value": row.value,
        "currency": row.version.document["currency"],
        "properties": row.properties,
        "simulated": row.simulated,
        "test": row.program.test,
        "submitted_at": row.submitted_at,
        "qualified_at": row.qualified_at,
        "opportunity_at": row.opportunity_at,
        "closed_at": row.closed_at,
        "expires_at": row.expires_at,
        "updated_at": row.updated_at,
    }


def reward(row: models.Reward) -> dict[str, Any]:
    """A reward; program, version and participant are loaded with it."""
    return {
        "id": public("rwd", row.id),
        "program": row.program.key,
        "version": row.version.number,
        "rule": row.rule,
        "participant": person(row.participant),
        "referral": public("ref", row.referral_id),
        "state": row.state,
        "reason": row.reason,
        "gift": row.gift,
        "amount": row.amount,
        "unit": row.unit,
        "reversed": row.reversed,
        "netted": row.basis.get("netted", 0),
        "needs_approval": row.needs_approval,
        "simulated": row.simulated,
        "test": row.program.test,
        "hold_until": row.hold_until,
        "granted_at": row.granted_at,
        "approved_at": row.approved_at,
        "issued_at": row.issued_at,
        "ended_at": row.ended_at,
        "expires_at": row.expires_at,
        "notify_by": row.notify_by,
        "fulfil_by": row.fulfil_by,
        "source_id": row.basis.get("source_id"),
        "source_state": row.basis.get("source_state"),
        "updated_at": row.updated_at,
    }


def decision(row: models.Decision) -> dict[str, Any]:
    """A decision; program and version are loaded with it."""
    return {
        "id": public("dec", row.id),
        "event": public("evt", row.event_id),
        "program": row.program.key if row.program else None,
        "version": row.version.number if row.version else None,
        "test": bool(row.program and row.program.test),
        "outcome": row.outcome,
        "reason": row.reason,
        "participant": public("par", row.participant_id),
        "referral": public("ref", row.referral_id),
        "occurred_at": row.occurred_at,
        "trace": traces.public(row.trace) if row.trace is not None else None,
    }


def _decision_of(view: DecisionView, event: Explanation) -> dict[str, Any]:
    return {
        "id": view.public_id,
        "event": event.public_id,
        "program": view.program or None,
        "version": view.version,
        "test": view.test,
        "outcome": view.outcome,
        "reason": view.reason,
        "participant": public("par", view.participant_id),
        "referral": view.referral.public_id if view.referral else None,
        "occurred_at": view.occurred_at,
        "trace": traces.public(view.trace) if view.trace else None,
    }


def event(explanation: Explanation) -> dict[str, Any]:
    """An event with its decisions."""
    payload = explanation.payload
    return {
        "id": explanation.public_id,
        "type": explanation.type,
        "event_id": explanation.event_id,
        "source": explanation.source,
        "occurred_at": explanation.occurred_at,
        "received_at": explanation.received_at,
        "participant": payload.get("participant"),
        "account": payload.get("account"),
        "properties": payload.get("properties") or {},
        "status": explanation.status,
        "error": explanation.error,
        "position": explanation.position,
        "applied_at": explanation.applied_at,
        "decisions": [_decision_of(view, explanation) for view in explanation.decisions],
    }


def contest(view: ContestView) -> dict[str, Any]:
    """How a contest stands."""
    return {
        "program": view.program,
        "id": view.id,
        "name": view.name,
        "metric": view.metric,
        "ties": view.ties,
        "state": view.state,
        "starts_at": view.start,
        "ends_at": view.end,
        "final_at": view.final_at,
        "entries": view.entries,
        "ranking": [
            {
                "place": line.place,
                "participant": ids.public("par", line.participant_id),
                "external_id": line.participant.external_id if line.participant else None,
                "score": line.score,
                "at": line.at,
                "tied": line.tied,
                "prizes": list(line.prizes),
            }
            for line in view.lines
        ],
    }


def statement(row: Statement) -> dict[str, Any]:
    """A partner's statement."""
    return row.told()


def statement_line(line: Line) -> dict[str, Any]:
    """One movement on a statement."""
    return asdict(line)


def trial_balance(trial: ledger.TrialBalance) -> dict[str, Any]:
    """A trial balance."""
    return {
        "at": trial.at,
        "balanced": trial.balanced,
        "drifting_accounts": trial.drifting_accounts,
        "units": [
            {
                "unit": unit.unit,
                "balanced": unit.balanced,
                "kinds": [{"kind": row.kind, **asdict(row.sums)} for row in unit.kinds],
                "totals": asdict(unit.totals),
            }
            for unit in trial.units
        ],
    }


def ledger_account(account: ledger.AccountBalance) -> dict[str, Any]:
    """A ledger account with its sums."""
    return {
        "id": public("lac", account.id),
        "kind": account.kind,
        "unit": account.unit,
        "program": account.program,
        "participant": public("par", account.participant_id),
        "posted": account.posted,
        "pending": account.pending,
        **asdict(account.sums),
    }


def program(row: models.Program, state: str, stopped: standing.Move | None) -> dict[str, Any]:
    """A program that stands so, and what stopped it, where it is paused or has ended; its live version is loaded with
    it."""
    return {
        "id": public("prg", row.id),
        "key": row.key,
        "name": row.name,
        "kind": row.kind,
        "test": row.test,
        "live_version": row.live_version.number if row.live_version else None,
        "state": state,
        "settling": row.state == "settling",
        "stopped": {name: getattr(stopped, name) for name in ("at", "by", "reason", "ending")} if stopped else None,
        "created_at": row.created_at,
    }


def draft(row: models.ProgramDraft) -> dict[str, Any]:
    """A draft with its record, without its text."""
    return {
        "id": public("drf", row.id),
        "program": row.key,
        "state": row.state,
        "version": row.number,
        "trail": [{**step, "at": datetime.fromisoformat(step["at"])} for step in row.trail],
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def changes(compared: Compared) -> dict[str, Any]:
    """A document beside a version, in words."""
    return {
        "program": compared.program,
        "against": compared.number,
        "changes": changes_in_words(compared.changes),
    }


def changes_in_words(found: Iterable[Change]) -> list[dict[str, Any]]:
    """Differences as the API shows them."""
    return [
        {
            "kind": change.kind,
            "what": list(change.what),
            "before": change.before,
            "after": change.after,
            "text": change.text,
        }
        for change in found
    ]


def job(row: models.Job, prefix: str) -> dict[str, Any]:
    """A long question, without its own terms and its answer."""
    share = row.done / row.total if row.total else 0.0
    return {
        "id": public(prefix, row.id),
        "state": row.state,
        "program": row.program,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "progress": {
            "done": row.done,
            "total": row.total,
            "share": 1.0 if row.state == "done" else min(share, 1.0),
        },
        "failure": {"code": row.failure, "detail": row.detail} if row.failure else None,
    }


def version(row: models.ProgramVersion, program_row: models.Program, terms: Mapping[str, Any] | None) -> dict[str, Any]:
    """A version of a program, without its document but for its `terms`."""
    live = program_row.live_version
    return {
        "id": public("prv", row.id),
        "program": program_row.key,
        "number": row.number,
        "live": row.id == program_row.live_version_id,
        "due_at": programs.goes_live(row) if live is None or row.number > live.number else None,
        "digest": row.digest,
        "published_at": row.published_at,
        "published_by": row.published_by,
        "terms": {**dict.fromkeys(("version", "text", "url", "tax_note", "since")), "required": False, **terms}
        if terms
        else None,
    }
