"""API keys: `gw_sk_` (secret) or `gw_pk_` (publishable), the 26 characters of the workspace's id, `_`, and 43 random
characters; and token secrets, `gw_ts_` in the same shape, with which a host signs what names a participant.

The key names its workspace, so that it can be looked up inside the tenant wall. Only a SHA-256 is kept: the
secret has 256 random bits, which no guessing reaches, so a slow hash would protect nothing more. A token secret must
be known to verify with: it is reckoned from the server's own secret key and the row's id each time, and kept nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from goodword.domain import ids, scopes
from goodword.store import tenancy
from goodword.store.models import NAME, ApiKey
from goodword.store.rate_windows import ADD, BEGAN, UNHURRIED, Window
from goodword.store.trip import Step, carry_out, workspace_scope
from goodword.store.worded import Worded

SECRET, PUBLISHABLE, TOKEN = "secret", "publishable", "token"
PREFIXES = {SECRET: "gw_sk_", PUBLISHABLE: "gw_pk_", TOKEN: "gw_ts_"}
SHAPE = re.compile(r"gw_[sp]k_([0-9a-hjkmnp-tv-z]{26})_[A-Za-z0-9_-]{43}")
HINT = 4
# `last_used_at` is for people: a write per request would cost more than it tells.
USED_GRANULARITY = timedelta(minutes=1)
MAX_KEYS = 100
"""Keys of a workspace that are neither revoked nor expired, token secrets among them."""
MAX_ORIGINS = 20
"""Origins of one key."""
MAX_ORIGIN = 200
"""Characters of one origin."""
MAX_OVERLAP = timedelta(days=30)
"""How long a key that was rotated may live beside the one that takes its place."""
OVERLAP = timedelta(hours=24)
"""How long it does where nothing else is said."""
MAX_LIFE = timedelta(days=3650)
"""How far ahead a key may expire."""
ANYWHERE = "*"
_FIELDS = [field.attname for field in ApiKey._meta.concrete_fields]
_FIND = f"""
    WITH known AS (
        SELECT {", ".join(_FIELDS)} FROM api_key
        WHERE workspace_id = $1::uuid AND digest = $2::bytea AND revoked_at IS NULL             -- api_key_digest
    ), counted AS (
        INSERT INTO rate_window AS w (workspace_id, api_key_id, started_at, requests)
        SELECT $1::uuid, id, {BEGAN}, $3::bigint FROM known
        WHERE kind = '{SECRET}' AND (expires_at IS NULL OR expires_at > clock_timestamp())
        {ADD}
    )
    SELECT known.*, counted.requests, counted.started_at FROM known LEFT JOIN counted ON true
""".encode()  # noqa: S608  the names are the model's own


_NO_ORIGIN = N_("%(origin)s is not an origin; write it as https://shop.example, without a path, or as *.")


class BadKey(Worded):
    """A key that cannot be made so. The message says what is allowed; `field` is what is wrong."""

    code = "bad_key"
    field = ""


class BadKeyName(BadKey):
    """The name of a key is empty or too long."""

    code = "bad_key_name"
    field = "name"


class BadOrigin(BadKey):
    """Not an origin, too many, or none where one is needed."""

    code = "bad_origin"
    field = "origins"


class BadExpiry(BadKey):
    """A key that would expire in the past, or too far ahead."""

    code = "bad_expiry"
    field = "expires_at"


class TooManyKeys(Worded):
    """The workspace has as many keys as it may have."""

    code = "too_many_keys"


class NotRotatable(Worded):
    """The key is revoked, expired, or was rotated before."""

    code = "wrong_state"


class NoSuchKey(LookupError):
    """The workspace has no such key."""

    code = "no_such_key"


def create_key(
    workspace_id: str,
    name: str,
    *,
    kind: str = SECRET,
    scope: Iterable[str] = (scopes.ALL,),
    origins: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which is shown once and kept nowhere. Only a secret key has scopes, only
    the others have origins; a publishable key needs one. Raises `BadKey`, `TooManyKeys`, `scopes.BadScopes`."""
    name = name.strip()
    if not 0 < len(name) <= NAME:
        raise BadKeyName(
            N_("A key's name has 1 to %(most)s characters; this one has %(count)s."), most=NAME, count=len(name)
        )
    allowed = " ".join(scopes.read(scope)) if kind == SECRET else ""
    places = "" if kind == SECRET else " ".join(read_origins(origins, needed=kind == PUBLISHABLE))
    now = timezone.now()
    if expires_at is not None and not now < expires_at <= now + MAX_LIFE:
        raise BadExpiry(N_("A key expires in the future, within %(days)s days."), days=f"{MAX_LIFE.days:,}")
    with tenancy.workspace(workspace_id):
        if alive(workspace_id, now).count() >= MAX_KEYS:
            raise TooManyKeys(
                N_("The workspace has %(count)s keys, the most it may have; revoke one that is not used."),
                count=MAX_KEYS,
            )
        return _make(workspace_id, ApiKey(kind=kind, name=name, scopes=allowed, origins=places, expires_at=expires_at))


