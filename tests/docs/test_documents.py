"""The documents: links lead somewhere, snippets say what is true, and the commands of a page run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import orjson
import pytest

from goodword.domain import segment, segment_names
from goodword.domain.events import parse_event
from goodword.domain.program import read
from support.serving import Served

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src/goodword/recipes").rglob("*.md")])
LANGUAGES = {
    "",
    "text",
    "sh",
    "sh run",
    "sql",
    "python",
    "py",
    "ts",
    "json",
    "json event",
    "json segment",
    "yaml",
    "yaml program",
}
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
RUN_WAIT = 60.0


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def _blocks(page: Path) -> list[Block]:
    text = page.read_text()
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1].strip(), found[2])
        for found in BLOCK.finditer(text)
    ]


BLOCKS = [block for page in PAGES for block in _blocks(page)]


def _of(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


@cache
def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    plain = BLOCK.sub("", page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in HEADING.findall(plain)}


def _broken(page: Path) -> Iterator[str]:
    for found in LINK.finditer(BLOCK.sub("", page.read_text())):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    assert list(_broken(page)) == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for found in LINK.finditer(page.read_text()):
            path = (found[1] or found[2]).partition("#")[0]
            if path and not re.match(r"[a-z]+:", path):
                waiting.append((page.parent / path).resolve())
    assert set(PAGES) - reached == set()


def test_every_block_says_what_it_is() -> None:
    assert {str(block): block.language for block in BLOCKS if block.language not in LANGUAGES} == {}


@pytest.mark.parametrize("block", _of("yaml program"), ids=str)
def test_a_programme_of_the_documents_is_valid(block: Block) -> None:
    read(block.text)


@pytest.mark.parametrize("block", _of("json event"), ids=str)
def test_an_event_of_the_documents_is_accepted(block: Block) -> None:
    parse_event(orjson.loads(block.text), datetime.now(UTC))


@pytest.mark.parametrize("block", _of("json segment"), ids=str)
def test_a_call_in_segments_shape_is_accepted(block: Block) -> None:
    found = segment.read(orjson.loads(block.text), datetime.now(UTC), kind=None, sent_at=None, spare_id="spare")
    assert (len(found.events), found.problems) == (1, ())


def test_the_table_of_segments_names_is_what_they_mean() -> None:
    page = (ROOT / "docs" / "segment.md").read_text().partition("## Names")[2].partition("**Money**")[0]
    rows = [row.split("|")[1:3] for row in page.splitlines() if row.startswith("| `")]
    told: dict[str, str] = {}
    for names, types in rows:
        meant = re.findall(r"`([^`]+)`", types)
        each = re.findall(r"`([^`]+)`", names)
        told |= dict(zip(each, meant if len(meant) > 1 else meant * len(each), strict=True))
    found = {name: segment_names.type_of(name) for name in told}
    assert found | {"Coupon Applied": "participant.identified"} == told
    missing = {kind for kind in segment_names.KNOWN.values() if kind not in told.values()}
    assert missing == {segment_names.COUPON}


@pytest.mark.parametrize("block", _of("python"), ids=str)
def test_a_python_snippet_of_the_documents_runs(block: Block) -> None:
    exec(compile(block.text, str(block), "exec"), {})


@pytest.mark.parametrize(
    "page", sorted({block.page for block in _of("sh run")}), ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_commands_of_a_page_run_and_answer_as_it_says(
    page: Path, serve: Callable[..., Served], database_url: str, tmp_path: Path
) -> None:
    server = serve(worker=True)
    folder = tmp_path / "work"
    folder.mkdir()
    modules = folder / "node_modules" / "@goodword"
    modules.mkdir(parents=True)
    (modules / "client").symlink_to(ROOT / "clients" / "typescript")
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "GOODWORD_HOME": str(tmp_path / "home"),
        "GOODWORD_URL": server.url,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    said = ""
    for block in _blocks(page):
        if block.language == "sh run":
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block.text],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=RUN_WAIT,
            )
            assert ran.returncode == 0, f"{block}: {ran.stdout}{ran.stderr}"
            said = ran.stdout
            _wait_until_applied()
        elif block.language == "text":
            assert [line for line in block.text.splitlines() if not _is_said(line, said)] == [], said


def _is_said(line: str, said: str) -> bool:
    """Whether a line was printed; `…` stands for any one word."""
    pattern = re.escape(line.strip()).replace("…", r"\S+")
    return any(re.fullmatch(pattern, found.strip()) for found in said.splitlines())


def _wait_until_applied() -> None:
    from goodword.store import tenancy, workspaces
    from goodword.store.models import Inbox

    until = time.monotonic() + RUN_WAIT
    for workspace in workspaces.everything():
        while True:
            with tenancy.workspace(workspace.id):
                if not Inbox.objects.exists():
                    break
            assert time.monotonic() < until, "the worker did not come to the events"
            time.sleep(0.1)
