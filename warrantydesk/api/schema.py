"""The schema: how operations are named, after what they do and the view that does it, each once; and who calls them.

Loaded where the schema is asked for, and nowhere else: with it comes all of drf-spectacular.
"""

import re
from importlib import import_module
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from warrantydesk.api.authentication import TokenAuthentication
from warrantydesk.api.documenting import describe_operations

VERBS = {"get": "read", "post": "write"}


class NamedByView(AutoSchema):
    """`read_one_invoice`, `write_transitions`."""

    def get_operation_id(self) -> str:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__).lower()
        return f"{VERBS.get(self.method.lower(), self.method.lower())}_{name}"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # an untyped library
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A personal or service token: `wd_…`."}


class Generator(SchemaGenerator):
    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        import_module(settings.ROOT_URLCONF)  # every operation has said what it does
        describe_operations()
        return super().get_schema(request, public)  # type: ignore[no-untyped-call]  # an untyped library
