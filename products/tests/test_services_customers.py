"""find_or_create_customer: one row for each address, and what is known is never overwritten."""

from collections.abc import Iterable
from dataclasses import fields

import pytest

from products.errors import Refused
from products.models import Customer
from products.services import CustomerData, find_or_create_customer
from products.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("written", ["ann@example.com", "Ann@Example.COM", "  ANN@example.com\n"])
def test_customer_is_found_by_address_in_any_case(written: str):
    ann = CustomerFactory(email="Ann@example.com")
    assert find_or_create_customer(CustomerData(email=written)) == ann
    assert Customer.objects.count() == 1


def test_new_customer_is_stored_without_being_looked_for(django_assert_num_queries):
    with django_assert_num_queries(1):
        new = find_or_create_customer(CustomerData(email="new@example.com", name="New"))
    assert Customer.objects.get() == new


def test_customer_is_made_when_the_address_is_new():
    made = find_or_create_customer(
        CustomerData("Björn@EXAMPLE.com", "Björn", "se", "sv", "Europe/Stockholm", "Gata 1\n")
    )
    made.refresh_from_db()
    assert (made.email, made.name, made.country.code) == ("björn@example.com", "Björn", "SE")
    assert (made.language, made.time_zone, made.address) == ("sv", "Europe/Stockholm", "Gata 1")
    assert find_or_create_customer(CustomerData("BJÖRN@example.com")) == made


def test_only_empty_fields_of_a_known_customer_are_filled():
    ann = CustomerFactory(email="ann@example.com", name="Ann", country="", language="")
    find_or_create_customer(CustomerData("ann@example.com", "Somebody Else", "NO", "nb", "Europe/Oslo"))
    ann.refresh_from_db()
    assert (ann.name, ann.country.code, ann.language, ann.time_zone) == ("Ann", "NO", "nb", "Europe/Oslo")


def test_everything_that_can_be_told_of_a_customer_is_kept_and_filled_in_later():
    samples = {"email": "ann@example.com", "country": "NO", "time_zone": "Europe/Oslo"}
    told = {one.name: samples.get(one.name, "nb") for one in fields(CustomerData)}
    new = {**told, "email": "new@example.com"}
    made = written(find_or_create_customer(CustomerData(**new)), told)
    assert made == new, "a field of CustomerData is not in checked_customer"
    known = Customer.objects.create(email="ann@example.com")
    find_or_create_customer(CustomerData(**told))
    known.refresh_from_db()
    assert written(known, told) == told, "a field of CustomerData is not in _FILLED_LATER"


def written(customer: Customer, names: Iterable[str]) -> dict[str, str]:
    return {name: str(getattr(customer, name)) for name in names}


def test_customer_without_an_address_is_always_a_new_one():
    first = find_or_create_customer(CustomerData(name="Ann"))
    assert find_or_create_customer(CustomerData(name="Ann")) != first


@pytest.mark.parametrize("address", ["root@localhost", "o'hara+3d@sub.example.museum", "ann@intranet", '"a.b"@x.org'])
def test_address_a_web_form_would_refuse_is_a_customer_all_the_same(address: str):
    assert find_or_create_customer(CustomerData(email=address)).email == address


@pytest.mark.parametrize(
    ("data", "field"),
    [
        pytest.param(CustomerData(email="ann"), "customer.email", id="no at sign"),
        pytest.param(CustomerData(email="a b@example.com"), "customer.email", id="a blank inside"),
        pytest.param(CustomerData(email="a" * 250 + "@x.org"), "customer.email", id="address too long"),
        pytest.param(CustomerData(email="a\x00@x.org"), "customer.email", id="NUL"),
        pytest.param(CustomerData(email="a@x.org", name="n" * 201), "customer.name", id="name too long"),
        pytest.param(CustomerData(email="a@x.org", language="l" * 11), "customer.language", id="language too long"),
        pytest.param(CustomerData(email="a@x.org", time_zone="Europe"), "customer.time_zone", id="zone is a folder"),
    ],
)
def test_customer_that_cannot_be_kept_is_refused(data: CustomerData, field: str):
    with pytest.raises(Refused) as refusal:
        find_or_create_customer(data)
    assert refusal.value.field == field
    assert not Customer.objects.exists()
