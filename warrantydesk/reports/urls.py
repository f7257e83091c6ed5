"""The managers' pages, below /desk/reports/."""

from django.urls import path

from warrantydesk.reports.views import cases, report

app_name = "reports"
urlpatterns = [
    path("", report, name="overview"),
    path("<slug:name>/", report, name="report"),
    path("<slug:name>/cases/<slug:table>/<slug:key>/", cases, name="cases"),
]
