from django.db import migrations, models

from products.quiet_index import AddIndexQuietly

INDEXES = (
    models.Index(
        fields=["country", "decided_on"],
        include=["product", "part", "reviewer", "verdict", "resolution", "goodwill", "reason", "outcome"],
        name="claim_by_country",
    ),
    models.Index(
        fields=["country", "received_on"],
        include=["product", "part", "days_left", "verdict"],
        name="claim_asked_by_country",
    ),
    models.Index(condition=models.Q(("outcome", "each")), fields=["decided_on"], name="claim_told_by_each"),
    models.Index(condition=models.Q(("is_twin", True)), fields=["part", "decided_on"], name="claim_twins"),
)


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while the desk works

    dependencies = [("reports", "0016_write_outcomes")]

    operations = [AddIndexQuietly(model_name="claimfigures", index=index) for index in INDEXES]
