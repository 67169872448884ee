"""The workspaces themselves: made and listed by the operator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as server
from django.db import IntegrityError
from django.db.models import QuerySet
from uuid_utils.compat import uuid7

from goodword.domain import ids
from goodword.domain.destinations import is_host
from goodword.domain.edge_settings import EdgeSettings
from goodword.store import tenancy
from goodword.store.models import NAME, SHORT, SettingChange, Workspace

SLUG = re.compile(rf"[a-z0-9](?:[a-z0-9-]{{0,{SHORT - 2}}}[a-z0-9])?")

MAX_DOMAIN = 253
"""Characters of a short domain."""


class BadSlug(ValueError):
    """The short name of a workspace is not usable; the message says how one looks."""

    code = "bad_slug"


class BadName(ValueError):
    """The name of a workspace is empty or too long."""

    code = "bad_name"


class BadDomain(ValueError):
    """That cannot be a short domain; the message says how one looks."""

    code = "bad_domain"


class OwnDomain(BadDomain):
    """That is a name under which the server itself is: its console and API would be found no more."""


class DomainTaken(ValueError):
    """The short domain is another workspace's."""

    code = "domain_taken"


class SlugTaken(ValueError):
    """There is a workspace with that short name already."""

    code = "slug_taken"


def create(slug: str, name: str) -> Workspace:
    """Make a workspace. `slug` stands in addresses: lower-case letters, digits and hyphens, at most 64.
    Raises BadSlug, BadName, SlugTaken."""
    if SLUG.fullmatch(slug) is None:
        raise BadSlug(
            f"{slug[:80]!r} cannot be a workspace's short name; use lower-case letters, digits and hyphens, "
            f"at most {SHORT}, such as my-company."
        )
    workspace = Workspace(id=uuid7(), slug=slug, name=_name(name))
    try:
        with tenancy.workspace(str(workspace.id)):
            workspace.save(force_insert=True)
    except IntegrityError:
        raise SlugTaken(f"There is a workspace {slug!r} already; choose another short name.") from None
    return workspace


def configure(workspace_id: str, told: Mapping[str, Any], *, by: str, door: str) -> Workspace:
    """Change a workspace: `name`, `short_domain` (the host of its links; None: none of its own) and what
    `domain.edge_settings` names. What is left out stays. What changed is kept, with who (`by`) changed it through which
    door (console, api or cli). Raises BadName, BadDomain, OwnDomain, DomainTaken, and pydantic's `ValidationError`."""
    domain = told.get("short_domain")
    if "name" in told:
        told = {**told, "name": _name(told["name"])}
    if domain is not None:
        _check_domain(domain)
    try:
        with tenancy.workspace(workspace_id):
            row = Workspace.objects.select_for_update().get(id=workspace_id)
            before = settings(row)
            after = {**before, **told}
            kept = EdgeSettings.model_validate({name: after[name] for name in EdgeSettings.model_fields})
            after = {"name": after["name"], "short_domain": after["short_domain"], **kept.model_dump(mode="json")}
            changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
            if changes:
                row.name, row.domain = after["name"], after["short_domain"]
                row.settings = kept.model_dump(mode="json", exclude_defaults=True)
                row.save(update_fields=["name", "domain", "settings"])
                SettingChange.objects.create(
                    id=uuid7(),
                    workspace_id=workspace_id,
                    at=datetime.now(UTC),
                    by=by[:NAME],
                    door=door,
                    changes=changes,
                )
            return row
    except IntegrityError:
        raise DomainTaken(f"{domain} is another workspace's short domain; choose another.") from None


def settings(row: Workspace) -> dict[str, Any]:
    """What `configure` may change of a workspace, as it is, as plain data."""
    known = EdgeSettings.model_validate(row.settings).model_dump(mode="json")
    return {"name": row.name, "short_domain": row.domain, **known}


def changes(workspace_id: str) -> QuerySet[SettingChange]:
    """Who changed what, the newest first (the primary key's index). Needs the workspace's transaction."""
    return SettingChange.objects.filter(workspace_id=workspace_id).order_by("-id")


def _check_domain(domain: str) -> None:
    if not is_host(domain) or domain.startswith("*.") or ":" in domain or len(domain) > MAX_DOMAIN:
        raise BadDomain(
            f"{domain[:80]!r} cannot be a short domain; use a host's name in lower case, without https:// and port, "
            "such as go.example.com."
        )
    if domain in (urlsplit(server.PUBLIC_URL).hostname, *server.ALLOWED_HOSTS):
        raise OwnDomain(f"Under {domain} are this server's own console and API; choose another name.")


def _name(given: str) -> str:
    name = given.strip()
    if not 0 < len(name) <= NAME:
        raise BadName(f"A workspace's name has 1 to {NAME} characters; this one has {len(name)}.")
    return name


def everything() -> list[Workspace]:
    """Every workspace, by slug. For the operator's command line and the worker only."""
    with tenancy.directory():
        return list(Workspace.objects.order_by("slug"))


def public_id(workspace: Workspace) -> str:
    """The workspace's public id, `ws_…`."""
    return ids.public(ids.PREFIXES["workspace"], workspace.id)
