"""Fields drawn in one pass are those that Django's templates make, sign for sign."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from warrantydesk.faces.drawn_inputs import DRAWN, DrawingInputs

CHOICES = [("", "Any"), (1, "<one>"), ("Fruit", [("a", "Apple & pear"), ("b", SafeString("<b>Bold</b>"))])]
ATTRIBUTES = {
    "placeholder": gettext_lazy("State"), "data-words": "\"'<&>", "required": True, "hidden": False, "rows": 4,
}  # fmt: skip
WIDGETS: list[Any] = [
    forms.TextInput, forms.HiddenInput, forms.EmailInput, forms.NumberInput, forms.FileInput, forms.CheckboxInput,
    forms.Textarea, lambda attrs: forms.Select(attrs, CHOICES), lambda attrs: forms.SelectMultiple(attrs, CHOICES),
]  # fmt: skip


@pytest.mark.parametrize(
    "value", [None, "", 0, 1, "a", "<script>\"'&", SafeString("<i>"), True, 2.5, ["a", "1"]], ids=repr
)
@pytest.mark.parametrize("make", WIDGETS)
@pytest.mark.parametrize("attrs", [{}, ATTRIBUTES], ids=["plain", "attributes"])
def test_field_is_drawn_as_django_renders_it(make: Any, attrs: dict[str, Any], value: Any) -> None:
    widget = make(attrs)
    if isinstance(value, list) and not isinstance(widget, forms.SelectMultiple):
        value = value[0]
    drawn, rendered = (widget.render("na<me", value, {"id": "x"}, one()) for one in (DrawingInputs, TemplatesSetting))
    assert drawn == rendered
    assert isinstance(drawn, SafeString)


def test_every_template_that_is_replaced_is_one_of_django() -> None:
    for name in DRAWN:
        assert "/django/forms/templates/" in TemplatesSetting().get_template(name).origin.name
