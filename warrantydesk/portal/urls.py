"""`/` and `/status/…`. A private link stands last: its token is longer than any name of a page of ours."""

from django.urls import path, re_path

from warrantydesk.portal import uploads, views
from warrantydesk.portal.verbs import VERBS

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("link/", views.ask_link, name="ask_link"),
    path("link/sent/", views.link_asked, name="link_asked"),
    path("status/", views.status, name="status"),
    path("status/leave/", views.leave, name="leave"),
    path("status/files/<int:file_id>/<str:which>/", views.case_file, name="file"),
    path("status/uploads/", uploads.begin, name="begin_upload"),
    path("status/uploads/<str:key>/", uploads.upload, name="upload"),
    path("status/letters/<int:letter_id>/", views.letter, name="letter"),
    path("status/packing-slip/", views.packing_slip, name="packing_slip"),
    *(path(f"status/{name}/", views.do_verb, {"name": name}, name=name) for name in VERBS),
    # With or without its last slash: what a mail program makes of an address must not end in a redirect.
    re_path(r"^status/(?P<token>[^/]+)/?$", views.open_link, name="open_link"),
]
