from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('who', models.CharField(choices=[('staff', 'staff'), ('token', 'a token of the API'), ('customer', "the case's customer"), ('system', 'the desk itself'), ('nobody', 'somebody unknown')], max_length=10, verbose_name='by')),
                ('person', models.BigIntegerField(null=True, verbose_name='account')),
                ('token', models.BigIntegerField(null=True, verbose_name='token')),
                ('network', models.CharField(blank=True, help_text='Of staff alone.', max_length=64, verbose_name='from')),
                ('verb', models.CharField(max_length=60, verbose_name='what')),
                ('kind', models.CharField(max_length=40, verbose_name='kind of object')),
                ('object_id', models.BigIntegerField(null=True, verbose_name='object')),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
            ],
            options={
                'verbose_name': 'entry of the audit trail',
                'verbose_name_plural': 'audit trail',
                'ordering': ('-at', '-id'),
                'indexes': [
                    models.Index(fields=['at', 'id'], name='audit_by_time'),
                    models.Index(fields=['person', 'at', 'id'], name='audit_by_person'),
                    models.Index(fields=['verb', 'at', 'id'], name='audit_by_verb'),
                    models.Index(fields=['kind', 'object_id', 'at', 'id'], name='audit_by_object'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='seal', to='audit.auditentry')),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': 'seal of the audit trail',
                'ordering': ('position',),
            },
        ),
        # From here on `flush` leaves both tables alone; whoever changes a column says so in a migration by hand.
        migrations.AlterModelOptions(
            name='auditentry',
            options={'managed': False, 'ordering': ('-at', '-id'), 'verbose_name': 'entry of the audit trail', 'verbose_name_plural': 'audit trail'},
        ),
        migrations.AlterModelOptions(
            name='auditseal',
            options={'managed': False, 'ordering': ('position',), 'verbose_name': 'seal of the audit trail'},
        ),
    ]
