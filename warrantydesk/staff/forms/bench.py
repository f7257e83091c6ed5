"""The workshop's forms: what was found and done, and what was built in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import RepairReport
from warrantydesk.staff.forms.base import VerbForm, words


class ReportForm(VerbForm):
    found = words(_("What was found"), rows=2)
    done = words(_("What was done"), required=False, rows=2)
    test = forms.ChoiceField(
        label=_("Test"),
        choices=RepairReport.Test.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether it was tested, and how that went.")},
    )
    measured = forms.CharField(label=_("Measured"), max_length=250, required=False, help_text=_("1.5 A, 42 °C …"))


class UsedPartForm(VerbForm):
    article = forms.CharField(
        label=_("Article number"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "spares", "autocomplete": "off"}),
    )
    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=1000, initial=1)
    serial = forms.CharField(
        label=_("Serial number"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
