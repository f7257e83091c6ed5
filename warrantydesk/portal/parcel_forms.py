"""What a customer can say about a parcel: its number, whose it is, the receipt, and that it was a mistake."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from products.errors import Refused
from shipments.carriers.manual import ANY
from shipments.carriers.registry import identify, offered_carriers
from shipments.numbers import LONGEST_WRITTEN
from warrantydesk.portal.forms import CaseForm, ManyFilesField, OnceForm

RECOGNISE = ""
# What is wrong with a number, said to whoever holds the receipt in their hand.
WRONG = {
    "empty": _("Please write the tracking number."),
    "no_digit": _("There is no digit in it. The number stands on the receipt, near the bar code."),
    "bad_character": _("Only letters and digits belong in a tracking number. Please copy it once more."),
    "same_digit": _("It is one digit over and over. The number stands on the receipt, near the bar code."),
    "too_short": _("It is too short to be a tracking number. Is a part of it on the next line?"),
    "too_long": _("It is too long to be one tracking number. Are these two numbers?"),
    "check_digit": _("It does not add up: one character is wrong, or two have changed places. Please compare it."),
    "unknown_format": _("No carrier we know writes numbers like this. Please compare it with the receipt."),
    "several": _("There is more than one number in it. Please send them one after the other."),
    "no_number_in_address": _("There is no tracking number in this link. Please copy the number itself."),
}
KEEP_IT = _("If it is right as it stands, choose your carrier below.")
AGAIN = _("Please choose the photo once more: your browser does not keep it.")


class NumberForm(CaseForm):
    """A tracking number as people write and paste it, and whose it is: recognised, unless they say it themselves."""

    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=LONGEST_WRITTEN,
        help_text=_("It stands on the receipt or the label. You can also paste the link to the carrier's page."),
        error_messages={"required": WRONG["empty"]},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    # Where nothing was chosen the carrier is read off the number, so a refusal of it is one of the number.
    known_as: ClassVar[Mapping[str, str]] = {"direction": "tracking_number"}

    def prepare(self) -> None:
        self.fields["carrier"].choices = [(RECOGNISE, _("Recognise it by the number")), *carrier_choices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        written = self.cleaned_data.get("tracking_number")
        if written and not self.cleaned_data.get("carrier"):
            problem = identify(written)
            if not problem.valid:
                self.add_error("tracking_number", words_for(problem.problem_code, may_be_kept=problem.may_be_kept))
        return cleaned


def words_for(problem_code: str, *, may_be_kept: bool) -> str:
    """What is wrong with a number, and the way on where it may be right all the same."""
    said = str(WRONG[problem_code])
    return f"{said} {KEEP_IT}" if may_be_kept else said


def carrier_choices() -> list[tuple[str, Any]]:
    return [
        (code, _("Another carrier") if code == ANY else carrier.name) for code, carrier in offered_carriers().items()
    ]


class TrackingForm(NumberForm, OnceForm):
    receipt = ManyFilesField(
        label=_("A photo of the receipt"), help_text=_("If the counter gave you one. It proves the day you sent it.")
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors and self.files:
            self.add_error("receipt", AGAIN)
        return cleaned

    def refuse(self, refused: Refused, words: str = "") -> None:
        super().refuse(refused, words)
        if self.files:
            self.add_error("receipt", AGAIN)


class AboutParcelForm(CaseForm):
    """A form about one parcel of this case; `parcel` says which."""

    parcel = forms.IntegerField(widget=forms.HiddenInput)


class CorrectForm(NumberForm, AboutParcelForm):
    pass


class TakeBackForm(AboutParcelForm):
    pass


class ReceiptForm(AboutParcelForm, OnceForm):
    receipt = ManyFilesField(
        label=_("A photo of the receipt"),
        required=True,
        error_messages={"required": _("Please choose a photo of the receipt.")},
    )
    handed_in_on = forms.DateField(
        label=_("The day you handed it in"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
