"""The forms about what is claimed: the purchase, the parts, what was found on each, and the verdict on each."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from products.models import Product, SoldUnit, VoidReason
from products.queries import find_invoice, match_purchase
from warrantydesk.staff.forms.base import VerbForm, words

NOT_RECORDED, NONE_SEEN = "", "none"


class MatchPurchaseForm(VerbForm):
    """An invoice number and, where it holds several products, which of them: by serial number or by choice."""

    invoice = forms.CharField(label=_("Invoice number"), max_length=120)
    serial = forms.CharField(
        label=_("Serial number"), max_length=120, required=False, help_text=_("Of the product, or of any of its parts.")
    )
    unit = forms.ChoiceField(label=_("Which product of this invoice"), required=False, widget=forms.RadioSelect)

    def prepare(self) -> None:
        case = self.on_desk.case
        self.initial.setdefault("invoice", case.invoice.number if case.invoice else case.invoice_as_given)
        self.initial.setdefault("serial", case.unit.serial if case.unit else case.serial_as_given)
        self.units: list[SoldUnit] = []
        self.fields["unit"].choices = []  # type: ignore[attr-defined]
        if self.is_bound:
            self._offer_units(str(self.data.get("invoice", "")))

    def _offer_units(self, written: str) -> None:
        found = find_invoice(written)
        if len(found) != 1:
            return
        self.units = list(
            SoldUnit.objects.filter(line__invoice=found[0]).select_related("line__product", "line__invoice")
        )
        self.fields["unit"].choices = [(str(unit.pk), str(unit)) for unit in self.units]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            data["invoice_id"], data["unit_id"] = self._matched(data)
        return data

    def _matched(self, data: dict[str, Any]) -> tuple[int, int]:
        if data["unit"]:
            return self.units[0].line.invoice_id, int(data["unit"])
        match = match_purchase([data["invoice"]], [data["serial"]] if data["serial"] else [])
        if match.invoice is None:
            raise ValidationError({"invoice": _("No invoice of ours has this number.")})
        if match.unit is not None:
            return match.invoice.pk, match.unit.pk
        if len(self.units) == 1 and not data["serial"]:
            return match.invoice.pk, self.units[0].pk
        raise ValidationError(
            {"unit": _("This serial number does not settle which product it is: choose one of the invoice's.")}
        )


class DescribeForm(VerbForm):
    description = words(_("What happened"), rows=5)

    def prepare(self) -> None:
        self.initial.setdefault("description", self.on_desk.case.description)


class ClaimPartsForm(VerbForm):
    """Any number of the unit's parts that are not claimed yet."""

    parts = forms.TypedMultipleChoiceField(
        label=_("Parts"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one part.")},
    )

    def prepare(self) -> None:
        self.fields["parts"].choices = [  # type: ignore[attr-defined]
            (part.pk, f"{part.label} {part.serial}".strip()) for part in self.on_desk.unclaimed_parts
        ]


class FindingForm(VerbForm):
    """What a person saw. A cause ends the cover of the part if it is the reason of a denial (policy 3.4)."""

    known_as: ClassVar = {"cause_code": "cause"}

    cause = forms.ChoiceField(label=_("Cause"), required=False)
    defect_found = forms.BooleanField(label=_("A defect in materials or production"), required=False)
    finding = words(_("What was found"), required=False, rows=2)

    def prepare(self) -> None:
        claim = self.about
        causes = [reason for reason in self.on_desk.reasons if _is_cause_of(reason, claim.part.category)]
        self.fields["cause"].choices = [  # type: ignore[attr-defined]
            (NOT_RECORDED, _("Not looked for yet")),
            (NONE_SEEN, _("None seen")),
            *((reason.code, reason.title) for reason in causes),
        ]
        if claim.part.category != Product.Category.CONSUMABLE and not claim.defect_found:
            del self.fields["defect_found"]
        self.initial.setdefault("cause", _recorded_cause(claim))
        self.initial.setdefault("defect_found", claim.defect_found)
        self.initial.setdefault("finding", claim.finding)

    @property
    def cause_code(self) -> str | None:
        """As `record_finding` takes it: None not recorded, "none" looked for and none seen."""
        return self.cleaned_data["cause"] or None


class DecideForm(VerbForm):
    """The verdict on one part. Which combination holds is the service's to say; nothing is chosen beforehand."""

    known_as: ClassVar = {"reason_code": "reason"}

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[("covered", _("Covered")), ("denied", _("Not covered"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether the part is covered.")},
    )
    resolution = forms.ChoiceField(
        label=_("Resolution"),
        choices=[("repair", _("Repair")), ("replacement", _("Replace"))],
        widget=forms.RadioSelect,
        required=False,
    )
    goodwill_reason = words(
        _("Goodwill because"), required=False, rows=2, help_text=_("Needed where the proposal says something else.")
    )
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    words = words(_("Words to the customer"), required=False, rows=2)

    def prepare(self) -> None:
        claim = self.about
        fitting = [
            r for r in self.on_desk.reasons if not r.motors_only or claim.part.category == Product.Category.MOTOR
        ]
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a reason")),
            *((reason.code, f"{reason.title} ({reason.clause})") for reason in fitting),
        ]


class ReplacementForm(VerbForm):
    new_serial = forms.CharField(label=_("Serial number of the replacement"), max_length=60)


def _is_cause_of(reason: VoidReason, category: str) -> bool:
    return reason.effect == VoidReason.Effect.VOID and (not reason.motors_only or category == Product.Category.MOTOR)


def _recorded_cause(claim: Any) -> str:
    if not claim.cause_recorded:
        return NOT_RECORDED
    return claim.cause.code if claim.cause else NONE_SEEN
