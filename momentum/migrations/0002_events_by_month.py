"""Events are divided by month of the person's own day. Their rows move into the new table within this migration."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from coaching.partitioning import divide, month_after, undivide

TABLE, KEY = "momentum_momentumevent", "local_date"


def forward(apps, schema_editor):
    this_month = timezone.now().date()
    with schema_editor.connection.cursor() as cursor:
        divide(cursor, TABLE, KEY, months=[this_month, month_after(this_month)])


def backward(apps, schema_editor):
    unique = {"momentum_event_subject_unique": ["user_id", "local_date", "subject"]}
    with schema_editor.connection.cursor() as cursor:
        undivide(cursor, TABLE, KEY, unique=unique)


class Migration(migrations.Migration):

    dependencies = [
        ('momentum', '0001_initial'),
    ]

    operations = [
        # The unique constraint's index begins with the person.
        migrations.AlterField(
            model_name='momentumevent',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='momentum_events', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(forward, backward),
        migrations.AddIndex(
            model_name='momentumevent',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['local_date'], name='momentum_event_day', pages_per_range=32),
        ),
    ]
