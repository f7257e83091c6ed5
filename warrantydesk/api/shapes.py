"""What goes in and out, as the schema documents it. Output shapes read rows; input shapes only check."""

from functools import cache
from typing import Any

from django_countries import countries
from rest_framework import serializers

from cases.models import Case, CaseEvent, ClaimedPart, Evidence, Message
from cases.models.case import State
from cases.rules.lifecycle import MATERIAL
from products.models import Customer, Invoice, InvoiceLine, KitPart, Product, SaleCorrection, SoldUnit
from products.services import CustomerData, InvoiceData, LineData, UnitData
from shipments.models import EventKind, RepairShipment, TrackingEvent
from warrantydesk.api.paging import PageQuery

LARGEST = 2**63 - 1
WORDS = {"max_length": 20_000, "required": False, "allow_blank": True, "default": ""}


def key(**given: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LARGEST, **given)


def text(length: int, **given: Any) -> serializers.CharField:
    given = {"required": False, "allow_blank": True, "default": "", **given}
    return serializers.CharField(max_length=length, **given)


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────


class FieldProblem(serializers.Serializer):
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    code = serializers.CharField()


class Unmet(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer):
    """RFC 9457. `code` is for programs, `detail` for people; `field` and `errors` say what was wrong."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    field = serializers.CharField(required=False)
    errors = FieldProblem(many=True, required=False)
    unmet = Unmet(many=True, required=False)


# ── catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────


class ProductFilter(PageQuery):
    sku = text(64, help_text="The whole article number.")
    kind = serializers.ChoiceField(Product.Kind.choices, required=False)
    category = serializers.ChoiceField(Product.Category.choices, required=False)


class BillLine(serializers.ModelSerializer):
    sku = serializers.CharField(source="part.sku")
    name = serializers.CharField(source="part.name")

    class Meta:
        model = KitPart
        fields = ("sku", "name", "place", "quantity", "tracked", "from_on", "until_on")


class ProductOut(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields: Any = ("id", "sku", "name", "kind", "category", "manual_url", "is_active")


class KitOut(ProductOut):
    bill_of_materials = BillLine(many=True)

    class Meta(ProductOut.Meta):
        fields: Any = (*ProductOut.Meta.fields, "bill_of_materials")


# ── sales ────────────────────────────────────────────────────────────────────────────────────────────────────────


class CustomerIn(serializers.Serializer):
    email = text(254)
    name = text(200)
    country = text(2, help_text="ISO 3166, two letters.")
    language = text(10)
    time_zone = text(60)
    address = text(2000)

    def validate_country(self, value: str) -> str:
        if value and value.upper() not in countries.countries:
            raise serializers.ValidationError("There is no such country: write two letters of ISO 3166.")
        return value

    def data_of(self, given: dict[str, Any]) -> CustomerData:
        return CustomerData(**given)


class UnitIn(serializers.Serializer):
    serial = text(60)
    part_serials = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=60), max_length=500), required=False,
        help_text="Article number of a part → its serials, in the order of the parts list.",
    )  # fmt: skip


class LineIn(serializers.Serializer):
    sku = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=1, max_value=10_000, default=1)
    unit_price = serializers.DecimalField(12, 2, min_value=0, required=False, allow_null=True, default=None)
    units = UnitIn(many=True, required=False, max_length=10_000)
    refunded = serializers.IntegerField(min_value=0, max_value=10_000, default=0)
    refunded_on = serializers.DateField(required=False, allow_null=True, default=None)


class InvoiceIn(serializers.Serializer):
    number = serializers.CharField(max_length=60)
    shop = text(40)
    issued_on = serializers.DateField()
    delivered_on = serializers.DateField(required=False, allow_null=True, default=None)
    country = text(2)
    currency = serializers.RegexField("^[A-Z]{3}$", default="EUR")
    customer = CustomerIn()
    lines = LineIn(many=True, min_length=1, max_length=1000)

    def sale(self) -> InvoiceData:
        given = dict(self.validated_data)
        lines = [
            LineData(**{**line, "units": tuple(UnitData(**unit) for unit in line.get("units", ()))})
            for line in given.pop("lines")
        ]
        return InvoiceData(customer=CustomerData(**given.pop("customer")), lines=tuple(lines), **given)


class InvoiceFilter(PageQuery):
    number = text(60, help_text="As a person writes it: blanks, dashes, O and 0 do not matter.")
    shop = text(40)
    email = text(254)
    issued_from = serializers.DateField(required=False)
    issued_to = serializers.DateField(required=False)


class CustomerOut(serializers.ModelSerializer):
    country = serializers.CharField()

    class Meta:
        model = Customer
        fields = ("id", "email", "name", "country", "language")


class UnitOut(serializers.ModelSerializer):
    class Meta:
        model = SoldUnit
        fields = ("id", "number", "serial", "refunded_on")


class LineOut(serializers.ModelSerializer):
    sku = serializers.CharField(source="product.sku")
    name = serializers.CharField(source="product.name")
    units = UnitOut(many=True)

    class Meta:
        model = InvoiceLine
        fields = ("position", "sku", "name", "quantity", "unit_price", "units")


class CorrectionOut(serializers.ModelSerializer):
    class Meta:
        model = SaleCorrection
        fields = ("id", "what", "before", "after", "reason", "at")


class InvoiceRow(serializers.ModelSerializer):
    country = serializers.CharField()
    customer = CustomerOut()

    class Meta:
        model = Invoice
        fields: Any = ("id", "shop", "number", "issued_on", "delivered_on", "country", "currency", "customer")


class InvoiceOut(InvoiceRow):
    lines = LineOut(many=True)
    corrections = CorrectionOut(many=True)

    class Meta(InvoiceRow.Meta):
        fields: Any = (*InvoiceRow.Meta.fields, "lines", "corrections")


class SerialsIn(UnitIn):
    pass


class SerialsOut(serializers.Serializer):
    filled = serializers.IntegerField(help_text="How many serial numbers were new.")
    unit = UnitOut()


# ── parts and clocks ─────────────────────────────────────────────────────────────────────────────────────────────


class PartFilter(PageQuery):
    invoice = key(required=False, help_text="The `id` of an invoice.")
    serial = text(60, help_text="Its own serial number or any of its chain.")
    on = serializers.DateField(required=False, help_text="The day the clock is read on; today where empty.")


class OnQuery(serializers.Serializer):
    on = serializers.DateField(required=False, help_text="The day the clock is read on; today where empty.")


class StepOut(serializers.Serializer):
    kind = serializers.CharField()
    on = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()
    rule = serializers.CharField(allow_blank=True)


class ClockOut(serializers.Serializer):
    """`covered_through` is null while the part is away. `voided` and `refunded_on` stand on top of the dates."""

    on = serializers.DateField()
    state = serializers.ChoiceField(("upcoming", "covered", "paused", "expired"))
    starts_on = serializers.DateField()
    term_months = serializers.IntegerField()
    base_covered_through = serializers.DateField()
    covered_through = serializers.DateField(allow_null=True)
    covered_through_if_back = serializers.DateField()
    extended_days = serializers.IntegerField(allow_null=True)
    paused_since = serializers.DateField(allow_null=True)
    voided = serializers.BooleanField()
    refunded_on = serializers.DateField(allow_null=True)
    sentence = serializers.CharField()
    steps = StepOut(many=True)


class PartOut(serializers.Serializer):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    place = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField()
    is_lot = serializers.BooleanField()
    category = serializers.ChoiceField(Product.Category.choices)
    serial = serializers.CharField(allow_blank=True)
    invoice = serializers.IntegerField()
    invoice_number = serializers.CharField()
    unit = serializers.IntegerField()
    clock = ClockOut()


# ── cases ────────────────────────────────────────────────────────────────────────────────────────────────────────


class CaseFilter(PageQuery):
    state = serializers.ChoiceField(State.choices, required=False)
    email = text(254, help_text="Of the customer, in any case.")
    invoice = key(required=False)
    changed_from = serializers.DateTimeField(required=False)


class CaseIn(serializers.Serializer):
    """What is not known may be left out: the case then waits for it, and the customer is asked."""

    customer = CustomerIn()
    subject = text(250)
    description = serializers.CharField(**WORDS)
    invoice_number = text(120)
    serial_number = text(250)
    part_ids = serializers.ListField(child=key(), required=False, max_length=200, help_text="Parts that are claimed.")
    acknowledge = serializers.BooleanField(default=True, help_text="Tell the customer the reference by mail.")

    def validate_customer(self, value: dict[str, Any]) -> dict[str, Any]:
        if not value.get("email"):
            raise serializers.ValidationError({"email": "A case needs somebody to answer to."})
        return value


class CaseWithFilesIn(serializers.Serializer):
    """The same as a form: `case` holds it as JSON, `evidence` one file or several."""

    case = serializers.CharField(max_length=100_000)
    evidence = serializers.ListField(child=serializers.FileField(), required=False, max_length=40)


class ClaimOut(serializers.ModelSerializer):
    part = serializers.IntegerField(source="part_id")
    label = serializers.CharField(source="part.label")
    cause = serializers.CharField(source="cause.code", default=None, allow_null=True)
    reason = serializers.CharField(source="reason.code", default=None, allow_null=True)

    class Meta:
        model = ClaimedPart
        fields = (
            "id", "part", "label", "confirmed", "cause_recorded", "cause", "defect_found", "finding", "verdict",
            "reason", "resolution", "words",
        )  # fmt: skip


class CaseRow(serializers.ModelSerializer):
    customer = CustomerOut()
    invoice = serializers.IntegerField(source="invoice_id", allow_null=True)
    unit = serializers.IntegerField(source="unit_id", allow_null=True)
    state = serializers.ChoiceField(State.choices)

    class Meta:
        model = Case
        fields: Any = (
            "id", "reference", "state", "source", "customer", "subject", "description", "language", "invoice_as_given",
            "serial_as_given", "invoice", "unit", "received_at", "submitted_on", "changed_at",
        )  # fmt: skip


class CaseOut(CaseRow):
    claimed_parts = ClaimOut(many=True)
    missing = serializers.ListField(child=serializers.ChoiceField(MATERIAL))

    class Meta(CaseRow.Meta):
        fields: Any = (*CaseRow.Meta.fields, "claimed_parts", "missing")


class MessageIn(serializers.Serializer):
    kind = serializers.ChoiceField(("note", "to_customer", "from_customer"))
    text = serializers.CharField(max_length=20_000)


class MessageOut(serializers.ModelSerializer):
    class Meta:
        model = Message
        fields = ("id", "direction", "automatic", "sender_name", "subject", "text", "at")


class EvidenceIn(serializers.Serializer):
    evidence = serializers.ListField(child=serializers.FileField(), min_length=1, max_length=40)
    text = serializers.CharField(**WORDS)


class EvidenceOut(serializers.ModelSerializer):
    class Meta:
        model = Evidence
        fields = ("id", "name", "content_type", "size", "sha256", "status", "refusal", "received_at", "captured_at")


class EventOut(serializers.ModelSerializer):
    class Meta:
        model = CaseEvent
        fields = ("id", "at", "kind", "name", "from_state", "to_state", "actor_kind", "why")


class FindingIn(serializers.Serializer):
    cause = text(40, help_text="A void reason, `none` for looked and none seen, empty for not looked yet.")
    defect_found = serializers.BooleanField(default=False)
    finding = serializers.CharField(**WORDS)


class VerdictIn(serializers.Serializer):
    verdict = serializers.ChoiceField(("covered", "denied"))
    reason = text(40)
    resolution = serializers.ChoiceField(("", "repair", "replacement"), default="")
    words = serializers.CharField(**WORDS)
    goodwill_reason = serializers.CharField(**WORDS)


class TransitionIn(serializers.Serializer):
    """One of the paths of the lifecycle. `missing` is for `request_information`, `reason` for `withdraw`."""

    name = serializers.ChoiceField(
        ("begin_review", "request_information", "approve", "deny", "undo", "reopen", "withdraw")
    )
    why = serializers.CharField(**WORDS)
    missing = serializers.ListField(child=serializers.ChoiceField(MATERIAL), required=False, max_length=5)
    words = serializers.CharField(**WORDS)
    reason = serializers.ChoiceField(("", "withdrawn", "duplicate", "not_a_request"), default="")
    duplicate_of = text(20)


# ── parcels ──────────────────────────────────────────────────────────────────────────────────────────────────────


class ParcelFilter(PageQuery):
    case = text(20, help_text="The reference of a case.")
    number = text(60, help_text="The tracking number.")


class ScanOut(serializers.ModelSerializer):
    kind = serializers.ChoiceField(EventKind.choices)

    class Meta:
        model = TrackingEvent
        fields = ("id", "kind", "code", "occurred_at", "occurred_on", "place", "text", "heard", "heard_at")


class ParcelRow(serializers.ModelSerializer):
    case = serializers.CharField(source="case.reference")

    class Meta:
        model = RepairShipment
        fields: Any = (
            "id", "case", "direction", "carrier", "tracking_number", "whole_product", "booked_at", "latest_kind",
            "latest_event_at", "arrived_at", "cancelled_at",
        )  # fmt: skip


class ParcelOut(ParcelRow):
    events = ScanOut(many=True, source="tracking_events")

    class Meta(ParcelRow.Meta):
        fields: Any = (*ParcelRow.Meta.fields, "events")


@cache
def listed(shape: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """A page of these rows."""
    return type(
        f"{shape.__name__}Page",
        (serializers.Serializer,),
        {
            "items": shape(many=True),
            "next": serializers.URLField(allow_null=True, help_text="The next page, null on the last."),
        },
    )
