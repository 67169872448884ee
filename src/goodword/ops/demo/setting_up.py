"""What the demo needs before its events: a workspace, a login, and the three programmes."""

from __future__ import annotations

import secrets
from importlib import resources

from goodword.engine import programs
from goodword.ops import home
from goodword.store import staff, tenancy, workspaces
from goodword.store.models import Membership, Program, Workspace

SLUG = "demo"
NAME = "Demo: CDNOW"
EMAIL = "demo@goodword.example"
PASSWORD_FILE = "demo_password"  # noqa: S105 (a file's name)
RECIPES = ("credit-after-threshold", "bronze-silver-gold", "b2b-sales")


def workspace() -> Workspace:
    """The demo's workspace, made unless it is there."""
    found = {row.slug: row for row in workspaces.everything()}
    return found.get(SLUG) or workspaces.create(SLUG, NAME)


def login(workspace_id: str) -> str:
    """Makes sure that the demo's login works, and gives its password: made once, kept in the home folder."""
    password = home.kept_secret(PASSWORD_FILE, lambda: secrets.token_urlsafe(12))
    user = staff.find_user(EMAIL)
    if user is None:
        staff.create_user(EMAIL, password, workspace_id, Membership.Role.OWNER)
    elif not user.check_password(password):
        staff.set_password(EMAIL, password)
    return password


def publish_programs(workspace_id: str) -> None:
    """Publishes the three recipes unless the workspace has programmes under their names."""
    with tenancy.workspace(workspace_id):
        known = set(
            Program.objects.filter(workspace_id=workspace_id, live_version__isnull=False).values_list("key", flat=True)
        )
    for recipe in RECIPES:
        if recipe not in known:
            text = resources.files("goodword").joinpath("recipes", f"{recipe}.yaml").read_text(encoding="utf-8")
            programs.publish(workspace_id, text, by="goodword demo")
