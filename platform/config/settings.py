"""Every setting of the web application, the worker and the commands, in one readable place."""

import secrets
from contextlib import suppress
from pathlib import Path

from config import env

ROOT = Path(__file__).resolve().parents[2]

# --- where things lie -------------------------------------------------------------------------------------
HOME = env.folder("ASSAY_HOME", ROOT / "var")  # database, files, broker socket, logs: all data of one installation
FILES = HOME / "files"  # image bytes by SHA-256
INCOMING = HOME / "incoming"  # uploads on their way in; on the same file system as FILES, so a rename is atomic
THUMBNAILS = HOME / "thumbnails"  # made again when missing
MODELS = HOME / "models"  # a folder for each registered model version
RUN = HOME / "run"  # sockets, locks, process ids
BUNDLE = env.folder("ASSAY_BUNDLE", ROOT / "models" / "best")  # the one that ships: see registry
FRONTEND = env.folder("ASSAY_FRONTEND", ROOT / "frontend" / "dist")
HOST = env.text("ASSAY_HOST", "127.0.0.1")
PORT = env.number("ASSAY_PORT", 8000)


def secret_key() -> str:
    """The key from the environment, else a random one kept in HOME (0600), so sessions outlive a restart."""
    if given := env.text("ASSAY_SECRET_KEY", ""):
        return given
    path = HOME / "secret_key"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"secret_key.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # the first of two processes that start together wins
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


# --- Django -----------------------------------------------------------------------------------------------
SECRET_KEY = secret_key()
DEBUG = env.switch("ASSAY_DEBUG", "0")
ALLOWED_HOSTS = env.words("ASSAY_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("ASSAY_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = env.words("ASSAY_CORS_ORIGINS")
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/(api/|predict$)"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
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
SECURE_PROXY = env.switch("ASSAY_BEHIND_TLS", "0")  # behind a proxy that speaks TLS and sets X-Forwarded-Proto
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_PROXY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_PROXY else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
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

# --- analysis ---------------------------------------------------------------------------------------------
ENGINE = env.text("ASSAY_ENGINE", "litert-int8")
FACE_MODEL = env.optional_file("ASSAY_FACE_MODEL")  # a YuNet's ONNX file; without one, Haar cascades find the faces
CHUNK = env.number("ASSAY_CHUNK", 64)  # analyses a permit may claim
THREADS = env.number("ASSAY_THREADS", 0)  # of a worker that decode and judge; 0: one for each core it may use
LEASE_SECONDS = env.number("ASSAY_LEASE_SECONDS", 60)
MAX_ATTEMPTS = 3
SWEEP_SECONDS = env.number("ASSAY_SWEEP_SECONDS", 5)
PREDICT_ANONYMOUS = env.text("ASSAY_PREDICT_ANONYMOUS", "loopback")  # loopback | always | never

# --- API --------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
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
    "ENUM_NAME_OVERRIDES": {
        "AnalysisState": "batches.models.State.choices",
        "BatchState": "api.serializers.batches.BatchState.choices",
        "ModelState": "registry.models.State.choices",
        "Result": "api.serializers.analyses.Result.choices",
        "Verdict": "batches.models.Verdict.choices",
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}

# --- broker -----------------------------------------------------------------------------------------------
BROKER_SOCKET = env.socket_path(RUN / "broker.sock")
BROKER_URL = env.text("BROKER_URL", f"redis+socket://{BROKER_SOCKET}")

# --- logs -------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"waitress.queue": {"level": "ERROR"}},  # a full house is no news: it warns at every request
    "root": {"handlers": ["console"], "level": env.text("ASSAY_LOG_LEVEL", "INFO")},
}
