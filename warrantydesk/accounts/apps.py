from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "warrantydesk.accounts"
    label = "accounts"

    def ready(self) -> None:
        from warrantydesk.accounts.roles import install_roles
        from warrantydesk.accounts.sessions import begin

        # Not a business signal: `migrate` (and the test runner's flush) is the one moment when the roles must exist.
        post_migrate.connect(install_roles, sender=self)
        # Django's own: every way to log in sends it.
        user_logged_in.connect(begin, dispatch_uid="desk session")
