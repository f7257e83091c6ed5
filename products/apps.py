from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = _("Products and cover")

    def ready(self) -> None:
        from products.plain_plans import leave_uncompiled
        from products.reference import install_reference_data

        # `migrate` is the moment when the first terms and the reasons of the policy must exist.
        post_migrate.connect(install_reference_data, sender=self)
        connection_created.connect(leave_uncompiled)
