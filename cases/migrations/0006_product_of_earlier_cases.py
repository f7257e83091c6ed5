from django.db import migrations
from django.db.models import OuterRef, Subquery


def write_products(apps, schema_editor):
    """The product of every matched case, as the queue filters by it."""
    cases = apps.get_model("cases", "Case").objects.using(schema_editor.connection.alias)
    units = apps.get_model("products", "SoldUnit").objects.filter(pk=OuterRef("unit"))
    cases.filter(unit__isnull=False, product=None).update(product=Subquery(units.values("line__product")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_how_the_desk_works"),
        ("products", "0003_clock_change_plural"),
    ]

    operations = [migrations.RunPython(write_products, migrations.RunPython.noop)]
