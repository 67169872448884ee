"""The workspaces themselves: made and listed by the operator."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings as server
from django.db import IntegrityError
from uuid_utils.compat import uuid7

from goodword.domain import ids
from goodword.domain.destinations import is_host
from goodword.domain.edge_settings import EdgeSettings
from goodword.store import tenancy
from goodword.store.models import NAME, SHORT, Workspace

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
    """That is the name under which the server itself is: its console and API would be found no more."""


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


def configure(workspace_id: str, *, domain: str | None, settings: EdgeSettings) -> Workspace:
    """Say under which short domain a workspace's links are (None: none), and how they answer. Raises BadDomain,
    OwnDomain and DomainTaken."""
    if domain is not None and (
        not is_host(domain) or domain.startswith("*.") or ":" in domain or len(domain) > MAX_DOMAIN
    ):
        raise BadDomain(
            f"{domain[:80]!r} cannot be a short domain; use a host's name in lower case, without https:// and port, "
            "such as go.example.com."
        )
    if domain is not None and domain == urlsplit(server.PUBLIC_URL).hostname:
        raise OwnDomain(f"{domain} is this server's own name, under which its console and API are; choose another.")
    try:
        with tenancy.workspace(workspace_id):
            Workspace.objects.filter(id=workspace_id).update(
                domain=domain, settings=settings.model_dump(mode="json", exclude_defaults=True)
            )
            return Workspace.objects.get(id=workspace_id)
    except IntegrityError:
        raise DomainTaken(f"{domain} is another workspace's short domain; choose another.") from None


def rename(workspace_id: str, name: str) -> None:
    """Give a workspace another name. Raises BadName."""
    known = _name(name)
    with tenancy.workspace(workspace_id):
        Workspace.objects.filter(id=workspace_id).update(name=known)


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
