"""What somebody must be allowed to see the reports, and to take them away as files."""

SEE_REPORTS = "cases.see_reports"
EXPORT_DATA = "cases.export_data"
