from django.db import migrations


def say_words_beside_cells(apps, schema_editor):
    """A kept row was a list by its words; now it has a name, its words, and its cells. Old ones keep their words as
    their name."""
    _reshape(apps, schema_editor, list, lambda words, cells: {"words": words, "cells": cells})


def cells_alone(apps, schema_editor):
    _reshape(apps, schema_editor, dict, lambda _name, row: row["cells"])


def _reshape(apps, schema_editor, kind, made):
    weeks = apps.get_model("reports", "FrozenWeek").objects.using(schema_editor.connection.alias)
    for week in weeks.iterator(100):
        week.figures = {
            code: {name: made(name, row) if isinstance(row, kind) else row for name, row in rows.items()}
            for code, rows in week.figures.items()
        }
        week.save(update_fields=["figures"])


class Migration(migrations.Migration):
    dependencies = [("reports", "0006_index_what_narrows")]

    operations = [migrations.RunPython(say_words_beside_cells, cells_alone)]
