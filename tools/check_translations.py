"""Every template compiles, and every text shown to people is translated into every language.

The texts are found without gettext's programs: in Python by its syntax tree, in templates by Django's own
lexer, which turns a template into a row of gettext calls.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.environment import isolate

isolate()

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.utils.translation import templatize

PACKAGE = ROOT / "src" / "goodword"
PLAIN = {"gettext", "gettext_lazy", "gettext_noop", "_", "N_"}
PLURAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
PLURAL_IN_CONTEXT = {"npgettext", "npgettext_lazy"}
STRING = r"""u?(?P<{0}>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(
    r"(?:(?<![\w.])(?P<name>_|n?p?gettext))\(\s*" + STRING.format("one") + r"(?:\s*,\s*" + STRING.format("two") + r")?"
    r"(?:\s*,\s*" + STRING.format("three") + ")?"
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")

# A text, with its context: how a catalogue tells messages apart.
Key = tuple[str | None, str]


def templates() -> Iterator[Path]:
    """Every template of the package."""
    for folder in sorted(PACKAGE.glob("*/templates")):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".txt", ".xml"})


def in_template(path: Path) -> Iterator[Key]:
    """The texts of one template."""
    calls = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in CALL.finditer(calls):
        words = [ast.literal_eval(call[part]) for part in ("one", "two", "three") if call[part]]
        # In a template a first word is a context only in p…gettext.
        yield (words[0], words[1]) if "pgettext" in call["name"] else (None, words[0])


def in_python(path: Path) -> Iterator[Key]:
    """The texts of one module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        words = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in PLAIN | PLURAL and words:
            yield None, words[0]
        elif name in IN_CONTEXT | PLURAL_IN_CONTEXT and len(words) > 1:
            yield words[0], words[1]


def used() -> dict[Key, Path]:
    """Every text, with one file that shows it."""
    found: dict[Key, Path] = {}
    for path in templates():
        found.update(dict.fromkeys(in_template(path), path))
    for path in sorted(PACKAGE.rglob("*.py")):
        found.update(dict.fromkeys(in_python(path), path))
    return found


def wrong_templates() -> Iterator[str]:
    """Templates that do not compile."""
    for path in templates():
        name = path.relative_to(next(parent for parent in path.parents if parent.name == "templates"))
        try:
            get_template(str(name))
        except TemplateSyntaxError as error:
            yield f"{path.relative_to(ROOT)}: {error}"


def untranslated(language: str, texts: dict[Key, Path]) -> Iterator[str]:
    """Texts that a language lacks, or whose placeholders its translation lost."""
    source = PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"
    if not source.exists():
        yield f"{source.relative_to(ROOT)} is missing"
        return
    with source.open("rb") as text:
        catalogue = read_po(text, locale=language)
    for (context, text_id), path in sorted(texts.items(), key=lambda item: (str(item[1]), item[0][1])):
        message = catalogue.get(text_id, context)
        where = f"{language}: {text_id!r} ({path.relative_to(ROOT)})"
        if message is None or not all(_translations(message)):
            yield f"{where} is not translated"
        elif message.fuzzy:
            yield f"{where} is marked fuzzy, so nobody sees its translation"
        elif lost := {p for t in _translations(message) for p in _placeholders(t)} - _known(message):
            yield f"{where} uses {', '.join(sorted(lost))}, which the text does not give"


def _translations(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def _known(message: Message) -> set[str]:
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    return {placeholder for text in ids for placeholder in _placeholders(text)}


def _placeholders(text: str) -> set[str]:
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def main() -> int:
    """0 when all is well."""
    problems = list(wrong_templates())
    texts = {key: path for key, path in used().items() if key[1].strip()}
    for language, _name in settings.LANGUAGES:
        if language != settings.LANGUAGE_CODE:
            problems += untranslated(language, texts)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(texts)} texts in {len(settings.LANGUAGES)} languages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
