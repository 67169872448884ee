"""Writes docs/api/openapi.json and docs/api/reference.md from the API itself.

`python tools/api_schema.py` writes them; with `--check` it says what differs and exits 1.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import written

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "api"


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


if __name__ == "__main__":
    sys.exit(written.main(sys.argv[1:], made, __doc__))
