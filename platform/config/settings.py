"""Every setting of the web application, the worker and the commands, in one readable place."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from corsheaders.defaults import default_headers

from config import cache, env, logs, production

ROOT = Path(__file__).resolve().parents[2]

# --- where things lie -------------------------------------------------------------------------------------
HOME = env.folder("ASSAY_HOME", ROOT / "var")  # database, files, broker socket, logs: all data of one installation
FILES = HOME / "files"  # image bytes by SHA-256
INCOMING = HOME / "incoming"  # uploads on their way in; on the same file system as FILES, so a rename is atomic
THUMBNAILS = HOME / "thumbnails"  # made again when missing
EXPORTS = HOME / "exports"  # results as files, for some days
MODELS = HOME / "models"  # a folder for each registered model version
RUN = HOME / "run"  # sockets, locks, process ids
BUNDLE = env.folder("ASSAY_BUNDLE", ROOT / "models" / "best")  # the one that ships: see registry
FRONTEND = env.folder("ASSAY_FRONTEND", ROOT / "frontend" / "dist")
HOST = env.text("ASSAY_HOST", "127.0.0.1")
PORT = env.number("ASSAY_PORT", 8000, most=65_535)
# Of `up`; 0: one for each core, but 4 at most. Python's lock keeps one process from using several cores well.
WEB_PROCESSES = env.number("ASSAY_WEB_PROCESSES", 0) or min(len(os.sched_getaffinity(0)), 4)
# What they count together is in memory: who writes into a mapped file on a full disk is killed.
METERS = env.memory_folder(RUN / "meters")
# Images and thumbnails: empty keeps them in HOME, s3://bucket/prefix there. Keys come as AWS_ACCESS_KEY_ID and
# AWS_SECRET_ACCESS_KEY, or from the machine's own role.
S3_BUCKET, S3_PREFIX = env.bucket("ASSAY_STORAGE")
S3_ENDPOINT = env.endpoint("ASSAY_S3_ENDPOINT")  # for another S3 than Amazon's
S3_REGION = env.text("ASSAY_S3_REGION", "")


def secret_key() -> str:
    """The key from the environment, else a random one kept in HOME (0600), so sessions outlive a restart."""
    if given := env.text("ASSAY_SECRET_KEY", ""):
        return given
    path = HOME / "secret_key"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True, mode=0o700)  # the database lies beside it
        draft = path.with_name(f"secret_key.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # the first of two processes that start together wins
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


# --- production -------------------------------------------------------------------------------------------
PRODUCTION = env.switch("ASSAY_PRODUCTION", "0")  # for others to use: refuses to start with anything left open
SECURE_PROXY = env.switch("ASSAY_BEHIND_TLS", "0")  # behind a proxy that speaks TLS and sets X-Forwarded-Proto
PROXY_COUNT = env.number("ASSAY_PROXY_COUNT", int(PRODUCTION))  # those in front: see accounts.addresses
if PRODUCTION:
    production.check(
        secret_key=env.text("ASSAY_SECRET_KEY", ""),
        debug=env.switch("ASSAY_DEBUG", "0"),
        allowed_hosts=env.words("ASSAY_ALLOWED_HOSTS"),
        is_behind_tls=SECURE_PROXY,
    )

# --- Django -----------------------------------------------------------------------------------------------
SECRET_KEY = secret_key()
DEBUG = env.switch("ASSAY_DEBUG", "0")
ALLOWED_HOSTS = env.words("ASSAY_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.origins("ASSAY_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = env.origins("ASSAY_CORS_ORIGINS")
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/(api/|predict$)"
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key", "x-request-id")
CORS_EXPOSE_HEADERS = (
    "content-disposition",
    "location",
    "retry-after",
    "x-lean",
    "x-likelihood-ratio",
    "x-model-version",
    "x-request-id",
    "x-strength",
    "x-verdict",
)
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "drf_spectacular",
    "rest_framework",
    "accounts",
    "batches",
    "registry",
    "status",
    "api",
    "console",
]
MIDDLEWARE = [
    "api.middleware.request_id",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DATABASES = {"default": env.database("DATABASE_URL", HOME / "assay.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["accounts.logins.LimitedBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
WHITENOISE_ROOT = FRONTEND if FRONTEND.is_dir() else None
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/"  # the dashboard's build puts a hash into these names
WHITENOISE_USE_FINDERS = True  # the admin's own files straight from the package: no collectstatic to forget

# --- browser safety ---------------------------------------------------------------------------------------
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_PROXY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_PROXY else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION and env.switch("ASSAY_SSL_REDIRECT", "1")
SECURE_REDIRECT_EXEMPT = [r"^(health|livez|readyz|metrics)$"]  # asked from inside, past the proxy
SECURE_HSTS_SECONDS = env.number("ASSAY_HSTS_SECONDS", 365 * 86400 if PRODUCTION else 0)
# HSTS for subdomains and browsers' preload lists binds other services of the same domain: not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],  # Mantine writes its theme variables into a style element
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- uploads ----------------------------------------------------------------------------------------------
MAX_FILES_PER_REQUEST = 500
MAX_REQUEST_BYTES = 200 * 1024 * 1024
MAX_IMAGES_PER_BATCH = 50_000
MAX_BUNDLE_BYTES = 1024**3
MIN_FREE_BYTES = env.number("ASSAY_MIN_FREE_MB", 200) * 1024 * 1024  # below this, uploads are refused with 507
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_FILES_PER_REQUEST
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # text fields only; files have their own limits
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- what one user, and all together, may have waiting: see batches.quotas -----------------------------------
MAX_WAITING_IMAGES = env.number("ASSAY_MAX_WAITING_IMAGES", 500_000)  # of one user; 0 lifts each of these limits
MAX_WAITING_BYTES = env.number("ASSAY_MAX_WAITING_GB", 500) * 1024**3  # of one user, batches not finished in whole
MAX_BACKLOG_IMAGES = env.number("ASSAY_MAX_BACKLOG_IMAGES", 5_000_000)  # of all users

# --- analysis ---------------------------------------------------------------------------------------------
ENGINE = env.text("ASSAY_ENGINE", "litert-int8")
FACE_MODEL = env.optional_file("ASSAY_FACE_MODEL")  # a YuNet's ONNX file; without one, BlazeFace finds the faces
CHUNK = env.number("ASSAY_CHUNK", 64, least=1)  # analyses a permit may claim
THREADS = env.number("ASSAY_THREADS", 0)  # of a worker that decode and judge; 0: one for each core it may use
LEASE_SECONDS = env.number("ASSAY_LEASE_SECONDS", 60, least=1)
MAX_ATTEMPTS = 3
SWEEP_SECONDS = env.number("ASSAY_SWEEP_SECONDS", 5, least=1)
TIDY_SECONDS = 60  # between runs of the retention rule, each of which looks for orphans in the next folder
POLL_SECONDS = env.number("ASSAY_POLL_SECONDS", 5, least=1)  # without a permit, before a worker looks for work
STUCK_SECONDS = env.number("ASSAY_STUCK_SECONDS", 120, least=1)  # for one claim, before a worker ends itself
DECODE_SECONDS = env.number("ASSAY_DECODE_SECONDS", 10, least=1)  # for one image
DECODE_BYTES = env.number("ASSAY_DECODE_MB", 1_500, least=1) * 1024 * 1024  # a decoder's memory
PULSE = env.optional_file("ASSAY_PULSE")  # a worker touches it every 2 s and at every permit, for health checks
PREDICT_ANONYMOUS = env.choice("ASSAY_PREDICT_ANONYMOUS", "loopback", "loopback", "always", "never")

# --- keeping ----------------------------------------------------------------------------------------------
LONGEST_DAYS = 36_500  # further back a database's dates end
# Batches that ended so long ago are deleted; 0 keeps them.
RETENTION_DAYS = env.number("ASSAY_RETENTION_DAYS", 0, most=LONGEST_DAYS)
# Originals are handed out without EXIF, XMP, IPTC, texts and comments; stored they stay as they were sent.
STRIP_ORIGINALS = env.switch("ASSAY_STRIP_ORIGINALS", "0")
EXPORT_DAYS = env.number("ASSAY_EXPORT_DAYS", 7, least=1, most=LONGEST_DAYS)

# --- API --------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "api.scopes.TokenMay"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.Limit"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "EXCEPTION_HANDLER": "api.problems.render",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Assay",
    "VERSION": "1",
    "DESCRIPTION": "Tells synthetic face images from photographs and keeps the evidence.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "api.schema.add_plain_views"],
    "ENUM_NAME_OVERRIDES": {
        "AnalysisState": "batches.models.State.choices",
        "BatchState": "api.serializers.batches.BatchState.choices",
        "ExportFormat": "batches.models.Format.choices",
        "ExportState": "api.serializers.exports.ExportState.choices",
        "Lane": "batches.models.Lane.choices",
        "Lean": "batches.models.Lean.choices",
        "ModelState": "registry.models.State.choices",
        "Result": "api.serializers.analyses.Result.choices",
        "Scope": "accounts.models.Scope.choices",
        "Strength": "batches.models.Strength.choices",
        "Verdict": "batches.models.Verdict.choices",
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}

# --- broker -----------------------------------------------------------------------------------------------
BROKER_SOCKET = env.socket_path(RUN / "broker.sock")
BROKER_URL = env.broker("BROKER_URL", f"redis+socket://{BROKER_SOCKET}")

# --- limits -----------------------------------------------------------------------------------------------
CACHES = {"default": env.cache("ASSAY_CACHE_URL", BROKER_URL) | {"OPTIONS": cache.OPTIONS}}
# Requests a minute of one user, or of one address where nobody is logged in; 0 lifts a limit. This machine's own are
# free, but for logins. 50,000 images in requests of 100 are 500 uploads.
RATES = {
    "predict": env.number("ASSAY_RATE_PREDICT", 6000),
    "upload": env.number("ASSAY_RATE_UPLOAD", 3000),
    "login": env.number("ASSAY_RATE_LOGIN", 30),
    "api": env.number("ASSAY_RATE_API", 6000),
}

# --- seeing it --------------------------------------------------------------------------------------------
LOG_FORMAT = env.choice("ASSAY_LOG_FORMAT", "line", *logs.FORMATS)  # line for people, json for machines
LOG_LEVEL = env.choice("ASSAY_LOG_LEVEL", "info", "debug", "info", "warning", "error", "critical")
LOGGING = logs.settings_for(LOG_FORMAT, LOG_LEVEL.upper())
METRICS = env.choice("ASSAY_METRICS", "loopback", "loopback", "always", "never")  # who else may read /metrics
METRICS_TOKEN = env.text("ASSAY_METRICS_TOKEN", "")  # whoever sends it as a bearer token may read /metrics
BEAT_SECONDS = env.number("ASSAY_BEAT_SECONDS", 5, least=1)  # how often a worker says that it lives
