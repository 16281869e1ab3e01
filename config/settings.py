"""Settings, all from the environment; `.env.example` documents each one.

Defaults are safe: without any variable set the product runs offline with the built-in coach, and
nothing that needs a secret is switched on.
"""

import os
from email.utils import parseaddr
from pathlib import Path

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

# Lets forms, admins and managers be written with their model, as the type checker reads them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
# An empty value means "not set", so that a copied .env.example changes nothing.
env.ENVIRON = {name: value for name, value in os.environ.items() if value}

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. `make run` makes one; see .env.example.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The house, top floor first. A new domain is a folder and one line here.
DOMAINS = ["habits", "momentum", "productivity"]
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "channels",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "rest_framework",
    "config.apps.HouseConfig",
    "accounts",
    "coaching",
    *DOMAINS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.security.AdminPolicyMiddleware",
    "config.security.UnstorableInputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.LocalTimeMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Stores -----------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://habyss@127.0.0.1/habyss")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
# The pool hands out only connections that still answer: a restarted PostgreSQL costs nobody an error.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": env.int("DATABASE_POOL_SIZE", default=10),
    "timeout": env.int("DATABASE_POOL_TIMEOUT_SECONDS", default=10),
}
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "habyss",
        "OPTIONS": {"pool_class": "config.caching.SharedConnectionPool"},
    }
}
# redis-py's default socket time-out of five seconds would end an idle subscription.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Background work --------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "interactive"
# By name rather than on the task: Celery gives the task attribute up in version 6.
CELERY_TASK_ROUTES = {
    "accounts.tasks.*": {"queue": "batch"},
    "coaching.tasks.deliver_*": {"queue": "delivery"},
    "coaching.tasks.learn_*": {"queue": "batch"},
    "coaching.tasks.send_*": {"queue": "batch"},
    "coaching.tasks.*_nudge_*": {"queue": "batch"},
    "coaching.tasks.*_experiment*": {"queue": "batch"},
    "coaching.tasks.decide_nudges*": {"queue": "batch"},
    "coaching.tasks.sweep_attachments": {"queue": "batch"},
    "coaching.tasks.sweep_answer_contexts": {"queue": "batch"},
    "coaching.tasks.sweep_consultations": {"queue": "batch"},
    "coaching.tasks.refresh_contexts*": {"queue": "batch"},
    "coaching.tasks.summarize_*": {"queue": "batch"},
    "coaching.tasks.embed_missing": {"queue": "batch"},
    "coaching.tasks.archive_faded_memories": {"queue": "batch"},
    "coaching.tasks.read_session*": {"queue": "batch"},
    "coaching.tasks.settle_memories": {"queue": "batch"},
    "coaching.tasks.forget_memories_*": {"queue": "batch"},
    "coaching.tasks.sweep_temporary_chats": {"queue": "batch"},
    "coaching.tasks.review_prompts*": {"queue": "batch"},
    "coaching.tasks.write_reviewed_prompt": {"queue": "batch"},
    "coaching.tasks.watch_prompt_ratings": {"queue": "batch"},
    "coaching.tasks.forget_measures_of_prompts": {"queue": "batch"},
    "coaching.tasks.keep_partitions": {"queue": "batch"},
    "habits.tasks.*": {"queue": "batch"},
    # A person waits for their own day; everything else of momentum is batch work. First match counts.
    "momentum.tasks.score_person": {"queue": "interactive"},
    # May read for two hours: nothing else waits behind it.
    "momentum.tasks.read_health_import": {"queue": "imports"},
    "momentum.tasks.*": {"queue": "batch"},
    # Somebody waits for steps or for words.
    "productivity.tasks.write_*": {"queue": "interactive"},
    "productivity.tasks.*": {"queue": "batch"},
}
# No soft limit beside it: Celery refuses to queue a task whose own hard limit lies below the common soft one.
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_TASK_TIME_LIMIT + 60,
    # Puts the tasks of a killed worker back within seconds instead of minutes.
    "unacked_restore_interval": 1,
    # Whoever hands work over does not wait for a broker that is down: sweeps find what was not handed over.
    "max_retries": 0,
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"

