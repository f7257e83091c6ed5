"""The addresses below /api/v1/. A new one needs its row in the access table."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from warrantydesk.api.views import cases, deciding, docs, parcels, reports, sold


class KeyConverter(IntConverter):
    """A key the databases can hold; a longer number is no address at all."""

    regex = "[0-9]{1,18}"


register_converter(KeyConverter, "key")
app_name = "api"
urlpatterns = [
    path("openapi.json", docs.openapi, name="openapi"),
    path("docs/", docs.documentation, name="docs"),
    path("products/", sold.Products.as_view(), name="products"),
    path("products/<key:product_id>/", sold.OneProduct.as_view(), name="product"),
    path("invoices/", sold.Invoices.as_view(), name="invoices"),
    path("invoices/<key:invoice_id>/", sold.OneInvoice.as_view(), name="invoice"),
    path("units/<key:unit_id>/serials/", sold.Serials.as_view(), name="serials"),
    path("parts/", sold.Parts.as_view(), name="parts"),
    path("parts/<key:part_id>/", sold.OnePart.as_view(), name="part"),
    path("cases/", cases.Cases.as_view(), name="cases"),
    path("cases/<str:reference>/", cases.OneCase.as_view(), name="case"),
    path("cases/<str:reference>/messages/", cases.Messages.as_view(), name="messages"),
    path("cases/<str:reference>/evidence/", cases.EvidenceOfCase.as_view(), name="evidence"),
    path("cases/<str:reference>/events/", cases.EventsOfCase.as_view(), name="events"),
    path("cases/<str:reference>/transitions/", deciding.Transitions.as_view(), name="transitions"),
    path("cases/<str:reference>/parts/<key:claim_id>/finding/", deciding.Finding.as_view(), name="finding"),
    path("cases/<str:reference>/parts/<key:claim_id>/verdict/", deciding.Verdict.as_view(), name="verdict"),
    path("parcels/", parcels.Parcels.as_view(), name="parcels"),
    path("parcels/<key:parcel_id>/", parcels.OneParcel.as_view(), name="parcel"),
    path("parcels/<key:parcel_id>/events/", parcels.Scans.as_view(), name="scans"),
    path("reports/", reports.Reports.as_view(), name="reports"),
    path("reports/<str:name>/", reports.OneReport.as_view(), name="report"),
]
