from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "warrantydesk"
    label = "warrantydesk"

    def ready(self) -> None:
        from warrantydesk.faces.navigation import register
        from warrantydesk.languages.catalogues import compile_stale
        from warrantydesk.system_page import system_side

        compile_stale()
        register(system_side, place=85)