# --- The person: sign-up, sign-in ---------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "account_login"

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Habyss <coach@habyss.example>")
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT_SECONDS", default=20)
MAILS_ARE_SENT = EMAIL_CONFIG["EMAIL_BACKEND"].endswith("smtp.EmailBackend")

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.signup.FiveQuestions"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# No password: the person is let in at once, later by a code or by a password set in Settings.
ACCOUNT_SIGNUP_FIELDS = ["email*"]
# `mandatory` lets nobody in before the code from the mail; that needs a mail server. With `optional` an
# address counts as its owner's only once it was proven, which also ends every other session.
ACCOUNT_EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", default="") or (
    "mandatory" if MAILS_ARE_SENT and not DEBUG else "optional"
)
# django-allauth knows codes for the mandatory kind only; else the mail has a link.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = ACCOUNT_EMAIL_VERIFICATION == "mandatory"
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Habyss"
MFA_TOTP_TOLERANCE = 1  # a code typed as it changes still counts (RFC 6238, 5.2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
HEADLESS_CLIENTS = ("app", "browser")
HEADLESS_SERVE_SPECIFICATION = True
HEADLESS_SPECIFICATION_TEMPLATE_NAME = None  # its page would load scripts from elsewhere

# How long a person may come back after asking to be erased, and how long an export can be fetched.
ERASURE_GRACE_DAYS = env.int("ERASURE_GRACE_DAYS", default=14)
EXPORT_KEEP_DAYS = env.int("EXPORT_KEEP_DAYS", default=7)

# --- Words, zones, files ------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.static.HashedModules"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- REST ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.rest.authentication.SessionToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.rest.parsing.WholeTextJSON"],
    "DEFAULT_PAGINATION_CLASS": "accounts.rest.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.rest.problems.problem_details",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# How long a write may run before its idempotency key can be claimed by a repeat, and how long keys are kept.
IDEMPOTENCY_TAKEOVER_SECONDS = env.int("IDEMPOTENCY_TAKEOVER_SECONDS", default=60)
IDEMPOTENCY_KEEP_DAYS = env.int("IDEMPOTENCY_KEEP_DAYS", default=7)
SPECTACULAR_SETTINGS = {
    "TITLE": "Habyss API",
    "DESCRIPTION": "The AI coach that knows a person: conversations, habits, plans and privacy.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ConsentKindEnum": "accounts.models.ConsentKind",
        "DataRequestKindEnum": "accounts.models.DataRequestKind",
        "DataRequestStateEnum": "accounts.models.DataRequestState",
        "ConversationChannelEnum": "coaching.models.conversation.ConversationChannel",
        "MessageChannelEnum": "coaching.models.outreach.MessageChannel",
        "MessageStatusEnum": "coaching.models.conversation.MessageStatus",
        "ReminderStatusEnum": "coaching.models.outreach.ReminderStatus",
        "RunStatusEnum": "coaching.models.conversation.RunStatus",
        "CompletionStatusEnum": "habits.models.habit.CompletionStatus",
        "GoalStatusEnum": "habits.models.goal.GoalStatus",
        "HabitStatusEnum": "habits.models.habit.HabitStatus",
        "SequenceStatusEnum": "habits.models.sequence.SequenceStatus",
        "ChangeSourceEnum": "productivity.models.ChangeSource",
        "StuckReasonEnum": "productivity.models.StuckReason",
        "SlotRefusalReasonEnum": "productivity.models.RefusalReason",
        "TaskStatusEnum": "productivity.models.TaskStatus",
        "WrittenByEnum": "productivity.models.WrittenBy",
        "WeekProposalWhatEnum": "productivity.scheduling.negotiating.What",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.rest.schema.describe_problems",
    ],
}

