"""Every address. The rooms own theirs; `ops` adds the login and the health check."""

from django.urls import include, path

from goodword.ops import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("accounts/", include("allauth.account.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("goodword.api.urls")),
    path("", include("goodword.console.urls")),
]
