from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


# Names and addresses are searched inside: PostgreSQL has indexes for that, the embedded desk reads its few rows.
INDEXES = (("customer_search_name", "name"), ("customer_search_email", "email"))


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, column in INDEXES:
            schema_editor.execute(
                f'CREATE INDEX {name} ON products_customer USING gin (UPPER("{column}"::text) gin_trgm_ops)'
            )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, _column in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("products", "0004_product_customs")]

    operations = [TrigramExtension(), migrations.RunPython(make, drop)]
