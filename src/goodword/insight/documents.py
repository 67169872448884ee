"""A published document as YAML that reads like one written by hand: keys in the order of the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from goodword.domain.document import Document
from goodword.domain.reading import RESOLVERS


class _Dumper(yaml.SafeDumper):
    """Quotes what our reader would take for something else than a text, and no more: `on` is a word."""

    yaml_implicit_resolvers = RESOLVERS

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Entries of a list stand further in than its name."""
        super().increase_indent(flow, False)


def as_yaml(document: Mapping[str, Any]) -> str:
    """The document as YAML text, ending in a newline."""
    ordered = _ordered(document, Document.model_validate(dict(document)))
    return yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _ordered(value: Any, part: Any) -> Any:
    """Plain data in the order of the parts that were read from it."""
    if isinstance(part, BaseModel):
        fields = ((field.alias or name, getattr(part, name)) for name, field in type(part).model_fields.items())
        return {spelling: _ordered(value[spelling], inner) for spelling, inner in fields if spelling in value}
    if isinstance(part, Mapping):
        return {key: _ordered(value[key], inner) for key, inner in part.items()}
    return [_ordered(*each) for each in zip(value, part, strict=True)] if isinstance(value, list) else value
