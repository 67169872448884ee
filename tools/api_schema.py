"""Writes docs/api/openapi.json and docs/api/reference.md from the API itself.

`python tools/api_schema.py` writes them; with `--check` it says what differs and exits 1.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "api"
SHOWN = 40


def made() -> dict[Path, str]:
    """The files as they should be."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["GOODWORD_HOME"] = home
        os.environ["DATABASE_URL"] = "postgresql://nobody@/nothing?host=/nonexistent"  # never connected to
        os.environ["GOODWORD_SECRET_KEY"] = "only-to-describe-the-api-" * 3
        os.environ["DJANGO_SETTINGS_MODULE"] = "goodword.ops.settings"
        import django

        django.setup()
        from goodword.api import openapi, reference

        return {
            FOLDER / "openapi.json": json.dumps(openapi.document(), indent=2, ensure_ascii=False) + "\n",
            FOLDER / "reference.md": reference.markdown(reference.reference()),
        }


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` compare them. Returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = 0
    for path, text in made().items():
        before = path.read_text() if path.exists() else ""
        if before == text:
            continue
        stale = 1
        name = path.relative_to(ROOT)
        if arguments:
            print(f"{name} is not what the API says; run: python tools/api_schema.py")
            lines = difflib.unified_diff(before.splitlines(), text.splitlines(), "committed", "made", lineterm="")
            print("\n".join(list(lines)[:SHOWN]))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")
    return stale if arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
