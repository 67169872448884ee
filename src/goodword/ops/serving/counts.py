"""The folder in which the processes of one `goodword serve` keep their counts, so that any of them can tell
the figures of all. It is new at every start, which for Prometheus is a counter's reset."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from goodword.ops import home

NAME = "metrics-"
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder, as prometheus-client reads it."""


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """The folder of this process and its children for a block; what killed predecessors left is removed."""
    parent = home.ensure()
    for left in home.left_behind(parent, NAME):
        shutil.rmtree(left, ignore_errors=True)
    made = parent / f"{NAME}{os.getpid()}"
    made.mkdir(mode=0o700)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
