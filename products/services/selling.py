"""An invoice becomes covered parts; terms and bill of materials are frozen as of its day (policy 1.1-1.4).

One sale or a thousand: the same checks, the same plan, the same writing. What is said again of a sale that is known is
found by shop and number, and changes nothing that is not another word than before.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from products.errors import Refused
from products.models import ImportRun, Invoice
from products.services.agreement import agree_and_complete
from products.services.catalogue import Catalogue, load_catalogue
from products.services.changing import ShopsWord, change_order
from products.services.planning import Plan, Terms, checked_invoice, checked_rows, plan_sale, print_of
from products.services.sale_data import InvoiceData
from products.services.writing import write_plans
from products.written_once import WrittenOnce

Outcome = Literal["new", "changed", "unchanged", "rejected"]


def register_invoice(
    data: InvoiceData, *, catalogue: Catalogue | None = None, now: dt.datetime | None = None
) -> tuple[Invoice, bool]:
    """The invoice, and whether it is new. The same invoice again is found by shop and number, and left as it is.

    What was not known the first time (a serial, the day of delivery, the customer's address) is filled in; `now` is
    the moment noted where that moves a clock, by default the moment of the call. What contradicts the stored invoice
    is Refused naming the field, and so is what cannot be sold or kept; nothing is written then.
    The number of queries does not depend on the number of parts, only on how deep kits are nested; a long import may
    read the catalogue once and pass it in.
    """
    invoice, _rows = checked_invoice(data), checked_rows(data)
    with transaction.atomic():
        known = _registered(invoice)
        if known is None:
            catalogue = catalogue or load_catalogue(line.sku.strip() for line in data.lines)
            plan = plan_sale(data, catalogue, Terms())
            try:
                with transaction.atomic():
                    return write_plans([plan], now)[0], True
            except IntegrityError:
                # The same invoice from two sides at the same moment: the other one was first.
                known = _registered(invoice)
                if known is None:
                    raise
        agree_and_complete(known, data, now or timezone.now())
        return known, False


@dataclass(frozen=True)
class Registered:
    """What became of one sale of many. `refusal` says why it was rejected, `corrections` what a changed one changed."""

    outcome: Outcome
    invoice_id: int | None = None
    refusal: Refused | None = None
    corrections: int = 0


@dataclass
class Registration:
    """A long import: what is read once for all its sales, and who hands them in (the shop itself, or a person).

    `run` is noted on what is new, so that it can be taken back while nothing depends on it.
    """

    actor: AbstractBaseUser | ShopsWord
    now: dt.datetime
    catalogue: Catalogue
    terms: Terms
    run: ImportRun | None = None

    @classmethod
    def begin(
        cls, actor: AbstractBaseUser | ShopsWord, now: dt.datetime, run: ImportRun | None = None
    ) -> "Registration":
        return cls(actor, now, load_catalogue(), Terms(), run)


def register_invoices(sales: Sequence[InvoiceData], registration: Registration) -> list[Registered]:
    """Each sale by itself, in the order given: one that is refused leaves the others alone.

    New ones are written together. A known one that says something else than last time is changed through the
    correcting services. The number of queries does not depend on how many are new.
    """
    return _Many(sales, registration).register()


class _Many:
    """A batch of sales being registered."""

    def __init__(self, sales: Sequence[InvoiceData], registration: Registration) -> None:
        self.sales = sales
        self.by = registration
        self.prints = [print_of(sale) for sale in sales]
        self.answers: dict[int, Registered] = {}

    def register(self) -> list[Registered]:
        known = self._known()
        fresh: dict[tuple[str, str], int] = {}
        plans: dict[int, Plan] = {}
        for place, sale in enumerate(self.sales):
            key = _key(sale)
            if key in known:
                self.answers[place] = self._again(place, *known[key])
            elif key in fresh:
                self.answers[place] = self._twice(place, fresh[key])
            elif (plan := self._planned(place)) is not None:
                fresh[key], plans[place] = place, plan
        if plans:
            self._write(plans)
        return [self.answers[place] for place in range(len(self.sales))]

    def _known(self) -> dict[tuple[str, str], tuple[int, str, int | None]]:
        shops, numbers = ({key[place] for key in map(_key, self.sales)} for place in (0, 1))
        # By shop too: the index begins with it, and without one every batch would read all invoices there are.
        rows = Invoice.objects.filter(shop__in=shops, number__in=numbers).order_by()
        return {
            (shop, number): (pk, source, run)
            for pk, shop, number, source, run in rows.values_list("pk", "shop", "number", "source_print", "imported_by")
        }

    def _planned(self, place: int) -> Plan | None:
        try:
            plan = plan_sale(self.sales[place], self.by.catalogue, self.by.terms)
        except Refused as refusal:
            self.answers[place] = Registered("rejected", refusal=refusal)
            return None
        plan.invoice.source_print = self.prints[place]
        plan.invoice.imported_by = self.by.run
        return plan

    def _again(self, place: int, pk: int, source: str, run_id: int | None) -> Registered:
        if source == self.prints[place]:
            return Registered("unchanged", pk)
        if self.by.run is not None and run_id == self.by.run.pk:
            return Registered("rejected", pk, _contradiction(self.sales[place]))
        try:
            corrections = change_order(
                pk, self.sales[place], actor=self.by.actor, now=self.by.now, catalogue=self.by.catalogue,
                source_print=self.prints[place],
            )  # fmt: skip
        except Refused as refusal:
            return Registered("rejected", pk, refusal)
        return Registered("changed" if corrections else "unchanged", pk, corrections=corrections)

    def _twice(self, place: int, first: int) -> Registered:
        if self.prints[place] == self.prints[first]:
            return Registered("unchanged")
        return Registered("rejected", refusal=_contradiction(self.sales[place]))

    def _write(self, plans: dict[int, Plan]) -> None:
        try:
            with transaction.atomic():
                invoices = write_plans(list(plans.values()), self.by.now)
        except (IntegrityError, Refused):
            # Somebody registered one of them meanwhile, or a customer cannot be kept: each by itself then.
            for place in plans:
                self.answers[place] = self._alone(place)
            return
        for place, invoice in zip(plans, invoices, strict=True):
            self.answers[place] = Registered("new", invoice.pk)

    def _alone(self, place: int) -> Registered:
        try:
            invoice, is_new = register_invoice(self.sales[place], catalogue=self.by.catalogue, now=self.by.now)
        except Refused as refusal:
            return Registered("rejected", refusal=refusal)
        if is_new:
            invoice.source_print, invoice.imported_by = self.prints[place], self.by.run
            invoice.save(update_fields=["source_print", "imported_by"])
        return Registered("new" if is_new else "unchanged", invoice.pk)


def _registered(invoice: Invoice) -> Invoice | None:
    found: list[Invoice] = _LOCKED.ask(shop=invoice.shop, number=invoice.number).fetched()
    return found[0] if found else None


def _locked(shop: str, number: str) -> QuerySet[Invoice]:
    rows = Invoice.objects.select_for_update(of=("self",)).select_related("customer")
    return rows.filter(shop=shop, number=number).order_by()


_LOCKED = WrittenOnce(_locked, keep_plan=True, shop=str, number=str)


def _key(sale: InvoiceData) -> tuple[str, str]:
    return sale.shop.strip(), sale.number.strip()


def _contradiction(sale: InvoiceData) -> Refused:
    return Refused(
        _("number: invoice %(number)s stands twice in this file, and says different things. Keep the true one.")
        % {"number": sale.number},
        field="number",
        code="contradiction",
    )
