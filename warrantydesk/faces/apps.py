from django.apps import AppConfig


class FacesConfig(AppConfig):
    name = "warrantydesk.faces"
    label = "faces"

    def ready(self) -> None:
        from warrantydesk.faces.navigation import administration, register

        register(administration, place=90)
