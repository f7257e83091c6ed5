"""The demo's catalogue, staff, customers and invoices, all through the services a real shop would use."""

import datetime as dt
import secrets
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from django.contrib.auth.models import Group

from products import services
from products.models import Invoice, KitPart, Product
from products.services import CustomerData, InvoiceData, LineData, UnitData
from warrantydesk.accounts.models import User
from warrantydesk.demo.catalogue import KITS, MANUALS, SPARES, PartLine, customs_of
from warrantydesk.demo.people import COUNTRIES

STAFF = (
    ("viewer", "Vera Lindqvist"),
    ("support", "Sofía Marín"),
    ("reviewer", "Mateo Rossi"),
    ("manager", "Margarethe Obermüller"),
    ("administrator", "Adaeze Okonkwo"),
)
COLLEAGUES = (("reviewer", "Renske de Boer"), ("support", "Tomasz Zieliński"))
SERIAL_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Login:
    role: str
    email: str
    password: str


def hire_staff() -> tuple[dict[str, list[User]], list[Login]]:
    """One person of every role, and two colleagues. Passwords are made here and are told once."""
    staff: dict[str, list[User]] = {}
    logins = []
    for role, name in (*STAFF, *COLLEAGUES):
        given = name.split()[0].lower().replace("í", "i")
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        user = User.objects.create_user(f"{given}@desk.example", password, name=name)
        user.groups.add(Group.objects.get(name=role))
        staff.setdefault(role, []).append(user)
        if (role, name) in STAFF:
            logins.append(Login(role, user.email, password))
    return staff, logins


def stock_catalogue() -> None:
    for line in {line.sku: line for kit in KITS for line in kit.lines}.values():
        _product(line.sku, line.name, line.category)
    for spare, _price in SPARES:
        _product(spare.sku, spare.name, spare.category)
    for kit in KITS:
        product = _product(kit.sku, kit.name, "standard", kind=Product.Kind.KIT)
        KitPart.objects.bulk_create(_kit_part(product, line, position) for position, line in enumerate(kit.lines))


def _product(sku: str, name: str, category: str, kind: str = Product.Kind.SINGLE) -> Product:
    hs_code, origin = customs_of(sku)
    return Product.objects.create(
        sku=sku,
        name=name,
        category=category,
        kind=kind,
        manual_url=f"{MANUALS}/{sku.lower()}",
        hs_code=hs_code,
        country_of_origin=origin,
    )


def _kit_part(kit: Product, line: PartLine, position: int) -> KitPart:
    return KitPart(
        kit=kit,
        part=Product.objects.get(sku=line.sku),
        place=line.place,
        quantity=line.quantity,
        tracked=KitPart.Tracked.SINGLY if line.singly else KitPart.Tracked.LOT,
        position=position,
    )


def make_customers(count: int, random: Random) -> list[CustomerData]:
    """So many people, spread over all the countries."""
    codes = list(COUNTRIES)
    people = []
    for number in range(count):
        country = codes[number % len(codes)]
        language, zone, _currency, given, family = COUNTRIES[country]
        family_first = country in ("JP", "CN", "KR", "TW")
        names = (random.choice(given), random.choice(family))
        name = " ".join(reversed(names)) if family_first else " ".join(names)
        address = f"{random.randint(1, 199)} Maker Street\n{random.randint(10000, 99999)} {zone.rpartition('/')[2].replace('_', ' ')}"
        people.append(
            CustomerData(
                f"customer{number + 1:03}@mail.{country.lower()}.example", name, country, language, zone, address
            )
        )
    return people


def sell(people: list[CustomerData], count: int, today: dt.date, random: Random) -> list[Invoice]:
    """So many invoices over the last thirty months: mostly kits, every fourth a spare part or two."""
    invoices = []
    catalogue = services.load_catalogue()
    for number in range(1, count + 1):
        customer = people[(number - 1) % len(people)]
        issued_on = today - dt.timedelta(days=random.randint(5, 910))
        lines = [_spare_line(random)] if number % 4 == 0 else [_kit_line(number, random)]
        if random.random() < 0.15:
            lines.append(_spare_line(random))
        invoice, _made = services.register_invoice(
            InvoiceData(
                number=f"INV-{issued_on.year}-{number:05}",
                issued_on=issued_on,
                customer=customer,
                lines=lines,
                country=customer.country,
                currency=COUNTRIES[customer.country][2],
                delivered_on=issued_on + dt.timedelta(days=random.randint(2, 12)),
            ),
            catalogue=catalogue,
        )
        invoices.append(invoice)
    return invoices


def _kit_line(number: int, random: Random) -> LineData:
    kit = random.choice(KITS)
    serials: dict[str, list[str]] = {}
    for line in kit.lines:
        if line.singly:
            serials.setdefault(line.sku, []).extend(_serial(line.sku[:2], random) for _ in range(line.quantity))
    unit = UnitData(serial=f"{kit.sku.removeprefix('KIT-')}-{number:05}", part_serials=serials)
    return LineData(sku=kit.sku, unit_price=Decimal(kit.price), units=[unit])


def _spare_line(random: Random) -> LineData:
    spare, price = random.choice(SPARES)
    units = [UnitData(serial=_serial("SN", random))] if spare.singly else []
    return LineData(sku=spare.sku, unit_price=Decimal(price), units=units)


def _serial(prefix: str, random: Random) -> str:
    letters = "".join(random.choice(SERIAL_LETTERS) for _ in range(2))
    return f"{prefix}-{letters}{random.randint(10, 99)}-{random.randint(1000, 9999)}"
