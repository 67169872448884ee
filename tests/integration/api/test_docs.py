"""The page at /docs: the whole reference without a script or a style of its own, in every language."""

from __future__ import annotations

import pytest
from django.test import Client

from goodword.api import openapi, problems
from goodword.api.templatetags.reference import inline, paragraphs
from support.browsing import Page


@pytest.fixture
def page(db: str) -> Page:
    response = Client(headers={"Host": "localhost"}).get("/docs")
    assert response.status_code == 200
    return Page(response.content.decode())


def test_it_needs_no_login_and_obeys_the_strict_policy(db: str, page: Page) -> None:
    response = Client(headers={"Host": "localhost"}).get("/docs")
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert page.forbidden == []


def test_it_shows_every_operation_object_and_problem(page: Page) -> None:
    document = openapi.document()
    for path, methods in document["paths"].items():
        assert path in page.text
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page.html
            assert f"#{operation['operationId']}" in page.links
    for name in document["components"]["schemas"]:
        assert f'id="{name.lower()}"' in page.html
    for code in problems.KINDS:
        assert f'id="problem-{code}"' in page.html


def test_its_links_lead_somewhere(page: Page) -> None:
    for link in page.links:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in page.html, link


def test_its_samples_call_the_server_that_is_asked(page: Page) -> None:
    assert "curl http://localhost/v1/participants" in page.text


@pytest.mark.parametrize(("language", "word"), [("nb", "Feil"), ("da", "Fejl"), ("ms", "Kandungan")])
def test_its_frame_speaks_the_readers_language(db: str, language: str, word: str) -> None:
    shown = Client(headers={"Host": "localhost", "Accept-Language": language}).get("/docs").content.decode()
    assert f'lang="{language}"' in shown
    assert word in shown


def test_descriptions_become_html_and_nothing_else_does() -> None:
    assert inline("`a` **b** [c](#d)") == '<code>a</code> <strong>b</strong> <a href="#d">c</a>'
    assert inline("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert inline("[x](javascript:alert)") == "[x](javascript:alert)"
    assert paragraphs("one\n\ntwo\nlines") == "<p>one</p><p>two lines</p>"
