from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "warrantydesk.reports"
    label = "reports"

    def ready(self) -> None:
        from warrantydesk.faces import reporting
        from warrantydesk.faces.navigation import register
        from warrantydesk.reports import for_machines
        from warrantydesk.reports.side import reports_side

        register(reports_side, place=80)
        reporting.register(for_machines)
