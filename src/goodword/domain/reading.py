"""A document's text as plain data: YAML or JSON, read strictly (ADR 0009)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from goodword.domain.faults import Fault, ProgramError

MAX_BYTES = 200_000
"""Bytes of one document."""
MAX_DEPTH = 16


class _Loader(yaml.CSafeLoader):
    """YAML with the scalars of YAML 1.2's JSON schema: `on` is a word, a date is a text."""


_Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern) for tag, pattern in rules if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for letter, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _no_duplicates(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _yaml_fault(key_node, "bad_key", f"{key!r} is not a name; keys are texts")
        if key in found:
            raise _yaml_fault(key_node, "duplicate_key", f"{key!r} stands twice; keep one")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _yaml_fault(place: yaml.Node | yaml.Event, code: str, message: str) -> ProgramError:
    where = f"line {place.start_mark.line + 1}" if place.start_mark else ""
    return ProgramError([Fault(where, code, message)])


_Loader.add_constructor("tag:yaml.org,2002:map", _no_duplicates)


def plain(text: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    """The document as plain data. Raises `ProgramError` where it is not a set of named parts."""
    if isinstance(text, Mapping):
        return dict(text)
    size = len(text.encode(errors="surrogatepass") if isinstance(text, str) else text)
    if size > MAX_BYTES:
        raise ProgramError([Fault("", "too_large", f"{size} bytes; at most {MAX_BYTES} are allowed")])
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise _yaml_fault(event, "alias", "anchors and aliases are not allowed; write it out")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _yaml_fault(event, "too_deep", f"nested deeper than {MAX_DEPTH} levels")
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 -- a CSafeLoader with fewer scalars
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, ProgramError):
            raise
        mark: Any = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not readable as text"
        raise ProgramError([Fault(where, "not_yaml", f"not YAML or JSON: {problem}")]) from error
    if not isinstance(data, dict):
        raise ProgramError([Fault("", "not_an_object", "a program is a set of named parts: program, name, rewards, …")])
    return data
