"""What a person says about a held mail. Whether it can be done is for the service to say (settling.py)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.queries import get_case_for_staff
from products.refusing import RefusingForm


class SettleForm(RefusingForm):
    """A form about one held mail, filled in by `user`."""

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)


class AttachForm(SettleForm):
    reference = forms.CharField(
        label=_("The case"),
        max_length=40,
        help_text=_("Its reference, like WD-7F3K-2."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    case: Case

    def clean_reference(self) -> str:
        written: str = self.cleaned_data["reference"]
        try:
            self.case = get_case_for_staff(self.user, written)
        except Case.DoesNotExist:
            raise forms.ValidationError(_("There is no such case: look at every character again.")) from None
        return written


class DismissForm(SettleForm):
    why = forms.CharField(
        label=_("Why this is not a request"),
        max_length=1000,
        required=False,  # the service asks for it, in its own words
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Kept with the mail. The sender does not read it, and the mail stays where it is."),
    )


class DismissManyForm(DismissForm):
    """The same word for every ticked mail of a view."""

    mail = forms.TypedMultipleChoiceField(coerce=int, required=False)  # the service asks for it
    view = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        ticked = self.data.getlist("mail") if hasattr(self.data, "getlist") else []
        # Any number may be ticked; whether it is a mail that waits is for the service to say.
        numbers = [one for one in ticked if one.isascii() and one.isdigit() and len(one) < 19]
        self.fields["mail"].choices = [(one, one) for one in numbers]  # type: ignore[attr-defined]
        self.fields["why"].label = _("Why these are not requests")
        self.fields["why"].help_text = ""
        self.fields["why"].widget = forms.TextInput(attrs={"class": "input", "dir": "auto", "autocomplete": "off"})