# --- Security -----------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
# Rate limits count the address the proxy saw, not the proxy's own.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if SECURE_PROXY_SSL_HEADER else 0
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "accounts.rest.problems.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "connect-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- The admin ----------------------------------------------------------------------------------
# Without these, everybody who may enter the admin could import.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "change"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
UNFOLD = {
    "SITE_TITLE": "Habyss",
    "SITE_HEADER": "Habyss",
    "SITE_SUBHEADER": "For coaches and staff",
    "SITE_URL": "/",
    "SITE_SYMBOL": "hexagon",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("icons/habyss.svg"),
        }
    ],
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "config.staff_home.dashboard",
    "STYLES": [lambda request: static("css/staff.css")],
    # From the logo's gradient, #4A6FA5 to #7B9FD3.
    "COLORS": {
        "primary": {
            "50": "#f2f6fb",
            "100": "#e3ebf6",
            "200": "#cad9ee",
            "300": "#a5bfe2",
            "400": "#7b9fd3",
            "500": "#5d85bd",
            "600": "#4a6fa5",
            "700": "#3d5c8a",
            "800": "#354e73",
            "900": "#2f4361",
            "950": "#1f2c41",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "config.staff_home.navigation",
    },
}

# --- The coach ----------------------------------------------------------------------------------
# Any LiteLLM model name; the built-in coach needs no key and no network.
COACH_MODEL = env.str("COACH_MODEL", default="builtin/coach")
COACH_FALLBACK_MODEL = env.str("COACH_FALLBACK_MODEL", default="builtin/coach")
COACH_MODEL_API_BASE = env.str("COACH_MODEL_API_BASE", default="")
COACH_MODEL_API_KEY = env.str("COACH_MODEL_API_KEY", default="")
COACH_FIRST_TOKEN_TIMEOUT_SECONDS = env.float("COACH_FIRST_TOKEN_TIMEOUT_SECONDS", default=15.0)
COACH_STALL_TIMEOUT_SECONDS = env.float("COACH_STALL_TIMEOUT_SECONDS", default=20.0)
COACH_ANSWER_TIMEOUT_SECONDS = env.float("COACH_ANSWER_TIMEOUT_SECONDS", default=120.0)
COACH_MAX_OUTPUT_TOKENS = env.int("COACH_MAX_OUTPUT_TOKENS", default=1000)
COACH_TEMPERATURE = env.float("COACH_TEMPERATURE", default=0.7)
COACH_CONTEXT_TOKENS = env.int("COACH_CONTEXT_TOKENS", default=6000)
# For so many days people can see what the coach was given for an answer.
ANSWER_CONTEXT_DAYS = env.int("ANSWER_CONTEXT_DAYS", default=30)
COACH_MAX_STEPS = env.int("COACH_MAX_STEPS", default=6)
COACH_DAILY_BUDGET_MICRODOLLARS = env.int("COACH_DAILY_BUDGET_MICRODOLLARS", default=500_000)
# Where the fallback lives, when it is not where its provider usually is.
COACH_FALLBACK_API_BASE = env.str("COACH_FALLBACK_API_BASE", default="")
COACH_FALLBACK_API_KEY = env.str("COACH_FALLBACK_API_KEY", default="")
# Dollars per million tokens of models without a public price: {"openai/mine": {"input": 0.1, "output": 0.4}}
COACH_MODEL_PRICES = env.json("COACH_MODEL_PRICES", default={})
# What turns text into vectors: the small model that runs here, or any LiteLLM name. Changing it afterwards is
# the work of `manage.py backfill_embeddings`.
EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", default="local/all-minilm-l6-v2-int8")
# Of a hosted model; 0: as many as it gives.
EMBEDDING_DIMENSIONS = env.int("EMBEDDING_DIMENSIONS", default=0)
EMBEDDING_API_BASE = env.str("EMBEDDING_API_BASE", default="")
EMBEDDING_API_KEY = env.str("EMBEDDING_API_KEY", default="")
EMBEDDING_TIMEOUT_SECONDS = env.float("EMBEDDING_TIMEOUT_SECONDS", default=10.0)
# A person waits: a longer Retry-After sends the request to the next model at once.
COACH_RETRY_AFTER_LIMIT_SECONDS = env.float("COACH_RETRY_AFTER_LIMIT_SECONDS", default=5.0)
# A model that fails so often within the window rests for the cooling time, then one call probes it.
COACH_BREAKER_FAILURES = env.int("COACH_BREAKER_FAILURES", default=5)
COACH_BREAKER_WINDOW_SECONDS = env.int("COACH_BREAKER_WINDOW_SECONDS", default=60)
COACH_BREAKER_COOLING_SECONDS = env.int("COACH_BREAKER_COOLING_SECONDS", default=30)
# Runs: threads for their database work (so many for new messages, and as many again for the rest) and their tools
# (all together below DATABASE_POOL_SIZE), how often a run says
# that it lives, after what silence it counts as dead, and how many events may wait for one slow reader.
COACH_DATABASE_THREADS = env.int("COACH_DATABASE_THREADS", default=2)
COACH_TOOL_THREADS = env.int("COACH_TOOL_THREADS", default=2)
COACH_HEARTBEAT_SECONDS = env.float("COACH_HEARTBEAT_SECONDS", default=2.0)
COACH_RUN_SILENT_SECONDS = env.float("COACH_RUN_SILENT_SECONDS", default=12.0)
COACH_SAVE_PATIENCE_SECONDS = env.float("COACH_SAVE_PATIENCE_SECONDS", default=60.0)
COACH_LISTENER_EVENTS = env.int("COACH_LISTENER_EVENTS", default=500)
# What one open line may be sent in a minute, whether or not it is read; and what one person may send in a minute.
COACH_LINE_BYTES_PER_MINUTE = env.int("COACH_LINE_BYTES_PER_MINUTE", default=8_000_000)
COACH_SENDS_PER_MINUTE = env.int("COACH_SENDS_PER_MINUTE", default=30)
# A conversation is read for memories after so many minutes of silence; a temporary one is deleted so many hours after
# its last word.
MEMORY_SESSION_IDLE_MINUTES = env.int("MEMORY_SESSION_IDLE_MINUTES", default=10)
TEMPORARY_CHAT_HOURS = env.int("TEMPORARY_CHAT_HOURS", default=24)
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=10 * 1024 * 1024)
# Words of the first streamed piece of the built-in coach's answers; later ones have up to four times as many.
BUILTIN_CHUNK_WORDS = env.int("BUILTIN_CHUNK_WORDS", default=3)

