"""The compiled form of `goodword.domain`, where `make fast` has made it (ADR 0020).

The same modules, translated to machine code by mypyc, in a folder of their own. They are used only where they were
made of the very sources that lie beside them, for the very Python that runs: whatever else is the case, the sources
run as they are, and do the same.
"""

from __future__ import annotations

import os
import sysconfig
from collections.abc import MutableSequence
from hashlib import blake2b
from pathlib import Path

DOMAIN = Path(__file__).with_name("domain")
FOLDER = DOMAIN / "__compiled__"
STAMP = FOLDER / "fingerprint"
PURE = "GOODWORD_PURE"
"""Set to anything, the sources run as they are."""


def fingerprint() -> str:
    """Of all sources of the domain, and of the Python that runs."""
    seen = blake2b(str(sysconfig.get_config_var("SOABI")).encode(), digest_size=16)
    for path in sorted(DOMAIN.glob("*.py")):
        source = path.read_bytes()
        seen.update(f"\n{path.name} {len(source)}\n".encode())
        seen.update(source)
    return seen.hexdigest()


def use(path: MutableSequence[str]) -> None:
    """Puts the compiled modules before the sources, in the path of the package."""
    if not os.environ.get(PURE) and STAMP.is_file() and STAMP.read_text() == fingerprint():
        path.insert(0, str(FOLDER))


def in_use() -> bool:
    """Whether this process runs the compiled modules."""
    from goodword import domain

    return str(FOLDER) in domain.__path__
