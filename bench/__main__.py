"""Runs the benchmarks, prints a table, and writes the same as bench/latest.json."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path

import bench
from bench._figures import Figure, table
from bench._options import parse
from goodword import compiled

LATEST = Path(__file__).with_name("latest.json")


def names() -> list[str]:
    """Every benchmark there is."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))


def main(arguments: list[str]) -> None:
    """Run the chosen benchmarks, or all."""
    options = parse(arguments)
    unknown = [name for name in options.names if name not in names()]
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(unknown)}; there is {', '.join(names())}.")
    domain = "compiled by make fast" if compiled.in_use() else "the sources"
    print(f"domain: {domain}", file=sys.stderr)
    figures: list[Figure] = []
    for name in options.names or names():
        print(f"{name} …", file=sys.stderr)
        figures += importlib.import_module(f"bench.{name}").run(options)
    print(table(figures))
    run = {"domain": domain, "figures": [figure.data() for figure in figures]}
    LATEST.write_text(json.dumps(run, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
