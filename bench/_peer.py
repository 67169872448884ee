"""The open peer of `bench.peer`, served as its own docs say: django-affiliate-system, with its address `/r/SLUG/`. Run
as `python -m bench._peer PORT`, with the peer's packages on the path and the database in `PEER_DATABASE`, as JSON.

What the field's guides advise for speed is done: a pool of connections, debugging off, no middleware that it does not
need, no log of requests, and of 1, 2, 4, 8 and 16 threads the number that was quickest.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from django.conf import settings

SLUG = "bench"
DESTINATION = "https://www.example.com/welcome"
THREADS = 2

if not settings.configured:  # the server's worker reads this once more
    settings.configure(
        SECRET_KEY="of a benchmark, on loopback alone",
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "rest_framework",
            "django_affiliate_system",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                **json.loads(os.environ["PEER_DATABASE"]),
                "OPTIONS": {"pool": {"min_size": 1, "max_size": THREADS + 1}},
            }
        },
        ROOT_URLCONF="django_affiliate_system.urls",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )

from django.core.wsgi import get_wsgi_application  # noqa: E402  after the settings

application = get_wsgi_application()


def fill() -> None:
    """The peer's tables, with one link in them."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from django_affiliate_system.models import Affiliate, ReferralLink

    call_command("migrate", verbosity=0)
    ada = Affiliate.objects.create(user=User.objects.create_user("ada"), code="ada")
    ReferralLink.objects.create(affiliate=ada, slug=SLUG, destination_url=DESTINATION)
    connection.close()
    connection.close_pool()  # the worker has one of its own


def main(port: int) -> None:
    """Serves until a signal ends the process."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    server: Any = Granian(
        "bench._peer:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.serve()


if __name__ == "__main__":
    fill()
    main(int(sys.argv[1]))
