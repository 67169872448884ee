"""Every address. The rooms own theirs; `ops` adds the health check and the choice of language."""

from django.urls import include, path

from goodword.ops import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("goodword.api.urls")),
    path("", include("goodword.console.urls")),
]
