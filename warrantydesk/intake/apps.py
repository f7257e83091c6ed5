from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "warrantydesk.intake"
    label = "intake"

    def ready(self) -> None:
        from warrantydesk.faces.navigation import register
        from warrantydesk.intake.side import mail_side

        register(mail_side, place=20)
