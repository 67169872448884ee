"""What is held about a person as a page of its own: no script, nothing fetched, good on a phone and on paper."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, override

from goodword.console import labels
from goodword.domain import money
from goodword.domain.reasons import participant_text
from goodword.insight import export

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:start;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #8884}
td:last-child{overflow-wrap:anywhere}
thead th{font-weight:600;border-bottom-width:2px}
.quiet{opacity:.75}
@media(max-width:40rem){thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
tr,td,tbody th{display:block;border:0;padding:.1rem 0}tr{border-bottom:1px solid #8886;padding:.5rem 0}
td[data-name]::before{content:attr(data-name) ": ";font-weight:600}}
@media print{body{max-width:none;padding:0;font-size:10pt}tr{break-inside:avoid}h2{break-after:avoid}}
"""
POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"


@dataclass(frozen=True, slots=True)
class Section:
    """One table: its columns, and rows of texts beside their column's name."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[tuple[str, str]]]
    whole: bool


def page(document: Mapping[str, Any], language: str | None = None) -> str:
    """The document of `insight.export` as HTML, in that language or the present one."""
    with override(language or get_language() or "en"):
        person = document["participant"]
        return render_to_string(
            "console/person_page.html",
            {
                "language": get_language(),
                "style": SafeString(STYLE),
                "policy": POLICY,
                "name": person["name"] or person["email"] or person["external_id"] or person["id"],
                "exported_at": _time(document["exported_at"]),
                "facts": _facts(document),
                "sections": [section for section in _sections(document) if section.rows],
                "empty": [section.title for section in _sections(document) if not section.rows],
            },
        )


def _facts(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    person, account = document["participant"], document["account"] or {}
    found = [
        (gettext("Id"), person["id"]),
        (gettext("External id"), _text(person["external_id"])),
        (gettext("Name"), person["name"]),
        (gettext("E-mail"), person["email"]),
        (gettext("Account"), account.get("name") or account.get("external_id") or ""),
        (gettext("First seen"), _time(person["first_seen_at"])),
        *((name, _text(value)) for name, value in person["traits"].items()),
        *(
            (gettext("Also known as"), one["external_id"] or one["email"] or one["name"] or one["id"])
            for one in document["merged"]
        ),
        *((gettext("Erased"), _time(one["erased_at"])) for one in document["erasures"]),
    ]
    return [(name, value) for name, value in found if value]


def _program(row: Mapping[str, Any]) -> str:
    return gettext("%(program)s (test mode)") % row if row["test"] else str(row["program"])


def _sections(document: Mapping[str, Any]) -> list[Section]:
    cut = set(document["not_whole"])

    def section(name: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Section:
        return Section(title, columns, [list(zip(columns, row, strict=True)) for row in rows], name not in cut)

    zones: Mapping[str, str] = document.get("timezones", {})

    def at(row: Mapping[str, Any], field: str) -> str:
        """A moment in the zone of the program that it is about."""
        return _time(row[field], zones.get(row["program"] or "", "UTC"))

    time, program, state, what = gettext("Time"), gettext("Program"), gettext("State"), gettext("What")
    amount, source = gettext("Amount"), gettext("What it says")
    return [
        section(
            "links", gettext("Links"), (gettext("Code"), program, time),
            ((row["code"], row["program"], at(row, "created_at")) for row in document["links"]),
        ),
        section(
            "clicks", gettext("Clicks"), (time, what, source),
            (
                (
                    _time(row["clicked_at"]), row["kind"],
                    _text({name: row[name] for name in ("device", "referrer", "language", "utm", "ip") if row[name]}),
                )
                for row in document["clicks"]
            ),
        ),
        *(
            section(
                name, title, (time, program, state, gettext("Value"), source),
                (
                    (
                        at(row, "submitted_at"), _program(row), labels.state("referral", row["state"])[0],
                        _amount(row["value"], row["currency"]), _text(row.get("told") or ""),
                    )
                    for row in document[name]
                ),
            )
            for name, title in (
                ("referrals_made", gettext("Referrals you made")), ("referrals_received", gettext("Referrals of you")),
            )
        ),
        *(
            section(
                name, title, (time, program, state, source),
                (
                    (
                        at(row, "claimed_at"), row["program"], labels.state("claim", row["state"])[0],
                        _text({name: row[name] for name in told if row[name]} or ""),
                    )
                    for row in document[name]
                ),
            )
            for name, title, told in (
                ("claims_made", gettext("Claims you made"), export.PROOF),
                ("claims_received", gettext("Claims that somebody brought you"), ("referred",)),
            )
        ),
        section(
            "rewards", gettext("Rewards"), (time, program, what, amount, state),
            (
                (
                    at(row, "granted_at"), _program(row), labels.gift(row["gift"]),
                    _amount(row["amount"], row["unit"]), labels.state("reward", row["state"])[0],
                )
                for row in document["rewards"]
            ),
        ),
        section(
            "entitlements", gettext("Entitled to"), (what, program, gettext("Kind"), gettext("From"), gettext("Until")),
            (
                (
                    row["name"], row["program"], labels.word(labels.RIGHTS, row["kind"]),
                    *(_time(row[name], row["timezone"]) if row[name] else "" for name in ("since", "until")),
                )
                for row in document["entitlements"]
            ),
        ),
        section(
            "balances", gettext("Balances"),
            (gettext("Available"), gettext("Held"), gettext("Handed over"), gettext("Owed back")),
            (
                [_amount(row[name], row["unit"]) for name in ("available", "reserved", "issued", "owed")]
                for row in document["balances"]
            ),
        ),
        section(
            "statement", gettext("Movements"), (time, what, program, amount),
            (
                (
                    at(row, "effective_at"), labels.word(labels.TRANSFERS, row["code"]), row["program"],
                    _amount(row["amount"], row["unit"]),
                )
                for row in document["statement"]
            ),
        ),
        section(
            "events", gettext("Events"), (time, what, source),
            ((_time(row["occurred_at"]), row["type"], _said(row)) for row in document["events"]),
        ),
        section(
            "decisions", gettext("Decisions"), (time, program, what, gettext("Reason")),
            (
                (
                    at(row, "occurred_at"), row["program"] or "", row["event_type"],
                    _verdict(row),
                )
                for row in document["decisions"]
            ),
        ),
        section(
            "messages", gettext("Messages"), (time, what, source),
            ((_time(row["created_at"]), row["topic"], _text(row["payload"])) for row in document["messages"]),
        ),
    ]  # fmt: skip


def _verdict(decision: Mapping[str, Any]) -> str:
    """The plain sentence of a decision, and the campaigns that had a part in it."""
    said = [gettext(participant_text(decision["reason"]))]
    said += [gettext(participant_text("netted"))] if any(line.get("netted") for line in decision["rewards"]) else []
    said += [gettext("Campaign: %(name)s") % {"name": name} for name in decision["campaigns"]]
    return " ".join(said)


def _said(event: Mapping[str, Any]) -> str:
    return _text({name: event[name] for name in ("participant", "account", "properties") if event.get(name)} or "")


def _time(moment: datetime, zone: str = "UTC") -> str:
    return labels.moment(moment, zone)


def _amount(amount: int | None, unit: str) -> str:
    if amount is None:
        return ""
    shown = money.display(amount, unit, get_language() or "en").removesuffix(f" {unit}")
    return f"{shown} {labels.unit(unit, amount)}"


def _text(value: Any) -> str:
    """A value as it is read: names and values one after another, what is inside another in brackets."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_inner(held)}" for name, held in value.items())
    return ", ".join(map(_inner, value)) if isinstance(value, list) else str(value)


def _inner(value: Any) -> str:
    return f"({_text(value)})" if isinstance(value, Mapping | list) else _text(value)
