"""The fields of the admin's own forms. None but a day is required: whether a word is needed is the service's to say."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget


def words_field(label: Any, help_text: Any = "") -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 2, "dir": "auto"})
    return forms.CharField(label=label, required=False, max_length=10_000, widget=widget, help_text=help_text)


def line_field(label: Any, help_text: Any = "", length: int = 60) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=length, widget=UnfoldAdminTextInputWidget, help_text=help_text
    )


def day_field(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)
