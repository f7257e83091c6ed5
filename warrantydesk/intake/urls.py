"""The addresses of held mail, below /desk/mail/. A verb takes a POST only."""

from django.urls import path

from warrantydesk.intake.views import VERBS, dismiss_many, held_mail, mail_list, verb_view

app_name = "intake"
urlpatterns = [
    path("", mail_list, name="mail"),
    path("dismiss/", dismiss_many, name="dismiss_many"),
    path("<int:mail_id>/", held_mail, name="held_mail"),
    *(path(f"<int:mail_id>/{name.replace('_', '-')}/", verb_view(verb), name=name) for name, verb in VERBS.items()),
]
