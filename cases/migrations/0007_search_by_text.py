from django.db import migrations

# Found inside the words: PostgreSQL asks these, as `UPPER(column) LIKE '%…%'`, which is what `icontains` becomes there.
# SQLite has none and reads the rows, of which the embedded desk has few.
INDEXES = (
    ("case_search_subject", "cases_case", "subject"),
    ("case_search_description", "cases_case", "description"),
    ("message_search_text", "cases_message", "text"),
)


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, table, column in INDEXES:
            schema_editor.execute(f'CREATE INDEX {name} ON {table} USING gin (UPPER("{column}"::text) gin_trgm_ops)')


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, _table, _column in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    # The products bring the extension these indexes need.
    dependencies = [("cases", "0006_product_of_earlier_cases"), ("products", "0005_search_customers_by_name")]

    operations = [migrations.RunPython(make, drop)]
