from django.apps import AppConfig


class FacesConfig(AppConfig):
    name = "warrantydesk.faces"
    label = "faces"

    def ready(self) -> None:
        from warrantydesk.faces.limits import refuse_unknown_limits
        from warrantydesk.faces.limits_page import limits_side
        from warrantydesk.faces.navigation import administration, register

        register(limits_side, place=80)
        register(administration, place=90)
        refuse_unknown_limits()
