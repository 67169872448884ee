"""GET /metrics: figures for Prometheus, of all workspaces together. Not public."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from goodword import __version__
from goodword.ops import figures
from goodword.ops.serving.counts import SHARED

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP", "HTTP_VIA")
REFUSAL = (
    "Metrics are for this machine and for those who know the token: set GOODWORD_METRICS_TOKEN and send "
    "'Authorization: Bearer …'.\n"
)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus' text format; 401 for others than those who may have them."""
    if not (_knows_token(request) or _is_local(request)):
        return HttpResponse(
            REFUSAL, status=401, content_type="text/plain; charset=utf-8", headers={"WWW-Authenticate": "Bearer"}
        )
    return HttpResponse(text(), content_type=MEDIA_TYPE)


def text() -> bytes:
    """What the processes counted, and what the database tells."""
    counted = REGISTRY
    if os.environ.get(SHARED):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    told = CollectorRegistry()
    told.register(_Database())
    return generate_latest(counted) + generate_latest(told)


class _Database(Collector):
    """What the database tells; when it does not answer, that."""

    def collect(self) -> Iterator[Metric]:
        """The metrics, by Prometheus' rules of naming."""
        build = GaugeMetricFamily("goodword_build", "1, with the version that runs.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        try:
            found = figures.WATCH.figures()
        except Error:
            yield GaugeMetricFamily("goodword_database_up", "Whether the database answered.", 0)
            return
        now = datetime.now(UTC)
        yield GaugeMetricFamily("goodword_database_up", "Whether the database answered.", 1)
        yield CounterMetricFamily("goodword_events_applied", "Events and rings applied, ever.", found.applied)
        for name, help, value in (
            ("workspaces", "Workspaces there are.", found.workspaces),
            ("workspaces_read", "Of them, those that are in the sums: all, once each has been read.", found.read),
            ("events_waiting", "Recorded events that are not applied yet.", found.waiting),
            ("events_oldest_waiting_seconds", "Age of the oldest of them: the apply lag.", found.lag(now)),
            ("events_set_aside", "Events and timers set aside after failing, until retried.", found.set_aside),
            ("timers_overdue", "Timers whose moment has come and that have not rung.", found.timers_overdue),
            ("outbox_waiting", "Rows of the outbox that are not delivered.", found.outbox),
            ("outbox_oldest_waiting_seconds", "Age of the oldest of them.", found.outbox_age(now)),
            ("figures_age_seconds", "Age of the oldest figure above.", (now - found.read_at).total_seconds()),
        ):
            yield GaugeMetricFamily(f"goodword_{name}", help, value)


def _knows_token(request: HttpRequest) -> bool:
    token = settings.GOODWORD_METRICS_TOKEN
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return token is not None and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


def _is_local(request: HttpRequest) -> bool:
    """Whether the caller is a program of this machine that asks for this machine, and no proxy on it that speaks for
    somebody else, nor a browser on it that was led here under another name."""
    if settings.GOODWORD_BEHIND_PROXY or any(name in request.META for name in FORWARDED):
        return False
    try:
        caller = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    host = request.headers.get("Host", "")
    return caller.is_loopback and (host in settings.LOOPBACK or host.rpartition(":")[0] in settings.LOOPBACK)
