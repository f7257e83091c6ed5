import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('reports', '0005_write_what_narrows')]

    operations = [
        migrations.AddIndex(
            model_name='casefigures',
            index=models.Index(fields=['country', 'received_on', 'state', 'closed_on'], name='figures_by_country'),
        ),
        migrations.AddIndex(
            model_name='casefigures',
            index=models.Index(fields=['product', 'received_on', 'state', 'closed_on'], name='figures_by_product'),
        ),
        migrations.AddIndex(
            model_name='casefigures',
            index=models.Index(fields=['reviewer', 'received_on', 'state', 'closed_on'], name='figures_by_reviewer'),
        ),
        migrations.AlterField(
            model_name='casefigures',
            name='product',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='products.product'),
        ),
        migrations.AlterField(
            model_name='casefigures',
            name='reviewer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='stagerun',
            index=models.Index(fields=['country', 'ended_on', 'stage', 'seconds'], name='run_by_country'),
        ),
        migrations.AddIndex(
            model_name='stagerun',
            index=models.Index(fields=['product', 'ended_on', 'stage', 'seconds'], name='run_by_product'),
        ),
        migrations.AddIndex(
            model_name='stagerun',
            index=models.Index(fields=['reviewer', 'ended_on', 'stage', 'seconds'], name='run_by_reviewer'),
        ),
    ]
