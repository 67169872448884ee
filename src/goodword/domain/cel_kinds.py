"""Whether a CEL expression can be true or false at all, or a number at all, told from its outermost operation; and
whether it compares what can never be alike.

CEL is checked only when it runs, and facts of the sender's own may be anything; so this refuses what can never
be a condition (`history.orders`, `'yes'`, `size(x)`, `1 + 1`) or an amount (`event.value > 5`, `'five'`), and a number
that is compared with a text (`history.orders == '3'`), and lets pass what might be one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

Tokens = Sequence[re.Match[str]]

_ANSWERS = frozenset({"contains", "startsWith", "endsWith", "matches", "has", "exists", "exists_one", "all"})
"""Functions and macros that give true or false; all others give something else."""
_FIXED: Mapping[str, frozenset[str]] = {
    "event": frozenset({"type", "source", "occurred_at", "properties"}),
    "referral": frozenset({"state", "source", "value", "age_days", "properties"}),
    "referrer": frozenset({"external_id", "email", "name", "traits"}),
    "referred": frozenset({"external_id", "email", "name", "traits"}),
    "account": frozenset({"external_id", "name", "age_days", "traits"}),
    "program": frozenset({"key", "version", "currency"}),
}
"""Facts that are a text, a number, a time or an object, whoever tells them."""
_DECLARED = frozenset({"history", "experiment"})
"""Groups of nothing but numbers, or nothing but texts."""
_NUMBERS: Mapping[str, frozenset[str]] = {
    "referral": frozenset({"value", "age_days"}),
    "account": frozenset({"age_days"}),
    "program": frozenset({"version"}),
}
_TEXTS: Mapping[str, frozenset[str]] = {
    "event": frozenset({"type", "source"}),
    "referral": frozenset({"state", "source"}),
    "referrer": frozenset({"external_id", "email", "name"}),
    "referred": frozenset({"external_id", "email", "name"}),
    "participant": frozenset({"external_id", "email", "name", "tier"}),
    "account": frozenset({"external_id", "name"}),
    "program": frozenset({"key", "currency"}),
}
"""Facts that are a number, or a text, or have no value, whatever was told."""
_JOINS, _OPENS, _CLOSES = frozenset("|&=<>"), frozenset("([{"), frozenset(")]}")
_BEFORE = frozenset("(&|?:,[!")
_AFTER = frozenset(")&|?:,]")
"""What may stand beside a comparison, so that nothing more is reckoned on that side."""


def mixed(words: Sequence[str]) -> tuple[str, str, str] | None:
    """The first comparison of a fact with what it can never be, a number with a text or the other way round: the fact,
    its kind, and what it is compared with. `words` are the tokens of a well-formed expression."""
    for place, word in enumerate(words):
        if word in ("<", ">") or (word in ("=", "!") and words[place + 1] == "="):
            after = place + 1 + (words[place + 1] == "=")
            found = _unlike(_fact_before(words, place), _plain_after(words, after))
            found = found or _unlike(_fact_after(words, after), _plain_before(words, place))
        elif word == "in" and words[place + 1] == "[":
            listed = words[place + 2 : words.index("]", place)]
            fact = _fact_before(words, place) if all(word == "," for word in listed[1::2]) else ()
            found = next((mix for one in listed[::2] if (mix := _unlike(fact, one))), None)
        else:
            continue
        if found:
            return found
    return None


def kind_of(fact: Sequence[str]) -> str:
    """`number` or `text`; '' for what may be either."""
    if len(fact) != 2:
        return ""
    root, field = fact
    if root == "history" or field in _NUMBERS.get(root, ()):
        return "number"
    return "text" if root == "experiment" or field in _TEXTS.get(root, ()) else ""


def _unlike(fact: Sequence[str], plain: str) -> tuple[str, str, str] | None:
    kind = kind_of(fact)
    other = "number" if plain[:1].isdigit() else "text" if plain[:1] in ("'", '"') else ""
    return (".".join(fact), kind, plain) if kind and other and kind != other else None


def _fact_before(words: Sequence[str], place: int) -> Sequence[str]:
    return _fact(words[max(place - 3, 0) : place]) if place == 3 or words[max(place - 4, 0)] in _BEFORE else ()


def _fact_after(words: Sequence[str], place: int) -> Sequence[str]:
    end = place + 3
    return _fact(words[place:end]) if end >= len(words) or words[end] in _AFTER else ()


def _fact(words: Sequence[str]) -> Sequence[str]:
    return words[::2] if len(words) == 3 and words[1] == "." else ()


def _plain_before(words: Sequence[str], place: int) -> str:
    return words[place - 1] if place == 1 or words[place - 2] in _BEFORE else ""


def _plain_after(words: Sequence[str], place: int) -> str:
    return words[place] if place + 1 == len(words) or words[place + 1] in _AFTER else ""


def never_boolean(tokens: Tokens) -> bool:
    """Whether the expression, read and found well-formed before, never gives true or false."""
    return _either(tokens, _no_boolean)


def never_number(tokens: Tokens) -> bool:
    """Whether the expression, read and found well-formed before, never gives a number."""
    return _either(tokens, _no_number)


def _either(tokens: Tokens, test: Callable[[Tokens, list[int], list[str]], bool]) -> bool:
    """Whether the test holds of the expression, or of either side of its `?`."""
    tokens = _bare(tokens)
    outer = _outer(tokens)
    words = [tokens[place][0] for place in outer]
    if "?" in words:
        split = outer[words.index("?")]
        otherwise = outer[words.index(":")]
        return _either(tokens[split + 1 : otherwise], test) or _either(tokens[otherwise + 1 :], test)
    return test(tokens, outer, words)


def is_compared(words: Sequence[str]) -> bool:
    """Whether something is compared or joined outside all brackets. Without a `?`, that is true or false."""
    depth = 0
    for word in words:
        if word in _JOINS:
            if not depth:
                return True
        elif word in _OPENS:
            depth += 1
        elif word in _CLOSES:
            depth -= 1
    return False


def _compares(words: list[str]) -> bool:
    return any(word in "|&=<>" or word == "in" for word in words) or words[0] == "!"


def _no_boolean(tokens: Tokens, outer: list[int], words: list[str]) -> bool:
    if _compares(words):
        return False
    if any(word in "+-*/%" for word in words):
        return True
    return _member(tokens)


def _no_number(tokens: Tokens, outer: list[int], words: list[str]) -> bool:
    if _compares(words):
        return True
    if len(tokens) == 1:
        return tokens[0].lastgroup == "text" or words[0] in ("true", "false", "null")
    return tokens[-1][0] == ")" and tokens[outer[-2] - 1][0] in _ANSWERS


def _outer(tokens: Tokens) -> list[int]:
    """The places of the tokens outside all brackets."""
    found, depth = [], 0
    for place, token in enumerate(tokens):
        depth -= token.lastgroup == "close"
        if not depth:
            found.append(place)
        depth += token.lastgroup == "open"
    return found


def _bare(tokens: Tokens) -> Tokens:
    """The expression without brackets around the whole of it."""
    while tokens[0][0] == "(" and _outer(tokens) == [0, len(tokens) - 1]:
        tokens = tokens[1:-1]
    return tokens


def _member(tokens: Tokens) -> bool:
    """The same for a value, a fact, or a call."""
    last = tokens[-1]
    if last[0] == ")":
        return tokens[_outer(tokens)[-2] - 1][0] not in _ANSWERS
    if last[0] == "]":
        return _outer(tokens) == [0, len(tokens) - 1]  # a list; an entry of one may be anything
    if last.lastgroup == "name":
        path = "".join(token[0] for token in tokens).split(".")
        return path == ["null"] or (len(path) == 2 and (path[0] in _DECLARED or path[1] in _FIXED.get(path[0], ())))
    return True
