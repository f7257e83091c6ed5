"""A form that has a place for the answer of a service, on every face."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms

from products.errors import Refused


class RefusingForm(forms.Form):
    # What a service calls a field, where the form calls it something else.
    known_as: ClassVar[Mapping[str, str]] = {}

    def refuse(self, refused: Refused, words: str = "") -> None:
        """Put the service's sentence, or `words` for it, beside the field it names, or at the head of the form."""
        field = self.known_as.get(refused.field, refused.field)
        self.add_error(field if field in self.fields else None, words or str(refused))
