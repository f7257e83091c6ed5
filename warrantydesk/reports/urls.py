"""The managers' pages, below /desk/reports/."""

from django.urls import path

from warrantydesk.reports.views import overview, overview_csv

app_name = "reports"
urlpatterns = [
    path("", overview, name="overview"),
    path("overview.csv", overview_csv, name="overview_csv"),
]
