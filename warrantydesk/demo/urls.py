"""The demo's front page, below /demo/ where DEMO is on."""

from django.urls import path

from warrantydesk.demo import doors

app_name = "demo"
urlpatterns = [
    path("", doors.front, name="front"),
    path("enter/<slug:door>/", doors.enter, name="enter"),
    path("parcel/", doors.go_on, name="go_on"),
]
