from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "warrantydesk.privacy"
    label = "privacy"

    def ready(self) -> None:
        from warrantydesk.faces.navigation import register
        from warrantydesk.privacy.views import privacy_side

        register(privacy_side, place=70)
