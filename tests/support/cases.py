"""Reads the worked cases of the recipes and turns their rows into events as they are sent.

What the words of the files mean stands in src/goodword/recipes/cases/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

import goodword

RECIPES = Path(goodword.__file__).parent / "recipes"
NAMES = tuple(sorted(path.stem for path in (RECIPES / "cases").glob("*.yaml")))
WALL = ZoneInfo("America/New_York")
DOMAIN = "people.example"


class _Loader(yaml.SafeLoader):
    """YAML that leaves dates, times and yes or no as the texts they are."""


_Loader.yaml_implicit_resolvers = {
    letter: [rule for rule in rules if rule[0] not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class Row:
    """One event of a case: when, what is sent (or how the reward it names is found), what must be said, and whether it
    is sent a second time, word for word."""

    at: datetime
    raw: Mapping[str, Any]
    says: str | None
    rules: Mapping[str, str]
    reward: Mapping[str, str] | None = None
    twice: bool = False


@dataclass(frozen=True)
class Case:
    """One worked case. `stages` are its rows up to each `then`, with what must be true there."""

    recipe: str
    title: str
    why: str
    stages: tuple[tuple[tuple[Row, ...], Mapping[str, Any]], ...]

    def __str__(self) -> str:
        return self.title


def email(name: str) -> str:
    """The address of a person of the cases."""
    return f"{name}@{DOMAIN}"


def moment(text: str) -> datetime:
    """A time of the cases: the wall clock in New York, or UTC where it ends in Z."""
    if text.endswith("Z"):
        return datetime.fromisoformat(text).astimezone(UTC)
    return datetime.fromisoformat(text).replace(tzinfo=WALL).astimezone(UTC)


@cache
def source(recipe: str) -> str:
    """The recipe's document as text."""
    return (RECIPES / f"{recipe}.yaml").read_text()


@cache
def cases(recipe: str) -> tuple[Case, ...]:
    """The worked cases of a recipe, each with the facts that come before every case of its file."""
    data = yaml.load((RECIPES / "cases" / f"{recipe}.yaml").read_text(), _Loader)  # a SafeLoader
    assert data["recipe"] == recipe
    reader = _Reader(recipe, data.get("friend", {}))
    given = [row for entry in data["given"] for row in reader.rows(entry)]
    return tuple(_case(recipe, entry, given, reader) for entry in data["cases"])


def _case(recipe: str, entry: Mapping[str, Any], given: list[Row], reader: _Reader) -> Case:
    assert set(entry) == {"title", "why", "events", "then"}, entry["title"]
    stages: list[tuple[tuple[Row, ...], Mapping[str, Any]]] = []
    rows = list(given)
    for step in entry["events"]:
        if set(step) == {"then"}:
            stages.append((tuple(rows), step["then"]))
            rows = []
        else:
            rows += reader.rows(step)
    stages.append((tuple(rows), entry["then"]))
    return Case(recipe, entry["title"], entry["why"], tuple(stages))


class _Reader:
    """Turns rows into events; numbers them, for each needs an id of its own."""

    def __init__(self, recipe: str, friend: Mapping[str, Any]) -> None:
        self.recipe = recipe
        self.friend = friend
        self.count = 0

    def rows(self, entry: Mapping[str, Any]) -> Iterator[Row]:
        entry = dict(entry)
        times = entry.pop("times", 1)
        for number in range(1, times + 1):
            yield self.row(
                {
                    key: value.replace("{n}", str(number)) if isinstance(value, str) else value
                    for key, value in entry.items()
                }
            )

    def row(self, entry: dict[str, Any]) -> Row:
        self.count += 1
        at = moment(entry.pop("at"))
        says, rules = entry.pop("says", None), entry.pop("rules", {})
        reward = entry.pop("reward", None)
        sent = entry.pop("sent", "once")
        assert sent in ("once", "twice"), f"sent {sent} means nothing"
        raw: dict[str, Any] = {"event_id": f"case-{self.count:05}", "occurred_at": at.isoformat()}
        if reward is not None:
            raw |= {"type": f"reward.{entry.pop('moves')}", "properties": {}}
        else:
            if "gets_link" in entry:
                says = says or "linked"
            raw |= self.event(entry)
        assert not entry, f"words that mean nothing here: {entry}"
        return Row(at, raw, says, rules, reward, sent == "twice")

    def event(self, entry: dict[str, Any]) -> dict[str, Any]:
        who = entry.pop("who", None)
        raw: dict[str, Any] = {}
        if who is not None:
            raw["participant"] = {"external_id": who, "email": email(who)}
        if "clock" in entry:
            entry.pop("clock")
            return {"type": "clock.ticked", "participant": "clock"}
        if "account" in entry:
            return {"type": "account.updated", "account": entry.pop("account"), "properties": entry.pop("facts")}
        if "joins" in entry:
            return raw | {"type": "participant.identified", "account": entry.pop("joins")}
        if "gets_link" in entry:
            properties = {"program": self.recipe, "code": entry.pop("gets_link")}
            return raw | {"type": "link.created", "properties": properties}
        if "signs_up" in entry:
            code = entry.pop("signs_up")
            return raw | {"type": "participant.signed_up", "properties": {"code": code} if code else {}}
        for word, kind in (
            ("orders", "order.completed"),
            ("pays", "invoice.paid"),
            ("is_refunded", "order.refunded"),
        ):
            if word in entry:
                properties = {"value": entry.pop(word), "currency": entry.pop("currency", "USD")}
                if "order" in entry:
                    properties["order_id"] = entry.pop("order")
                return raw | {"type": kind, "properties": properties}
        if "redeems" in entry:
            properties = {"program": self.recipe, "item": entry.pop("redeems")}
            return raw | {"type": "catalogue.redeemed", "properties": properties}
        for word, kind in (("disqualified_from", "contest.disqualified"), ("reinstated_in", "contest.reinstated")):
            if word in entry:
                return raw | {"type": kind, "properties": {"program": self.recipe, "contest": entry.pop(word)}}
        if "submits" in entry:
            return raw | {"type": "referral.submitted", "properties": self.submission(entry)}
        if "referral" in entry:
            kind = entry.pop("type") if "type" in entry else f"referral.{entry.pop('moves')}"
            properties = {"referral": entry.pop("referral")}
            if "value" in entry:
                properties |= {"value": entry.pop("value"), "currency": "USD"}
            return raw | {"type": kind, "properties": properties}
        return raw | {"type": entry.pop("type"), "properties": entry.pop("with", {})}

    def submission(self, entry: dict[str, Any]) -> dict[str, Any]:
        friend = entry.pop("friend")
        person = {**self.friend, "name": friend.title(), "email": email(friend), **entry.pop("but", {})}
        person = {key: value for key, value in person.items() if value is not None}
        return {"program": self.recipe, "referral": entry.pop("submits"), "referred": person}
