from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('record', '0006_mailboxes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Canary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=60)),
                ('slot', models.BigIntegerField()),
                ('mail_id', models.CharField(max_length=255, unique=True)),
                ('sent_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('home_at', models.DateTimeField(null=True)),
                ('missed', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('channel', 'slot'), name='one_canary_a_slot')],
            },
        ),
        migrations.AddField(
            model_name='watch',
            name='heard',
            field=models.BooleanField(default=True),
        ),
    ]
