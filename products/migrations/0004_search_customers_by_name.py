from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


def make(apps, schema_editor):
    """Names are searched inside: PostgreSQL has an index for that, the embedded desk reads its few rows."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            'CREATE INDEX customer_search_name ON products_customer USING gin (UPPER("name"::text) gin_trgm_ops)'
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS customer_search_name")


class Migration(migrations.Migration):
    dependencies = [("products", "0003_clock_change_plural")]

    operations = [TrigramExtension(), migrations.RunPython(make, drop)]
