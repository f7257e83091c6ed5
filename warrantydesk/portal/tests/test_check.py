"""The warranty check: with both numbers everything, with one of them nothing, and never a name."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from products.models import PauseWindow
from products.services import set_pauses
from products.services.pausing import WindowData
from products.tests.factories import InvoiceFactory, KitFactory, ProductFactory, parts_of
from warrantydesk.portal.tests.door import text_of

pytestmark = pytest.mark.django_db


def kit_of(owner, pieces: int = 2):
    bill = [(ProductFactory(motor=True, name="Motor"), 1, "singly", f"Axis {n}") for n in range(pieces)]
    bill.append((ProductFactory(consumable=True, name="Bearings"), 12, "lot", ""))
    on = timezone.localdate() - dt.timedelta(days=100)
    invoice = InvoiceFactory(
        customer=owner,
        products=[KitFactory(name="Positron PK3", bill=bill)],
        number="INV-1",
        issued_on=on,
        serials=["PK3-7"],
    )
    return parts_of(invoice)


def look(invoice="INV-1", serial="PK3-7", **given):
    return Client().post("/check/", {"invoice": invoice, "serial": serial}, **given)


def test_every_part_is_told_those_with_one_clock_together(owner):
    parts = kit_of(owner)
    left, back = timezone.localdate() - dt.timedelta(days=20), timezone.localdate() - dt.timedelta(days=11)
    window = WindowData(left, back, certainty=PauseWindow.Certainty.VERIFIED)
    set_pauses({parts[0].pk: [window]}, source="tracking", cause="repair", now=timezone.now())
    words = text_of(look())
    assert words.count("Covered through") == 2 + 2  # as a title, and in the sentence of each group
    assert "2 parts" in words
    assert "1 part " in words
    assert "Of these, wear is not covered for 12 × Bearings" in words
    assert "paused 10 days" in words
    assert "Sørensen" not in words
    assert "ingrid" not in words


@pytest.mark.parametrize("numbers", [("INV-1", "PK3-8"), ("XY-2", "PK3-7"), ("XY-2", "PK3-8")])
def test_answer_is_the_same_whichever_number_is_wrong(owner, numbers):
    kit_of(owner)
    answers = {look(*numbers).content.decode().replace(numbers[0], "").replace(numbers[1], "")}
    answers.add(look("NO-1", "NO-2").content.decode().replace("NO-1", "").replace("NO-2", ""))
    assert len(answers) == 1
    assert "Positron" not in answers.pop().replace("Positron Makers", "")


def test_answer_asks_no_more_of_the_database_for_more_parts(owner):
    counts = []
    look()  # the first look makes the row that counts them
    for pieces in (2, 9):
        InvoiceFactory._meta.model.objects.filter(number="INV-1").delete()
        kit_of(owner, pieces)
        with CaptureQueriesContext(connection) as asked:
            assert look().status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_looking_often_is_said(owner, settings):
    settings.LIMITS = {"portal_check": (2, 3600)}
    kit_of(owner)
    assert [look().status_code for _ in range(3)] == [200, 200, 429]
    assert look(REMOTE_ADDR="203.0.113.9").status_code == 200


def test_answer_is_kept_nowhere_and_leaves_no_cookie(owner):
    kit_of(owner)
    answer = look()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not answer.cookies


@pytest.mark.parametrize("sent", [{}, {"invoice": "INV-1"}, {"serial": "PK3-7"}])
def test_one_number_is_not_enough(owner, sent):
    kit_of(owner)
    answer = Client().post("/check/", sent)
    assert answer.status_code == 422
    assert "Positron PK3" not in text_of(answer)
