"""Importing and packing, below /desk/sales/."""

from django.urls import path

from warrantydesk.sales import imports, packing

app_name = "sales"
urlpatterns = [
    path("imports/", imports.imports, name="imports"),
    path("imports/upload/", imports.upload, name="upload"),
    path("imports/template/", imports.template_file, name="template"),
    path("imports/<int:run_id>/", imports.one_import, name="import"),
    path("imports/<int:run_id>/rejected/", imports.rejected_rows, name="rejected"),
    path("imports/<int:run_id>/columns/", imports.name_columns, name="columns"),
    path("imports/<int:run_id>/take/", imports.take_for_good, name="take"),
    path("imports/<int:run_id>/undo/", imports.undo, name="undo"),
    path("packing/", packing.packing, name="packing"),
    path("packing/<int:unit_id>/serials/", packing.record, name="record"),
]
