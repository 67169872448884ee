"""Settings for tests and tools: a home of their own, and no database until they choose one."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile


def isolate() -> None:
    """Point Goodword away from the home and database of the person who runs this, and load Django."""
    folder = tempfile.mkdtemp(prefix="gwt-home-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["GOODWORD_HOME"] = folder
    os.environ["DATABASE_URL"] = "postgresql://nobody@/nothing?host=/nonexistent"
    os.environ["GOODWORD_SECRET_KEY"] = "a-key-for-the-tests-only-" * 3
    os.environ["DJANGO_SETTINGS_MODULE"] = "goodword.ops.settings"
    # The sources, not what `make fast` made of them, unless somebody asks for that (GOODWORD_PURE set to nothing).
    os.environ.setdefault("GOODWORD_PURE", "1")
    # Sessions keep plans, as with the embedded server; a cluster's cannot.
    os.environ["GOODWORD_DB_DIRECT"] = "" if os.environ.get("GOODWORD_TEST_CITUS_URL") else "1"
    for name in ("WORKSPACE", "URL", "ALLOWED_HOSTS", "BEHIND_PROXY", "METRICS_TOKEN", "READY_LAG_SECONDS"):
        os.environ.pop(f"GOODWORD_{name}", None)

    import django

    django.setup()
