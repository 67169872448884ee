"""Every address. The rooms own theirs; `ops` adds the probes, the metrics and the choice of language."""

from django.urls import include, path

from goodword.ops import health, metrics

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("goodword.api.urls")),
    path("", include("goodword.console.urls")),
]
