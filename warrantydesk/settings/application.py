"""What Django is made of here: applications, middleware, templates."""

from warrantydesk.settings.place import BASE_DIR

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "warrantydesk.faces.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_fsm",
    "django_htmx",
    "django_countries",
    "django_structlog",
    "import_export",
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "products",
    "cases",
    "shipments",
    "warrantydesk",
    "warrantydesk.accounts",
    "warrantydesk.faces",
    "warrantydesk.intake",
    "warrantydesk.portal",
    "warrantydesk.staff",
    "warrantydesk.reports",
    "warrantydesk.api",
    "warrantydesk.sales",
    "warrantydesk.privacy",
    "warrantydesk.audit",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "warrantydesk.security.harden",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "warrantydesk.languages.reading.ReadersLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "warrantydesk.accounts.signed_in.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "warrantydesk.audit.where.keep_request",
    "warrantydesk.accounts.sessions.keep_time",
    "allauth.account.middleware.AccountMiddleware",
    "warrantydesk.accounts.second_factor.demand_second_factor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "warrantydesk.csp.relax_admin",
    "django_htmx.middleware.HtmxMiddleware",
    # django-structlog's, but without the tokens of private links.
    "warrantydesk.portal.middleware.RequestLog",
]

ROOT_URLCONF = "warrantydesk.urls"
WSGI_APPLICATION = "warrantydesk.wsgi.application"
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
                "django.template.context_processors.i18n",
            ],
        },
    }
]
FORM_RENDERER = "warrantydesk.faces.drawn_inputs.DrawingInputs"
INSTALLED_APPS.insert(0, "django.forms")