def _make(workspace_id: str, key: ApiKey) -> tuple[ApiKey, str]:
    key.workspace_id = workspace_id
    text = token_secret(workspace_id, str(key.id)) if key.kind == TOKEN else _random(workspace_id, key.kind)
    key.digest, key.hint = _digest(text), text[-HINT:]
    key.save(force_insert=True)
    return key, text


def _random(workspace_id: str, kind: str) -> str:
    return f"{PREFIXES[kind]}{_owner(workspace_id)}_{secrets.token_urlsafe(32)}"


def _owner(workspace_id: str) -> str:
    return ids.public(ids.PREFIXES["workspace"], workspace_id).rpartition("_")[2]


def read_origins(given: Iterable[str], *, needed: bool = False) -> tuple[str, ...]:
    """Origins as a browser sends them, each once, or only `*`. Raises `BadOrigin`."""
    found = tuple(dict.fromkeys(_origin(text) for text in given))
    if needed and not found:
        raise BadOrigin(N_("A publishable key names the origins it is used from, such as https://shop.example, or *."))
    if len(found) > MAX_ORIGINS:
        raise BadOrigin(
            N_("A key has at most %(most)s origins; these are %(count)s."), most=MAX_ORIGINS, count=len(found)
        )
    return (ANYWHERE,) if ANYWHERE in found else found


def _origin(text: str) -> str:
    if text == ANYWHERE:
        return text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= MAX_ORIGIN
    if not (
        plain and parts.scheme in ("http", "https") and parts.hostname and text == f"{parts.scheme}://{parts.netloc}"
    ):
        raise BadOrigin(_NO_ORIGIN, origin=repr(text[:60]))
    if "@" in parts.netloc or parts.netloc.endswith(":"):
        raise BadOrigin(_NO_ORIGIN, origin=repr(text[:60]))
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


class Asking(NamedTuple):
    """A key that requests came with. `window` has how many requests there are with these in the present window of the
    rate limit, and when it began; None where the key is not a secret one in use, whose requests are counted
    otherwise."""

    key: ApiKey
    window: Window | None


def find_key(text: str, times: int = 1) -> Asking | None:
    """The key of this text, when there is one and it is not revoked, expired or not; notes that it was used, and counts
    so many requests."""
    shape = SHAPE.fullmatch(text)
    if shape is None:
        return None
    try:
        workspace_id = ids.internal(ids.PREFIXES["workspace"], f"{ids.PREFIXES['workspace']}_{shape[1]}")
    except ids.BadId:
        return None
    digest = _digest(text)
    # By hand and in one trip, since every request asks it.
    given = [workspace_id.encode(), b"\\x" + digest.hex().encode(), str(times).encode()]
    [rows] = carry_out(workspace_scope(workspace_id), UNHURRIED, Step(_FIND, given, b"find_key"))
    if not rows:
        return None
    *fields, requests, began = rows[0]
    key = ApiKey.from_db(None, _FIELDS, fields)
    if key.kind == TOKEN or not hmac.compare_digest(bytes(key.digest), digest):
        return None
    if _unnoted(key):
        with tenancy.workspace(workspace_id):
            note_use(key)
    return Asking(key, None if began is None else Window(requests, began))


def find_token_secret(workspace_id: str, key_id: str) -> tuple[ApiKey, str] | None:
    """The token secret of that internal id, with its text, when it is not revoked; notes that it was used."""
    with tenancy.workspace(workspace_id):
        key = ApiKey.objects.filter(workspace_id=workspace_id, id=key_id, kind=TOKEN, revoked_at=None).first()
        if key is None:
            return None
        for master in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            text = token_secret(workspace_id, key_id, master)
            if hmac.compare_digest(bytes(key.digest), _digest(text)):
                note_use(key)
                return key, text
    return None


