from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("coaching", "0002_gate"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="crisisalert",
            name="message_id",
            field=models.UUIDField(help_text="What the person wrote; kept when it is deleted"),
        ),
        migrations.AlterField(
            model_name="crisisalert",
            name="category",
            field=models.CharField(
                choices=[
                    ("suicide", "Suicide"),
                    ("self_harm", "Self-harm"),
                    ("overdose", "Overdose"),
                    ("violence", "Violence"),
                ],
                max_length=32,
            ),
        ),
        migrations.AddConstraint(
            model_name="crisisalert",
            constraint=models.UniqueConstraint(
                fields=("user", "message_id"), name="crisis_once_per_message"
            ),
        ),
        migrations.AddConstraint(
            model_name="crisisalert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("category__in", ["suicide", "self_harm", "overdose", "violence"])
                ),
                name="crisis_category_known",
            ),
        ),
    ]