# --- Personal prompts -----------------------------------------------------------------------------
# Meanings, units and bounds: coaching/personalization/config.py.
ADHERENCE_CHANGE_THRESHOLD = env.float("ADHERENCE_CHANGE_THRESHOLD", default=0.10)
LOGGING_CHANGE_THRESHOLD = env.float("LOGGING_CHANGE_THRESHOLD", default=0.10)
STREAK_CHANGE_THRESHOLD = env.int("STREAK_CHANGE_THRESHOLD", default=7)
CHANGE_NOISE_Z = env.float("CHANGE_NOISE_Z", default=2.5)
BEHAVIORAL_ANALYSIS_DAYS = env.int("BEHAVIORAL_ANALYSIS_DAYS", default=30)
MIN_DAYS_BETWEEN_UPDATES = env.int("MIN_DAYS_BETWEEN_UPDATES", default=7)
MAX_WEEKS_BETWEEN_UPDATES = env.int("MAX_WEEKS_BETWEEN_UPDATES", default=8)
PROMPT_UPDATE_DAY = env.str("PROMPT_UPDATE_DAY", default="sun")
PROMPT_UPDATE_HOUR = env.int("PROMPT_UPDATE_HOUR", default=3)
LAPSE_DAYS = env.int("LAPSE_DAYS", default=7)
BAD_RATINGS_IN_A_ROW = env.int("BAD_RATINGS_IN_A_ROW", default=3)
BAD_RATINGS_WINDOW = env.int("BAD_RATINGS_WINDOW", default=6)
BAD_RATINGS_MOST = env.int("BAD_RATINGS_MOST", default=4)
BAD_RATINGS_MORE = env.int("BAD_RATINGS_MORE", default=2)
ENABLE_CHANGE_DETECTION = env.bool("ENABLE_CHANGE_DETECTION", default=True)
ENABLE_AUTOMATIC_UPDATES = env.bool("ENABLE_AUTOMATIC_UPDATES", default=True)
ENABLE_GENERIC_FALLBACK = env.bool("ENABLE_GENERIC_FALLBACK", default=True)
PROMPT_COST_MICRODOLLARS = env.int("PROMPT_COST_MICRODOLLARS", default=50_000)
PROMPT_REGENERATIONS_PER_DAY = env.int("PROMPT_REGENERATIONS_PER_DAY", default=3)

