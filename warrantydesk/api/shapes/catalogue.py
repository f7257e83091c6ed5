"""The catalogue: products, kits and what is in their box."""

from typing import Any

from rest_framework import serializers

from products.models import KitPart, Product
from warrantydesk.api.paging import PageQuery
from warrantydesk.api.shapes.fields import text


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
