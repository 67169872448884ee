"""schemathesis over the whole description, against the real server: it must find nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.integration.api.conftest import Api

from support.serving import Served

EXAMPLES = 15
"""Generated requests for each operation and phase; more by hand with `schemathesis run`."""
LINE = 400
"""Characters of a line of its report that are shown: it prints whole requests."""


def test_schemathesis_finds_nothing(server: Served, api: Api, story: list[str], tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "schemathesis"
    run = subprocess.run(
        [
            str(program),
            "--config-file",
            str(Path(__file__).with_name("schemathesis.toml")),
            "run",
            f"{server.url}/v1/openapi.json",
            "--header",
            f"Authorization: Bearer {api.key}",
            "--max-examples",
            str(EXAMPLES),
            "--seed",
            "1",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    said = "\n".join(line[:LINE] for line in (run.stdout + run.stderr).splitlines())
    assert run.returncode == 0, said
