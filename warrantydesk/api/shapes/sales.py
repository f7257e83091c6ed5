"""Invoices, their customers, lines and pieces."""

from typing import Any

from django_countries import countries
from rest_framework import serializers

from products.models import Customer, Invoice, InvoiceLine, SaleCorrection, SoldUnit
from products.services import CustomerData, InvoiceData, LineData, UnitData
from warrantydesk.api.paging import PageQuery
from warrantydesk.api.shapes.fields import text


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
