"""Staff: the people who may log in to the console, and their role in a workspace."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from goodword.store import tenancy
from goodword.store.models import Membership

MAY_PUBLISH = frozenset({Membership.Role.OWNER.value, Membership.Role.MANAGER.value})
"""Roles whose members write, approve and publish programs."""


class StaffError(ValueError):
    """A login cannot be made or changed; the message says why and what to do."""

    code = "bad_staff"


class BadEmail(StaffError):
    """Not an e-mail address."""

    code = "bad_email"


class WeakPassword(StaffError):
    """The password is too easy to guess."""

    code = "weak_password"


class AlreadyMember(StaffError):
    """The person is a member of the workspace already."""

    code = "already_member"


class NoSuchUser(StaffError):
    """There is no login with that address."""

    code = "no_such_user"


def create_user(email: str, password: str, workspace_id: str, role: str) -> User:
    """Make a login and its membership. Raises BadEmail, WeakPassword, AlreadyMember."""
    address = _address(email)
    if find_user(address) is not None:
        raise AlreadyMember(
            f"There is a login for {address} already; 'goodword user grant' gives it a role in a workspace."
        )
    user = User(username=address, email=address)
    _set_password(user, password)
    try:
        with tenancy.workspace(workspace_id):
            user.save()
            Membership.objects.create(workspace_id=workspace_id, user=user, role=role)
    except IntegrityError:
        raise AlreadyMember(f"There is a login for {address} already.") from None
    return user


def grant(email: str, workspace_id: str, role: str) -> Membership:
    """Give a login this role in a workspace, in place of the one it had there. Raises NoSuchUser."""
    user = _existing(email)
    with tenancy.workspace(workspace_id):
        membership, _new = Membership.objects.update_or_create(
            workspace_id=workspace_id, user=user, defaults={"role": role}
        )
    return membership


def set_password(email: str, password: str) -> User:
    """Give a login another password, which ends its sessions. Raises NoSuchUser, WeakPassword."""
    with transaction.atomic():
        user = _existing(email)
        _set_password(user, password)
        user.save(update_fields=["password"])
    return user


def others_may_publish(workspace_id: str, email: str) -> bool:
    """Whether anybody but this person may publish in a workspace."""
    with tenancy.workspace(workspace_id):
        found = Membership.objects.filter(workspace_id=workspace_id, role__in=MAY_PUBLISH)
        return found.exclude(user__email=email).exists()


def publishers(workspace_id: str) -> list[str]:
    """The addresses of everybody who may publish in a workspace, sorted."""
    with tenancy.workspace(workspace_id):
        found = Membership.objects.filter(workspace_id=workspace_id, role__in=MAY_PUBLISH)
        return sorted(found.values_list("user__email", flat=True))


def find_user(email: str) -> User | None:
    """The login of an address, whatever its case."""
    return User.objects.filter(username=email.strip().lower()).first()


def _existing(email: str) -> User:
    user = find_user(email)
    if user is None:
        raise NoSuchUser(f"There is no login for {email[:254]}; make one with 'goodword user create'.")
    return user


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise BadEmail(f"{email[:254]!r} is not an e-mail address; write it as ada@example.com.") from None
    if len(address) > 150:
        raise BadEmail(f"The e-mail address has {len(address)} characters; a login's has at most 150.")
    return address


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages)) from None
    user.set_password(password)
