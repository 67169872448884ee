"""The tenant wall as the database has it: which tables hold a workspace's rows, and which are not protected."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

PROTECTED = """
SELECT c.relname
FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace
  AND c.relkind IN ('r', 'p')
  AND c.relrowsecurity
  AND c.relforcerowsecurity
  AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid)
"""
HOLDING = """
SELECT c.relname
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
"""


def tenant_tables() -> list[str]:
    """The tables that hold rows of a workspace: those in the database with a `workspace_id`, those whose model
    has one, and the list of workspaces itself."""
    modelled = {
        model._meta.db_table
        for model in apps.get_app_config("store").get_models()
        if model._meta.label == "store.Workspace" or any(f.column == "workspace_id" for f in model._meta.fields)
    }
    existing = set(connection.introspection.table_names())
    return sorted((modelled & existing) | _names(HOLDING))


def open_tables() -> list[str]:
    """The tenant tables that lack forced row-level security or any policy."""
    return sorted(set(tenant_tables()) - _names(PROTECTED))


def power_of_role() -> str | None:
    """Why row-level security does not bind the role of this connection; None when it does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        superuser, bypass = cursor.fetchone()
    if superuser:
        return "a superuser"
    return "a role with BYPASSRLS" if bypass else None


def _names(statement: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {str(name) for (name,) in cursor.fetchall()}
