from django.db import migrations
from django.db.models import Max, Min, OuterRef, Q, Subquery

CHUNK = 5_000


def chunks(rows):
    last = rows.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last, CHUNK):
        yield rows.filter(pk__gt=start, pk__lte=start + CHUNK)


def write(apps, schema_editor):
    """Copy what the queue filters by into the rows it reads: chunk by chunk, each its own short transaction."""
    using = schema_editor.connection.alias
    claims = apps.get_model("cases", "ClaimedPart").objects.using(using)
    cases = apps.get_model("cases", "Case").objects.using(using)
    parts = apps.get_model("products", "CoveredPart").objects.filter(pk=OuterRef("part"))
    for some in chunks(claims.order_by()):
        some.filter(product=None).update(product=Subquery(parts.values("product")[:1]))
    covered = Q(case=OuterRef("pk"), part__covered_through__gte=OuterRef("submitted_on"))
    ends = claims.filter(covered).order_by().values("case").annotate(ends=Min("part__covered_through")).values("ends")
    for some in chunks(cases.order_by()):
        some.update(cover_ends_on=Subquery(ends))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0012_what_the_queue_filters_by")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
