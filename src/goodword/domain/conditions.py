"""Conditions: CEL expressions over facts, compiled once, bounded before they run.

The expression language is the Common Expression Language (github.com/google/cel-spec). What is added
here: a list of the variables that exist, so that a misspelt one is refused when a program is published;
a bound on cost; and the values an evaluation read, for the trace. A condition never raises at run time:
it answers true, false, or an error that the decision reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import cel

from goodword.domain import cel_syntax
from goodword.domain.cel_cost import MACROS, MAX_COPIES, MAX_MAPS, copies, entries_of, patterns_of, work_of
from goodword.domain.cel_kinds import is_compared, kind_of, mixed, never_boolean

MAX_SOURCE = 2_000
"""Characters in one expression."""
MAX_TOKENS = 400
"""Tokens in one expression."""
MAX_NESTING = 24
"""Brackets open at once."""
MAX_COST = 200_000
"""Steps one evaluation may take: its tokens, times the longest list it reads once per nested macro."""
MAX_MACRO_NESTING = 2
MAX_PATTERNS = 20
"""`matches` in one expression: a pattern may take hundredths of a second to build."""
MEMO = 2_048

PERSON_FIELDS = frozenset(
    {"external_id", "email", "name", "country", "company", "industry", "employees", "is_customer",
     "in_pipeline", "traits"}
)  # fmt: skip
FIELDS: Mapping[str, frozenset[str]] = {
    "event": frozenset({"type", "source", "value", "currency", "occurred_at", "simulated", "properties"}),
    "referral": frozenset({"state", "source", "value", "age_days", "properties"}),
    "referrer": PERSON_FIELDS,
    "referred": PERSON_FIELDS,
    "participant": PERSON_FIELDS | {"tier"},
    "account": frozenset(
        {"external_id", "name", "status", "plan", "owner", "territory", "country", "industry", "employees",
         "age_days", "in_collections", "open_dispute", "active_days_30", "traits"}
    ),
    "program": frozenset({"key", "version", "currency"}),
    "history": frozenset({"orders", "order_value"}),
    "experiment": frozenset(),
}  # fmt: skip
"""What a condition may read. `account` is the referrer's; `history` is the referred person's so far,
this event included: `orders` completed, and `order_value`, their value less refunds in the program's
currency. The document may declare more under `history`, and declares all of `experiment`. Facts of your own are under
`.traits` and `.properties`."""
OPEN = frozenset({"traits", "properties"})
DECLARED = frozenset({"history", "experiment"})
"""Groups with facts that the document itself declares; whether it does is looked at with the whole of it."""
_TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<name>[A-Za-z_]\w*)
    |(?P<number>\d[\w.]*)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<other>\S)
    """,
    re.DOTALL | re.VERBOSE,
)
_WORD = re.compile(re.sub(r"\?P<\w+>", "?:", _TOKEN.pattern), re.DOTALL | re.VERBOSE)
"""The same without groups: the words alone, in half the time."""
FUNCTIONS = frozenset(
    [
        "bytes",
        "contains",
        "double",
        "duration",
        "endsWith",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getFullYear",
        "getHours",
        "getMilliseconds",
        "getMinutes",
        "getMonth",
        "getSeconds",
        "has",
        "int",
        "matches",
        "size",
        "startsWith",
        "string",
        "timestamp",
        "uint",
    ]
)
"""The functions an expression may call, beside operators and macros."""
_WORDS = frozenset({"true", "false", "null", "in"})
_CALLED = FUNCTIONS | MACROS | _WORDS
_NONE: frozenset[str] = frozenset()
_CHAIN = re.compile(
    r"""
    //[^\n]*
    |[rRbB]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    |\d[\w.]*
    |(\.\s*)?([A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)(\s*\()?
    """,
    re.DOTALL | re.VERBOSE,
)
"""A name with those after it, joined by dots: whether it is a member of something else, the names, whether the last is
called. Comments, texts and numbers give no names."""


