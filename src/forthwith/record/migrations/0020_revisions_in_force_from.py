import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def from_the_day_of_installing(apps, schema_editor):
    """A revision that is there already has been in force since it was installed."""
    apps.get_model("record", "Revision").objects.update(effective_at=models.F("installed_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('record', '0019_runs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='revision',
            name='effective_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(from_the_day_of_installing, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='revision',
            name='effective_at',
            field=models.DateTimeField(),
        ),
        migrations.AddField(
            model_name='revision',
            name='note',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='revision',
            name='reviewed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='revision',
            index=models.Index(fields=['-effective_at', '-id'], name='revision_effective'),
        ),
    ]
