"""`/`, `/check/`, `/request/…` and `/status/…`.

A private link stands last: its token is longer than any name of a page of ours.
"""

from django.urls import path, re_path

from warrantydesk.portal import check_views, request_views, speaking, uploads, views
from warrantydesk.portal.request_steps import STEPS
from warrantydesk.portal.verbs import VERBS

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("language/", speaking.choose, name="language"),
    path("link/", views.ask_link, name="ask_link"),
    path("link/sent/", views.link_asked, name="link_asked"),
    path("check/", check_views.check, name="check"),
    path("request/", request_views.start, name="request"),
    path("request/where/", request_views.where_to_look, name="request_where"),
    path("request/sent/", request_views.sent, name="request_sent"),
    path("request/throw-away/", request_views.throw_away, name="request_throw_away"),
    path("request/files/<int:file_id>/remove/", request_views.remove_file, name="request_remove_file"),
    path("request/uploads/", uploads.draft_begin, name="draft_begin"),
    path("request/uploads/<str:key>/", uploads.draft_upload, name="draft_upload"),
    re_path(
        rf"^request/(?P<name>{'|'.join(step.name for step in STEPS)})/$", request_views.step_page, name="request_step"
    ),
    path("status/", views.status, name="status"),
    path("status/leave/", views.leave, name="leave"),
    path("status/files/<int:file_id>/<str:which>/", views.case_file, name="file"),
    path("status/uploads/", uploads.begin, name="begin_upload"),
    path("status/uploads/<str:key>/", uploads.upload, name="upload"),
    path("status/letters/<int:letter_id>/", views.letter, name="letter"),
    path("status/my-data/", views.my_data, name="my_data"),
    path("status/packing-slip/", views.packing_slip, name="packing_slip"),
    *(path(f"status/{name}/", views.do_verb, {"name": name}, name=name) for name in VERBS),
    # With or without its last slash: what a mail program makes of an address must not end in a redirect.
    re_path(r"^status/(?P<token>[^/]+)/?$", views.open_link, name="open_link"),
]
