"""The ledger is divided by month. Its rows move into the new table within this migration."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from coaching.partitioning import divide, month_after, undivide

TABLE, KEY = "coaching_rawbehaviorallog", "occurred_at"

# PostgreSQL keeps a key unique together with the month's column only. Whoever adds a row asks this first: it lets
# the adders of one key in one after the other, and looks at all months as they are after the wait (a volatile
# function sees what was committed meanwhile). One plan for all calls of a connection, by index: months begin
# empty, and a plan made then would read them from end to end when they are full.
KEY_FREE = """
CREATE FUNCTION coaching_ledger_key_free(of_user uuid, of_key text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(of_key, hashtextextended(of_user::text, 0)));
    RETURN NOT EXISTS (
        SELECT FROM coaching_rawbehaviorallog WHERE user_id = of_user AND idempotency_key = of_key
    );
END $$
"""


def forward(apps, schema_editor):
    this_month = timezone.now().date()
    with schema_editor.connection.cursor() as cursor:
        divide(cursor, TABLE, KEY, months=[this_month, month_after(this_month)])


def backward(apps, schema_editor):
    unique = {"ledger_idempotency_unique": ["user_id", "idempotency_key"]}
    with schema_editor.connection.cursor() as cursor:
        undivide(cursor, TABLE, KEY, unique=unique)


class Migration(migrations.Migration):

    dependencies = [
        ('coaching', '0016_vectors_to_make'),
    ]

    operations = [
        # Three other indexes begin with the person.
        migrations.AlterField(
            model_name='rawbehaviorallog',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='behavioral_logs', to=settings.AUTH_USER_MODEL),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(forward, backward)],
            state_operations=[
                migrations.RemoveConstraint(model_name='rawbehaviorallog', name='ledger_idempotency_unique'),
                migrations.AddConstraint(
                    model_name='rawbehaviorallog',
                    constraint=models.UniqueConstraint(fields=('user', 'idempotency_key', 'occurred_at'), name='ledger_idempotency_unique'),
                ),
            ],
        ),
        migrations.RunSQL(KEY_FREE, "DROP FUNCTION coaching_ledger_key_free(uuid, text)"),
    ]