# --- Push ---------------------------------------------------------------------------------------
# Whoever signs with this key may write to the browsers that subscribed under it. Empty: no web push.
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="")
VAPID_SUBJECT = env.str("VAPID_SUBJECT", default="") or f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}"
# A browser says where it is written to: only these are believed. `*.` stands for any subdomain.
WEB_PUSH_HOSTS = env.list(
    "WEB_PUSH_HOSTS",
    default=[
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "*.notify.windows.com",
        "web.push.apple.com",
    ],
)
# Android: the service account of a Firebase project. iOS: a key of an Apple developer team.
FCM_SERVICE_ACCOUNT_FILE = env.str("FCM_SERVICE_ACCOUNT_FILE", default="")
FCM_BASE_URL = env.str("FCM_BASE_URL", default="https://fcm.googleapis.com/v1/projects").rstrip("/")
APNS_KEY_FILE = env.str("APNS_KEY_FILE", default="")
APNS_KEY_ID = env.str("APNS_KEY_ID", default="")
APNS_TEAM_ID = env.str("APNS_TEAM_ID", default="")
APNS_TOPIC = env.str("APNS_TOPIC", default="")
APNS_SERVER = env.str("APNS_SERVER", default="api.push.apple.com:443")
PUSH_TIMEOUT_SECONDS = env.float("PUSH_TIMEOUT_SECONDS", default=10.0)

# --- Guardrails ---------------------------------------------------------------------------------
CRISIS_PAUSE_DAYS = env.int("CRISIS_PAUSE_DAYS", default=7)
REMINDER_LATE_MINUTES = env.int("REMINDER_LATE_MINUTES", default=10)
REMINDER_DROP_MINUTES = env.int("REMINDER_DROP_MINUTES", default=120)
# How much unasked messages on all channels together may ask of one person; hours are of their own clock.
OUTREACH_MAX_PER_DAY = env.int("OUTREACH_MAX_PER_DAY", default=3)
OUTREACH_MAX_PER_WEEK = env.int("OUTREACH_MAX_PER_WEEK", default=10)
OUTREACH_MINUTES_APART = env.int("OUTREACH_MINUTES_APART", default=60)
OUTREACH_WEEKLY_BURDEN = env.int("OUTREACH_WEEKLY_BURDEN", default=15)
OUTREACH_QUIET_FROM_HOUR = env.int("OUTREACH_QUIET_FROM_HOUR", default=21)
OUTREACH_QUIET_UNTIL_HOUR = env.int("OUTREACH_QUIET_UNTIL_HOUR", default=8)
# Causes whose messages wait for a yes of the staff, for example "nudge,check_in". What people ordered never waits.
OUTREACH_APPROVE_CAUSES = env.list("OUTREACH_APPROVE_CAUSES", default=[])
OUTREACH_SENDING_MINUTES = env.int("OUTREACH_SENDING_MINUTES", default=10)

