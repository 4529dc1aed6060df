from django.db import migrations, models


def spare_who_knows(apps, schema_editor):
    """Whoever has signed in before needs no tour."""
    apps.get_model("people", "Person").objects.filter(last_login__isnull=False).update(hints_seen=5)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_spellings")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="hints_seen",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How far they have come in the tour of the desk."
            ),
        ),
        migrations.RunPython(spare_who_knows, migrations.RunPython.noop),
    ]
