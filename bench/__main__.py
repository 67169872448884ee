"""Runs the benchmarks, prints a table, and writes the same as bench/latest.json."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path

import bench
from bench._figures import Figure, table

LATEST = Path(__file__).with_name("latest.json")


def names() -> list[str]:
    """Every benchmark there is."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))


def main(chosen: list[str]) -> None:
    """Run the chosen benchmarks, or all."""
    unknown = [name for name in chosen if name not in names()]
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(unknown)}; there is {', '.join(names())}.")
    figures: list[Figure] = []
    for name in chosen or names():
        print(f"{name} …", file=sys.stderr)
        figures += importlib.import_module(f"bench.{name}").run()
    print(table(figures))
    LATEST.write_text(json.dumps([figure.data() for figure in figures], indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
