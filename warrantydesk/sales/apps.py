from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "warrantydesk.sales"
    label = "sales"

    def ready(self) -> None:
        from warrantydesk.faces.navigation import register
        from warrantydesk.sales.side import sales_side

        register(sales_side, place=35)
