"""What a customer can fill in. Each form knows how to take a service's refusal back to where it was caused."""

import secrets
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from products.errors import Refused
from products.refusing import RefusingForm

if TYPE_CHECKING:
    from warrantydesk.portal.case_of_customer import CaseOfCustomer

LONGEST_TEXT = 20_000
MOST_UPLOADS = 200
TAKEN = "image/*,video/*,application/pdf,.heic,.heif"


class LinkForm(forms.Form):
    """ "Send me my link again." Says nothing about what is known here."""

    reference = forms.CharField(
        label=_("Your case number"),
        max_length=60,
        help_text=_("It stands in every mail of ours, such as WD-7F3K-2."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("The one you wrote to us from."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "link-%s", **kwargs})


class CaseForm(RefusingForm):
    """A form about the customer's case. `name` and `anchor` are filled in by the verb it belongs to."""

    name = ""
    anchor = ""

    def __init__(self, page: "CaseOfCustomer", *args: Any, **kwargs: Any) -> None:
        self.page = page
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Choices and first values that only this case knows."""

    def refuse(self, refused: Refused, words: str = "") -> None:
        said = words or str(refused)
        field = self.fields.get(self.known_as.get(refused.field, refused.field))
        # Some services begin with the name of the field, beside which it stands here.
        super().refuse(refused, capfirst(said.removeprefix(f"{field.label}: ")) if field else said)


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files, none where none was chosen. What they hold is judged when they are stored."""

    widget = ManyFilesInput

    def __init__(self, **kwargs: Any) -> None:
        widget = ManyFilesInput(attrs={"accept": TAKEN})
        super().__init__(**{"widget": widget, "allow_empty_file": True, "required": False, **kwargs})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [one for one in data or [] if one] if isinstance(data, (list, tuple)) else [data] if data else []
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(ManyFilesField, self).clean(one, initial) for one in files]


def new_mark() -> str:
    return secrets.token_urlsafe(9)


class OnceForm(CaseForm):
    """A form that counts once, however often its button is pressed: `once` marks the copy that was shown."""

    once = forms.CharField(widget=forms.HiddenInput, initial=new_mark, max_length=40, required=False)


class FilesForm(OnceForm):
    """A form with files: in it as ever, or sent before it in pieces, `uploads` naming them (portal-upload.js)."""

    uploads = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_TEXT)

    def prepare(self) -> None:
        if self.data.get("uploads"):
            self.fields["photos"].required = False  # they are here already

    def clean_uploads(self) -> list[str]:
        return self.cleaned_data["uploads"].split()[:MOST_UPLOADS]


def words(label: Any, *, rows: int = 4, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=widget, **kwargs)


class MessageForm(FilesForm):
    text = words(_("Your message"), required=False)
    photos = ManyFilesField(
        label=_("Photos, a video or a PDF"), help_text=_("As many as you like. A phone's photo is perfect.")
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = [self.cleaned_data.get(name) for name in ("text", "photos", "uploads")]
        if not self.errors and not any(given):
            self.add_error("text", _("Please write something, or choose a photo."))
        return cleaned


class PhotosForm(FilesForm):
    photos = ManyFilesField(
        label=_("A photo or a video"),
        required=True,
        help_text=_("Clear enough to see the problem. A short video is best where something moves or sounds wrong."),
        error_messages={"required": _("Please choose at least one photo or video.")},
    )

    def prepare(self) -> None:
        super().prepare()
        if any(file.is_kept for file in self.page.files):
            self.fields["photos"].label = _("Another photo or a video")


class DescriptionForm(CaseForm):
    description = words(
        _("What happens?"),
        help_text=_("Since when, and what have you tried? Two or three sentences are enough."),
        error_messages={"required": _("Please say what happens.")},
    )

    def prepare(self) -> None:
        self.fields["description"].initial = self.page.case.description


class NumbersForm(OnceForm):
    """The numbers we could not match. They are sent as a message: a person looks at them."""

    invoice = forms.CharField(
        label=_("Invoice number"),
        max_length=120,
        required=False,
        help_text=_("It stands on the invoice of your order."),
    )
    serial = forms.CharField(
        label=_("Serial number"),
        max_length=120,
        required=False,
        help_text=_("It stands on the label on the box and on the product."),
    )

    def prepare(self) -> None:
        for name in ("invoice", "serial"):
            if name not in self.page.needs:
                del self.fields[name]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = [self.cleaned_data.get(name, "") for name in ("invoice", "serial")]
        if not self.errors and not any(given):
            first = next((name for name in ("invoice", "serial") if name in self.fields), None)
            self.add_error(first, _("Please write the number."))
        return cleaned


class PartsForm(CaseForm):
    part_ids = forms.MultipleChoiceField(
        label=_("Which part has the problem?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Every part of your product has its own warranty. Choose one or more."),
        error_messages={
            "required": _("Please choose the part that has the problem."),
            "invalid_choice": _("Please choose among the parts of this list."),
        },
    )

    def prepare(self) -> None:
        sure = {claim.part_id for claim in self.page.claims}
        guesses = [claim.part_id for claim in self.page.all_claims if not claim.confirmed]
        choices = self.fields["part_ids"]
        choices.choices = [(part.pk, part.label) for part in self.page.unit_parts if part.pk not in sure]  # type: ignore[attr-defined]
        choices.initial = guesses


class AnswerForm(CaseForm):
    answer = forms.ChoiceField(choices=[("accepted", _("accept")), ("declined", _("decline"))])
    quote = forms.IntegerField(widget=forms.HiddenInput)


class EndLinksForm(CaseForm):
    """Every link of the case, this one too."""


class EraseForm(CaseForm):
    sure = forms.BooleanField(
        label=_("Yes, please erase what you hold about me"),
        error_messages={"required": _("Please tick this if you want your data erased.")},
    )


class WithdrawForm(CaseForm):
    why = words(_("Would you tell us why?"), rows=2, required=False)
    sure = forms.BooleanField(
        label=_("Yes, end my request without a decision"),
        error_messages={"required": _("Please tick this if you want to withdraw your request.")},
    )
