"""Mail from before the column was stored in the moment it was received."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model("intake", "IncomingMail").objects.update(kept_at=F("received_at"))


class Migration(migrations.Migration):

    dependencies = [
        ("intake", "0002_mailbox_and_why"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
