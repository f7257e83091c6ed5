"""The database itself refuses to change or delete what is on record, whoever asks and by whatever door."""

from django.db import migrations

TABLES = ("audit_auditentry", "audit_auditseal")
SAYS = "the audit trail is append-only"

# 23000: an integrity constraint, so that both databases answer with the same error.
POSTGRESQL = f"""
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{SAYS}' USING ERRCODE = '23000';
END
$$
"""
# By statement, so that a statement without a row and TRUNCATE are refused, too.
POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
"""
SQLITE_TRIGGERS = {
    "no_update": "BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{says}'); END",
    "no_delete": "BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{says}'); END",
    # INSERT OR REPLACE deletes without waking the trigger above.
    "no_replace": "BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
    "BEGIN SELECT RAISE(ABORT, '{says}'); END",
}
KEYS = {"audit_auditentry": "id", "audit_auditseal": "position"}


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        for table in TABLES:
            schema_editor.execute(POSTGRESQL_TRIGGER.format(table=table), params=None)
        return
    for table in TABLES:
        for name, body in SQLITE_TRIGGERS.items():
            does = body.format(table=table, says=SAYS, key=KEYS[table])
            schema_editor.execute(f"CREATE TRIGGER {table}_{name} {does}", params=None)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}", params=None)
        schema_editor.execute("DROP FUNCTION audit_is_append_only()", params=None)
        return
    for table in TABLES:
        for name in SQLITE_TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER {table}_{name}", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
    ]
