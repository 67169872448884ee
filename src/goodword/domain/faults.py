"""What is wrong with a document, in words: each fault with its path, what is allowed, and the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from goodword.domain import other_words, spelling
from goodword.domain.bounds import Campaign, Change
from goodword.domain.conditions import ConditionError
from goodword.domain.document import Document
from goodword.domain.gifts import FORMS, ByTier, Share
from goodword.domain.shared import ByTrait, EventMetric

MAX_FAULTS = 50
"""Faults of one document that are told at once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document: where (dotted path), what (stable code), what to do, and the value."""

    path: str
    code: str
    message: str
    value: Any = None


def first_of(faults: Iterable[Fault]) -> list[Fault]:
    """The first faults, and that there are more where there are."""
    found = list(islice(faults, MAX_FAULTS + 1))
    if len(found) <= MAX_FAULTS:
        return found
    return [*found[:MAX_FAULTS], Fault("", "more_faults", f"more than {MAX_FAULTS} are wrong; mend these first")]


class ProgramError(ValueError):
    """A document that cannot be a program. `faults` has the reasons, as many as `first_of` tells."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults = [_with_value(fault) for fault in faults]
        super().__init__("\n".join(f"{fault.path or 'document'}: {fault.message}" for fault in faults))


def _with_value(fault: Fault) -> Fault:
    """The fault with its value in its message, where that is short and not said yet."""
    shown = repr(fault.value)
    if type(fault.value) not in (str, int, float) or len(shown) > 60:
        return fault
    if re.search(rf"(?<!\w){re.escape(str(fault.value))}(?!\w)", fault.message):
        return fault
    return replace(fault, message=f"{shown}: {fault.message}")


_EXPECTED = {
    "string_type": "expected a text",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "list_type": "expected a list",
}
"""By pydantic's type of an error, what is allowed."""
_NAMED_PARTS = frozenset({"dict_type", "model_type", "model_attributes_type"})
_MONEY = frozenset({"amount", "floor", "ceiling", "budget", "above", "add", "set", "minimum", "by_tier"})
"""Keys under which a whole number is an amount of minor units."""


_FORMS: Mapping[str, type[BaseModel]] = {form.__name__: form for form in FORMS}
_FORM_OF: Mapping[str, str] = {next(iter(form.model_fields)): name for name, form in _FORMS.items()}
"""By its first key, the form of an amount."""
_PARTS: Mapping[str, type[BaseModel]] = {part.__name__: part for part in (EventMetric, ByTrait)}
"""What may stand in the place of a word."""
_MEMBERS = {**_FORMS, **_PARTS}
_UNION_TAGS = frozenset({*_FORMS, *_PARTS, "constrained-int", "int", "float", "bool", "constrained-str"})


def _is_tag(part: Any) -> bool:
    """Whether a part of pydantic's location is the name of a union's member, which no author wrote."""
    return part in _UNION_TAGS or str(part).startswith("literal[")


def meant(error: ValidationError, source: Any) -> list[Any]:
    """The errors of the union member that the author meant: an object is never meant as a number, and the first key
    of a form says which form is meant."""
    return [item for item in error.errors(include_url=False) if _is_meant(item["loc"], source)]


def _is_meant(location: tuple[Any, ...], source: Any) -> bool:
    here = source
    if location[-1:] == ("int",):
        return False  # a number that may have a fraction is told so by its other half
    for part in location:
        if part in _FORMS or part == "constrained-int":
            if part != _form(here):
                return False
        elif part in _PARTS:
            if not isinstance(here, dict):
                return False
        elif part in ("bool", "constrained-str"):
            if isinstance(here, str) == (part == "bool") or _word_meant(location, here):
                return False
        elif _is_tag(part):
            if isinstance(here, dict) or (location[-2:-1] == ("since",) and not _word_meant(location, here)):
                return False
        else:
            here = inner(here, part)
    return True


def _word_meant(location: tuple[Any, ...], value: Any) -> bool:
    """Whether a word is meant where a type of event may stand too."""
    return location[-2:-1] == ("since",) and "." not in str(value)


