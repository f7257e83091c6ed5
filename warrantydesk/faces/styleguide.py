"""Made-up content for the style page, difficult on purpose: long German words, Japanese, errors, many pauses."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from products.coverage import clock
from products.timeline import Marks, draw_all
from warrantydesk.faces.clock_words import clock_words
from warrantydesk.faces.conversation import FileLink, Said
from warrantydesk.faces.drawn import Step
from warrantydesk.faces.statuses import STATUSES
from warrantydesk.faces.timeline import Told

BOUGHT = date(2025, 3, 3)
JUNE = (date(2025, 6, 11), date(2025, 6, 29))
PROOF = {JUNE[0]: "DHL 00340434292135100186, verified"}


class SampleForm(forms.Form):
    """One field of each kind; sent empty and wrong on purpose."""

    serial = forms.CharField(
        label="Serial number", help_text="On the silver plate beside the power switch, such as PK3-00417."
    )
    email = forms.EmailField(label="E-mail address")
    part = forms.ChoiceField(
        label="Which part?", choices=[("", "Choose a part"), ("x", "X-axis motor"), ("b", "Kugellager-Ersatzteilset")]
    )
    happened = forms.CharField(label="What happens?", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    photos = forms.FileField(
        label="Photos or a video", help_text="Up to 500 MB. A phone's photo is perfect.", required=False
    )
    verdict = forms.ChoiceField(
        label="Decision", choices=[("covered", "Covered"), ("denied", "Not covered")], widget=forms.RadioSelect
    )
    cause = forms.ChoiceField(
        label="Cause seen",
        choices=[
            ("", "None seen"),
            ("assembly", "Improper assembly"),
            ("wear", "Verschleiß durch unsachgemäße Betriebsbedingungen"),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    copy = forms.BooleanField(label="Send me a copy", required=False)


def _clocks() -> list[dict[str, Any]]:
    """Every state of the clock, and what strains the drawing."""
    many = [(date(2025, month, 4), date(2025, month, 9 + month)) for month in range(4, 12)]
    ups = {left: f"UPS 1Z999AA1012345678{n}, verified" for n, (left, _) in enumerate(many)}
    swapped = Marks(replacements=[(date(2025, 6, 20), "MX-90211")], received_on=date(2025, 9, 25), proofs=PROOF)
    void = Marks(
        voided_on=date(2025, 11, 3), void_reason="motor disassembled, clause 5a", received_on=date(2025, 10, 28)
    )
    rows = [
        ("Covered", clock(BOUGHT, 12, [], date(2025, 9, 1)), Marks()),
        ("Paused before, asked near the end", clock(BOUGHT, 12, [JUNE], date(2026, 3, 3)), _asked(date(2026, 3, 2))),
        (
            "Away now: frozen",
            clock(BOUGHT, 12, [JUNE, (date(2026, 3, 5), None)], date(2026, 3, 8)),
            Marks(proofs=PROOF),
        ),
        ("Replaced during the repair", clock(BOUGHT, 12, [JUNE], date(2025, 12, 20)), swapped),
        ("Voided", clock(BOUGHT, 12, [JUNE], date(2025, 12, 20)), void),
        ("Ended; asked too late", clock(BOUGHT, 12, [JUNE], date(2026, 4, 20)), _asked(date(2026, 4, 18))),
        ("Ended years ago", clock(BOUGHT, 12, [], date(2029, 4, 20)), _asked(date(2029, 4, 18))),
        ("Not begun", clock(date(2026, 1, 1), 12, [], date(2025, 12, 20)), Marks()),
        ("Eight pauses", clock(BOUGHT, 12, many, date(2026, 2, 20)), Marks(proofs=ups, received_on=date(2026, 2, 18))),
        ("36 months", clock(BOUGHT, 36, [JUNE], date(2026, 12, 3)), Marks()),
        ("One month", clock(BOUGHT, 1, [(date(2025, 3, 5), date(2025, 3, 19))], date(2025, 3, 28)), Marks()),
    ]
    return [{"title": title, "drawings": draw_all(one, marks, clock_words())} for title, one, marks in rows]


def _asked(on: date) -> Marks:
    return Marks(about="X-axis motor", received_on=on, proofs=PROOF)


def _case_clock() -> Any:
    return draw_all(clock(BOUGHT, 12, [JUNE], date(2026, 3, 3)), _asked(date(2026, 3, 2)), clock_words())


def _portal_clock() -> Any:
    away = clock(BOUGHT, 12, [JUNE, (date(2026, 3, 5), None)], date(2026, 3, 9))
    return draw_all(away, Marks(about="Your warranty", proofs={JUNE[0]: "DHL, proved by tracking"}), clock_words())


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


MESSAGES = [
    Said(
        "them", "Ingrid Sørensen", _at(2, 12, 5),
        "It moves, then the X motor gets very hot and stops. Video attached, you can hear it at 0:30.",
        quoted="> Order 00812, thank you!",
        files=[FileLink("IMG_2291.heic", "#"), FileLink("x-axis-sound.mp4", "#")],
    ),
    Said(
        "us", "Positron Makers", _at(2, 12, 6),
        "We have your invoice, serial number and 5 files. Nothing is missing.",
        automatic=True, mail_state="sent",
    ),
    Said(
        "note", "Mateo", _at(2, 12, 40),
        "Same sound as batch 2506. Current was set to the rated 1.5 A in the photo of her config.",
    ),
]  # fmt: skip
HARD_MESSAGES = [
    Said(
        "them", "佐藤 由美子", _at(3, 2, 5), "X軸のモーターが熱くなり、止まってしまいます。動画を添付しました。"
    ),
    Said(
        "us", "Positron Makers", _at(3, 9, 6),
        "Die Schrittmotorgehäuseverschraubungsabdeckung ist von der Gewährleistungszeitraumverlängerung frei.",
        mail_state="failed",
    ),
]  # fmt: skip
EVENTS = [
    Told(_at(2, 12, 41), "Assigned to Mateo", who="Mateo", icon="user"),
    Told(_at(2, 12, 6), "Complete: evidence review began", icon="eye", automatic=True),
    Told(
        _at(2, 12, 5),
        "Mail received, case opened",
        why="5 files kept, 1 refused (a program)",
        icon="inbox",
        tone="info",
    ),
]
STEPS = [
    Step("done", "We received your request", "2 March 2026"),
    Step("done", "We looked at your photos and approved it", "3 March · the X-axis motor is covered"),
    Step("now", "Your parcel is travelling to us", "DHL, left Bergen on 5 March. We expect it on 10 March.", "truck"),
    Step("next", "We repair it", "usually 3 working days", "wrench"),
    Step("next", "It travels back to you", icon="home"),
]


def _group(title: str, **counts: int | None) -> dict[str, Any]:
    items = [
        {"label": label.replace("_", " "), "url": "#", "count": count, "current": label == "My_cases"}
        for label, count in counts.items()
    ]
    return {"title": title, "items": items}


NAV = [
    _group("", My_cases=14, Unassigned=9, Due_today=5, Waiting_for_customer=22, Near_end_of_cover=3),
    _group("Mail and parcels", Held_mail=4, On_the_road=31, Silent_parcels=0, Needs_review=2),
    _group("Managers", Reports=None, Administration=None),
]
QUEUE_COLUMNS = ("title", "ref", "who", "country", "product", "state", "due", "urgency", "owner")
LONG_TITLE = "Hotend leaks since the last firmware, photos follow tomorrow because my phone is at the repair shop"
LONG_NAME = "Maximilian Freiherr von Hohenstein-Wasserburg"
QUEUE_ROWS = [
    ("X axis stops after ten minutes", "WD-7F3K-2", "Ingrid Sørensen", "NO", "Positron kit",
     "evidence_review", "today 16:00", "soon", "Mateo"),
    (LONG_TITLE, "WD-2MQ8-K", LONG_NAME, "DE", "Schrittmotorgehäuseabdeckung", "submitted", "yesterday", "late", ""),
    ("X軸のモーターが止まる", "WD-9XPA-4", "佐藤 由美子", "JP", "Positron kit", "in_repair", "11 Mar", "", "Noor"),
    ("Bed heater error E2", "WD-C31T-8", "Ana Lima", "BR", "Bed heater 24 V", "approved", "12 Mar", "", "Mateo"),
    ("Belt worn", "WD-LL0Q-7", "Tom Baker", "GB", "X-axis belt", "denied", "", "", "Noor"),
    ("Fan rattles", "WD-PK22-1", "Chloé Martin", "FR", "Part fan", "returned", "", "", "Mateo"),
]  # fmt: skip
QUEUE = [dict(zip(QUEUE_COLUMNS, row, strict=True), chosen=number == 0) for number, row in enumerate(QUEUE_ROWS)]
COSTS = [
    {"term": "X-axis motor", "value": "free"},
    {"term": "Repair service", "value": "€45.00"},
    {"term": "Return shipping to Norway", "value": "€18.50"},
    {"term": "Total", "value": "€63.50", "total": True},
]
MONTHS = ("Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar")


def _columns() -> list[dict[str, Any]]:
    """Twelve columns of a chart on a 600 × 160 grid."""
    counts = (12, 18, 9, 22, 31, 27, 19, 24, 38, 44, 35, 14)
    return [
        {"x": 44 + 46 * n, "y": 140 - 2.6 * count, "height": 2.6 * count, "count": count, "month": month}
        for n, (count, month) in enumerate(zip(counts, MONTHS, strict=True))
    ]


def sample_context() -> dict[str, Any]:
    """Everything templates/styleguide.html shows."""
    half_filled = {"serial": "PK3", "email": "ingrid@", "part": "x", "verdict": "covered"}
    return {
        "nav": NAV,
        "maker": "Positron Makers",
        "tables": STATUSES,
        "clocks": _clocks(),
        "case_clock": _case_clock(),
        "portal_clock": _portal_clock(),
        "talk": MESSAGES,
        "hard_talk": HARD_MESSAGES,
        "events": EVENTS,
        "steps": STEPS,
        "queue": QUEUE,
        "costs": COSTS,
        "columns": _columns(),
        "blank": SampleForm(auto_id="blank_%s"),
        "wrong": SampleForm(half_filled, auto_id="wrong_%s"),
        "portal_form": SampleForm(half_filled, auto_id="portal_%s"),
        "page": Paginator(range(312), 25).page(2),
        "amount": Decimal("1234.5"),
    }


def style_page(request: HttpRequest) -> HttpResponse:
    """The living style page; for staff, in development."""
    return render(request, "styleguide.html", sample_context())
