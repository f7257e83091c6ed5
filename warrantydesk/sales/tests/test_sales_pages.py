"""Importing and packing as people do it: try, correct the columns, take in, take back; scan and next."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from products.models import ColumnMapping, ImportRun, Invoice, SoldUnit
from products.services import LineData
from products.tests.factories import InvoiceFactory, KitFactory, ProductFactory, StaffFactory
from warrantydesk.sales.tasks import run_imports
from warrantydesk.sales.tests.people import colleague

pytestmark = pytest.mark.django_db
GOOD = "number,issued_on,sku,quantity\nR-1,2025-03-03,BOARD,2\nR-2,2025-03-03,NONE,1\n"


@pytest.fixture
def support(client: Client) -> Client:
    client.force_login(colleague("support"))
    ProductFactory(sku="BOARD")
    return client


def upload(client: Client, text: str, **more: str) -> ImportRun:
    file = SimpleUploadedFile("sales.csv", text.encode(), "text/csv")
    answer = client.post("/desk/sales/imports/upload/", {"file": file, "kind": "invoices", "layout": "auto", **more})
    assert answer.status_code == 302
    run_imports()
    return ImportRun.objects.get(pk=int(answer["Location"].rstrip("/").rpartition("/")[2]))


def test_file_is_tried_taken_in_and_taken_back(support: Client):
    tried = upload(support, GOOD)
    assert (tried.status, tried.dry_run, tried.new, tried.rejected) == ("done", True, 1, 1)
    assert not Invoice.objects.exists()
    page = support.get(f"/desk/sales/imports/{tried.pk}/").content.decode()
    assert "Only tried" in page
    assert "no product has the article number “NONE”" in page
    rejected = b"".join(support.get(f"/desk/sales/imports/{tried.pk}/rejected/").streaming_content).decode("utf-8-sig")
    assert rejected.splitlines()[1].startswith("R-2,2025-03-03,NONE,1,row 3: ")
    support.post(f"/desk/sales/imports/{tried.pk}/take/")
    run_imports()
    run = ImportRun.objects.latest("pk")
    assert (run.dry_run, run.new, Invoice.objects.get().number) == (False, 1, "R-1")
    assert support.get("/desk/sales/imports/").status_code == 200
    support.post(f"/desk/sales/imports/{run.pk}/undo/")
    assert not Invoice.objects.exists()
    assert ImportRun.objects.get(pk=run.pk).status == "undone"


def test_columns_are_named_once_and_remembered(support: Client):
    text = "Beleg,Vom,Ware\nR-1,2025-03-03,BOARD\n"
    run = upload(support, text)
    assert run.status == "failed"
    assert "Which column is which?" in support.get(f"/desk/sales/imports/{run.pk}/").content.decode()
    said = {"number": "Beleg", "issued_on": "Vom", "sku": "Ware", "email": "no such column"}
    support.post(f"/desk/sales/imports/{run.pk}/columns/", said)
    run_imports()
    run.refresh_from_db()
    assert (run.status, run.new) == ("done", 1)
    assert ColumnMapping.objects.get().mapping == {"number": "Beleg", "issued_on": "Vom", "sku": "Ware"}
    assert upload(support, text).new == 1


def test_serials_are_scanned_piece_by_piece(support: Client):
    motor = ProductFactory(sku="MOTOR", motor=True)
    kit = KitFactory(sku="KIT", bill=[(motor, 1, "singly", "X axis")])
    invoice = InvoiceFactory(number="R-1", lines=[LineData(kit.sku, 2)])
    first, second = SoldUnit.objects.filter(line__invoice=invoice).order_by("number")
    part = first.parts.get()
    assert f'name="part-{part.pk}"' in support.get("/desk/sales/packing/?invoice=r 1").content.decode()
    answer = support.post(f"/desk/sales/packing/{first.pk}/serials/", {"serial": "K-1", f"part-{part.pk}": "M-1"})
    assert answer["Location"] == "/desk/sales/packing/?invoice=R-1"
    part.refresh_from_db()
    assert part.serial == "M-1"
    taken = support.post(f"/desk/sales/packing/{second.pk}/serials/", {"serial": "k1"}, follow=True)
    assert "was sold with invoice R-1 already" in taken.content.decode()
    answer = support.post(f"/desk/sales/packing/{second.pk}/serials/", {"serial": "K-2"})
    assert answer["Location"] == "/desk/sales/packing/"


@pytest.mark.parametrize("path", ["imports/", "packing/", "imports/template/"])
def test_pages_are_for_those_who_may_import(client: Client, path: str):
    assert client.get(f"/desk/sales/{path}").status_code == 302
    client.force_login(StaffFactory())
    assert client.get(f"/desk/sales/{path}").status_code == 403


def test_catalogue_is_not_everybodys(support: Client):
    file = SimpleUploadedFile("c.csv", b"sku,name\nA,B\n", "text/csv")
    answer = support.post("/desk/sales/imports/upload/", {"file": file, "kind": "catalogue"})
    assert answer.status_code == 403
    assert not ImportRun.objects.exists()
