"""The settings that an operator's environment decides, and the content security policy."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from goodword.ops.middleware import POLICY, content_security_policy
from support.serving import environment

SHOW = """
import json
from goodword.ops import settings
print(json.dumps({name: getattr(settings, name, None) for name in (
    "DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
    "LANGUAGE_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER",
)}))
"""


def settings(tmp_path: Any, **given: str) -> dict[str, Any]:
    """The settings of a process with these variables."""
    answer = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment(tmp_path, None, given), capture_output=True, check=True
    )
    shown: dict[str, Any] = json.loads(answer.stdout)
    return shown


def test_behind_https_cookies_and_transport_are_secure(tmp_path: Any) -> None:
    shown = settings(tmp_path, GOODWORD_URL="https://refer.example.com/", GOODWORD_BEHIND_PROXY="1")
    assert shown["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]", "refer.example.com"]
    assert shown["CSRF_TRUSTED_ORIGINS"] == ["https://refer.example.com"]
    assert shown["SESSION_COOKIE_SECURE"] is shown["CSRF_COOKIE_SECURE"] is shown["LANGUAGE_COOKIE_SECURE"] is True
    assert shown["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert shown["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_on_the_loopback_a_cookie_works_without_https_and_no_header_of_a_client_is_believed(tmp_path: Any) -> None:
    shown = settings(tmp_path, GOODWORD_ALLOWED_HOSTS=" a.example , b.example ")
    assert shown["DEBUG"] is False
    assert shown["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]", "a.example", "b.example"]
    assert shown["SESSION_COOKIE_SECURE"] is False
    assert shown["SESSION_COOKIE_HTTPONLY"] is True
    assert shown["SECURE_HSTS_SECONDS"] == 0
    assert shown["SECURE_PROXY_SSL_HEADER"] is None


def test_every_response_gets_the_policy_unless_it_brings_its_own() -> None:
    def plain(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def own(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})

    async def later(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    request = RequestFactory().get("/")
    answers: list[Any] = [content_security_policy(plain)(request), content_security_policy(own)(request)]
    answers.append(asyncio.run(content_security_policy(later)(request)))  # type: ignore[arg-type]
    policies = [answer.headers["Content-Security-Policy"] for answer in answers]
    assert policies == [POLICY, "default-src 'none'", POLICY]


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("GOODWORD_READY_LAG_SECONDS", "0", "must be a number from 1 to 86400, not '0'"),
        ("GOODWORD_READY_LAG_SECONDS", "86401", "must be a number from 1 to 86400, not '86401'"),
        ("GOODWORD_READY_LAG_SECONDS", "soon", "must be a number from 1 to 86400, not 'soon'"),
        ("GOODWORD_METRICS_TOKEN", "x" * 19, "must have at least 20 characters"),
    ],
)
def test_a_setting_out_of_its_bounds_is_refused_at_the_start(tmp_path: Any, name: str, given: str, said: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment(tmp_path, None, {name: given}), capture_output=True, text=True
    )
    assert ran.returncode != 0
    assert f"{name} {said}" in ran.stderr
    assert given not in ran.stderr or name != "GOODWORD_METRICS_TOKEN"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("GOODWORD_READY_LAG_SECONDS", "1"),
        ("GOODWORD_READY_LAG_SECONDS", "86400"),
        ("GOODWORD_METRICS_TOKEN", "x" * 20),
    ],
)
def test_a_setting_at_its_bounds_is_taken(tmp_path: Any, name: str, given: str) -> None:
    assert settings(tmp_path, **{name: given})["DEBUG"] is False
