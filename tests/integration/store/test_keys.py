"""API keys: found by their text only, inside their own workspace only."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from goodword.store import keys, tenancy, workspaces
from goodword.store.models import ApiKey


def test_a_key_has_the_documented_shape(workspace: str) -> None:
    key, text = keys.create_key(workspace, "shop")
    public = workspaces.public_id(workspaces.everything()[0])
    assert text.startswith(f"gw_sk_{public.removeprefix('ws_')}_")
    assert len(text) == len("gw_sk_") + 26 + 1 + 43
    assert key.hint == text[-4:]


def test_only_a_digest_is_kept(workspace: str) -> None:
    _key, text = keys.create_key(workspace, "shop")
    with tenancy.workspace(workspace):
        (row,) = ApiKey.objects.values()
    assert bytes(row["digest"]) == hashlib.sha256(text.encode()).digest()
    assert text not in str(row)


def test_a_key_is_found_by_its_text(workspace: str) -> None:
    key, text = keys.create_key(workspace, "shop")
    found = keys.find_key(text)
    assert found is not None
    assert (found.key.id, str(found.key.workspace_id)) == (key.id, workspace)


@pytest.mark.parametrize("spoil", [str.upper, lambda text: text[:-1], lambda text: text + "A", lambda text: "x" + text])
def test_a_text_that_is_no_key_finds_nothing(workspace: str, spoil: object) -> None:
    _key, text = keys.create_key(workspace, "shop")
    assert callable(spoil)
    assert keys.find_key(spoil(text)) is None


def test_a_key_of_another_secret_finds_nothing(workspace: str) -> None:
    _key, text = keys.create_key(workspace, "shop")
    assert keys.find_key(text[:-43] + "A" * 43) is None


def test_a_workspace_part_that_is_no_id_finds_nothing(workspace: str) -> None:
    assert keys.find_key(f"gw_sk_{'z' * 26}_{'A' * 43}") is None


def test_a_secret_moved_to_another_workspace_finds_nothing(workspace: str) -> None:
    _key, text = keys.create_key(workspace, "shop")
    other = workspaces.public_id(workspaces.create("other", "Other")).removeprefix("ws_")
    assert keys.find_key(f"gw_sk_{other}_{text[-43:]}") is None


def test_the_last_use_is_noted_once_a_minute(workspace: str) -> None:
    _key, text = keys.create_key(workspace, "shop")
    first = keys.find_key(text)
    assert first is not None
    assert first.key.last_used_at is not None
    second = keys.find_key(text)
    assert second is not None
    assert second.key.last_used_at == first.key.last_used_at
    earlier = timezone.now() - timedelta(minutes=2)
    with tenancy.workspace(workspace):
        ApiKey.objects.update(last_used_at=earlier)
    third = keys.find_key(text)
    assert third is not None
    assert third.key.last_used_at is not None
    assert third.key.last_used_at > earlier


def test_a_key_of_another_workspace_cannot_be_revoked(workspace: str) -> None:
    key, text = keys.create_key(workspace, "shop")
    other = workspaces.create("other", "Other")
    with pytest.raises(keys.NoSuchKey):
        keys.revoke_key(str(other.id), str(key.id))
    assert keys.find_key(text) is not None


def test_a_key_without_a_name_is_refused(workspace: str) -> None:
    for name in ("", "  ", "x" * 201):
        with pytest.raises(keys.BadKeyName):
            keys.create_key(workspace, name)
    assert keys.list_keys(workspace) == []


def test_what_a_key_is_made_with_has_limits(workspace: str) -> None:
    many = [f"https://shop-{number}.example" for number in range(keys.MAX_ORIGINS)]
    key, _ = keys.create_key(workspace, "pages", kind=keys.PUBLISHABLE, origins=many)
    assert key.origins.split() == many
    longest = "https://" + "x" * (keys.MAX_ORIGIN - 8)
    assert keys.read_origins([longest]) == (longest,)
    for bad in (
        [*many, "https://more.example"],
        [longest + "x"],
        ["ftp://x"],
        ["https://a b"],
        ["null"],
        ["https://é"],
    ):
        with pytest.raises(keys.BadOrigin):
            keys.create_key(workspace, "pages", kind=keys.PUBLISHABLE, origins=bad)
    now = timezone.now()
    assert keys.create_key(workspace, "job", expires_at=now + keys.MAX_LIFE)
    for when in (now, now + keys.MAX_LIFE + timedelta(minutes=1)):
        with pytest.raises(keys.BadExpiry):
            keys.create_key(workspace, "job", expires_at=when)
    old, new, text = keys.rotate_key(workspace, str(key.id), keys.MAX_OVERLAP)
    assert (old.replaced_by_id, new.origins, text[:6]) == (new.id, key.origins, "gw_pk_")
    for overlap in (keys.MAX_OVERLAP + timedelta(seconds=1), timedelta(seconds=-1)):
        with pytest.raises(keys.BadExpiry):
            keys.rotate_key(workspace, str(new.id), overlap)


def test_an_origin_is_read_as_a_browser_sends_it() -> None:
    assert keys.read_origins(["https://shop.example:443", "http://[::1]:8080", "http://localhost:80"]) == (
        "https://shop.example",
        "http://[::1]:8080",
        "http://localhost",
    )
    assert keys.read_origins(["https://shop.example", "*"]) == ("*",)


def test_a_token_secret_is_no_key(workspace: str) -> None:
    key, text = keys.create_key(workspace, "login", kind=keys.TOKEN)
    assert keys.find_key(text) is None
    found = keys.find_token_secret(workspace, str(key.id))
    assert found is not None
    assert found[1] == text
    other = str(workspaces.create("other", "Other").id)
    assert keys.find_token_secret(other, str(key.id)) is None
    keys.revoke_key(workspace, str(key.id))
    assert keys.find_token_secret(workspace, str(key.id)) is None
