"""Logs hold no secret, wherever it hides."""

from __future__ import annotations

import json
import logging

import pytest
import structlog
from django.http import JsonResponse
from django.test import RequestFactory
from django.utils.log import log_response

from goodword.ops import logs

KEY = "gw_sk_01h2xcejqtf2nbrexx3vqjhp41_" + "A" * 43


@pytest.mark.parametrize(
    ("entry", "hidden"),
    [
        ({"key": KEY}, {"key": "[hidden]"}),
        ({"event": f"refused {KEY} today"}, {"event": "refused [hidden] today"}),
        ({"password": "hush"}, {"password": "[hidden]"}),
        ({"headers": {"Authorization": "Bearer abc"}}, {"headers": {"Authorization": "[hidden]"}}),
        ({"event": "sent Bearer abc.def"}, {"event": "sent Bearer [hidden]"}),
        ({"seen": ["ok", KEY]}, {"seen": ["ok", "[hidden]"]}),
        ({"event": "postgresql://ada:hush@db/goodword"}, {"event": "postgresql://[hidden]@db/goodword"}),
        ({"count": 3, "event": "applied"}, {"count": 3, "event": "applied"}),
        ({"event": "Internal Server Error: /p/ada@x.no"}, {"event": "Internal Server Error: /p/[hidden]"}),
        ({"event": "GET /p/ada%40x.no"}, {"event": "GET /p/[hidden]"}),
        (
            {"event": "Key (workspace_id, email)=(01a2, Ada (Mrs)) already exists."},
            {"event": "Key (workspace_id, email)=([hidden]) already exists."},
        ),
        ({"event": "Failing row contains (7, Ada Lovelace)."}, {"event": "Failing row contains ([hidden])."}),
    ],
)
def test_a_secret_is_hidden_and_the_rest_stays(entry: dict[str, object], hidden: dict[str, object]) -> None:
    assert logs.hide_secrets(None, "info", entry) == hidden


@pytest.mark.parametrize("as_json", [True, False])
def test_both_kinds_of_loggers_write_one_line_without_the_secret(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    logs.configure("INFO", as_json=as_json)
    try:
        structlog.get_logger("ours").info("made", token=KEY)
        logging.getLogger("theirs").warning("saw %s", KEY)
        logging.getLogger("theirs").debug("not shown")
        lines = capsys.readouterr().err.splitlines()
    finally:
        logs.configure()
    assert len(lines) == 2
    assert all("A" * 43 not in line for line in lines)
    if as_json:
        first, second = map(json.loads, lines)
        assert (first["event"], first["token"], first["level"]) == ("made", "[hidden]", "info")
        assert second["event"] == "saw [hidden]"


def test_a_traceback_is_kept_without_the_secret(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", as_json=True)
    try:
        try:
            raise ValueError(KEY)
        except ValueError:
            structlog.get_logger("ours").exception("failed")
        entry = json.loads(capsys.readouterr().err)
    finally:
        logs.configure()
    assert "ValueError: [hidden]" in entry["exception"]


def test_a_request_under_a_foreign_name_writes_a_line_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", as_json=True)
    try:
        raise ValueError("cannot be")
    except ValueError:
        logging.getLogger("django.security.DisallowedHost").error("Invalid HTTP_HOST header", exc_info=True)
        logging.getLogger("goodword.tests").error("broke", exc_info=True)
    foreign, broke = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert foreign["event"] == "Invalid HTTP_HOST header"
    assert "Traceback" not in str(foreign)
    assert "Traceback" in str(broke)


def test_a_probe_that_is_told_to_wait_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", as_json=True)
    try:
        for path, status in (("/readyz", 503), ("/readyz", 500), ("/v1/events", 503)):
            request = RequestFactory().get(path)
            told = JsonResponse({}, status=status)
            log_response("%s: %s", told.reason_phrase, path, response=told, request=request)
        lines = capsys.readouterr().err.splitlines()
    finally:
        logs.configure()
    assert [json.loads(line)["event"] for line in lines] == [
        "Internal Server Error: /readyz",
        "Service Unavailable: /v1/events",
    ]
