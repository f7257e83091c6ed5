from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "warrantydesk.audit"
    label = "audit"

    def ready(self) -> None:
        from warrantydesk.audit.doings import follow_accounts
        from warrantydesk.audit.views import audit_side
        from warrantydesk.faces.navigation import register

        register(audit_side, place=75)
        follow_accounts()
