from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("productivity", "0003_synced_changes"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="coachingnudge", name="task_nudge_to_settle"),
        migrations.AddField(
            model_name="coachingnudge",
            name="facts",
            field=models.JSONField(blank=True, default=dict, help_text="What its words rest on"),
        ),
        migrations.AddField(
            model_name="coachingnudge",
            name="settled_at",
            field=models.DateTimeField(
                blank=True, help_text="When it was worked out what came of it", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="coachingnudge",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", True)),
                fields=["delivered_at"],
                name="task_nudge_unsettled",
            ),
        ),
    ]
