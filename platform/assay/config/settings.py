"""One settings file, from the environment. Development needs none set; `ASSAY_DEBUG=false` refuses unsafe defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from assay.config.env import env_bool, env_int, env_list, env_secret, env_str

PROJECT_ROOT = Path(__file__).resolve().parents[3]
#: everything that the site writes
VAR = Path(env_str("ASSAY_VAR", str(PROJECT_ROOT / "var" / "site"))).resolve()

DEBUG = env_bool("ASSAY_DEBUG", default=False)
SECRET_KEY = env_secret("ASSAY_SECRET_KEY", fallback=VAR / "secret-key")
#: earlier secrets, so that dataset keys wrapped under them still open
SECRET_KEY_FALLBACKS = env_list("ASSAY_SECRET_KEY_FALLBACKS", "")
ALLOWED_HOSTS = env_list("ASSAY_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
if "*" in ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("ASSAY_ALLOWED_HOSTS is *, which lets anybody forge links; name the site's hosts")
CSRF_TRUSTED_ORIGINS = env_list("ASSAY_TRUSTED_ORIGINS", "")
#: the address that links in the API and on printed pages carry
SITE_URL = env_str("ASSAY_SITE_URL", "http://127.0.0.1:8000")
#: who answers questions (an e-mail address) and where the source lies; shown in the footer where set
CONTACT = env_str("ASSAY_CONTACT", "")
SOURCE_URL = env_str("ASSAY_SOURCE_URL", "")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",
    "assay.audit",
    "assay.accounts",
    "assay.datasets",
    "assay.challenges",
    "assay.images",
    "assay.predictions",
    "assay.evaluations",
    "assay.dryruns",
    "assay.submissions",
    "assay.leaderboards",
    "assay.console",
    "assay.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "assay.config.middleware.PlainAddresses",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "assay.web.middleware.ContentSecurityPolicy",
]
ROOT_URLCONF = "assay.config.urls"
WSGI_APPLICATION = "assay.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "assay.web.context.site",
            ],
        },
    },
]


def _database(url: str) -> dict[str, Any]:
    """`sqlite:///path` or `postgresql://user:password@host:port/name` (host may be a percent-encoded socket folder)."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path,
            # IMMEDIATE: a transaction that will write takes the lock at once, or concurrent submits fail half-way
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            # a file, not memory: threads of a test must see one database
            "TEST": {"NAME": str(VAR / "test.sqlite3")},
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
        }
    raise ImproperlyConfigured(f"ASSAY_DATABASE_URL: {parts.scheme!r} is not served; use sqlite:///… or postgresql://…")


VAR.mkdir(parents=True, exist_ok=True)
# sessions, addresses and seeds lie here: for the site's own user alone
VAR.chmod(0o700)
DATABASES = {"default": _database(env_str("ASSAY_DATABASE_URL", f"sqlite:///{VAR / 'site.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
#: browser libraries that `npm ci` installed, under /static/vendor/
STATICFILES_DIRS = [
    (f"vendor/{name}", str(PROJECT_ROOT / "node_modules" / path))
    for name, path in (
        ("bootstrap", "bootstrap/dist"),
        ("htmx", "htmx.org/dist"),
        ("echarts", "echarts/dist"),
        ("niivue", "@niivue/niivue/dist"),
    )
    if (PROJECT_ROOT / "node_modules" / path).is_dir()
]

#: content-addressed files, image archives, archives of result files
BLOB_ROOT = Path(env_str("ASSAY_BLOBS", str(VAR / "blobs")))
IMAGE_ROOT = Path(env_str("ASSAY_IMAGES", str(VAR / "images")))
PREDICTION_ROOT = Path(env_str("ASSAY_PREDICTIONS", str(VAR / "predictions")))
#: the largest single file of a dataset, and the largest archive of an image (also unpacked) or of result files, in bytes
BLOB_MAX_BYTES = env_int("ASSAY_BLOB_MAX_BYTES", 16 * 2**30)
ARCHIVE_MAX_BYTES = env_int("ASSAY_ARCHIVE_MAX_BYTES", 40 * 2**30)
#: raw bodies go to disk through plain streaming views; the largest document is a dataset's manifest
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 2**20

#: seconds that a worker's lease lasts without a heartbeat, and the age at which a queued evaluation is announced again
LEASE_SECONDS = env_int("ASSAY_LEASE_SECONDS", 60)
ANNOUNCE_AGAIN_SECONDS = 30
SWEEP_SECONDS = 5
#: how soon the ranges and groups of a board follow its scores
JUDGE_SECONDS = 10

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    #: whole answers of public boards, for every process of the site; whatever lies there can be made again
    "pages": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR / "pages",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}

CELERY_BROKER_URL = env_str("ASSAY_BROKER_URL", f"sqla+sqlite:///{VAR / 'queue.sqlite3'}")

SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
if env_bool("ASSAY_HTTPS", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"httpx": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": env_str("ASSAY_LOG_LEVEL", "INFO")},
}