class ConditionError(ValueError):
    """An expression that cannot be a condition. The message says what to change."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class _Part(NamedTuple):
    """What stands in a part of an expression: its words, and the chains of names in it, see `_CHAIN`."""

    words: tuple[str, ...]
    chains: tuple[tuple[str, str, str], ...]


class Outcome(NamedTuple):
    """What one evaluation gave: the result (None after an error), the values it read, and the error."""

    ok: bool | None
    read: Mapping[str, Any]
    error: str = ""


class Condition:
    """One compiled expression. Immutable but for a memo of results, which the same inputs cannot change."""

    __slots__ = ("_compiled", "_depth", "_memo", "_names", "_tokens", "_work", "paths", "source")

    def __init__(self, source: object) -> None:
        if not isinstance(source, str) or not source.strip():
            raise ConditionError("cel_syntax", "expected a CEL expression such as account.status == 'paying'")
        if len(source) > MAX_SOURCE:
            raise ConditionError("cel_cost", f"{len(source)} characters; at most {MAX_SOURCE} are allowed")
        parts = _parts(source)
        words = [word for part in parts for word in part.words]
        if len(words) > MAX_TOKENS:
            raise ConditionError("cel_cost", f"{len(words)} tokens; at most {MAX_TOKENS} are allowed")
        has_macros = not MACROS.isdisjoint(words)
        tokens = tokens_of(source) if has_macros or _brackets(words) > MAX_NESTING else []
        self._depth = _macro_depth(tokens)
        self._tokens = len(words)
        if self._depth and self._cost(0) > MAX_COST:
            raise ConditionError("cel_cost", "too long for macros nested so deep; make it shorter or use one macro")
        try:
            cel_syntax.check(source)
        except ValueError as error:
            raise ConditionError("cel_syntax", _first_line(str(error))) from error
        self._compiled: cel.Program | None = None
        self.source = source
        self.paths = _paths(parts, _bound_variables(tokens) if has_macros else _NONE)
        self._work = work_of(tokens, self.paths, self._depth) if has_macros else None
        if self._work and self._work.maps > MAX_MAPS:
            raise ConditionError("cel_cost", f"map stands {self._work.maps} times; {MAX_MAPS} is allowed")
        if has_macros and None in patterns_of(tokens):
            raise ConditionError(
                "cel_cost", "inside a macro the pattern of matches is written out: x.matches('^A[0-9]+$')"
            )
        if (patterns := words.count("matches")) > MAX_PATTERNS:
            raise ConditionError("cel_cost", f"matches stands {patterns} times; {MAX_PATTERNS} are allowed")
        self._refuse(words)
        self._names = tuple(".".join(path) for path in self.paths)
        self._memo: dict[tuple[Any, ...], tuple[Any, str]] = {}

    def _refuse(self, words: list[str]) -> None:
        """Raises where the result can never be of the kind that is wanted."""
        if ("?" in self.source or not is_compared(words)) and never_boolean(tokens_of(self.source)):
            raise ConditionError(
                "cel_not_boolean", "is never true or false; compare it with something, such as history.orders > 0"
            )

    def doubts(self) -> Iterator[tuple[str, str]]:
        """What nobody can have meant: a code and a message for each. A published version with it still runs."""
        parts = cel_syntax.parts_of(self.source) if any(map(kind_of, self.paths)) else ()
        may_mix = parts is None or any(map(_may_mix, parts[::2]))
        if not (self._depth or may_mix):
            return
        tokens = tokens_of(self.source)
        for name in sorted(_bound_variables(tokens) & FIELDS.keys()) if self._depth else ():
            yield "cel_hidden_name", f"{name} is a group of facts; call what the macro names otherwise"
        if may_mix and (mix := mixed([token[0] for token in tokens])):
            fact, kind, plain = mix
            yield "cel_mixed_kinds", f"{fact} is a {kind}, and {plain} is none: compare like with like"

    def test(self, facts: Mapping[str, Mapping[str, Any]]) -> Outcome:
        """Evaluates over `facts` (root to field to value). A result that is not a boolean is an error."""
        return Outcome(*self._answer(facts))

    def _answer(self, facts: Mapping[str, Mapping[str, Any]]) -> tuple[Any, Mapping[str, Any], str]:
        """The result (None after an error), the values read, and the error."""
        values = tuple([_value(facts, path) for path in self.paths])
        read = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in zip(self._names, values, strict=True)
            if value is not _MISSING
        }
        try:
            # True == 1 == 1.0 for a dict, not for CEL: the types are part of the key.
            key = (*values, *map(type, values))
            known = self._memo.get(key)
        except TypeError:
            result, error = self._run(values)  # a list or object cannot be a key
            return result, read, error
        if known is None:
            if len(self._memo) >= MEMO:
                self._memo.clear()
            known = self._memo[key] = self._run(values)
        return known[0], read, known[1]

    def _run(self, values: tuple[Any, ...]) -> tuple[Any, str]:
        if self._depth and self._cost(max(map(entries_of, values), default=0)) > MAX_COST:
            return None, f"would take more than {MAX_COST} steps over these lists"
        if self._depth and self._work and copies(self._work, dict(zip(self.paths, values, strict=True))) > MAX_COPIES:
            return None, f"would copy more than {MAX_COPIES} entries over these lists"
        facts: dict[str, Any] = {}
        for path, value in zip(self.paths, values, strict=True):
            inner = facts
            for part in path[:-1]:
                inner = inner.setdefault(part, {})
            if value is not _MISSING:
                inner.setdefault(path[-1], value)
        try:
            if self._compiled is None:
                self._compiled = cel.compile(self.source)
            result = self._compiled.execute(facts)
        except (ValueError, TypeError, LookupError, RuntimeError, ArithmeticError) as error:
            return None, self._explain(error, values)
        return self._kept(result)

    def _kept(self, result: Any) -> tuple[Any, str]:
        """The result as it is wanted, or None and what is wrong with it."""
        return (result, "") if isinstance(result, bool) else (None, "gave something other than true or false")

    def _cost(self, longest: int) -> int:
        """The most steps an evaluation can take. A list written in the expression has fewer entries than
        the expression has tokens."""
        return int(self._tokens * max(longest, self._tokens) ** self._depth)

    def _explain(self, error: Exception, values: tuple[Any, ...]) -> str:
        empty = [
            ".".join(path) for path, value in zip(self.paths, values, strict=True) if value is None or value is _MISSING
        ]
        if empty:
            return f"{', '.join(empty)} has no value"
        return _first_line(str(error))[:300]


class _Missing:
    """Stands for a fact that was never given: a field under traits or properties."""


_MISSING = _Missing()


def _value(facts: Mapping[str, Mapping[str, Any]], path: tuple[str, ...]) -> Any:
    try:
        value: Any = facts[path[0]]
    except KeyError:
        return _MISSING
    for part in path[1:]:
        if not isinstance(value, dict) or part not in value:
            return _MISSING
        value = value[part]
    return value


def _first_line(message: str) -> str:
    """The part of the parser's message that a person can use: after the position, before the drawing."""
    found = re.search(r"<input>:(\d+):(\d+): (.+)", message)
    if found:
        return f"column {found[2]}: {_plainly(found[3].strip())}"
    return message.strip().splitlines()[0] if message.strip() else "cannot be evaluated"


