"""Django's settings. Everything an operator may set is an environment variable, read here or in
`database` and `home`; docs/operations.md lists them."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from goodword.ops import database, home, logs

PACKAGE = Path(__file__).resolve().parent.parent
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

PUBLIC_URL = os.environ.get("GOODWORD_URL", "http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"

DEBUG = False
SECRET_KEY = home.secret_key()
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("GOODWORD_SECRET_KEY_FALLBACKS", "").split(",") if key]
_hosts = [_public.hostname or "", *os.environ.get("GOODWORD_ALLOWED_HOSTS", "").split(",")]
ALLOWED_HOSTS = list(dict.fromkeys([*LOOPBACK, *(host.strip() for host in _hosts if host.strip())]))

INSTALLED_APPS = [
    "goodword.store.apps.StoreConfig",
    "goodword.api",
    "goodword.console",
    "goodword.ops.apps.OpsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_cotton",
]
MIDDLEWARE = [
    "goodword.ops.middleware.route_name",
    "goodword.api.middleware.problems",
    "django.middleware.security.SecurityMiddleware",
    "goodword.ops.middleware.content_security_policy",
    "goodword.ops.middleware.probes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "goodword.ops.urls"
ASGI_APPLICATION = "goodword.ops.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database.settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_requests = os.environ.get("GOODWORD_API_REQUESTS_PER_MINUTE", "6000")
if not _requests.isdecimal() or not 1 <= int(_requests) <= 1_000_000:
    raise ImproperlyConfigured(
        f"GOODWORD_API_REQUESTS_PER_MINUTE must be a number from 1 to 1000000, not {_requests!r}."
    )
GOODWORD_API_REQUESTS_PER_MINUTE = int(_requests)
_lag = os.environ.get("GOODWORD_READY_LAG_SECONDS", "300")
if not _lag.isdecimal() or not 1 <= int(_lag) <= 86_400:
    raise ImproperlyConfigured(f"GOODWORD_READY_LAG_SECONDS must be a number from 1 to 86400, not {_lag!r}.")
GOODWORD_READY_LAG_SECONDS = int(_lag)
GOODWORD_METRICS_TOKEN = os.environ.get("GOODWORD_METRICS_TOKEN") or None
if GOODWORD_METRICS_TOKEN is not None and len(GOODWORD_METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("GOODWORD_METRICS_TOKEN must have at least 20 characters; make it a random text.")
# One request must not fill the memory: a body may be 8 MB, a form 1,000 fields. More files than an import may have
# (`engine.imports.store.MAX_FILES`) get as far as its own refusal.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 100

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "goodword.ops.accounts.StaffAccounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nb", _("Norwegian Bokmål")), ("da", _("Danish")), ("ms", _("Malay"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# The build puts a digest of the content in the name: such a file never changes.
WHITENOISE_IMMUTABLE_FILE_TEST = r"/dist/.+-[0-9A-Z]{8}\.[a-z0-9]+$"

SESSION_COOKIE_NAME = "goodword_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "goodword_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
LANGUAGE_COOKIE_NAME = "goodword_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
GOODWORD_BEHIND_PROXY = os.environ.get("GOODWORD_BEHIND_PROXY") == "1"
if GOODWORD_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING_CONFIG = None
logs.configure()
