"""Staff of the console, and a workspace where a little of everything happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from goodword.store import staff, workspaces
from support.browsing import PASSWORD, logged_in
from support.story import tell


@pytest.fixture(autouse=True)
def quick_passwords() -> Iterator[None]:
    """A real password costs half a second of computing, which is its point and would be that of each test."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def hire(workspace: str) -> Callable[..., User]:
    """Makes a login with a role in the workspace, or in another one."""

    def make(role: str = "owner", *, where: str | None = None, email: str | None = None) -> User:
        return staff.create_user(email or f"{role}@example.com", PASSWORD, where or workspace, role)

    return make


@pytest.fixture
def visit(hire: Callable[..., User]) -> Client:
    """A browser in which an owner of the workspace is logged in."""
    return logged_in(hire())


@pytest.fixture
def elsewhere(db: str) -> str:
    """Another workspace; its id."""
    return str(workspaces.create("elsewhere", "Elsewhere").id)


@pytest.fixture
def story(workspace: str) -> str:
    """The workspace after the story; its id."""
    tell(workspace)
    return workspace
