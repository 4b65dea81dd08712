"""Every setting, read once from the environment; docs and defaults stand in `.env.example`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from caicaini.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(os.environ.get("CAICAINI_ENV_FILE", str(BASE_DIR / ".env")), overwrite=False)


def required(name: str) -> str:
    """Read a secret that has no default on purpose; its absence ends the program with one line."""
    value: str = env.str(name, default="").strip(" ,")
    if not value:
        sys.exit(f"{name} is not set. `make run` writes one into .env; in production put it in the environment.")
    return value


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list(
    "SECRET_KEY_FALLBACKS", default=[]
)  # former ones: what they signed or sealed still opens
VAULT_KEYS = [key for key in (part.strip() for part in required("VAULT_KEYS").split(",")) if key]
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
IS_TLS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "daphne",
    "caicaini",
    "accounts",
    "billing",
    "chat",
    "privacy",
    "caicaini.admin_site.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "caicaini.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",  # it may answer by itself: what stands above still adds headers
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.sign_ins.middleware.RotatingSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "caicaini.headers.ErrorPages",
]
ROOT_URLCONF = "caicaini.urls"
CSRF_FAILURE_VIEW = "caicaini.headers.csrf_failure"
ASGI_APPLICATION = "caicaini.asgi.application"
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
                "accounts.factor_pages.banner.open_factor_reset",
            ],
        },
    }
]

# --- Databases: two aliases; the vault holds the wrapped keys and is never in the daily dump. ---
SQLITE_OPTIONS = {
    # Measured with 4 writers: WAL without IMMEDIATE fails half of the writes; both together: none.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728; "
        "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=2000;"
    ),
}


def server(variable: str) -> dict[str, Any] | None:
    """Read a database's address; a bad one ends the program with one line that does not quote it."""
    url = env.str(variable, default="")
    if not url:
        return None
    config: dict[str, Any] = {}
    if url.startswith(("mysql://", "sqlite:///")):
        with suppress(ValueError):  # it quotes what it takes for a port
            config = environ.Env.db_url_config(url)
    if not config.get("NAME"):
        sys.exit(f"{variable} is not understood. It looks like this: mysql://user:password@host:3306/name")
    return config


def database(variable: str, sqlite_name: str) -> dict[str, Any]:
    """Give Django's settings of one alias; SQLite below DATA_DIR where the variable is not set."""
    config = server(variable) or {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / sqlite_name)}
    config["CONN_MAX_AGE"] = 0
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = SQLITE_OPTIONS
        config["TEST"] = {"NAME": str(DATA_DIR / f"test-{sqlite_name}")}  # a file: in memory, threads lock each other
    else:
        # What the address says in its query (certificates, say) stays.
        config["OPTIONS"] = {**config.get("OPTIONS", {}), "charset": "utf8mb4", "isolation_level": "read committed"}
        config["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_nopad_bin"}
    return config


DATABASES = {
    "default": database("DATABASE_URL", "caicaini.sqlite3"),
    "vault": database("VAULT_DATABASE_URL", "vault.sqlite3"),
}
if env.str("DATABASE_URL", default="") and not env.str("VAULT_DATABASE_URL", default=""):
    sys.exit("DATABASE_URL is set but VAULT_DATABASE_URL is not: the keys need a database of their own.")
if all(DATABASES["default"].get(part) == DATABASES["vault"].get(part) for part in ("HOST", "PORT", "NAME")):
    sys.exit("DATABASE_URL and VAULT_DATABASE_URL name the same database: keys never lie beside what they open.")
