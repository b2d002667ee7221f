"""One settings file, driven by the environment. Production fails loudly where a value is missing."""

from pathlib import Path
from urllib.parse import quote

import environ
from django.core.exceptions import ImproperlyConfigured

from award_portal import logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()  # NAME_FILE is read where NAME is not given: secrets come from files

PORTAL_MODE = env.str("PORTAL_MODE", default="demo")
if PORTAL_MODE not in {"demo", "production"}:
    raise ImproperlyConfigured("PORTAL_MODE must be demo or production")
PRODUCTION = PORTAL_MODE == "production"
DEMO_MODE = not PRODUCTION
DEBUG = env.bool("DEBUG", default=False) and not PRODUCTION

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
STORE_DIR = DATA_DIR / "store"  # uploads and issued documents, by SHA-256, outside any web root

if PRODUCTION:
    SECRET_KEY = env.str("SECRET_KEY").strip()  # a file written with an editor ends with a line end
    PORTAL_URL = env.str("PORTAL_URL").rstrip("/")  # certificates carry it: there is no default
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    if not PORTAL_URL.startswith("https://"):
        raise ImproperlyConfigured("PORTAL_URL must begin with https:// in production")
else:
    SECRET_KEY = env.str("SECRET_KEY", default="demo-only-key-for-a-portal-that-holds-no-real-data-0123456789")
    PORTAL_URL = env.str("PORTAL_URL", default="http://127.0.0.1:8000").rstrip("/")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
CSRF_TRUSTED_ORIGINS = [PORTAL_URL] if PRODUCTION else []
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many proxies in front append to X-Forwarded-For

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "simple_history",
    "award_portal",
    "applications",
    "review",
    "committee",
    "monitoring",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "award_portal.middleware.PlainTextMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "award_portal.middleware.MomentMiddleware",
    "award_portal.middleware.PrivatePagesMiddleware",
    "award_portal.middleware.SecondFactorMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "award_portal.middleware.RefusedMiddleware",
]

ROOT_URLCONF = "award_portal.urls"
WSGI_APPLICATION = "award_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "award_portal.context.portal",
            ],
            "builtins": ["award_portal.templatetags.portal"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# ── Database: embedded SQLite by default, PostgreSQL where DATABASE_URL says so ──
DATABASES = {"default": env.db("DATABASE_URL", default="sqlite:///" + str(DATA_DIR / "portal.sqlite3"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    if PRODUCTION and not env.bool("ALLOW_SQLITE", default=False):
        raise ImproperlyConfigured(
            "Production needs PostgreSQL: set DATABASE_URL (or ALLOW_SQLITE=1 for a small office)."
        )
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a transaction that will write takes the lock first: no upgrade dead ends
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    if password := env.str("DATABASE_PASSWORD", default="").strip():
        DATABASES["default"]["PASSWORD"] = password
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8)},
        "options": "-c statement_timeout=60000",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Cache: shared by all processes, since failed sign-ins are counted in it ──
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL and (password := env.str("REDIS_PASSWORD", default="").strip()):
    REDIS_URL = REDIS_URL.replace("://", f"://:{quote(password)}@", 1)
REDIS_PREFIX = env.str("REDIS_PREFIX", default="award-portal:")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(DATA_DIR / "cache"),
        }
    }

# ── Celery ──
_broker_dir = DATA_DIR / "broker"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL or "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem"):
    for _name in ("queue", "control"):
        (_broker_dir / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker_dir / "queue"),
        "data_folder_out": str(_broker_dir / "queue"),
        "control_folder": str(_broker_dir / "control"),
        "polling_interval": 0.2,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 600,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "global_keyprefix": REDIS_PREFIX,
    }
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="award-portal")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300  # below the visibility timeout
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_ENABLE_UTC = True

# ── Words and time ──
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

# ── Static files ──
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # empty until collectstatic; a missing folder is a warning at every start
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.InMemoryStorage"
    },  # nothing is stored by Django: award_portal.files does
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG

# ── People ──
AUTH_USER_MODEL = "award_portal.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "award_portal.accounts.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 1800
ACCOUNT_ADAPTER = "award_portal.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "award_portal.accounts.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
# per address, and per account together with the address; never per account alone (a rival could lock it on the last day)
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key"}
MFA_ADAPTER = "award_portal.accounts.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "区长质量奖"
MFA_REQUIRED_ROLES = env.list(
    "MFA_REQUIRED_ROLES",
    default=["department", "secretariat", "reviewer", "member", "government", "auditor"] if PRODUCTION else [],
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "home"

# ── Mail: leaves through the outbox only ──
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail://")
vars().update({key: value for key, value in EMAIL_CONFIG.items() if key.startswith("EMAIL")})
if EMAIL_BACKEND.endswith("filebased.EmailBackend"):  # type: ignore[name-defined]  # noqa: F821
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)  # below the outbox's lease
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="区长质量奖秘书处 <award@example.invalid>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ── Security headers: production's, from the start ──
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "award_portal.views.csrf_failed"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],  # pdf.js reads a PDF in a worker of this portal
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# The admin's own scripts (Alpine) evaluate expressions; the portal's pages never may.
ADMIN_CSP_UPDATE = {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]}

SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_ENABLED = True

CLAMD_URL = env.str("CLAMD_URL", default="")  # tcp://host:3310 or unix:///path; without it nothing is scanned
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=50 * 1024 * 1024)
UPLOAD_DAILY_BYTES = env.int("UPLOAD_DAILY_BYTES", default=2 * 1024**3)  # one account, one calendar day
UPLOAD_DAILY_UNIT_BYTES = env.int("UPLOAD_DAILY_UNIT_BYTES", default=3 * 1024**3)  # all people of one unit together
REGULATION = env.str("REGULATION", default="chanhe-2021")  # whose name the public pages bear
RUBRIC = "gbt-19580-2012"

# The portal's blue in the admin's eleven shades (lightness, chroma; hue 235).
ADMIN_ACCENT = {
    shade: f"oklch({lightness}% {chroma} 235)"
    for shade, lightness, chroma in (
        ("50", 97.5, 0.012), ("100", 94.5, 0.025), ("200", 89, 0.045), ("300", 81, 0.07), ("400", 70, 0.09), ("500", 58, 0.095),
        ("600", 46, 0.085), ("700", 39, 0.072), ("800", 34, 0.06), ("900", 30, 0.05), ("950", 22, 0.04),
    )
}  # fmt: skip
UNFOLD = {
    "SITE_TITLE": "区长质量奖秘书处",
    "SITE_HEADER": "区长质量奖秘书处",
    "SITE_SYMBOL": "workspace_premium",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": ADMIN_ACCENT},
    "STYLES": ["award_portal.admin.stylesheet"],
    "ENVIRONMENT": "award_portal.admin.environment",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "award_portal.admin.navigation"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structlog": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": logs.renderer,
            "foreign_pre_chain": logs.foreign,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"award_portal": {"level": "INFO"}, "weasyprint": {"level": "ERROR"}, "fontTools": {"level": "ERROR"}},
}