_PARSER_SAYS = (
    (re.compile(r"Syntax error: token recognition error at: '(.*?) ?'$"), "'{}' means nothing here"),
    (re.compile(r"Syntax error: (?:mismatched|extraneous) input '<EOF>' .*"), "the expression ends too early"),
    (re.compile(r"Syntax error: (?:mismatched|extraneous) input '(.+?)' expecting .*"), "'{}' is not expected here"),
)
"""What the parser says in words of its own, and in plain ones."""


def _plainly(message: str) -> str:
    for said, told in _PARSER_SAYS:
        if found := said.fullmatch(message):
            return told.format(*found.groups())
    return message


def tokens_of(source: str) -> list[re.Match[str]]:
    """The words of an expression, each with its kind."""
    return [token for token in _TOKEN.finditer(source) if token.lastgroup != "comment"]


def _macro_depth(tokens: list[re.Match[str]]) -> int:
    """How deep comprehension macros nest. Refuses what is nested too deep for anything."""
    stack: list[bool] = []
    deepest = 0
    for index, token in enumerate(tokens):
        if token.lastgroup == "open":
            is_macro = token[0] == "(" and index >= 2 and tokens[index - 1][0] in MACROS and tokens[index - 2][0] == "."
            stack.append(is_macro)
            deepest = max(deepest, sum(stack))
            if len(stack) > MAX_NESTING:
                raise ConditionError("cel_cost", f"brackets nested deeper than {MAX_NESTING}")
        elif token.lastgroup == "close" and stack:
            stack.pop()
    if deepest > MAX_MACRO_NESTING:
        raise ConditionError("cel_cost", f"macros (map, filter, all, exists) nested deeper than {MAX_MACRO_NESTING}")
    return deepest


