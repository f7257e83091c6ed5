"""The managers' pages, below /desk/reports/."""

from django.urls import path

from warrantydesk.reports.asking import ask_export, export_file, export_page
from warrantydesk.reports.own import drop_filter, save_filter, subscribe
from warrantydesk.reports.views import cases, print_page, report

app_name = "reports"
urlpatterns = [
    path("", report, name="overview"),
    path("files/<int:job_id>/", export_page, name="export_page"),
    path("files/<int:job_id>/file/", export_file, name="export_file"),
    path("weekly-mail/", subscribe, name="subscribe"),
    path("<slug:name>/", report, name="report"),
    path("<slug:name>/files/", ask_export, name="ask_export"),
    path("<slug:name>/save/", save_filter, name="save_filter"),
    path("<slug:name>/drop/<int:filter_id>/", drop_filter, name="drop_filter"),
    path("<slug:name>/print/", print_page, name="print_page"),
    path("<slug:name>/cases/<slug:table>/<slug:key>/", cases, name="cases"),
]
