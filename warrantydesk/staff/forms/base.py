"""What every form of the desk has: the verb it belongs to, its address, and a place for the answer of a service."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise

from products.refusing import RefusingForm

if TYPE_CHECKING:
    from warrantydesk.staff.case_on_desk import CaseOnDesk


class VerbForm(RefusingForm):
    """A form about one case (`on_desk`), or about one thing of it (`about`: a claimed part, a parcel).

    `verb_name`, `url`, `allowed` and `submit` are filled in by the verb that makes the form (staff/verb.py).
    """

    verb_name: str = ""
    url: str = ""
    allowed: bool = False
    submit: str | Promise = ""

    def __init__(self, on_desk: "CaseOnDesk", about: Any = None, **kwargs: Any) -> None:
        self.on_desk = on_desk
        self.about = about
        super().__init__(**kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Choices and first values that only this case knows."""

    @property
    def form_id(self) -> str:
        """The id of this form on the page."""
        return f"form-{self.verb_name}-{self.about.pk}" if self.about else f"form-{self.verb_name}"


class NothingToAsk(VerbForm):
    """A button that needs no words."""


def words(label: Any, *, required: bool = True, rows: int = 3, **kwargs: Any) -> forms.CharField:
    """A field for sentences. Nothing of what was typed is cut: too long is said, with the longest there may be."""
    widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
    return forms.CharField(label=label, required=required, max_length=10_000, widget=widget, **kwargs)
