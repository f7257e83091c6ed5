"""Covered parts with their clocks."""

from rest_framework import serializers

from products.models import Product
from warrantydesk.api.paging import PageQuery
from warrantydesk.api.shapes.fields import key, text


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
