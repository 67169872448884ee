"""The models and the migrations agree, and no table of a workspace is without its wall."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.environment import isolate

isolate()

from django.core.management import call_command

from goodword.ops.walls import loose_books, loose_policies, open_tables, tenant_tables
from support.databases import TEMPLATE, private_server


def main() -> int:
    """0 when all is well."""
    with private_server() as server, server.pointed_at(TEMPLATE):
        call_command("makemigrations", check_changes=True, dry_run=True)
        unprotected = open_tables()
        print(f"{len(tenant_tables())} tables of a workspace, {len(unprotected)} without forced row-level security")
        for table in unprotected:
            print(f"  {table}: add it to the walls in a migration of goodword.store", file=sys.stderr)
        loose = [*loose_policies(), *loose_books()]
        for what in loose:
            print(f"  {what}: the wall or the ledger is not as goodword.ops.walls says", file=sys.stderr)
    return 1 if unprotected or loose else 0


if __name__ == "__main__":
    sys.exit(main())
