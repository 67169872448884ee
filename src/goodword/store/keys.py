"""API keys: `gw_sk_`, the 26 characters of the workspace's id, `_`, and 43 random characters.

The key names its workspace, so that it can be looked up inside the tenant wall. Only a SHA-256 is kept: the
secret has 256 random bits, which no guessing reaches, so a slow hash would protect nothing more.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from django.utils import timezone

from goodword.domain import ids
from goodword.store import tenancy
from goodword.store.models import NAME, ApiKey

PREFIX = "gw_sk_"
SHAPE = re.compile(r"gw_sk_([0-9a-hjkmnp-tv-z]{26})_[A-Za-z0-9_-]{43}")
HINT = 4
# `last_used_at` is for people: a write per request would cost more than it tells.
USED_GRANULARITY = timedelta(minutes=1)


class BadKeyName(ValueError):
    """The name of a key is empty or too long."""

    code = "bad_key_name"


class NoSuchKey(LookupError):
    """The workspace has no such key."""

    code = "no_such_key"


def create_key(workspace_id: str, name: str) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which is shown once and kept nowhere. Raises BadKeyName."""
    name = name.strip()
    if not 0 < len(name) <= NAME:
        raise BadKeyName(f"A key's name has 1 to {NAME} characters; this one has {len(name)}.")
    owner = ids.public(ids.PREFIXES["workspace"], workspace_id).rpartition("_")[2]
    text = f"{PREFIX}{owner}_{secrets.token_urlsafe(32)}"
    with tenancy.workspace(workspace_id):
        key = ApiKey.objects.create(workspace_id=workspace_id, name=name, digest=_digest(text), hint=text[-HINT:])
    return key, text


def find_key(text: str) -> ApiKey | None:
    """The key of this text, when there is one and it is not revoked; notes that it was used."""
    shape = SHAPE.fullmatch(text)
    if shape is None:
        return None
    try:
        workspace_id = ids.internal(ids.PREFIXES["workspace"], f"{ids.PREFIXES['workspace']}_{shape[1]}")
    except ids.BadId:
        return None
    digest = _digest(text)
    now = timezone.now()
    with tenancy.workspace(workspace_id):
        key = ApiKey.objects.filter(workspace_id=workspace_id, digest=digest, revoked_at=None).first()
        if key is None or not hmac.compare_digest(bytes(key.digest), digest):
            return None
        if key.last_used_at is None or now - key.last_used_at > USED_GRANULARITY:
            ApiKey.objects.filter(workspace_id=workspace_id, id=key.id).update(last_used_at=now)
            key.last_used_at = now
    return key


def list_keys(workspace_id: str) -> list[ApiKey]:
    """The keys of a workspace, oldest first, revoked ones too."""
    with tenancy.workspace(workspace_id):
        return list(ApiKey.objects.filter(workspace_id=workspace_id).order_by("created_at", "id"))


def revoke_key(workspace_id: str, key_id: str) -> ApiKey:
    """Revoke a key by its internal id; revoking it again changes nothing. Raises NoSuchKey."""
    with tenancy.workspace(workspace_id):
        key = ApiKey.objects.select_for_update().filter(workspace_id=workspace_id, id=key_id).first()
        if key is None:
            raise NoSuchKey("The workspace has no such key; 'goodword key list' shows the ones it has.")
        if key.revoked_at is None:
            key.revoked_at = timezone.now()
            ApiKey.objects.filter(workspace_id=workspace_id, id=key_id).update(revoked_at=key.revoked_at)
    return key


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
