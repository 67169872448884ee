"""The login: it lets the right people in, tells the others nothing, and gets tired of guessing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from goodword.store import staff
from support.browsing import PASSWORD, logged_in, stranger

LOGIN = "/accounts/login/"


@pytest.fixture
def ada(hire: Callable[..., User]) -> User:
    return hire("owner", email="ada@example.com")


def enter(client: Client, email: str = "ada@example.com", password: str = PASSWORD, **more: str) -> tuple[int, str]:
    answer = client.post(LOGIN, {"login": email, "password": password, **more})
    return answer.status_code, answer.headers.get("Location", "")


def test_email_and_password_lead_in_whatever_the_case_of_the_address(ada: User) -> None:
    for email in ("ada@example.com", "Ada@Example.COM"):
        client = stranger()
        assert enter(client, email) == (302, "/")
        assert client.get("/")["Location"] == "/w/test/"


def test_a_wrong_password_and_an_unknown_address_look_the_same(ada: User) -> None:
    told = []
    for email, password in (("ada@example.com", "wrong wrong wrong"), ("nobody@example.com", PASSWORD)):
        answer = stranger().post(LOGIN, {"login": email, "password": password})
        assert answer.status_code == 200
        told.append(re.findall(r'role="alert">(.*?)</div></div>', answer.content.decode()))
    assert told[0] == told[1]
    assert "not correct" in told[0][0]


def test_guessing_is_stopped_even_when_the_right_password_comes_at_last(ada: User) -> None:
    client = stranger()
    for _ in range(5):
        assert enter(client, password="wrong wrong wrong")[0] == 200
    answer = client.post(LOGIN, {"login": "ada@example.com", "password": PASSWORD})
    assert "Too many failed login attempts" in answer.content.decode()
    assert client.get("/")["Location"].startswith(LOGIN)


def test_many_tries_from_one_address_get_the_429_page(ada: User) -> None:
    client = stranger()
    answers = [client.post(LOGIN, {"login": f"p{n}@example.com", "password": "x" * 12}) for n in range(35)]
    last = answers[-1]
    assert last.status_code == 429
    assert "Too many tries" in last.content.decode()
    assert '<link rel="stylesheet"' in last.content.decode()


def test_the_login_leads_to_the_page_that_was_asked_for(ada: User) -> None:
    assert enter(stranger(), next="/w/test/participants/") == (302, "/w/test/participants/")


def test_the_login_never_leads_away_from_this_site(ada: User) -> None:
    for target in (
        "https://evil.example/",
        "//evil.example/",
        r"\\evil.example",
        "/\\evil.example/",
        "javascript:alert(1)",
        "http:evil.example",
        "\thttps://evil.example",
    ):
        assert enter(stranger(), next=target) == (302, "/"), target
        language = stranger().post("/i18n/setlang/", {"language": "nb", "next": target})
        assert language["Location"] == "/", target


def test_nobody_can_sign_up_or_ask_for_mail(db: str) -> None:
    for path in ("signup", "password/reset", "email", "confirm-email", "login/code"):
        assert stranger().get(f"/accounts/{path}/").status_code == 404
        assert (
            stranger().post(f"/accounts/{path}/", {"email": "x@example.com", "password1": PASSWORD}).status_code == 404
        )
    assert not User.objects.exists()


def test_a_form_without_its_token_is_refused_with_a_page_that_helps(ada: User) -> None:
    client = stranger(csrf=True)
    for path in (LOGIN, "/accounts/logout/", "/accounts/password/", "/i18n/setlang/"):
        answer = client.post(path, {"login": "ada@example.com", "password": PASSWORD})
        assert answer.status_code == 403, path
        assert "The form has expired" in answer.content.decode()
    page = client.get(LOGIN).content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    assert enter(client, csrfmiddlewaretoken=token[1])[0] == 302


def test_log_out_ends_the_session_and_needs_a_form(ada: User) -> None:
    client = logged_in(ada)
    asked = client.get("/accounts/logout/")
    assert "Log out?" in asked.content.decode()
    assert client.get("/")["Location"] == "/w/test/"
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/")["Location"].startswith(LOGIN)


def test_a_login_that_is_switched_off_is_told_so(ada: User) -> None:
    ada.is_active = False
    ada.save()
    client = stranger()
    enter(client)
    assert client.get("/")["Location"].startswith(LOGIN)
    assert "switched off" in client.get("/accounts/inactive/").content.decode()


def test_a_password_is_changed_with_the_present_one_and_other_sessions_end(ada: User) -> None:
    here, there = logged_in(ada), logged_in(ada)
    new = "another good long one"
    wrong = here.post("/accounts/password/", {"oldpassword": "wrong", "password1": new, "password2": new})
    assert wrong.status_code == 200
    weak = here.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"})
    assert b"at least 10 characters" in weak.content
    changed = here.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert changed.status_code == 302
    assert "The password is changed." in here.get("/accounts/password/").content.decode()
    assert there.get("/")["Location"].startswith(LOGIN)
    assert enter(stranger(), password=PASSWORD)[0] == 200
    assert enter(stranger(), password=new) == (302, "/")


def test_a_password_set_by_the_operator_ends_the_sessions(ada: User) -> None:
    client = logged_in(ada)
    staff.set_password("ada@example.com", "set by the operator")
    assert client.get("/")["Location"].startswith(LOGIN)


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(ada: User) -> None:
    client = stranger()
    enter(client)
    cookie = client.cookies["goodword_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
