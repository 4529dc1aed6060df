"""Django's settings, made from the environment (see `environment.py`)."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from forthwith.config import environment, weight

ENVIRONMENT = environment.read()
HOME = ENVIRONMENT.home
SECRET_KEY = environment.secret(HOME)
DEBUG = False
PUBLIC_URL = ENVIRONMENT.url
_public = urlsplit(PUBLIC_URL)
_host = _public.hostname or "localhost"
ALLOWED_HOSTS = [f"[{_host}]" if ":" in _host else _host, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

MAIL_FROM = ENVIRONMENT.mail_from
DESK_NAME, DESK_ADDRESS = parseaddr(MAIL_FROM)
RELAY = ENVIRONMENT.relay
ALARM_RELAY = ENVIRONMENT.alarm_relay
SMTP_LISTEN = ENVIRONMENT.listen
RECEIVING = ENVIRONMENT.receiving
CLAMD = ENVIRONMENT.clamd
WEBHOOKS = ENVIRONMENT.webhooks
FILES = HOME / "files"
DEMO = ENVIRONMENT.demo

INSTALLED_APPS = [
    "forthwith.ui",  # first: its templates go before those of allauth
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_cotton",
    "django_htmx",
    "csp",
    "forthwith.people",
    "forthwith.record",
    "forthwith.outbox",
    "forthwith.suggestions",
    "forthwith.knowledge",
    "forthwith.live",
    "forthwith.desk",
    "forthwith.floor",
    "forthwith.portal",
    "forthwith.setup",
    "forthwith.channels.email.pages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "forthwith.config.weight.Compressed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "forthwith.ui.language.PageLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "forthwith.config.urls"
WSGI_APPLICATION = "forthwith.config.wsgi.application"
ASGI_APPLICATION = "forthwith.config.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "forthwith.setup.context.demo",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "forthwith.ui.templatetags.icons",
                "forthwith.ui.templatetags.remembered",
            ],
            "libraries": {"i18n": "forthwith.ui.templatetags.remembered"},
        },
    }
]
COTTON_DIR = "components"
# The library `i18n` is ours on purpose.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]

_sqlite: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000;",
}
_database = dj_database_url.parse(ENVIRONMENT.database_url, conn_max_age=600, conn_health_checks=True)
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {**_database.get("OPTIONS", {}), **_sqlite}
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_ADAPTER = "forthwith.config.accounts.DeskAccounts"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# Everybody reads their pages in one of these: the desk by ui/language.py, requesters by portal/language.py.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = f"/static/{weight.edition()}/"
# Nothing is collected: WhiteNoise serves each file from where it is, under an address that is never another file's.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = "."

_https = _public.scheme == "https"
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "forthwith.config.log_lines.Discreet",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"mail.log": {"level": "WARNING"}, "uvicorn.access": {"level": "WARNING"}},
}
