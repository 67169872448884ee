"""A published document as YAML that reads like one written by hand: keys in the order of the schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from goodword.domain import program as documents


def as_yaml(document: Mapping[str, Any]) -> str:
    """The document as YAML text, ending in a newline."""
    return yaml.safe_dump(_ordered(document), sort_keys=False, allow_unicode=True, width=110)


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        places = _places()
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: (places.get(key, 0), key))}
    return [_ordered(entry) for entry in value] if isinstance(value, list) else value


@cache
def _places() -> Mapping[str, int]:
    """Every key of the schema by its place; the document's own keys come first, then those of its parts."""
    schema = documents.json_schema()
    names = [*schema["properties"]]
    for part in schema.get("$defs", {}).values():
        names += part.get("properties", {})
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        found.setdefault(name, place)
    return found
