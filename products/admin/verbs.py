"""The verbs of sold parts, invoices and units: void, replace, and put right what was registered wrongly."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from products.admin.doing import Verb, VerbForm
from products.admin.fields import day_field, line_field, words_field
from products.errors import Refused
from products.models import CoveredPart, Invoice, SoldUnit, VoidReason
from products.services import (
    AddedPart,
    correct_bill,
    correct_delivery_date,
    correct_invoice_date,
    lift_void,
    refund_units,
    replace_part,
    take_refund_back,
    void_part,
)
from products.services.checking import refuse_own_purchase
from products.services.correction import CORRECT

# Permissions of the storey above, by name: who decides claims voids, who handles cases replaces.
DECIDE = "cases.decide_case"
HANDLE = "cases.handle_case"

By = Mapping[str, Any]


# ── a part ───────────────────────────────────────────────────────────────────────────────────────────────────────


class VoidForm(VerbForm):
    reason_code = forms.ChoiceField(label=_("Because"), widget=UnfoldAdminSelectWidget)
    case_reference = line_field(_("Case"), _("The reference of the case it was found in."), 20)
    note = words_field(_("Note"), _("Kept with the void. The customer does not read it."))

    def prepare(self) -> None:
        reasons = VoidReason.objects.filter(effect=VoidReason.Effect.VOID)
        self.fields["reason_code"].choices = [  # type: ignore[attr-defined]
            (reason.code, f"{reason.title} ({reason.clause})") for reason in reasons
        ]


class LiftForm(VerbForm):
    why = words_field(_("Why"), _("Kept beside the void, which stays in the history of the part."))


class ReplaceForm(VerbForm):
    new_serial = line_field(_("Serial number of the new piece"), _("Empty for a lot. The clock goes on as it was."))
    case_reference = line_field(_("Case"), length=20)


def _void(part: CoveredPart, form: VoidForm, by: By) -> object:
    refuse_own_purchase(part.unit.line.invoice, by["actor"])
    return void_part(part.pk, **form.cleaned_data, **by)


def _lift(part: CoveredPart, form: LiftForm, by: By) -> object:
    refuse_own_purchase(part.unit.line.invoice, by["actor"])
    return lift_void(part.pk, why=form.cleaned_data["why"], **by)


def _replace(part: CoveredPart, form: ReplaceForm, by: By) -> object:
    return replace_part(part.pk, **form.cleaned_data, **by)


PART_VERBS = (
    Verb("void", _("Void this part"), DECIDE, VoidForm, _void, fits=lambda part: not part.is_voided),
    Verb("lift_void", _("Lift the void"), DECIDE, LiftForm, _lift, fits=lambda part: part.is_voided),
    Verb("replace", _("Record a replacement"), HANDLE, ReplaceForm, _replace),
)


# ── an invoice ───────────────────────────────────────────────────────────────────────────────────────────────────


class InvoiceDateForm(VerbForm):
    issued_on = day_field(_("The invoice is of"))
    reason = words_field(_("Why"))


class DeliveryDateForm(VerbForm):
    delivered_on = day_field(_("Delivered on"), _("Empty where it is not known after all."), required=False)
    reason = words_field(_("Why"))


def _invoice_date(invoice: Invoice, form: InvoiceDateForm, by: By) -> object:
    return correct_invoice_date(invoice.pk, **form.cleaned_data, **by)


def _delivery_date(invoice: Invoice, form: DeliveryDateForm, by: By) -> object:
    return correct_delivery_date(invoice.pk, **form.cleaned_data, **by)


INVOICE_VERBS = (
    Verb(
        "correct_invoice_date", _("Correct the invoice date"), CORRECT, InvoiceDateForm, _invoice_date, previews=True
    ),
    Verb(
        "correct_delivery_date", _("Correct the delivery date"), CORRECT, DeliveryDateForm, _delivery_date,
        previews=True,
    ),
)  # fmt: skip


# ── a sold unit ──────────────────────────────────────────────────────────────────────────────────────────────────


class BillForm(VerbForm):
    """Take parts out, count lots again, put one part in. `quantity_<id>` is there for every lot of the unit."""

    remove = forms.MultipleChoiceField(
        label=_("Was not in the box"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    add_sku = line_field(_("Was in the box: article number"), length=64)
    add_place = line_field(_("… its place in the product"), length=250)
    add_quantity = forms.IntegerField(
        label=_("… pieces"), required=False, min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    add_is_lot = forms.BooleanField(label=_("… counted as a lot"), required=False, widget=UnfoldBooleanWidget)
    add_serial = line_field(_("… its serial number"))
    reason = words_field(_("Why"))

    def prepare(self) -> None:
        self.parts = list(self.row.parts.select_related("product").order_by("position"))
        self.fields["remove"].choices = [(part.pk, str(part)) for part in self.parts]  # type: ignore[attr-defined]
        for part in self.parts:
            if part.is_lot:
                self.fields[f"quantity_{part.pk}"] = forms.IntegerField(
                    label=_("Pieces of %(part)s") % {"part": part.label},
                    required=False,
                    min_value=1,
                    initial=part.quantity,
                    widget=UnfoldAdminIntegerFieldWidget,
                )
        self.fields["reason"] = self.fields.pop("reason")  # last, as on the other forms

    @property
    def removed(self) -> set[int]:
        return {int(part_id) for part_id in self.cleaned_data["remove"]}

    @property
    def quantities(self) -> dict[int, int]:
        """Only what was changed: a lot that is removed is not counted as well."""
        wanted = {part.pk: self.cleaned_data.get(f"quantity_{part.pk}") for part in self.parts if part.is_lot}
        return {pk: count for pk, count in wanted.items() if count and pk not in self.removed}

    @property
    def added(self) -> list[AddedPart]:
        data = self.cleaned_data
        if not data["add_sku"].strip():
            return []
        return [
            AddedPart(
                data["add_sku"], data["add_place"], data["add_quantity"] or 1, data["add_is_lot"], data["add_serial"]
            )
        ]

    def refuse(self, refused: Refused, words: str = "") -> None:
        field = "add_sku" if refused.field.startswith("add") else refused.field
        super().refuse(Refused(refused.message, field=field, code=refused.code), words)


def _bill(unit: SoldUnit, form: BillForm, by: By) -> object:
    return correct_bill(
        unit.pk,
        add=form.added,
        remove=form.removed,
        quantities=form.quantities,
        reason=form.cleaned_data["reason"],
        **by,
    )


class RefundForm(VerbForm):
    refunded_on = day_field(_("Refunded on"), _("The cover of its parts ended with this day."))
    reason = words_field(_("Why"))


class RefundBackForm(VerbForm):
    reason = words_field(_("Why"))


def _refund(unit: SoldUnit, form: RefundForm, by: By) -> object:
    return refund_units(unit.line.invoice_id, [unit.pk], **form.cleaned_data, **by)


def _refund_back(unit: SoldUnit, form: RefundBackForm, by: By) -> object:
    return take_refund_back(unit.line.invoice_id, [unit.pk], **form.cleaned_data, **by)


UNIT_VERBS = (
    Verb("correct_bill", _("Correct what was in the box"), CORRECT, BillForm, _bill, previews=True),
    Verb(
        "refund", _("Note a refund"), CORRECT, RefundForm, _refund, fits=lambda unit: unit.refunded_on is None,
        previews=True,
    ),
    Verb(
        "take_refund_back", _("It was not refunded after all"), CORRECT, RefundBackForm, _refund_back,
        fits=lambda unit: unit.refunded_on is not None, previews=True,
    ),
)  # fmt: skip
