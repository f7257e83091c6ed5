from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from cases.reference_data import install_calendar

        # As the terms of the warranty: `migrate` is the moment when the desk's own hours must exist.
        post_migrate.connect(install_calendar, sender=self)
