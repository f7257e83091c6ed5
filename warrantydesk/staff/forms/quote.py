"""The quote: as many lines as there are, each with its kind, its words and its amount."""

from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases.models import Message, QuoteLine, QuoteTemplate
from cases.ready_made import offered_templates
from cases.services.quoting import QuoteLineData
from warrantydesk.faces.formats import moment
from warrantydesk.staff.forms.base import VerbForm

FIRST_LINES = 3
MOST_LINES = 40
LATEST = 10  # messages an answer may have come in


class AmountField(forms.DecimalField):
    """An amount as people type it: 45, 45.00 or 45,00."""

    def to_python(self, value: Any) -> Any:
        written = str(value or "").replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
        if written.count(",") == 1 and "." not in written:
            written = written.replace(",", ".")
        return super().to_python(written)


class QuoteLineForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=QuoteLine.Kind.choices)
    description = forms.CharField(label=_("Words"), max_length=200, required=False)
    amount = AmountField(
        label=_("Amount"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 8, "autocomplete": "off"}),
    )

    @property
    def is_blank(self) -> bool:
        """Nothing was typed: the kind alone is no line, a choice always has one."""
        return not self.cleaned_data.get("description") and self.cleaned_data.get("amount") is None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("description") and data.get("amount") is None and "amount" not in self.errors:
            raise ValidationError({"amount": _("This line has no amount. Zero is one: write 0.")})
        return data

    def line(self) -> QuoteLineData:
        data = self.cleaned_data
        kind = QuoteLine.Kind(data["kind"])
        return QuoteLineData(cast("Any", kind.value), data["description"] or str(kind.label), data["amount"])


QuoteLines = forms.formset_factory(
    QuoteLineForm, extra=0, min_num=FIRST_LINES, max_num=MOST_LINES, absolute_max=MOST_LINES
)


class QuoteForm(VerbForm):
    """The lines are a formset; this form is valid when they are."""

    def prepare(self) -> None:
        quote = self.on_desk.quote
        existing: list[dict[str, Any]] = [
            {"kind": line.kind, "description": line.description, "amount": line.amount}
            for line in (quote.lines.all() if quote else ())
        ]
        kinds = [QuoteLine.Kind.REPAIR, QuoteLine.Kind.SHIPPING, QuoteLine.Kind.OTHER]
        blank: list[dict[str, Any]] = [{"kind": kind} for kind in kinds[len(existing) :]]
        self.lines = QuoteLines(self.data if self.is_bound else None, prefix="lines", initial=existing + blank)

    @cached_property
    def templates(self) -> list[QuoteTemplate]:
        """Ready-made lines for this product, or for any, in the currency of the invoice."""
        on_desk = self.on_desk
        sold = {on_desk.case.unit.line.product_id} if on_desk.case.unit else set()
        return offered_templates(on_desk.currency, sold | {claim.part.product_id for claim in on_desk.claims})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.lines.is_valid():
            raise ValidationError(_("A line of the quote needs another look."))
        data["lines"] = [form.line() for form in self.lines if not form.is_blank]
        if not data["lines"]:
            raise ValidationError(_("A quote needs at least one line. Without a quote, nothing has to be answered."))
        return data


class AnswerQuoteForm(VerbForm):
    """An answer that came by mail or telephone. The portal takes the customer's own."""

    answer = forms.ChoiceField(
        label=_("The customer"),
        choices=[("accepted", _("accepts")), ("declined", _("declines"))],
        widget=forms.RadioSelect,
    )
    message = forms.TypedChoiceField(label=_("In this message"), coerce=int, empty_value=None, required=False)
    through = forms.CharField(
        label=_("Or how else we know"), max_length=200, required=False, help_text=_("A call at noon, a letter …")
    )

    def prepare(self) -> None:
        theirs = [one for one in self.on_desk.messages if one.direction == Message.Direction.IN][-LATEST:]
        choices = [(one.pk, f"{moment(one.at)}: {shortened(one.text)}") for one in reversed(theirs)]
        self.fields["message"].choices = [("", _("None of these")), *choices]  # type: ignore[attr-defined]


def shortened(text: str, most: int = 60) -> str:
    """The first words, in one line."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
