"""Quote templates as rows of a sheet: one template a row, its lines in one cell, each as “kind; words; amount”."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources
from import_export.widgets import ForeignKeyWidget

from cases.models import QuoteLine, QuoteTemplate, QuoteTemplateLine
from products.models import Product


class QuoteTemplateResource(resources.ModelResource):
    """The same name, product and currency is the same template: its lines are replaced by those of the row."""

    product = fields.Field(column_name="product", attribute="product", widget=ForeignKeyWidget(Product, "sku"))
    lines = fields.Field(column_name="lines", readonly=True)

    class Meta:
        model = QuoteTemplate
        import_id_fields = ("name", "product", "currency")
        fields = ("name", "product", "currency", "is_active", "lines")
        clean_model_instances = True

    def dehydrate_lines(self, template: QuoteTemplate) -> str:
        return "\n".join(f"{line.kind}; {line.description}; {line.amount}" for line in template.lines.all())

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        lines_written(row.get("lines") or "")  # refused here, the row changes nothing

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return False  # a row may bring other lines for a template that stays as it is

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        lines = lines_written(row.get("lines") or "")
        instance.lines.all().delete()
        for position, (kind, words, amount) in enumerate(lines):
            QuoteTemplateLine.objects.create(
                template=instance, position=position, kind=kind, description=words, amount=amount
            )


def lines_written(cell: str) -> list[tuple[str, str, Decimal]]:
    """The lines of a cell. ValidationError naming the first that cannot be read, and where there is none."""
    found = [_line(written) for written in cell.splitlines() if written.strip()]
    if not found:
        raise ValidationError({"lines": _("A template needs at least one line: “repair; Labour; 45.00”.")})
    return found


def _line(written: str) -> tuple[str, str, Decimal]:
    kind, _mark, rest = (piece.strip() for piece in written.partition(";"))
    words, _mark, amount = (piece.strip() for piece in rest.rpartition(";"))
    try:
        worth = Decimal(amount).quantize(Decimal("0.01"))
    except InvalidOperation:
        worth = Decimal(-1)
    if kind not in QuoteLine.Kind.values or not words or len(words) > 200 or not 0 <= worth < 10**8:
        raise ValidationError(
            {"lines": _("“%(line)s” is no line. Write it like “repair; Labour; 45.00”.") % {"line": written.strip()}}
        )
    return kind, words, worth
