from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "warrantydesk.intake"
    label = "intake"

    def ready(self) -> None:
        from warrantydesk.faces import mail_figures
        from warrantydesk.faces.navigation import register
        from warrantydesk.intake.outcomes import list_of, mail_outcomes, mails_of_outcome
        from warrantydesk.intake.side import mail_side

        register(mail_side, place=20)
        mail_figures.register(mail_outcomes, mails_of_outcome, list_of)
