import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Articles are few and rarely written, so that nothing is put off until later (`fastupdate`).
POSTGRESQL = (
    'CREATE TABLE knowledge_searched (id bigint PRIMARY KEY, published boolean NOT NULL, words tsvector NOT NULL)',
    'CREATE INDEX knowledge_searched_words ON knowledge_searched USING gin (words) WITH (fastupdate = off)',
)
SQLITE = (
    """CREATE VIRTUAL TABLE knowledge_searched USING fts5 (
        head, body, published UNINDEXED, tokenize = "ascii"
    )""",
)


def create(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == 'postgresql' else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute('DROP TABLE knowledge_searched')


def remember(apps, schema_editor):
    """Tickets of which somebody has said already that an article is to be written (SOP 6.2)."""
    said = apps.get_model('record', 'Entry').objects.filter(kind='KnowledgeReviewed').order_by('pk')
    wanted = {}
    for ticket, by, at, data in said.values_list('ticket', 'by', 'at', 'data').iterator():
        wanted.pop(ticket, None)
        if data.get('decision') == 'to write' and by is not None:
            wanted[ticket] = (by, at, data.get('article', '')[:500])
    Wanted = apps.get_model('knowledge', 'Wanted')
    rows = (Wanted(ticket_id=ticket, by_id=by, at=at, said=text) for ticket, (by, at, text) in wanted.items())
    Wanted.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('record', '0015_unsent'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('category', models.CharField(blank=True, max_length=130)),
                ('language', models.CharField(max_length=60)),
                ('audience', models.CharField(choices=[('desk', 'The desk only'), ('requesters', 'Requesters too')], default='desk', max_length=12)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=12)),
                ('published', models.BooleanField(default=False)),
                ('latest', models.PositiveIntegerField(default=1)),
                ('shown', models.PositiveIntegerField(default=1)),
                ('changed_at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('review_due', models.DateTimeField(null=True)),
                ('used', models.PositiveIntegerField(default=0)),
                ('helped', models.PositiveIntegerField(default=0)),
                ('helped_in_part', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0)),
                ('used_since', models.PositiveIntegerField(default=0)),
                ('failed_since', models.PositiveIntegerField(default=0)),
                ('ticket', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='record.ticket')),
            ],
        ),
        migrations.CreateModel(
            name='ArticleRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('category', models.CharField(blank=True, max_length=130)),
                ('language', models.CharField(max_length=60)),
                ('audience', models.CharField(choices=[('desk', 'The desk only'), ('requesters', 'Requesters too')], max_length=12)),
                ('at', models.DateTimeField()),
                ('why', models.CharField(blank=True, max_length=500)),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='knowledge.article')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('what', models.CharField(choices=[('asked', 'asked for review'), ('published', 'published'), ('returned', 'sent back'), ('confirmed', 'still right'), ('retired', 'retired')], max_length=12)),
                ('at', models.DateTimeField()),
                ('why', models.TextField(blank=True)),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='knowledge.article')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Use',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('helped', models.CharField(max_length=8)),
                ('article', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='knowledge.article')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='record.ticket')),
            ],
        ),
        migrations.CreateModel(
            name='Wanted',
            fields=[
                ('ticket', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='record.ticket')),
                ('at', models.DateTimeField()),
                ('said', models.CharField(blank=True, max_length=500)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['-changed_at', '-id'], name='article_changed'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['state', '-changed_at', '-id'], name='article_state'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('published', True)), fields=['-changed_at', '-id'], name='article_published'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('published', True)), fields=['category', '-helped', '-id'], name='article_category'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('published', True)), fields=['review_due', 'id'], name='article_review_due'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(condition=models.Q(('failed_since__gt', 0), ('published', True)), fields=['-failed_since', 'id'], name='article_failed'),
        ),
        migrations.AddConstraint(
            model_name='articlerevision',
            constraint=models.UniqueConstraint(fields=('article', 'number'), name='article_revision_once'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['article', '-at', '-id'], name='decision_of_article'),
        ),
        migrations.AddIndex(
            model_name='use',
            index=models.Index(fields=['article', '-at', '-id'], name='use_of_article'),
        ),
        migrations.AddConstraint(
            model_name='use',
            constraint=models.UniqueConstraint(fields=('ticket', 'article'), name='use_once'),
        ),
        migrations.AddIndex(
            model_name='wanted',
            index=models.Index(fields=['-at', '-ticket'], name='wanted_latest'),
        ),
        migrations.RunPython(create, drop),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
