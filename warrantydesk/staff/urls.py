"""The addresses of the staff desk, below /desk/. A verb takes a POST only; its name is that of the service it calls."""

from django.urls import path

from warrantydesk.staff.verbs import VERBS
from warrantydesk.staff.views.answer import answer, draft_letter, kept_letter
from warrantydesk.staff.views.away import away, say_away, take_back
from warrantydesk.staff.views.bulk import assign_many, drop_view, keep_view, tag_many
from warrantydesk.staff.views.case import case, verb_view
from warrantydesk.staff.views.files import case_file
from warrantydesk.staff.views.parcels import carriers, packing_slip, parcels, scan_proof
from warrantydesk.staff.views.presence import presence
from warrantydesk.staff.views.proof import pause_proof
from warrantydesk.staff.views.queue import queue
from warrantydesk.staff.views.ready_made import fill_quote, fill_reply
from warrantydesk.staff.views.replay import replay
from warrantydesk.staff.views.workshop import bench, workshop

app_name = "staff"
urlpatterns = [
    path("", queue, name="queue"),
    path("assign/", assign_many, name="assign_many"),
    path("tag/", tag_many, name="tag_many"),
    path("views/", keep_view, name="keep_view"),
    path("views/<int:view_id>/remove/", drop_view, name="drop_view"),
    path("away/", away, name="away"),
    path("away/note/", say_away, name="say_away"),
    path("away/<int:absence_id>/remove/", take_back, name="take_back_absence"),
    path("parcels/", parcels, name="parcels"),
    path("parcels/carriers/", carriers, name="carriers"),
    path("workshop/", workshop, name="workshop"),
    path("workshop/<str:reference>/", bench, name="bench"),
    path("replay/", replay, name="replay"),
    path("pauses/<int:pause_id>/proof/", pause_proof, name="pause_proof"),
    path("cases/<str:reference>/", case, name="case"),
    path("cases/<str:reference>/presence/", presence, name="presence"),
    path("cases/<str:reference>/files/<int:file_id>/<str:which>/", case_file, name="file"),
    path("cases/<str:reference>/answer/", answer, name="answer"),
    path("cases/<str:reference>/answer/letter/", draft_letter, name="draft_letter"),
    path("cases/<str:reference>/letters/<int:letter_id>/", kept_letter, name="letter"),
    path("cases/<str:reference>/fill-reply/", fill_reply, name="fill_reply"),
    path("cases/<str:reference>/fill-quote/", fill_quote, name="fill_quote"),
    path("cases/<str:reference>/packing-slip/", packing_slip, name="packing_slip"),
    path("cases/<str:reference>/scans/<int:scan_id>/proof/", scan_proof, name="scan_proof"),
    *(path(verb.path, verb_view(verb), name=verb.name) for verb in VERBS.values()),
]
