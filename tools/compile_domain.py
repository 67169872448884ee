#!/usr/bin/env python
"""Compiles the domain with mypyc, for `make fast`: faster by half, and the same in every answer (ADR 0020).

Usage: tools/compile_domain.py [MODULE ...]

Compiles these modules, such as `ids rows`, or all that decide. Needs a C compiler, and takes some minutes for all. What
was compiled before is gone, whether or not this succeeds.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from goodword import compiled

DECIDING = """
    amounts anniversaries attribution beside campaigns conditions contests debts decide draft early erasure event_tally
    evidence facts formulas fx goals handover holdings identity ids inactivity ledger lifecycle limits linking lots
    loyalty merging migrating money orders own_moves own_waiting places reversals rewards rolling rows running scores
    stacking state statements tally terms tier_facts tiers timers triggers turns values
"""
"""The modules that decide. The others read documents, or are models of pydantic, or keep in the instance what they
worked out (`program`): they stay as they are."""
GROUP = "goodword.domain._all"
"""The library that holds them all; each module is a door to it."""


def main(names: list[str]) -> int:
    """Compiles into a folder aside and puts it in place whole. Returns the exit code."""
    if unknown := sorted({*names} - {*DECIDING.split()}):
        sys.exit(f"{', '.join(unknown)} is not among the modules that decide:\n{DECIDING}")
    sources = [compiled.DOMAIN / f"{name}.py" for name in names or DECIDING.split()]
    fingerprint = compiled.fingerprint()
    shutil.rmtree(compiled.FOLDER, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="goodword-fast-") as folder:
        made = _build(Path(folder), sources)
        (made / compiled.STAMP.name).write_text(fingerprint)
        shutil.copytree(made, compiled.FOLDER)
    print(f"compiled {len(sources)} modules of the domain")
    return 0


def _build(folder: Path, sources: list[Path]) -> Path:
    """Compiles these modules in that folder; gives the folder that has nothing but what came of it."""
    from mypyc.build import mypycify
    from setuptools import setup

    os.chdir(folder)  # whatever is written by the way is written there; a pyproject.toml here is not read
    Path("mypy.ini").write_text(
        f"[mypy]\nmypy_path = {compiled.DOMAIN.parent.parent}\ncache_dir = {folder / 'cache'}\n"
        "[mypy-cel.*,holidays.*]\nignore_missing_imports = True\n"
    )
    extensions = mypycify(
        [f"--config-file={folder / 'mypy.ini'}", *map(str, sources)],
        group_name=GROUP,
        target_dir=str(folder / "c"),
        opt_level="2",
        debug_level="0",
    )
    built = folder / "built"
    setup(
        name="goodword-domain",
        packages=[],
        ext_modules=extensions,
        script_args=["--quiet", "build_ext", "--build-lib", str(built), "--build-temp", str(folder / "objects")],
    )
    return built / "goodword" / "domain"


if __name__ == "__main__":
    if any(argument.startswith("-") for argument in sys.argv[1:]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
