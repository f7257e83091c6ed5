"""One's own account, below /desk/account/."""

from allauth.account.views import reauthenticate
from django.urls import include, path

from warrantydesk.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("sessions/end/", views.end_other_sessions, name="end_other_sessions"),
    path("sessions/<int:session_id>/end/", views.end_session, name="end_session"),
    path("confirm/", reauthenticate, name="account_reauthenticate"),
    path("second-factor/", include("allauth.mfa.urls")),
]
