"""What other systems use (docs/api.md): the shop's webhooks, ours, and the API."""

from warrantydesk import env

SHOPIFY_WEBHOOK_SECRETS = env.words(
    "SHOPIFY_WEBHOOK_SECRETS",
    [],
    "What Shopify signs its webhooks with; two while it is being changed. Also as SHOPIFY_WEBHOOK_SECRETS_FILE. "
    "Without it /hooks/shopify/ stays shut.",
)
SHOPIFY_SHOP = env.text(
    "SHOPIFY_SHOP", "shopify", "The shop the orders of the webhooks belong to, as `--shop` names it for files."
)
WEBHOOK_PRIVATE_ADDRESSES = env.flag(
    "WEBHOOK_PRIVATE_ADDRESSES",
    False,
    "Let webhooks go to http, private addresses or this machine: for systems on one's own network only.",
)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["warrantydesk.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["warrantydesk.api.authentication.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["warrantydesk.api.authentication.TokenThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "warrantydesk.api.schema.NamedByView",
    "EXCEPTION_HANDLER": "warrantydesk.api.problems.answer_problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Warrantydesk",
    "DESCRIPTION": "Invoices, parts with their warranty clocks, cases and parcels. See docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DEFAULT_GENERATOR_CLASS": "warrantydesk.api.schema.Generator",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "CaseState": "cases.models.case.State",
        "CaseEventKind": "cases.models.CaseEvent.Kind",
        "MessageDirection": "cases.models.Message.Direction",
        "ProductKind": "products.models.Product.Kind",
        "ParcelDirection": "shipments.models.RepairShipment.Direction",
        "ScanKind": "shipments.models.EventKind",
    },
    # A test of our own looks at the schema; in production nobody waits for it at every start.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}