def inner(value: Any, part: Any) -> Any:
    """What stands under a key or at a place, if anything does."""
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def _form(value: Any) -> str:
    """The form of an amount as it is meant, by its first key or the nearest spelling of one."""
    if not isinstance(value, dict):
        return "constrained-int"
    keys = [*value, *(near for key in value for near in get_close_matches(str(key), _FORM_OF, n=1))]
    return next((_FORM_OF[key] for key in keys if key in _FORM_OF), "ByTier")


def fault_of(item: Any, source: Any) -> Fault:
    """A schema error in words, with the path as the author wrote it."""
    location = written(item["loc"], source)
    path = ".".join(str(part) for part in location)
    kind, value = item["type"], item.get("input")
    shown = value if isinstance(value, str | int | float | bool) or value is None else None
    if kind == "extra_forbidden":
        return Fault(path, "unknown_key", f"unknown key {str(location[-1])[:60]!r}; {_allowed_keys(item['loc'])}")
    if kind == "missing":
        return Fault(path, "missing", "is missing")
    if kind in _NAMED_PARTS:
        empty = "is empty; " if value is None else ""
        return Fault(path, "wrong_type", empty + _named_parts(item["loc"], value), shown)
    if kind == "literal_error":
        expected = allowed_words(item)
        near = nearest(str(value), expected)
        hint = f"; did you mean {near}?" if near else "."
        if value == "both" and "referred" in expected:
            hint = "; for both write a reward for each."
        if (rolling := spelling.duration(value)) and "within" in keys_at(item["loc"]):
            hint = f"; for a rolling period write within: {rolling}."
        return Fault(
            path,
            "not_allowed",
            f"{str(value)[:60]!r} is not allowed{hint} Allowed: {', '.join(expected)}",
            shown,
        )
    error = item.get("ctx", {}).get("error")
    if isinstance(error, ConditionError):
        slip = spelling.expression(value) if error.code == "cel_syntax" and isinstance(value, str) else ""
        return Fault(path, error.code, f"{slip} ({error})" if slip else str(error), shown)
    if kind in ("greater_than_equal", "greater_than", "less_than_equal"):
        bound = next(iter(item["ctx"].values()))
        word = {"greater_than_equal": "at least", "greater_than": "more than", "less_than_equal": "at most"}[kind]
        code = "negative_amount" if isinstance(value, int) and value < 0 else "out_of_range"
        return Fault(path, code, f"{value} is not allowed; it must be {word} {bound}", shown)
    if kind == "string_pattern_mismatch":
        told = spelling.pattern(str(value), item["ctx"]["pattern"])
        return Fault(path, "bad_text", f"{str(value)[:60]!r}: {told}", shown)
    if kind == "int_type":
        told = spelling.whole_number(value, of_money=bool(_MONEY & {*map(str, location[-2:])}))
        if location[-1] == "place" and isinstance(value, list):
            told += spelling.question(f"places: {value}")
        return Fault(path, "wrong_type", f"{str(value)[:60]!r}: {told}" if type(value) is str else told, shown)
    if kind == "float_type":
        return Fault(path, "wrong_type", spelling.number(value), shown)
    if kind == "bool_type" and str(value).strip().lower() in ("true", "false", "yes", "no"):
        right = "true" if str(value).strip().lower() in ("true", "yes") else "false"
        return Fault(path, "wrong_type", f"expected true or false; did you mean {right}, without quotes?", shown)
    told = _EXPECTED.get(kind) or _sized(item) or item["msg"].removeprefix("Value error, ")
    if value is None:
        told = f"is empty; {told}"
    if kind == "list_type":
        told += f"; did you mean [{value[:60]}]?" if isinstance(value, str) else ", an entry for each part"
    return Fault(path, "wrong_type", told, shown)


