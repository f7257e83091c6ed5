from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "warrantydesk.staff"
    label = "staff"

    def ready(self) -> None:
        from warrantydesk.faces.navigation import register
        from warrantydesk.staff.navigation import cases_side, parcels_side, replay_side

        register(cases_side, place=10)
        register(parcels_side, place=30)
        register(replay_side, place=40)
