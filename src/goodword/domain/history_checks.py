"""What no single field tells of counts and experiments, and of the conditions and amounts that read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from goodword.domain.conditions import DECLARED, FIELDS, Condition
from goodword.domain.document import Document
from goodword.domain.event_names import COUNTED, event_faults
from goodword.domain.experiments import Experiment
from goodword.domain.faults import Fault
from goodword.domain.history import HistoryCount

_COMPARED = re.compile(
    r"experiment\.(\w+)\s*(?:[=!]=\s*(?:'([^'\\]*)'|\"([^\"\\]*)\")|in\s*\[((?:[^\]'\"]|'[^']*'|\"[^\"]*\")*)\])"
)
_TEXTS = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def history_faults(document: Document) -> Iterable[Fault]:
    """What is wrong with counts, with experiments, and with what conditions and amounts read of them."""
    for index, entry in enumerate(document.history):
        yield from _count_faults(f"history.{index}", entry, document)
    yield from _unique("history", [entry.id for entry in document.history])
    for index, experiment in enumerate(document.experiments):
        yield from _experiment_faults(f"experiments.{index}", experiment, document)
    yield from _unique("experiments", [experiment.id for experiment in document.experiments])
    experiments = {experiment.id: experiment for experiment in document.experiments}
    known = {
        "history": [*sorted(FIELDS["history"]), *(entry.id for entry in document.history)],
        "experiment": [*experiments],
    }
    for path, expression in _expressions(document):
        for names in expression.paths:
            if names[0] in DECLARED and names[1] not in known[names[0]]:
                yield _unknown(path, expression, names, known[names[0]])
        yield from _variant_faults(path, expression, experiments)
        yield from (Fault(path, code, told, expression.source) for code, told in expression.doubts())


def _count_faults(path: str, entry: HistoryCount, document: Document) -> Iterable[Fault]:
    if entry.id in FIELDS["history"]:
        told = f"{entry.id!r} is counted for everybody, for ever; choose another name, such as recent_{entry.id}"
        yield Fault(f"{path}.id", "duplicate", told, entry.id)
    if (entry.count is None) == (entry.sum is None):
        yield Fault(path, "count_or_sum", "say either count or sum, with the type of event")
    else:
        yield from event_faults(f"{path}.{'count' if entry.count else 'sum'}", entry.event, COUNTED, document)
    if entry.count and "of" in entry.model_fields_set:
        yield Fault(f"{path}.of", "not_allowed", "of is what is added up; it stands beside sum", entry.of)
    if entry.every and entry.within:
        yield Fault(f"{path}.within", "not_allowed", "say either every or within", entry.within.text)
    if entry.within and (entry.within.months or entry.within.seconds):
        told = "a window is of whole days, such as P30D or P4W"
        yield Fault(f"{path}.within", "not_allowed", told, entry.within.text)
    yield from _whose_faults(path, entry.whose, document)


def _experiment_faults(path: str, experiment: Experiment, document: Document) -> Iterable[Fault]:
    yield from _unique(f"{path}.variants", [variant.id for variant in experiment.variants])
    yield from _whose_faults(path, experiment.whose, document)


def _whose_faults(path: str, whose: str | None, document: Document) -> Iterable[Fault]:
    if whose and document.kind == "loyalty":
        told = f"there is no {whose} in a loyalty program; it is about the participant, so leave whose out"
        yield Fault(f"{path}.whose", "not_allowed", told, whose)


def _unique(path: str, names: list[str]) -> Iterable[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault(f"{path}.{index}.id", "duplicate", f"{name!r} is used twice; each needs its own", name)


def _unknown(path: str, expression: Condition, names: tuple[str, ...], known: list[str]) -> Fault:
    near = get_close_matches(names[1], known, n=1)
    told = f"unknown fact {names[0]}.{names[1]}; " + (f"did you mean {near[0]}? " if near else "")
    part = "history" if names[0] == "history" else "experiments"
    told += f"Known: {', '.join(sorted(known)) or 'none'}; the document declares others under {part}"
    return Fault(path, "cel_unknown_name", told, expression.source)


def _variant_faults(path: str, expression: Condition, experiments: Mapping[str, Experiment]) -> Iterable[Fault]:
    """A comparison with a variant that does not exist is never true, and nobody would be told."""
    for found in _COMPARED.finditer(expression.source):
        experiment = experiments.get(found[1])
        listed = [one or other for one, other in _TEXTS.findall(found[4])] if found[4] is not None else []
        known = [variant.id for variant in experiment.variants] if experiment else []
        for name in listed or [found[2] or found[3] or ""]:
            if experiment and name not in known:
                near = get_close_matches(name, known, n=1)
                told = f"unknown variant {name!r} of {found[1]}; " + (f"did you mean {near[0]}? " if near else "")
                yield Fault(path, "unknown_variant", f"{told}Known: {', '.join(known)}", expression.source)


def _expressions(document: Document) -> Iterator[tuple[str, Condition]]:
    """Every condition and expression of the document with its path."""
    for name in type(document).model_fields:
        yield from _within(name, getattr(document, name))


def _within(path: str, value: Any) -> Iterator[tuple[str, Condition]]:
    if isinstance(value, Condition):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, written in _holding(type(value)):
            if (part := getattr(value, name)) is not None:
                yield from _within(f"{path}.{written}", part)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _within(f"{path}.{index}", entry)


@cache
def _holding(part: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """The fields of a part that can hold an expression, somewhere within, and how a document writes them."""
    fields = part.model_fields.items()
    return tuple((name, field.alias or name) for name, field in fields if _can_hold(field.annotation))


def _can_hold(annotation: Any) -> bool:
    if not isinstance(annotation, type):
        return any(map(_can_hold, get_args(annotation)))
    if issubclass(annotation, BaseModel):
        return bool(_holding(annotation))
    return issubclass(annotation, Condition)