_SIZES = {
    "too_short": "{actual_length} entries; at least {min_length} must be given",
    "too_long": "{actual_length} entries; at most {max_length} are allowed",
    "string_too_short": "must not be empty",
    "string_too_long": "at most {max_length} characters are allowed",
}


def _sized(item: Any) -> str:
    """How long a list or text may be, where that is what is wrong with it."""
    return _SIZES.get(item["type"], "").format(**item.get("ctx", {}))


def allowed_words(item: Any) -> list[str]:
    """The words that are allowed where another stands."""
    return [part.strip(" '") for part in item["ctx"]["expected"].replace(" or ", ", ").split(",")]


def _named_parts(location: tuple[Any, ...], value: Any) -> str:
    """What is expected where named parts are, by their keys; a lone type of event is what such a part is on."""
    keys = keys_at((*location, ""))
    told = f"expected named parts: {', '.join(keys)}" if keys else "expected named parts"
    return told + spelling.question(spelling.part(str(location[-1]), keys, value))


def nearest(word: str, known: Iterable[str], at_least: float = 0.6) -> str:
    """What another word for it is called here, or the nearest of the known spellings, whatever the case of its letters;
    '' where none is that near."""
    known = list(known)
    if found := other_words.ours(word, known):
        return found
    return next(iter(get_close_matches(word.strip().lower(), known, n=1, cutoff=at_least)), "")


def written(location: Iterable[Any], source: Any) -> list[Any]:
    """Pydantic's location without the names of union members, which no author wrote."""
    found: list[Any] = []
    here = source
    for part in location:
        if _is_tag(part):
            continue
        if isinstance(here, dict) and isinstance(part, str):
            found.append(part)
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            found.append(part)
            here = here[part]
    return found or list(location)


def keys_at(location: tuple[Any, ...]) -> list[str]:
    """The keys that are allowed where one stands, by pydantic's location of it."""
    model: Any = Document
    for part in location[:-1]:
        if isinstance(part, int) or (_is_tag(part) and part not in _MEMBERS):
            continue
        model = _child(model, str(part))
        if model is None:
            return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _allowed_keys(location: tuple[Any, ...]) -> str:
    """The same in words, the nearest first."""
    keys = keys_at(location)
    key = str(location[-1])
    near = nearest(key, keys)
    hint = f"did you mean {near}? " if near else ""
    if not near and (inside := [name for name in keys if key in keys_at((*location[:-1], name, ""))]):
        hint = f"it stands under {' or '.join(inside)}. "
    return f"{hint}Allowed here: {', '.join(keys)}"


def _child(model: Any, name: str) -> Any:
    """The model behind a field, or behind the entries of a mapping."""
    if model in _MAPPED_MODELS:
        return _MAPPED_MODELS[model]
    if name in _MEMBERS:
        return _MEMBERS[name]
    if model is Campaign and name == "rewards":
        return _Changes
    if model is ByTier and name == "by_tier":
        return _TierAmounts
    field = next(field for key, field in model.model_fields.items() if name in (key, field.alias))
    return _models_in(field.annotation)


class _Changes:
    """Stands for the mapping from rule to change in a campaign, while an unknown key is located."""

    model_fields: Mapping[str, Any] = {}


class _TierAmounts:
    """Stands for the mapping from tier to amount, likewise."""

    model_fields: Mapping[str, Any] = {}


_MAPPED_MODELS: Mapping[Any, Any] = {_Changes: Change, _TierAmounts: Share}


def _models_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _models_in(inner)
        if found:
            return found
    return None


def unknown(path: str, word: str, name: str, known: list[str]) -> Fault:
    """A name that nothing has, with the nearest that something has."""
    return Fault(
        path,
        f"unknown_{word}",
        f"unknown {word} {name!r}; {near(name, known, 'choose another.')} Known: {', '.join(known) or 'none'}",
        name,
    )


def near(name: str, known: Iterable[str], otherwise: str) -> str:
    """The nearest spelling as a question, or what to say where none is near."""
    found = get_close_matches(name, list(known), n=1)
    return f"did you mean {found[0]}?" if found else otherwise
