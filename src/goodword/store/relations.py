"""Relations that stay inside a workspace: a join, or a fetch of the row at the other end, names the tenant
column too.

Row-level security would keep the rows apart without it. But the keys begin with the column, and a cluster
finds the one shard of a query only where the query itself says which workspace it is about.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND, WhereNode


class _Inside:
    """What a foreign key needs for that. For migrations it is the plain field: the database sees no change."""

    model: Any
    remote_field: Any

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> WhereNode | None:
        """`there.workspace_id = here.workspace_id`, for the ON of a join."""
        if alias is None or related_alias is None:
            return None
        there = self.remote_field.model._meta.get_field("workspace").get_col(alias)
        here = self.model._meta.get_field("workspace").get_col(related_alias)
        found = WhereNode(connector=AND)
        found.add(Exact(there, here), AND)
        return found

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, Any]:
        """For the fetch of the row at the other end."""
        return {"workspace_id": instance.workspace_id}


class InsideForeignKey(_Inside, models.ForeignKey[Any, Any]):
    """A foreign key between two tables of a workspace."""

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.ForeignKey", arguments, options


class InsideOneToOneField(_Inside, models.OneToOneField[Any, Any]):
    """A one-to-one relation between two tables of a workspace."""

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.OneToOneField", arguments, options
