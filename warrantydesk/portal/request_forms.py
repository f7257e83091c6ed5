"""The steps of a new request, each a form that knows how to keep what was typed in the draft."""

import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from products.models import CoveredPart
from products.refusing import RefusingForm
from warrantydesk.faces.formats import day
from warrantydesk.portal.days import read_day
from warrantydesk.portal.forms import LONGEST_TEXT, ManyFilesField, words
from warrantydesk.portal.models import RequestDraft
from warrantydesk.portal.purchases import Numbers, read_numbers

LONGEST_NUMBER = 120


class StepForm(RefusingForm):
    """`keeps` are the fields of the draft it fills in; `may_look` says whether numbers may be looked up (limits)."""

    keeps: tuple[str, ...] = ()

    def __init__(self, draft: RequestDraft, *args: Any, today: date, may_look: bool = True) -> None:
        self.draft, self.today, self.may_look = draft, today, may_look
        super().__init__(*args)
        self.auto_id = "request-%s"
        for name in self.keeps:
            if name in self.fields:
                self.fields[name].initial = getattr(draft, name)
        self.prepare()

    def prepare(self) -> None:
        """Choices that only this draft knows."""

    def keep(self) -> None:
        """Into the draft, which the caller saves."""
        for name in self.keeps:
            setattr(self.draft, name, self.cleaned_data[name])


def _number(label: Any, hint: Any) -> forms.CharField:
    look = {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=LONGEST_NUMBER, widget=forms.TextInput(attrs=look)
    )


class NumbersForm(forms.Form):
    """Both numbers of a purchase, as far as they are at hand."""

    invoice = _number(_("Invoice number"), _("It stands at the top of your invoice, and in the mail it came with."))
    serial = _number(_("Serial number"), _("It stands on the label on the box and on the product."))


class CheckForm(NumbersForm):
    """For the warranty check: there it takes both."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "check-%s", **kwargs})
        wanted = {"invoice": _("Please write the invoice number."), "serial": _("Please write the serial number.")}
        for name, asked in wanted.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = asked


class ProductForm(NumbersForm, StepForm):
    keeps = ("about",)
    about = words(
        _("What did you buy, and when?"),
        rows=3,
        required=False,
        help_text=_(
            "Only if you cannot find one of the numbers. The shop, the name on the order, the month: all helps."
        ),
    )
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    numbers: Numbers | None = None
    # Both numbers were given and do not belong together: the page offers to go on all the same.
    is_unknown = False

    def prepare(self) -> None:
        self.fields["invoice"].initial = self.draft.invoice_as_given
        self.fields["serial"].initial = self.draft.serial_as_given

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        invoice, serial, about = (self.cleaned_data.get(name, "") for name in ("invoice", "serial", "about"))
        if self.errors:
            return cleaned
        if not (invoice or serial or about):
            self.add_error("invoice", _("Please write the numbers, or tell us below what you bought."))
            return cleaned
        if self.may_look:
            self.numbers = read_numbers(invoice, serial)
        if self.numbers and self.numbers.unit is None and invoice and serial and not self.cleaned_data.get("anyway"):
            self.is_unknown = True
            self.add_error("serial", _("We find no purchase with this invoice number and this serial number together."))
        return cleaned

    def keep(self) -> None:
        super().keep()
        draft, numbers = self.draft, self.numbers
        draft.invoice_as_given = numbers.invoice if numbers else self.cleaned_data["invoice"]
        draft.serial_as_given = numbers.serial if numbers else self.cleaned_data["serial"]
        before = draft.unit_id
        draft.unit = numbers.unit if numbers else None
        if draft.unit_id != before:
            draft.part_ids = numbers.part_ids if numbers else []
            draft.done = [name for name in draft.done if name != "part"]


class PartForm(StepForm):
    keeps = ("part_words",)
    part_ids = forms.MultipleChoiceField(
        label=_("Which part has the problem?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Every part of your product has its own warranty. Choose one or more."),
        error_messages={"invalid_choice": _("Please choose among the parts of this list.")},
    )
    part_words = forms.CharField(
        label=_("Or in your own words"),
        required=False,
        max_length=2000,
        help_text=_("If you do not see the part, or are not sure which one it is."),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def prepare(self) -> None:
        if not self.parts:
            del self.fields["part_ids"]
            self.fields["part_words"].label = _("Which part has the problem?")
            self.fields["part_words"].help_text = _("As you would call it. If you are not sure, say where it sits.")
            return
        self.fields["part_ids"].choices = [(part.pk, part.label) for part in self.parts]  # type: ignore[attr-defined]
        self.fields["part_ids"].initial = self.draft.part_ids

    @property
    def parts(self) -> list[CoveredPart]:
        if self.draft.unit_id is None:
            return []
        if not hasattr(self, "_parts"):
            rows = CoveredPart.objects.filter(unit=self.draft.unit_id).select_related("product", "terms")
            self._parts = list(rows.prefetch_related("pauses", "voids").order_by("position"))
        return self._parts

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = [self.cleaned_data.get("part_ids"), self.cleaned_data.get("part_words", "").strip()]
        if not self.errors and not any(given):
            first = "part_ids" if "part_ids" in self.fields else "part_words"
            self.add_error(first, _("Please choose the part, or say it in your own words."))
        return cleaned

    def keep(self) -> None:
        super().keep()
        self.draft.part_ids = [int(pk) for pk in self.cleaned_data.get("part_ids") or []]


class WhatForm(StepForm):
    keeps = ("description", "since")
    description = words(
        _("What happens?"),
        rows=6,
        help_text=_("What you see or hear, and what you have tried. Two or three sentences are enough."),
        error_messages={"required": _("Please say what happens.")},
    )
    since = forms.CharField(
        label=_("Since when?"),
        required=False,
        max_length=120,
        help_text=_("A date as you write it, or words such as “two weeks ago”."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    def clean_since(self) -> str:
        written = " ".join(self.cleaned_data["since"].split())
        read = read_day(written)
        if read and read > self.today:
            raise forms.ValidationError(_("This day is still to come. Please look once more."), code="future")
        return day(read) if read else written


class FilesForm(StepForm):
    """Sent with the form where there is no script; in pieces before it where there is (portal-upload.js)."""

    photos = ManyFilesField(
        label=_("Photos or a video"),
        help_text=_("Clear enough to see the problem. A short video is best where something moves or sounds wrong."),
    )
    uploads = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_TEXT)


class ContactForm(StepForm):
    keeps = ("email", "name")
    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("We answer there. The mail brings a private link to your request: there is no password."),
        error_messages={"required": _("Please write your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=200,
        help_text=_("So that we know how to address you."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )

    def clean_email(self) -> str:
        """As pasted: from a list, a link, or a full-width keyboard."""
        written = unicodedata.normalize("NFKC", self.cleaned_data["email"]).strip()
        address = written.removeprefix("mailto:").strip(" <>\"'.,;")
        try:
            validate_email(address)
        except forms.ValidationError as error:
            raise forms.ValidationError(
                _("This is no whole e-mail address yet, such as name@example.com."), code="address"
            ) from error
        if address.casefold() in settings.OWN_ADDRESSES:
            raise forms.ValidationError(_("This is our own address. Please write yours."), code="own")
        return address


class SendForm(StepForm):
    without = forms.BooleanField(label=_("Send my request without the files that are not here yet"), required=False)
