from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "warrantydesk"
    label = "warrantydesk"

    def ready(self) -> None:
        from warrantydesk.languages.catalogues import compile_stale

        compile_stale()