DATABASE_ROUTERS = ["caicaini.routers.VaultRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: cache, replies on their way (chat.replay); embedded, both live in the one web process. ---
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "cache",
            # Nothing in it is worth waiting for: a send that cannot be counted goes through.
            "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CACHES["default"]["KEY_FUNCTION"] = "accounts.addresses.cache_key"  # no name in it tells whom it is about

# --- Celery: ids in, nothing out; the schedule is code. ---
QUEUE_DIR = DATA_DIR / "queue"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL or "filesystem://here")
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.1,  # the default of 1 s gives 4 tasks a second
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    "purge hidden conversations": {"task": "privacy.tasks.purge_hidden_conversations", "schedule": crontab()},
    "sweep unused keys": {"task": "privacy.tasks.sweep_unused_keys", "schedule": crontab(minute="17")},
    "end orphaned runs": {"task": "chat.tasks.end_orphaned_runs", "schedule": crontab()},
    "prove balances": {"task": "billing.tasks.prove_balances", "schedule": crontab(minute="29", hour="3")},
    "forget ended sessions": {
        "task": "caicaini.tasks.forget_ended_sessions",
        "schedule": crontab(minute="11", hour="3"),
    },
    "forget old address changes": {
        "task": "accounts.tasks.forget_old_address_changes",
        "schedule": crontab(minute="7"),
    },
    "forget old tokens": {"task": "accounts.tasks.forget_old_tokens", "schedule": crontab(minute="19", hour="3")},
    "send due mail": {"task": "accounts.outbox.tasks.send_due_mail", "schedule": crontab()},
    "forget old mail": {"task": "accounts.outbox.tasks.forget_old_mail", "schedule": crontab(minute="47", hour="3")},
    "go on with factor resets": {"task": "accounts.tasks.go_on_with_factor_resets", "schedule": crontab()},
    "forget signup signals": {
        "task": "accounts.tasks.forget_signup_signals",
        "schedule": crontab(minute="23", hour="3"),
    },
    "forget unconfirmed accounts": {
        "task": "accounts.tasks.forget_unconfirmed_accounts",
        "schedule": crontab(minute="29", hour="3"),
    },
    "forget old abuse": {"task": "accounts.tasks.forget_old_abuse", "schedule": crontab(minute="53", hour="3")},
    "look for scripted use": {"task": "chat.tasks.look_for_scripted_use", "schedule": crontab(minute="37")},
    "forget old job slots": {"task": "caicaini.tasks.forget_old_slots", "schedule": crontab(minute="41", hour="3")},
}

# --- People ---
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.NameOrEmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.passwords.NotCommon"},
    {"NAME": "accounts.passwords.NotLikeTheAccount", "OPTIONS": {"user_attributes": ("username", "email")}},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/chat/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # to finish signing up and to send anything, not to sign in: see ADR 10
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = 3
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {  # added to allauth's own
    "login_without_captcha": "15/m/ip,100/h/ip",
    "reset_password": "10/m/ip,60/h/ip,5/h/key",  # each sends a mail, and only our own check stands before it
}
ACCOUNT_FORMS = {
    "login": "accounts.entrance.forms.LoginForm",
    "signup": "accounts.entrance.forms.SignupForm",
    "reset_password": "accounts.entrance.forms.ResetPasswordForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
ACCOUNT_SESSION_REMEMBER = None  # the person says
ACCOUNT_LOGOUT_ON_GET = False
COOKIE_PREFIX = "__Host-" if IS_TLS else ""  # browsers take such names from this very host alone, over TLS
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"  # of somebody who is not signed in; others have tokens
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_TLS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# A second factor. Who has to prove something anew, and how, is for `accounts.stepup`; allauth's own rule is off.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_REAUTHENTICATION_REQUIRED = False
MFA_ADAPTER = "accounts.factor_adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.factor_forms.CodeForm",
    "reauthenticate": "accounts.factor_forms.CodeAgainForm",
    "authenticate_webauthn": "accounts.factor_forms.PasskeyForm",
    "activate_totp": "accounts.factor_forms.AddAppForm",
    "add_webauthn": "accounts.factor_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.factor_forms.RenamePasskeyForm",
    "login_webauthn": "accounts.factor_forms.PasskeySignInForm",
    "reauthenticate_webauthn": "accounts.factor_forms.PasskeyAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Caicaini"
MFA_TOTP_TOLERANCE = 1  # steps; `accounts.factors.codes` sees to it that a code is good once
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # `accounts.factors.rules.may_enrol` looks at the address in use alone
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
CONSOLE_DOOR = "accounts.stepup.way_to_console"
SIGNUP_GRANT_CREDITS = env.int("SIGNUP_GRANT_CREDITS", default=100)
SIGNUP_SIGNAL_DAYS = env.int("SIGNUP_SIGNAL_DAYS", default=90)
PASSWORD_RESET_TIMEOUT = 3_600  # seconds that a link to a new password works
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")

# --- Who answers ---
CONTACT_ADDRESS = env.str("CONTACT_ADDRESS", default="hello@caicaini.com")
PRIVACY_ADDRESS = env.str("PRIVACY_ADDRESS", default="privacy@caicaini.com")
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="security@caicaini.com")
SECURITY_TXT_EXPIRES = env.str("SECURITY_TXT_EXPIRES", default="2027-10-31T00:00:00Z")
# --- Are you a person? Without both keys: a check of our own with DEBUG, else no sign-up ---
TURNSTILE_SITE_KEY = env.str("TURNSTILE_SITE_KEY", default="").strip()
TURNSTILE_SECRET_KEY = env.str("TURNSTILE_SECRET_KEY", default="").strip()
TURNSTILE_VERIFY_URL = env.str(
    "TURNSTILE_VERIFY_URL", default="https://challenges.cloudflare.com/turnstile/v0/siteverify"
)
CAPTCHA_LOGIN_FAILS_OPEN = env.bool("CAPTCHA_LOGIN_FAILS_OPEN", default=True)

