"""Writes docs/concepts/simulation.md from the parameters and figures of the simulation.

`python tools/make_simulation.py` writes the page; with `--check` it says whether it differs and exits 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from string import Template

import written

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "concepts" / "simulation.md"
NOTE = "<!-- Made by tools/make_simulation.py from the code. Change the code, then run `make docs`. -->\n\n"
FLOWS = {
    "both": "",
    "self_serve": "shop",
    "sales": "sales",
    "loyalty": "loyalty",
    "partner": "partner",
    "subscription": "subscriptions",
}


def made() -> dict[Path, str]:
    """The page as it should be."""
    from goodword.insight.simulation.measure import FIGURES, MONTHLY
    from goodword.insight.simulation.parameters import PARAMETERS, SOURCES

    unused = SOURCES.keys() - {parameter.source for parameter in PARAMETERS.values()}
    if unused:
        sys.exit(f"no parameter names the source {', '.join(sorted(unused))}")
    figures = (f"| `{name}` | {_unit(figure.unit)} | {figure.words} |" for name, figure in FIGURES.items())
    sources = (
        f"- **{key}**: {words}." + (f" [{address.split('/')[2]}]({address})" if address else "")
        for key, (words, address) in SOURCES.items()
    )
    template = Template((ROOT / "tools" / "reference" / "simulation.md").read_text())
    page = template.substitute(
        figures="\n".join(figures),
        monthly=", ".join(f"`{name}`" for name in MONTHLY),
        parameters="\n".join(_parameters()).strip(),
        sources="\n".join(sources),
    )
    return {PAGE: NOTE + page}


def _parameters() -> Iterator[str]:
    from goodword.insight.simulation.parameters import PARAMETERS

    for group, members in groupby(PARAMETERS.values(), key=lambda parameter: parameter.group):
        yield from ("", f"### {group}", "", "| parameter | default | unit | flow | meaning | source |")
        yield "|---|---|---|---|---|---|"
        for one in members:
            note = f": {one.note}" if one.note else ""
            source = f"[{one.source}](#sources){note}" if one.source else f"**assumption**{note}"
            yield f"| `{one.name}` | {one.default:g} | {one.unit} | {FLOWS[one.flow]} | {one.about} | {source} |"


def _unit(unit: str) -> str:
    return "currency" if unit == "minor" else unit


if __name__ == "__main__":
    sys.exit(written.main(sys.argv[1:], made, __doc__))
