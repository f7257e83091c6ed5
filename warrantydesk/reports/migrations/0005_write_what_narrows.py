from collections import Counter
from itertools import groupby

from django.db import migrations, transaction
from django.db.models import Count, Max, OuterRef, Subquery

CHUNK = 25_000
AT_ONCE = 5_000


def write_runs(apps, schema_editor):
    """Copy what narrows a case into its runs: stretch by stretch, each its own short transaction."""
    using = schema_editor.connection.alias
    cases = apps.get_model("reports", "CaseFigures").objects.using(using)
    runs = apps.get_model("reports", "StageRun").objects.using(using).order_by()
    last = cases.aggregate(last=Max("pk"))["last"] or 0
    of = cases.filter(pk=OuterRef("figures"))
    for start in range(0, last, CHUNK):
        runs.filter(figures__gt=start, figures__lte=start + CHUNK).update(
            **{name: Subquery(of.values(name)) for name in ("product", "country", "sold_in", "reviewer")}
        )


def write_ledgers(apps, schema_editor):
    """The rows of each country, product by product, each its own transaction; cut short, it can be run again."""
    using = schema_editor.connection.alias
    failures = apps.get_model("reports", "CountryFailureTally").objects.using(using)
    histories = apps.get_model("reports", "CountryHistoryTally").objects.using(using)
    claims = apps.get_model("reports", "ClaimFigures").objects.using(using)
    claims = claims.filter(counts=True, months_in_service__isnull=False)
    for product in claims.order_by("product").values_list("product", flat=True).distinct():
        rows = claims.filter(product=product).order_by()
        with transaction.atomic(using=using):
            for ledger, counted in ((failures, _failures(rows)), (histories, _histories(rows))):
                ledger.filter(product=product).delete()
                ledger.bulk_create((ledger.model(product=product, **row) for row in counted), batch_size=AT_ONCE)


def _failures(rows):
    alike = ("country", "claimed_in", "sold_in", "term_months", "months_in_service")
    yield from rows.values("part", *alike).annotate(number=Count("pk"))
    yield from rows.values(*alike).annotate(number=Count("figures", distinct=True))


def _histories(rows):
    names = ("country", "part", "sold_in", "term_months", "paused_days", "history")
    alike = Counter()
    listed = rows.order_by("unit", "pk").values_list(
        "unit", "country", "sold_in", "term_months", "covered_part", "part", "paused_days", "figures",
        "months_in_service", "claimed_in",
    )  # fmt: skip
    for _unit, claims in groupby(listed.iterator(AT_ONCE), key=lambda row: row[0]):
        units, parts = {}, {}
        for _of, country, sold_in, term, covered, part, paused, case, age, claimed in claims:
            of_unit = units.setdefault((country, None, sold_in, term, 0), {})
            of_unit[case] = min(of_unit.get(case, (age, claimed)), (age, claimed))
            parts.setdefault((covered, country, part, sold_in, term, paused), []).append((age, claimed))
        alike.update((*key, _written(cases.values())) for key, cases in units.items())
        alike.update((*key[1:], _written(found)) for key, found in parts.items())
    for key, number in alike.items():
        yield {**dict(zip(names, key, strict=True)), "number": number}


def _written(history):
    return " ".join(f"{age}@{month:%Y-%m}" for age, month in sorted(history))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reports", "0004_narrowed_ledgers")]

    operations = [
        migrations.RunPython(write_runs, migrations.RunPython.noop),
        migrations.RunPython(write_ledgers, migrations.RunPython.noop),
    ]