# --- Models ---
ANTHROPIC_API_KEY = env.str("ANTHROPIC_API_KEY", default="")
ANTHROPIC_BASE_URL = env.str("ANTHROPIC_BASE_URL", default="https://api.anthropic.com")
MOONSHOT_API_KEY = env.str("MOONSHOT_API_KEY", default="")
MOONSHOT_BASE_URL = env.str("MOONSHOT_BASE_URL", default="https://api.moonshot.ai/v1")
LOCAL_MODELS_BASE_URL = env.str("LOCAL_MODELS_BASE_URL", default="")
LOCAL_MODELS_API_KEY = env.str("LOCAL_MODELS_API_KEY", default="")
DEMO_MODEL = env.bool("DEMO_MODEL", default=DEBUG)

# --- Limits ---
MOST_RUNS_AT_ONCE = env.int("MOST_RUNS_AT_ONCE", default=8)  # of one person
SENDS_PER_MINUTE = env.int("SENDS_PER_MINUTE", default=60)  # of one person
PROVIDER_STREAMS = env.int("PROVIDER_STREAMS", default=200)  # at once, of one web process to one provider

# --- Running it ---
RUN_GRACE_SECONDS = max(env.int("RUN_GRACE_SECONDS", default=60), 0)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()

# --- Security headers ---
SECURE_SSL_REDIRECT = IS_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_TLS else None
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked on the machine itself, past the proxy
SECURE_HSTS_SECONDS = 31_536_000 if IS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_TLS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Words and times ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files of the site ---
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
HAS_COLLECTED_STATIC = (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not HAS_COLLECTED_STATIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "caicaini.static_files.HashedModulesStorage"
        if HAS_COLLECTED_STATIC or "collectstatic" in sys.argv
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "files"

# --- Mail ---
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds for each step of a conversation with the mail server
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str(
    "MAIL_FROM", default=f"Caicaini <no-reply@{urlsplit(SITE_URL).hostname or 'localhost'}>"
)
MAIL_REPLY_TO = env.str("MAIL_REPLY_TO", default="").strip()
ACCOUNT_EMAIL_NOTIFICATIONS = True  # allauth tells people of a changed password or address

# --- Logs: constant event names and an allow-list of keys, nothing else. ---
LOGGING_CONFIG = None
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_config(LOG_LEVEL)
