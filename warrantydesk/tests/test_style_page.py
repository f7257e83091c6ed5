from collections.abc import Callable, Iterator
from importlib import reload

import pytest
from django.urls import NoReverseMatch, clear_url_caches, reverse

import warrantydesk.urls
from cases.tests.factories import StaffFactory


@pytest.fixture
def addresses_with(settings) -> Iterator[Callable[[bool], None]]:
    """Reads the addresses anew with DEBUG as told; afterwards they are as before, whoever read them first."""
    before = any(getattr(one, "name", "") == "style" for one in warrantydesk.urls.urlpatterns)

    def read(debug: bool) -> None:
        settings.DEBUG = debug
        reload(warrantydesk.urls)
        clear_url_caches()

    yield read
    read(before)


@pytest.mark.django_db
def test_style_page_shows_every_component_to_staff_when_debug_is_on(client, addresses_with):
    addresses_with(True)
    client.force_login(StaffFactory(role="viewer"))
    page = client.get("/desk/style/")
    assert page.status_code == 200
    assert "Kugellager" in page.content.decode()


def test_style_page_has_no_address_when_debug_is_off(addresses_with):
    addresses_with(False)
    with pytest.raises(NoReverseMatch):
        reverse("style")
