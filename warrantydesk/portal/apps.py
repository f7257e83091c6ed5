from django.apps import AppConfig

from warrantydesk.portal.redaction import hide_tokens_in_logs


class PortalConfig(AppConfig):
    name = "warrantydesk.portal"
    label = "portal"

    def ready(self) -> None:
        hide_tokens_in_logs()
