"""Quote templates travel as a sheet, there and back."""

import pytest
from tablib import Dataset

from cases.admin.template_sheets import QuoteTemplateResource
from cases.models import QuoteTemplate
from products.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
HEADERS = ["name", "product", "currency", "is_active", "lines"]


def brought(*rows: list[str]) -> list[str]:
    """What the import of these rows says of those it refuses."""
    result = QuoteTemplateResource().import_data(Dataset(*rows, headers=HEADERS), dry_run=False)
    refused = [str(row.error) for row in result.invalid_rows]
    return refused + [str(error.error) for row in result.rows for error in row.errors]


def test_templates_come_back_as_they_were_taken_along() -> None:
    product = ProductFactory(sku="HOT-END")
    rows = [
        ["Labour", "", "EUR", "1", "repair; An hour; of work; 45.00\nshipping; Home; 9.50"],
        ["Labour", product.sku, "EUR", "1", "repair; Half an hour; 22.50"],
    ]
    assert brought(*rows) == []
    taken = QuoteTemplateResource().export().dict
    assert [[one[name] for name in HEADERS] for one in taken] == rows
    assert brought(["Labour", "", "EUR", "1", "repair; Two hours; 90"]) == []
    assert QuoteTemplate.objects.count() == 2
    lines = QuoteTemplate.objects.get(product=None).lines.values_list("description", "amount")
    assert [(words, str(amount)) for words, amount in lines] == [("Two hours", "90.00")]


@pytest.mark.parametrize("lines", ["", "gift; Sweets; 1", "repair; Labour; much", "repair; ; 4", "repair; Labour; -1"])
def test_row_is_refused_when_a_line_cannot_be_read(lines: str) -> None:
    assert brought(["Labour", "", "EUR", "1", lines])
    assert not QuoteTemplate.objects.exists()
