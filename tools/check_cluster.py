"""The tables can be distributed over a cluster: every key begins with the workspace, and so does every reference
between tables of a workspace. Read from the catalogue of a migrated database; no cluster is needed.

Whether every statement names its workspace too is seen in tests/integration/cluster/test_routing.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.environment import isolate

isolate()

from goodword.ops.citus import schema, tables
from support.databases import TEMPLATE, private_server


def main() -> int:
    """0 when all is well."""
    with private_server() as server, server.pointed_at(TEMPLATE):
        found = schema.faults()
        print(
            f"{len(tables.distributed())} tables by workspace, {len(tables.everywhere())} on every node, "
            f"{len(found)} faults"
        )
    for fault in found:
        print(f"  {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
