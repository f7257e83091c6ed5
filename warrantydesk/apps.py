from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "warrantydesk"
    label = "warrantydesk"
