"""The page about being away: one's own days, and who stands in."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from cases.models import Absence
from cases.tests.factories import staff

pytestmark = pytest.mark.django_db


def test_days_are_noted_shown_and_taken_back(desk: Callable) -> None:
    client, bob = desk("support"), staff("support", name="Bob")
    today = timezone.localdate().isoformat()
    refused = client.post("/desk/away/note/", {"first_on": today, "last_on": "2020-01-01", "note": "At the sea"})
    assert refused.status_code == 422
    assert "At the sea" in refused.content.decode()
    client.post("/desk/away/note/", {"first_on": today, "last_on": today, "deputy": bob.user.pk})
    absence = Absence.objects.get()
    assert (absence.person, absence.deputy) == (client.person, bob.user)
    assert "deputy: Bob" in client.get("/desk/away/").content.decode()
    assert desk("support").post(f"/desk/away/{absence.pk}/remove/").status_code == 404
    client.post(f"/desk/away/{absence.pk}/remove/")
    assert not Absence.objects.exists()
