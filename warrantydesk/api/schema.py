"""Names of operations in the schema: after what they do and the view that does it, each once."""

import re

from drf_spectacular.openapi import AutoSchema

VERBS = {"get": "read", "post": "write"}


class NamedByView(AutoSchema):
    """`read_one_invoice`, `write_transitions`."""

    def get_operation_id(self) -> str:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__).lower()
        return f"{VERBS.get(self.method.lower(), self.method.lower())}_{name}"