def token_secret(workspace_id: str, key_id: str, master: str = "") -> str:
    """The text of a token secret: what the server's secret key makes of the row's ids (HMAC-SHA-256)."""
    told = f"goodword participant token\0{workspace_id}\0{key_id}".encode()
    made = hmac.digest((master or settings.SECRET_KEY).encode(), told, "sha256")
    return f"{PREFIXES[TOKEN]}{_owner(workspace_id)}_{urlsafe_b64encode(made).decode().rstrip('=')}"


def note_use(key: ApiKey) -> None:
    """Write down when the key was used, at most once a minute. Needs the workspace's transaction."""
    if _unnoted(key):
        now = timezone.now()
        ApiKey.objects.filter(workspace_id=key.workspace_id, id=key.id).update(last_used_at=now)
        key.last_used_at = now


def _unnoted(key: ApiKey) -> bool:
    return key.last_used_at is None or timezone.now() - key.last_used_at > USED_GRANULARITY


def expired(key: ApiKey, now: datetime | None = None) -> bool:
    """Whether the key has come to its end."""
    return key.expires_at is not None and key.expires_at <= (now or timezone.now())


def list_keys(workspace_id: str, kinds: Iterable[str] = ()) -> list[ApiKey]:
    """The keys of a workspace, oldest first, revoked ones too; only those of some kinds, where any is named."""
    with tenancy.workspace(workspace_id):
        found = ApiKey.objects.filter(workspace_id=workspace_id).order_by("created_at", "id")
        named = list(kinds)
        return list(found.filter(kind__in=named) if named else found)


def alive(workspace_id: str, now: datetime) -> QuerySet[ApiKey]:
    """Keys that are neither revoked nor expired. Needs the workspace's transaction."""
    unended = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return ApiKey.objects.filter(unended, workspace_id=workspace_id, revoked_at__isnull=True)


def rotate_key(workspace_id: str, key_id: str, overlap: timedelta = OVERLAP) -> tuple[ApiKey, ApiKey, str]:
    """Make a key that takes the place of another: with its name, scopes and origins, and with as long a life where that
    one has an end. The old one lives for `overlap` more, 0 to `MAX_OVERLAP`. Returns the old one, the new one and its
    text. Raises `NoSuchKey`, `NotRotatable`, `BadExpiry`."""
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise BadExpiry(N_("The old key may live for 0 to %(days)s days beside the new one."), days=MAX_OVERLAP.days)
    now = timezone.now()
    with tenancy.workspace(workspace_id):
        old = _locked(workspace_id, key_id)
        if old.revoked_at or old.replaced_by_id or expired(old, now):
            raise NotRotatable(N_("The key is revoked, expired, or was rotated before: rotate the one in its place."))
        ends = now + (old.expires_at - old.created_at) if old.expires_at else None
        made = ApiKey(kind=old.kind, name=old.name, scopes=old.scopes, origins=old.origins, expires_at=ends)
        new, text = _make(workspace_id, made)
        old.expires_at = min(old.expires_at or now + overlap, now + overlap)
        old.replaced_by_id = new.id
        kept = ApiKey.objects.filter(workspace_id=workspace_id, id=key_id)
        kept.update(expires_at=old.expires_at, replaced_by_id=new.id)
    return old, new, text


def revoke_key(workspace_id: str, key_id: str) -> ApiKey:
    """Revoke a key by its internal id; revoking it again changes nothing. Raises NoSuchKey."""
    with tenancy.workspace(workspace_id):
        key = _locked(workspace_id, key_id)
        if key.revoked_at is None:
            key.revoked_at = timezone.now()
            ApiKey.objects.filter(workspace_id=workspace_id, id=key_id).update(revoked_at=key.revoked_at)
    return key


def _locked(workspace_id: str, key_id: str) -> ApiKey:
    key = ApiKey.objects.select_for_update().filter(workspace_id=workspace_id, id=key_id).first()
    if key is None:
        raise NoSuchKey("The workspace has no such key; 'goodword key list' shows the ones it has.")
    return key


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
