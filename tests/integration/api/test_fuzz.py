"""schemathesis over the whole description, against the real server: it must find nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import jwt
from tests.integration.api.conftest import Api

from goodword.domain import ids
from support.serving import Served

EXAMPLES = 6
"""Generated requests for each operation and phase; more by hand with `schemathesis run`."""
LINE = 400
"""Characters of a line of its report that are shown: it prints whole requests."""


MINE, KEYS = "^/v1/me", "^/v1/keys"
WITHOUT_LINKS = ("--phases", "examples,coverage,fuzzing")
"""Where no link leads from one of the chosen operations to another."""


def test_schemathesis_finds_nothing(server: Served, api: Api, story: list[str], tmp_path: Path) -> None:
    _run(server, str(api.key), tmp_path, EXAMPLES, "--exclude-path-regex", f"{MINE}|{KEYS}")


def test_schemathesis_finds_nothing_in_keys(server: Served, api: Api, tmp_path: Path) -> None:
    # One thing after another would sooner or later revoke the key that asks.
    _run(server, str(api.key), tmp_path, 5, "--include-path-regex", KEYS, *WITHOUT_LINKS)


def test_schemathesis_finds_nothing_as_a_participant(
    server: Served, api: Api, workspace: str, story: list[str], tmp_path: Path
) -> None:
    made = _token_secret(server, api)
    claims = {"sub": "ada", "aud": ids.public("ws", workspace), "exp": int(time.time()) + 3600}
    token = jwt.encode(claims, made["key"], algorithm="HS256", headers={"kid": made["id"]})
    with urlopen(Request(f"{server.url}/v1/me", headers={"Authorization": f"Bearer {token}"})) as answer:
        assert answer.status == 200, "what is not let in finds nothing"
    _run(server, token, tmp_path, 5, "--include-path-regex", MINE, *WITHOUT_LINKS)


def _token_secret(server: Served, api: Api) -> dict[str, str]:
    """A token secret, made by the server: it keeps it under a key of its own, which this process does not have."""
    body = json.dumps({"name": "login", "kind": "token"}).encode()
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"}
    with urlopen(Request(f"{server.url}/v1/keys", body, headers)) as answer:
        found: dict[str, str] = json.load(answer)
    return found


def _run(server: Served, key: str, folder: Path, examples: int, *which: str) -> None:
    program = Path(sys.executable).parent / "schemathesis"
    run = subprocess.run(
        [
            str(program),
            "--config-file",
            str(Path(__file__).with_name("schemathesis.toml")),
            "run",
            f"{server.url}/v1/openapi.json",
            "--header",
            f"Authorization: Bearer {key}",
            "--max-examples",
            str(examples),
            "--seed",
            "1",
            *which,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=1_500,
    )
    said = "\n".join(line[:LINE] for line in (run.stdout + run.stderr).splitlines())
    assert run.returncode == 0, said
