"""Who bought from us or wrote to us: one row for each e-mail address, whatever its case."""

from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from products.errors import Refused
from products.models import Customer
from products.services.checking import check_fields
from products.services.sale_data import CustomerData

_FILLED_LATER = ("name", "country", "language", "time_zone", "address")


def find_or_create_customer(data: CustomerData) -> Customer:
    """The customer with this address in any case, or a new one; without an address always a new one.

    What is known stays: only fields that are empty so far are filled. Refused where a field cannot be kept.
    """
    given = _checked(data)
    if not given.email:
        given.save()
        return given
    # A savepoint of its own would undo nothing that the caller could live without.
    with transaction.atomic(savepoint=False):
        known = _with_address(given.email) or _created(given)
        _fill(known, given)
    return known


def _checked(data: CustomerData) -> Customer:
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


def _with_address(email: str) -> Customer | None:
    by_address = Customer.objects.alias(lowered=Lower("email")).filter(lowered=email)
    # The second condition repeats that of the unique index, or PostgreSQL would not use it.
    return by_address.exclude(email="").select_for_update().first()


def _created(customer: Customer) -> Customer:
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError:
        # Two mails of the same new customer at the same moment: the other one was first.
        known = _with_address(customer.email)
        if known is None:
            raise
        return known
    return customer


def _fill(known: Customer, given: Customer) -> None:
    filled = [name for name in _FILLED_LATER if getattr(given, name) and not getattr(known, name)]
    for name in filled:
        setattr(known, name, getattr(given, name))
    if filled:
        known.save(update_fields=filled)
