"""The form of a simulation: which programmes, how many people, how long, and every parameter of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from goodword.console import simulation_words as words
from goodword.console.access import Place
from goodword.console.documents import TEXT, choices, document_of
from goodword.domain import program as documents
from goodword.domain.document import Document
from goodword.domain.faults import ProgramError
from goodword.domain.program import Program
from goodword.domain.reading import MAX_BYTES
from goodword.insight import simulations
from goodword.insight.simulation import runs as playing
from goodword.insight.simulation.parameters import PARAMETERS, SOURCES, Parameter, SimulationError, settings
from goodword.insight.simulation.world import Plan

SIDES = ("first", "second")
"""The programme, and the one it is compared with."""

_LIKES = ("promoters", "detractors")


@dataclass(frozen=True, slots=True)
class Asked:
    """A parameter as the form shows it. `value` is what is in the field, `default` what holds where it is empty."""

    parameter: Parameter
    name: str
    default: str
    value: str
    about: str
    unit: str
    kinds: str
    source: str
    source_url: str
    note: str
    errors: str

    @property
    def least(self) -> str:
        """The least value."""
        return plain_number(self.parameter.low)

    @property
    def most(self) -> str:
        """The greatest."""
        return plain_number(self.parameter.high)

    @property
    def source_host(self) -> str:
        """Where the source is published."""
        return urlsplit(self.source_url).netloc


@dataclass(frozen=True, slots=True)
class Side:
    """A programme as the form shows it: what is chosen, the text beside it, and what is wrong with it."""

    name: str
    chosen: str
    text: str
    errors: list[str]
    faults: list[tuple[str, str]]


class Question(forms.Form):
    """What is asked. `played` has the documents once the form is valid."""

    customers = forms.IntegerField(min_value=1, max_value=playing.MAX_CUSTOMERS)
    months = forms.IntegerField(min_value=1, max_value=playing.MAX_MONTHS)
    runs = forms.IntegerField(min_value=1, max_value=playing.MAX_RUNS)
    seed = forms.IntegerField(min_value=0, max_value=simulations.LAST_SEED)
    start = forms.DateField(
        required=False, validators=[MinValueValidator(playing.FIRST_DAY), MaxValueValidator(playing.LAST_DAY)]
    )

    def __init__(self, place: Place, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._place = place
        self.offered = choices(place)
        known = [(choice.value, choice.label) for _name, members in self.offered for choice in members]
        for side in SIDES:
            none = [("", "")] if side == "second" else []
            self.fields[side] = forms.ChoiceField(
                required=side == "first",
                choices=[*none, *known, (TEXT, "")],
                error_messages={"required": _("Choose a program."), "invalid_choice": _("It is not there any more.")},
            )
            self.fields[f"{side}_text"] = forms.CharField(required=False, max_length=MAX_BYTES, strip=False)
        for one in PARAMETERS.values():
            self.fields[_field(one)] = forms.FloatField(required=False, min_value=one.low, max_value=one.high)
        self.played: dict[str, tuple[Document, Mapping[str, Any]]] = {}
        self._programs: list[Program] = []
        self.faults: dict[str, list[tuple[str, str]]] = {}

    def clean(self) -> dict[str, Any]:
        """Reads the documents, and says why one cannot be played."""
        found = super().clean() or {}
        for side in SIDES:
            if chosen := found.get(side):
                self._read(side, self.text(side, chosen))
        if len({document.currency for document, _plain in self.played.values()}) > 1:
            self.add_error("second", gettext("The two have different currencies; only like is compared with like."))
        likes = [PARAMETERS[name].default if (given := found.get(f"p_{name}")) is None else given for name in _LIKES]
        if sum(likes) > 1:
            self.add_error(None, gettext("Promoters and detractors are more than everybody: together at most 1."))
        if all(found.get(name) for name in ("customers", "months", "runs")):
            work = simulations.work(found["customers"], found["months"], found["runs"], len(self.played))
            if work > simulations.MAX_WORK:
                wrong = gettext("Customers × months × runs × programs is %(work)s; at most %(most)s are played.")
                self.add_error(None, wrong % {"work": f"{work:,}", "most": f"{simulations.MAX_WORK:,}"})
        return found

    def text(self, side: str, chosen: str) -> str:
        """The document that is meant by a side: the text beside it, or what was chosen."""
        if chosen == TEXT:
            return str(self.cleaned_data.get(f"{side}_text") or "").replace("\r\n", "\n")
        return document_of(self._place, chosen) or ""

    def _read(self, side: str, text: str) -> None:
        try:
            document, plain = documents.read(text)
            self._programs.append(playing.program_of(plain))
            playing.offered(self._programs[-1], settings(), Plan(1, 1, playing.START))
        except ProgramError as error:
            self.faults[side] = [(fault.path, fault.message) for fault in error.faults]
            self.add_error(side, gettext("The document cannot be a program yet; nothing was played."))
        except SimulationError as error:
            self.add_error(side, str(error))
        else:
            self.played[side] = document, plain

    def kept(self) -> tuple[str, dict[str, Any]]:
        """The first program's key, and the question for the worker."""
        found = self.cleaned_data
        changed = {
            name: value
            for name, value in _given(found).items()
            if value is not None and value != PARAMETERS[name].default
        }
        both = [self.played[side] for side in SIDES if side in self.played]
        plain = [document for _read, document in both]
        return both[0][0].program, simulations.question(
            plain, customers=found["customers"], months=found["months"], count=found["runs"], seed=found["seed"],
            start=found["start"] or playing.start_of(self._programs), parameters=changed,
        )  # fmt: skip

    def groups(self) -> list[tuple[str, list[Asked], bool]]:
        """The parameters by group, and whether one of the group is changed or wrong."""
        found = []
        for name, members in groupby(PARAMETERS.values(), key=lambda one: one.group):
            asked = [self._asked(one) for one in members]
            found.append((words.group(name), asked, any(one.value or one.errors for one in asked)))
        return found

    def _asked(self, one: Parameter) -> Asked:
        bound = self[_field(one)]
        value = bound.value()
        source, address = SOURCES.get(one.source, ("", ""))
        return Asked(
            one, bound.html_name, plain_number(one.default), "" if value in (None, "") else str(value),
            gettext(one.about), words.unit(one.unit), words.flow(one.flow), source, address,
            gettext(one.note) if one.note else "",
            " ".join(map(str, bound.errors)),
        )  # fmt: skip

    def numbers(self) -> list[tuple[forms.BoundField, str, str]]:
        """The fields of the question, with their names and what they mean."""
        return [
            (self["customers"], gettext("Customers"), gettext("Who join by themselves; friends come on top.")),
            (self["months"], gettext("Months"), gettext("How long it is played.")),
            (self["runs"], gettext("Runs"), gettext("How often, for the intervals.")),
            (self["seed"], gettext("Seed"), gettext("The same seed, the same people.")),
        ]

    def sides(self) -> list[Side]:
        """Both programmes as the form shows them."""
        return [self._side(name) for name in SIDES]

    def _side(self, name: str) -> Side:
        chosen = self[name].value()
        text = self[f"{name}_text"].value()
        return Side(
            name, chosen or "", text or "", [str(error) for error in self[name].errors], self.faults.get(name, [])
        )


def _field(one: Parameter) -> str:
    return f"p_{one.name}"


def _given(found: Mapping[str, Any]) -> dict[str, float | None]:
    """What was filled in for each parameter."""
    return {name: found.get(_field(one)) for name, one in PARAMETERS.items()}


def filled(parameters: Mapping[str, float]) -> dict[str, str]:
    """The fields of changed parameters."""
    return {_field(PARAMETERS[name]): plain_number(value) for name, value in parameters.items() if name in PARAMETERS}


def plain_number(value: float) -> str:
    """A number as a field for numbers takes it."""
    return f"{value:.10g}" if abs(value) < 1e9 else f"{value:.0f}"
