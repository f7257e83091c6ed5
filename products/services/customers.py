"""Who bought from us or wrote to us: one row for each e-mail address, whatever its case."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from products.errors import Refused
from products.models import Customer
from products.services.checking import check_fields
from products.services.sale_data import CustomerData
from products.storing import insert
from products.written_once import WrittenOnce

_FILLED_LATER = ("name", "country", "language", "time_zone", "address")


def find_or_create_customer(data: CustomerData) -> Customer:
    """The customer with this address in any case, or a new one; without an address always a new one.

    What is known stays: only fields that are empty so far are filled. Refused where a field cannot be kept.
    """
    given = checked_customer(data)
    # A savepoint of its own would undo nothing that the caller could live without.
    with transaction.atomic(savepoint=False):
        return _found_or_saved(given)


def keep_language(customer_id: int, language: str) -> None:
    """The language the customer chose. It takes the place of what was known."""
    Customer.objects.filter(pk=customer_id).update(language=language)


def find_or_create_customers(given: Sequence[Customer]) -> list[Customer]:
    """The same for many at once, in the order given, as `checked_customer` made them. A fixed number of queries, and
    one more for each known customer that something new is said of."""
    if len(given) == 1:
        return [_found_or_saved(given[0])]
    known = _with_addresses({customer.email for customer in given})
    new = {customer.email: customer for customer in reversed(given) if customer.email and customer.email not in known}
    # Whoever is first with an address wins, here or elsewhere; all are read again by it.
    Customer.objects.bulk_create(new.values(), ignore_conflicts=True)
    known |= _with_addresses(set(new))
    nameless = [customer for customer in given if not customer.email]
    Customer.objects.bulk_create(nameless)
    for customer in given:
        if customer.email:
            _fill(known[customer.email], customer)
    return [known[customer.email] if customer.email else customer for customer in given]


def _found_or_saved(given: Customer) -> Customer:
    if not given.email:
        given.save()
        return given
    if insert([given], unless_there=True):
        return given
    known = _with_address(given.email)
    if known is None:
        raise RuntimeError("A customer's address is taken, and nobody has it.")
    _fill(known, given)
    return known


def _with_addresses(emails: set[str]) -> dict[str, Customer]:
    rows = Customer.objects.alias(lowered=Lower("email")).filter(lowered__in=emails - {""}).exclude(email="")
    return {customer.email.lower(): customer for customer in rows}


def checked_customer(data: CustomerData) -> Customer:
    """The customer as a row not yet stored. Refused where a field cannot be kept. No query."""
    customer = Customer(
        email=data.email.strip().lower(),
        name=data.name.strip(),
        country=data.country.strip().upper(),
        language=data.language.strip(),
        time_zone=data.time_zone.strip(),
        address=data.address.strip(),
    )
    # Mail arrives from addresses that no validator of web forms lets pass; they are people all the same.
    check_fields(customer, but=("email",), where="customer.")
    _check_address(customer.email)
    _check_zone(customer.time_zone)
    return customer


def _check_address(email: str) -> None:
    longest = Customer._meta.get_field("email").max_length or 254
    if email and ("@" not in email or len(email) > longest or any(char.isspace() for char in email)):
        raise Refused(
            _("customer.email: “%(email)s” is not an e-mail address.") % {"email": email[:longest]},
            field="customer.email",
            code="invalid",
        )


def _check_zone(time_zone: str) -> None:
    try:
        if time_zone:
            ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):  # not found; a path that climbs out; the name of a folder
        raise Refused(
            _("customer.time_zone: there is no time zone “%(zone)s”. Write it like Europe/Oslo, or leave it empty.")
            % {"zone": time_zone},
            field="customer.time_zone",
            code="invalid",
        ) from None


def _by_address(email: str) -> QuerySet[Customer]:
    by_address = Customer.objects.alias(lowered=Lower("email")).filter(lowered=email)
    # The second condition repeats that of the unique index, or PostgreSQL would not use it.
    return by_address.exclude(email="").select_for_update().order_by("pk")[:1]


_BY_ADDRESS = WrittenOnce(_by_address, email=str)


def _with_address(email: str) -> Customer | None:
    return next(iter(_BY_ADDRESS.ask(email=email).fetched()), None)


def _fill(known: Customer, given: Customer) -> None:
    filled = [name for name in _FILLED_LATER if getattr(given, name) and not getattr(known, name)]
    for name in filled:
        setattr(known, name, getattr(given, name))
    if filled:
        known.save(update_fields=filled)
