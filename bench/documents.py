"""Programme documents of 200 KB, checked as they are before they are published: the first of its kind in a process, and
the middle one of those after it, each another document.

One is all bands of amounts, one all conditions; both are also read as JSON. The floor: the text taken apart by the
parser of YAML or JSON alone, and nothing made of it.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import yaml

from bench._figures import Figure
from bench._options import Options

BYTES = 200_000
RULES = 199
DOCUMENTS = 11


def run(options: Options) -> Iterator[Figure]:
    """Reads documents that nobody read before."""
    from goodword.domain.program import read

    number = 3 if options.quick else DOCUMENTS
    for name, rule in (("bands of amounts", _bands), ("conditions", _conditions)):
        for language, write, floor in (("YAML", _yaml, _parsed), ("JSON", json.dumps, json.loads)):
            texts = [_document(random.Random(f"{language} {seed}"), rule, write) for seed in range(number)]
            took, bare = ([_timed(what, text) for text in texts] for what in (read, floor))
            size = len(texts[0]) // 1_000
            yield Figure(f"{size} KB of {name} in {language}, checked", _middle(took[1:]), "ms", _middle(bare), "≤ 100")
            yield Figure("… the first of a process", took[0], "ms", bare[0], "≤ 100")


def _document(
    draw: random.Random, rule: Callable[[random.Random], Mapping[str, Any]], write: Callable[..., str]
) -> str:
    """As many rules as a document may have, or as 200 KB hold."""
    document = {
        "program": "large",
        "name": "Large",
        "currency": "USD",
        "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
        "rewards": [
            {"id": f"rule-{number}", "on": "referral.closed_won", "to": "referrer", **rule(draw)}
            for number in range(RULES)
        ],
    }
    while len(text := write(document)) > BYTES:
        rules = cast(list[object], document["rewards"])
        document["rewards"] = rules[: min(len(rules) - 1, len(rules) * BYTES // len(text) + 1)]
    return text


def _bands(draw: random.Random) -> Mapping[str, Any]:
    ends = sorted(draw.sample(range(1, 1_000_000), 26))
    bands = [{"from": end, "amount": draw.randint(1, 99_999)} for end in ends]
    return {"give": {"type": "account_credit", "amount": {"band": bands}}}


def _conditions(draw: random.Random) -> Mapping[str, Any]:
    asked = [
        f"(event.value >= {draw.randint(1, 1_000_000)} && referred.country in ['NO', 'DK', '{draw.choice('AB')}E']"
        f" || history.orders < {draw.randint(1, 999)})"
        for _ in range(9)
    ]
    return {
        "when": draw.choice([" && ", " || "]).join(asked),
        "give": {"type": "account_credit", "amount": draw.randint(1, 99_999)},
    }


def _yaml(document: Mapping[str, Any]) -> str:
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper))


def _parsed(text: str) -> None:
    for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
        pass


def _timed(what: Callable[[str], Any], text: str) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    what(text)
    return (time.perf_counter() - began) * 1e3


def _middle(took: list[float]) -> float:
    return statistics.median(took)
