"""The tenant wall as the database has it: which tables hold a workspace's rows, and which are not protected."""

from __future__ import annotations

import re

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

POLICIES = """
SELECT tablename, policyname, coalesce(qual, 'true'), with_check
FROM pg_policies
WHERE schemaname = current_schema() AND permissive = 'PERMISSIVE'
ORDER BY tablename, policyname
"""
OURS = {"membership": {"own", "my_memberships"}}
OURS_ASKS = {"my_memberships": "goodword.user_id"}
BOOKS = """
SELECT tgname::text FROM pg_trigger
WHERE tgrelid IN (to_regclass('transfer'), to_regclass('ledger_account')) AND tgenabled IN ('O', 'A')
UNION ALL
SELECT conname::text FROM pg_constraint WHERE conrelid IN (to_regclass('transfer'), to_regclass('ledger_account'))
"""
HISTORY = """
SELECT tgname::text FROM pg_trigger WHERE tgrelid = to_regclass('setting_change') AND tgenabled IN ('O', 'A')
"""
KEEPERS = (
    "ledger_post",
    "transfer_append_only",
    "ledger_account_by_transfers_only",
    "ledger_account_begins_empty",
    "ledger_pending_not_negative",
    "ledger_not_below_zero",
    "transfer_amount_positive",
    "transfer_phase",
    "transfer_two_accounts",
)
"""Triggers and constraints that keep the books."""


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


def loose_policies() -> list[str]:
    """Policies that let a query see more than its workspace: of another name than ours, or that do not ask for it."""
    with connection.cursor() as cursor:
        cursor.execute(POLICIES)
        return [
            f"{policy} on {table}"
            for table, policy, using, check in cursor.fetchall()
            if policy not in OURS.get(table, {"own"})
            or OURS_ASKS.get(policy, "goodword.workspace_id") not in using
            or (policy == "own" and "goodword.workspace_id" not in (check or using))
            or (policy == "own" and table != "workspace" and re.search(r"\bOR\b", f"{using} {check}", re.IGNORECASE))
        ]


def loose_books() -> list[str]:
    """What keeps the ledger and is not there or switched off: triggers and constraints, by name."""
    found = _names(BOOKS)
    return [name for name in KEEPERS if name not in found]


def loose_history() -> list[str]:
    """What keeps the changes of settings as they were written and is not there or switched off."""
    return sorted({"setting_change_append_only"} - _names(HISTORY))


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
