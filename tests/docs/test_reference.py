"""Every key of the programme document has an example on its page, and stands in a programme of the recipes or the
documents that is valid and says something else without it."""

from __future__ import annotations

import copy
import importlib.util
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter

from goodword.domain.document import Document
from goodword.domain.faults import ProgramError
from goodword.domain.program import read
from goodword.domain.wording import changes

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = re.compile(r"^```yaml program\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"(?<!\\)\|")
Place = tuple[str | int, ...]


@cache
def tool() -> Any:
    folder = str(ROOT / "tools")
    sys.path.insert(0, folder)
    try:
        spec = importlib.util.spec_from_file_location("make_reference", ROOT / "tools" / "make_reference.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(folder)


def keys() -> list[tuple[type[BaseModel], str]]:
    """Every part of a document with each of its keys."""
    return [
        (model, field.alias or name) for model in tool()._models(Document) for name, field in model.model_fields.items()
    ]


@cache
def programmes() -> tuple[tuple[str, dict[str, Any]], ...]:
    """The recipes, then the programmes on pages, each with where it stands."""
    found = [(path, path.read_text()) for path in sorted((ROOT / "src/goodword/recipes").glob("*.yaml"))]
    for page in sorted((ROOT / "docs").rglob("*.md")):
        found += [(page, text) for text in PROGRAM.findall(page.read_text())]
    return tuple((str(path.relative_to(ROOT)), read(text)[1]) for path, text in found)


def parts(model: type[BaseModel], data: Any, at: Place = ()) -> Iterator[tuple[type[BaseModel], Place, dict[str, Any]]]:
    """Every part of a document as it is written, with its model and place."""
    yield model, at, data
    for name, field in model.model_fields.items():
        key = field.alias or name
        value = data.get(key)
        for inner in tool()._inside(field.annotation):
            entries: list[tuple[Place, Any]] = [((), value)]
            if isinstance(value, list):
                entries = [((number,), entry) for number, entry in enumerate(value)]
            elif isinstance(value, dict) and not tool()._is(inner, value):
                entries = [((id,), entry) for id, entry in value.items()]
            for more, entry in entries:
                if tool()._is(inner, entry):
                    yield from parts(inner, entry, (*at, key, *more))


@cache
def written() -> dict[tuple[type[BaseModel], str], list[tuple[str, dict[str, Any], Place]]]:
    """Where each key is written: the programme, and the place of its part."""
    found: dict[tuple[type[BaseModel], str], list[tuple[str, dict[str, Any], Place]]] = {}
    for name, source in programmes():
        for model, at, part in parts(Document, source):
            for key in part:
                found.setdefault((model, key), []).append((name, source, at))
    return found


def without(source: dict[str, Any], at: Place, key: str) -> dict[str, Any]:
    """The same document without that key."""
    again = copy.deepcopy(source)
    part: Any = again
    for step in at:
        part = part[step]
    del part[key]
    return again


def says_more(source: dict[str, Any], at: Place, key: str) -> str:
    """What is said of the document without the key: a fault, or the change in words; '' where nothing is."""
    try:
        other = read(without(source, at, key))[0]
    except ProgramError as error:
        return "; ".join(f"{fault.path}: {fault.code}" for fault in error.faults)
    return "; ".join(change.text for change in changes(other, read(source)[0]))


def shown() -> dict[tuple[str, str], str]:
    """The example of each key on the page."""
    found, part = {}, ""
    for line in (ROOT / "docs/reference/program.md").read_text().splitlines():
        part = line[3:] if line.startswith("## ") else part
        cells = ROW.split(line)
        if line.startswith("| `") and len(cells) == 7:
            found[part, cells[1].strip(" `")] = cells[5].strip()
    return found


def test_every_key_has_an_example_on_the_page() -> None:
    asked = [(model.__name__, key) for model, key in keys()]
    assert len(asked) > 200
    assert len(set(asked)) == len(asked)
    examples = shown()
    assert list(examples) == asked
    assert [key for key, example in examples.items() if not example] == []


def named(value: object) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


@pytest.mark.parametrize(("model", "key"), keys(), ids=named)
def test_a_key_stands_in_a_valid_programme_that_says_something_else_without_it(
    model: type[BaseModel], key: str
) -> None:
    places = written().get((model, key), [])
    assert places, "no recipe and no page has it"
    assert any(says_more(source, at, key) for _name, source, at in places), [name for name, *_ in places]


def examples() -> list[tuple[type[BaseModel], str, Any]]:
    """Every example of the schema's own."""
    return [
        (model, name, example)
        for model in tool()._models(Document)
        for name, field in model.model_fields.items()
        for example in field.examples or ()
    ]


@pytest.mark.parametrize(("model", "name", "example"), examples(), ids=named)
def test_an_example_of_the_schema_is_what_it_allows_and_nonsense_is_not(
    model: type[BaseModel], name: str, example: Any
) -> None:
    field = model.model_fields[name]
    kind: Any = field.annotation
    for rule in field.metadata:
        kind = Annotated[kind, rule]
    allowed = TypeAdapter(tuple[kind], config=ConfigDict(arbitrary_types_allowed=True))
    allowed.validate_python((example,))
    with pytest.raises(ValueError, match=r"."):
        allowed.validate_python((object(),))
