"""A picture shown to the customer again: chosen on the desk, seen on the private page, and by nobody before."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.evidence.processing import process_waiting
from cases.evidence.storage import store_file
from cases.models import Evidence
from cases.services.opening import add_evidence
from cases.tests import files
from cases.tests.factories import CaseFactory, staff
from warrantydesk.portal.tests.door import let_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    options = {"location": tmp_path / "files", "base_url": None}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def test_customer_sees_the_picture_with_the_message_when_it_was_sent_along() -> None:
    case, noor = CaseFactory(), staff("support", name="Noor")
    taken = store_file("workbench.jpg", "image/jpeg", files.picture(), limit_bytes=10**7)
    pk = add_evidence(case.pk, files=[taken], actor=noor, now=timezone.now())[0].pk
    process_waiting(timezone.now(), 10)
    ours = Evidence.objects.get(pk=pk)
    customer, desk = let_in(case), Client()
    thumbnail = reverse("portal:file", args=[ours.pk, "thumbnail"])
    assert customer.get(thumbnail).status_code == 404
    assert "workbench.jpg" not in customer.get("/status/").content.decode()

    desk.force_login(noor.user)
    sent = {"text": "This is how it looks inside.", "enclosed": [ours.pk]}
    assert desk.post(reverse("staff:write_to_customer", args=[case.reference]), sent).status_code == 303
    assert thumbnail in customer.get("/status/").content.decode()
    for address in (thumbnail, reverse("portal:file", args=[ours.pk, "web"])):
        answer = customer.get(address)
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
    # Still not among what they sent, and nothing for anybody else.
    assert ours.name not in [shot.name for shot in customer.get("/status/").context["files"].shots]
    assert let_in(CaseFactory()).get(thumbnail).status_code == 404
