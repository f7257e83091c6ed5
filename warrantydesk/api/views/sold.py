"""Catalogue, invoices, parts and their clocks."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.response import Response

from products.explaining import explainable, explained
from products.models import CoveredPart, Invoice, Product, SoldUnit
from products.queries import find_by_serial, find_invoice
from products.services import UnitData, record_serials, register_invoice
from warrantydesk.api.documenting import changes, reads, writes
from warrantydesk.api.preconditions import require_match, tag_of
from warrantydesk.api.shapes import catalogue, parts, sales
from warrantydesk.api.shapes.fields import listed
from warrantydesk.api.views.base import Door, Writing

MOST_MONTHS = 1200  # a clock is read on days people live to see


class Products(Door):
    scopes = {"GET": "products:read"}

    @reads(listed(catalogue.ProductOut), query=catalogue.ProductFilter, summary="The catalogue")
    def get(self, request: Any) -> Response:
        query = self.asked(catalogue.ProductFilter)
        by = {name: query[name] for name in ("sku", "kind", "category") if name in query}
        return self.page(Product.objects.filter(**by), query, catalogue.ProductOut)


class OneProduct(Door):
    scopes = {"GET": "products:read"}

    @reads(catalogue.KitOut, summary="A product with its bill of materials, every revision of it")
    def get(self, request: Any, product_id: int) -> Response:
        rows = Product.objects.prefetch_related("bill_of_materials__part")
        return Response(catalogue.KitOut(self.one(rows, pk=product_id)).data)


class Invoices(Writing):
    scopes = {"GET": "invoices:read", "POST": "invoices:write"}

    @reads(listed(sales.InvoiceRow), query=sales.InvoiceFilter, summary="Invoices")
    def get(self, request: Any) -> Response:
        query = self.asked(sales.InvoiceFilter)
        rows = Invoice.objects.select_related("customer")
        if "number" in query:
            rows = rows.filter(pk__in=[invoice.pk for invoice in find_invoice(query["number"])])
        if "shop" in query:
            rows = rows.filter(shop=query["shop"])
        if "email" in query:
            rows = rows.filter(customer__email=query["email"].lower())
        if "issued_from" in query:
            rows = rows.filter(issued_on__gte=query["issued_from"])
        if "issued_to" in query:
            rows = rows.filter(issued_on__lte=query["issued_to"])
        return self.page(rows, query, sales.InvoiceRow)

    @writes(
        {200: sales.InvoiceOut, 201: sales.InvoiceOut},
        request=sales.InvoiceIn,
        summary="Register an invoice: 201 where it is new, 200 where shop and number are known and nothing contradicts",
    )
    def post(self, request: Any) -> Response:
        return super().post(request)

    def write(self, request: Any) -> Response:
        shape = sales.InvoiceIn(data=request.data)
        shape.is_valid(raise_exception=True)
        invoice, is_new = register_invoice(shape.sale(), now=self.now)
        return self.tagged(_invoice_data(invoice.pk), 201 if is_new else 200)


class OneInvoice(Door):
    scopes = {"GET": "invoices:read"}

    @reads(sales.InvoiceOut, summary="An invoice with its lines, pieces and corrections")
    def get(self, request: Any, invoice_id: int) -> Response:
        self.one(Invoice.objects.all(), pk=invoice_id)
        return self.tagged(_invoice_data(invoice_id))


class Serials(Writing):
    scopes = {"POST": "invoices:write"}

    @changes(
        {200: sales.SerialsOut},
        request=sales.SerialsIn,
        summary="Record the serial numbers of one sold piece",
        tag_of="its invoice",
    )
    def post(self, request: Any, unit_id: int) -> Response:
        return super().post(request, unit_id=unit_id)

    def write(self, request: Any, unit_id: int) -> Response:
        given = self.given(sales.SerialsIn)
        invoice_id = self.one(SoldUnit.objects.select_related("line"), pk=unit_id).line.invoice_id
        with transaction.atomic():
            Invoice.objects.select_for_update().get(pk=invoice_id)
            require_match(request, _invoice_data(invoice_id))
            filled = record_serials(unit_id, UnitData(**given), now=self.now)
            tag = tag_of(_invoice_data(invoice_id))
        unit = sales.UnitOut(SoldUnit.objects.get(pk=unit_id)).data
        return Response({"filled": filled, "unit": unit}, headers={"ETag": tag})


class Parts(Door):
    scopes = {"GET": "invoices:read"}

    @reads(listed(parts.PartOut), query=parts.PartFilter, summary="Covered parts with their clocks")
    def get(self, request: Any) -> Response:
        query = self.asked(parts.PartFilter)
        rows = CoveredPart.objects.all()
        if "invoice" in query:
            rows = rows.filter(unit__line__invoice_id=query["invoice"])
        if "serial" in query:
            found = find_by_serial(query["serial"])
            rows = rows.filter(pk__in=[part.pk for part in found.parts]) | rows.filter(unit__in=found.units)
        day = _day(query)
        return self.page(explainable(rows), query, lambda found: [part_data(part, day) for part in found])


class OnePart(Door):
    scopes = {"GET": "invoices:read"}

    @reads(parts.PartOut, query=parts.OnQuery, summary="A covered part with its clock, explained")
    def get(self, request: Any, part_id: int) -> Response:
        query = self.asked(parts.OnQuery)
        return Response(part_data(self.one(explainable(CoveredPart.objects.all()), pk=part_id), _day(query)))


def part_data(part: CoveredPart, day: dt.date) -> dict[str, Any]:
    told = explained(part, day)
    clock = told.clock
    row = {
        "id": part.pk, "sku": part.product.sku, "name": part.product.name, "place": part.place,
        "quantity": part.quantity, "is_lot": part.is_lot, "category": part.category, "serial": part.serial,
        "invoice": part.unit.line.invoice_id, "invoice_number": part.unit.line.invoice.number, "unit": part.unit_id,
        "clock": {
            "on": day, "state": clock.state, "starts_on": clock.starts_on, "term_months": clock.term_months,
            "base_covered_through": clock.base_covered_through, "covered_through": clock.covered_through,
            "covered_through_if_back": clock.covered_through_if_back, "extended_days": clock.extended_days,
            "paused_since": clock.paused_since, "voided": part.is_voided, "refunded_on": part.unit.refunded_on,
            "sentence": told.sentence, "steps": told.steps,
        },
    }  # fmt: skip
    return dict(parts.PartOut(row).data)


def _day(query: dict[str, Any]) -> dt.date:
    day: dt.date = query.get("on") or timezone.localdate()
    if day.year > dt.date.max.year - MOST_MONTHS // 12:
        raise exceptions.ValidationError({"on": ["This day is too far away."]})
    return day


def _invoice_data(invoice_id: int) -> Any:
    """An invoice whole, as it is now."""
    rows = Invoice.objects.select_related("customer")
    whole = rows.prefetch_related("lines__product", "lines__units", "corrections")
    return sales.InvoiceOut(whole.get(pk=invoice_id)).data
