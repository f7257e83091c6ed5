from collections import defaultdict

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery

CHUNK = 25_000
AT_ONCE = 5_000
MOST_LISTED = 200


def write_parcels(apps, schema_editor):
    """Copy what narrows a case into its parcels: stretch by stretch, each its own short transaction."""
    using = schema_editor.connection.alias
    cases = apps.get_model("reports", "CaseFigures").objects.using(using)
    claims = apps.get_model("reports", "ClaimFigures").objects.using(using).order_by()
    parcels = apps.get_model("reports", "ParcelFigures").objects.using(using).order_by()
    last = cases.aggregate(last=Max("pk"))["last"] or 0
    of = cases.filter(pk=OuterRef("figures"))
    for start in range(0, last, CHUNK):
        span = {"figures__gt": start, "figures__lte": start + CHUNK}
        parcels.filter(**span).update(
            **{name: Subquery(of.values(name)) for name in ("product", "sold_in", "reviewer")}
        )
        of_span = cases.filter(pk__gt=start, pk__lte=start + CHUNK)
        for parts, of_cases in _alike(of_span, claims.filter(**span)).items():
            for place in range(0, len(of_cases), AT_ONCE):
                parcels.filter(figures__in=of_cases[place : place + AT_ONCE]).update(parts=parts)


def _alike(cases, claims):
    """The cases that claim the same parts, by how `parts` tells them."""
    parts = defaultdict(set)
    for case in cases.values_list("pk", flat=True).iterator(AT_ONCE):
        parts[case] = set()
    for case, part in claims.values_list("figures", "part").iterator(AT_ONCE):
        parts[case].add(part)
    alike = defaultdict(list)
    for case, of_case in parts.items():
        told = " " + "".join(f"{part} " for part in sorted(of_case))
        if len(told) <= MOST_LISTED:
            alike[told].append(case)
    return alike


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reports", "0012_narrowed_parcels")]

    operations = [migrations.RunPython(write_parcels, migrations.RunPython.noop)]
