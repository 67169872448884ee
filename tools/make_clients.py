"""Writes the generated half of both client libraries from docs/api/openapi.json: a method for every operation and a
type for everything that is sent or answered.

clients/python/src/goodword_client/{types,_sync,_async}.py and clients/typescript/src/{types,operations}.ts.
`python tools/make_clients.py` writes them, `--check` compares them. What the methods do is in the hand-written half.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import written
from client_code import python, typescript
from client_code.description import Description

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / "clients" / "python" / "src" / "goodword_client"
TYPESCRIPT = ROOT / "clients" / "typescript" / "src"


def made() -> Mapping[Path, str]:
    """The generated files with their text."""
    found = Description(json.loads((ROOT / "docs" / "api" / "openapi.json").read_text()))
    return {
        PYTHON / "types.py": python.types(found),
        PYTHON / "_sync.py": python.operations(found, asynchronous=False),
        PYTHON / "_async.py": python.operations(found, asynchronous=True),
        TYPESCRIPT / "types.ts": typescript.types(found),
        TYPESCRIPT / "operations.ts": typescript.operations(found),
    }


if __name__ == "__main__":
    sys.exit(written.main(sys.argv[1:], made, __doc__))
