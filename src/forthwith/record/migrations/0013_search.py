from django.db import migrations

# Of what waits to be sorted in (`fastupdate`) every search reads all: little of it.
POSTGRESQL = (
    """CREATE TABLE record_searched (
        id bigint PRIMARY KEY, at bigint NOT NULL, size integer NOT NULL, words tsvector NOT NULL
    )""",
    """CREATE INDEX record_searched_words ON record_searched USING gin (words)
        WITH (fastupdate = on, gin_pending_list_limit = 256)""",
)
# Rows are written one a transaction, each a small segment of its own: fewer, larger merges of them cost less.
SQLITE = (
    """CREATE VIRTUAL TABLE record_searched USING fts5 (
        head, marks, public, internal, at UNINDEXED, size UNINDEXED,
        tokenize = "ascii tokenchars '=:.-<>_~'", columnsize = 0
    )""",
    "INSERT INTO record_searched (record_searched, rank) VALUES ('automerge', 16)",
    "INSERT INTO record_searched (record_searched, rank) VALUES ('crisismerge', 64)",
)


def create(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == 'postgresql' else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute('DROP TABLE record_searched')


def begin(apps, schema_editor):
    newest = apps.get_model('record', 'Ticket').objects.order_by('-pk').values_list('pk', flat=True).first()
    if newest is not None:
        # The worker does it, batch by batch.
        apps.get_model('people', 'Filling').objects.create(what='tickets', below=newest + 1)


def forget(apps, schema_editor):
    apps.get_model('people', 'Filling').objects.filter(what='tickets').delete()


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_spellings'),
        ('record', '0012_senders_checked_and_counted'),
    ]

    operations = [
        migrations.RunPython(create, drop),
        migrations.RunPython(begin, forget),
    ]