# --- Momentum -----------------------------------------------------------------------------------
# The ledger and the events are kept by month: so many months are made ahead.
PARTITIONS_AHEAD_MONTHS = env.int("PARTITIONS_AHEAD_MONTHS", default=3)
# 10,000 samples whose devices have long names fit into one request (Django: 2.5 MB).
DATA_UPLOAD_MAX_MEMORY_SIZE = 4_194_304
# How long things are kept; 0: for ever.
LEDGER_KEEP_MONTHS = env.int("LEDGER_KEEP_MONTHS", default=0)
EVENTS_KEEP_MONTHS = env.int("EVENTS_KEEP_MONTHS", default=25)
BIOMETRIC_SAMPLE_KEEP_DAYS = env.int("BIOMETRIC_SAMPLE_KEEP_DAYS", default=90)
# Makes the pseudonyms of people in files for analysts; empty: made of SECRET_KEY.
EXPORT_PSEUDONYM_KEY = env.str("EXPORT_PSEUDONYM_KEY", default="")
# Files of health data that people bring: the largest upload, and the most that one packed file may unpack to.
HEALTH_IMPORT_MAX_MB = env.int("HEALTH_IMPORT_MAX_MB", default=4096)
HEALTH_IMPORT_MAX_UNPACKED_MB = env.int("HEALTH_IMPORT_MAX_UNPACKED_MB", default=16384)
# What may come in one request, which the web server holds in memory; what is larger comes in pieces.
HEALTH_IMPORT_WHOLE_MB = env.int("HEALTH_IMPORT_WHOLE_MB", default=16)
# An upload to which no piece was added for so long is dropped.
HEALTH_IMPORT_ABANDONED_HOURS = env.int("HEALTH_IMPORT_ABANDONED_HOURS", default=24)
# An import whose worker said nothing for this long was left behind, and is begun anew by the sweep.
HEALTH_IMPORT_STALE_SECONDS = env.int("HEALTH_IMPORT_STALE_SECONDS", default=60)
# Pushes of Garmin's Health API: the secret by which they are signed; empty: none are taken.
GARMIN_WEBHOOK_SECRET = env.str("GARMIN_WEBHOOK_SECRET", default="")
# Connecting accounts of Garmin; without an id and a secret nobody is offered it.
GARMIN_CLIENT_ID = env.str("GARMIN_CLIENT_ID", default="")
GARMIN_CLIENT_SECRET = env.str("GARMIN_CLIENT_SECRET", default="")
GARMIN_AUTHORIZE_URL = env.str(
    "GARMIN_AUTHORIZE_URL", default="https://connect.garmin.com/oauth2Confirm"
)
GARMIN_TOKEN_URL = env.str(
    "GARMIN_TOKEN_URL", default="https://diauth.garmin.com/di-oauth2-service/oauth/token"
)
GARMIN_API_URL = env.str("GARMIN_API_URL", default="https://apis.garmin.com")

# --- Productivity --------------------------------------------------------------------------------
# The gRPC gateway (`manage.py run_grpc`, `make run ARGS=--grpc`). With both files of a certificate it speaks TLS.
GRPC_HOST = env.str("GRPC_HOST", default="127.0.0.1")
GRPC_PORT = env.int("GRPC_PORT", default=50051)
GRPC_TLS_CERT = env.str("GRPC_TLS_CERT", default="")
GRPC_TLS_KEY = env.str("GRPC_TLS_KEY", default="")
# Calls of everybody at once; on one connection; streams of one person; bytes of one request; seconds one call may take.
GRPC_MAX_CALLS = env.int("GRPC_MAX_CALLS", default=500)
GRPC_STREAMS_PER_CONNECTION = env.int("GRPC_STREAMS_PER_CONNECTION", default=100)
GRPC_STREAMS_PER_PERSON = env.int("GRPC_STREAMS_PER_PERSON", default=16)
GRPC_MAX_REQUEST_BYTES = env.int("GRPC_MAX_REQUEST_BYTES", default=262_144)
GRPC_DEADLINE_SECONDS = env.float("GRPC_DEADLINE_SECONDS", default=30.0)
# Threads for its database work (with those of the coach's runs below DATABASE_POOL_SIZE), and how long calls may go
# on when it is asked to stop.
GRPC_DATABASE_THREADS = env.int("GRPC_DATABASE_THREADS", default=3)
GRPC_GRACE_SECONDS = env.float("GRPC_GRACE_SECONDS", default=8.0)
# Nudges about tasks: how long a person waits for the model's words, how long a message does, how long those may be
# (tokens), and how many one may ask for in a day.
NUDGE_MODEL_SECONDS = env.float("NUDGE_MODEL_SECONDS", default=2.5)
NUDGE_HOLD_SECONDS = env.float("NUDGE_HOLD_SECONDS", default=30.0)
NUDGE_MODEL_TOKENS = env.int("NUDGE_MODEL_TOKENS", default=120)
NUDGES_ASKED_PER_DAY = env.int("NUDGES_ASKED_PER_DAY", default=20)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