def _brackets(words: list[str]) -> int:
    """How many brackets are opened in all."""
    return words.count("(") + words.count("[") + words.count("{")


def _parts(source: str) -> list[_Part]:
    """What the expression holds, part by part; of one that only the parser can take apart, in one."""
    parts = cel_syntax.parts_of(source)
    return [_read(source)] if parts is None else list(map(_part, parts))


def _read(text: str) -> _Part:
    words = [word for word in _WORD.findall(text) if not word.startswith("//")]
    return _Part(tuple(words), tuple(found for found in _CHAIN.findall(text) if found[1]))


_part = lru_cache(maxsize=cel_syntax.PARTS)(_read)


@lru_cache(maxsize=cel_syntax.PARTS)
def _may_mix(part: str) -> bool:
    """Whether a part of an expression may compare a number with a text."""
    try:
        return mixed(_part(part).words) is not None
    except ValueError:  # cut within a list
        return True


def _paths(parts: list[_Part], bound: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """The facts a well-formed expression reads, such as ('account', 'status'). Raises on one that does not exist, and
    on a function that does not."""
    # Each once: long expressions say the same facts again and again.
    chains = dict.fromkeys(chain.from_iterable([part.chains for part in parts]))
    for _, names, call in chains:
        if call and (name := names.rpartition(".")[2].strip()) not in _CALLED:
            raise ConditionError("cel_unknown_name", f"unknown function {name}(); {_nearest(name, FUNCTIONS)}")
    found: dict[tuple[str, ...], None] = {}
    for member, names, call in chains:
        if member:
            continue
        path = [name.strip() for name in names.split(".")]
        if call:
            path.pop()  # a function or method
        if path and path[0] not in _WORDS and path[0] not in bound:
            found[_known_path(path)] = None
    # A whole object read beside one of its fields is read once, whole.
    return tuple(path for path in found if not any(path[:size] in found for size in range(1, len(path))))


def _bound_variables(tokens: list[re.Match[str]]) -> frozenset[str]:
    """Names that a macro such as `list.exists(x, …)` binds."""
    return frozenset(
        tokens[index + 2][0]
        for index, token in enumerate(tokens[:-2])
        if token[0] in MACROS and tokens[index + 1][0] == "(" and tokens[index + 2].lastgroup == "name"
    )


def _known_path(parts: list[str]) -> tuple[str, ...]:
    root = parts[0]
    if root not in FIELDS:
        raise ConditionError("cel_unknown_name", f"unknown name {root!r}; {_nearest(root, FIELDS)}")
    if len(parts) == 1:
        raise ConditionError(
            "cel_unknown_name",
            f"{root} is a group of facts; name one of them: {', '.join(sorted(FIELDS[root]))}",
        )
    if root in DECLARED:
        return tuple(parts[:2])
    if parts[1] not in FIELDS[root]:
        raise ConditionError("cel_unknown_name", f"unknown fact {root}.{parts[1]}; {_nearest(parts[1], FIELDS[root])}")
    return tuple(parts[:3]) if parts[1] in OPEN else tuple(parts[:2])


def _nearest(word: str, known: Any) -> str:
    near = get_close_matches(word, list(known), n=1)
    return (f"did you mean {near[0]}? " if near else "") + f"Known: {', '.join(sorted(known))}"
