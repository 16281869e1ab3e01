from django.apps import AppConfig
from django.db.models.signals import post_save


class ProductivityConfig(AppConfig):
    name = "productivity"
    verbose_name = "Productivity"

    def ready(self) -> None:
        """Whole days and clock times of tasks go where the person lives."""
        from accounts.models import User
        from productivity.person_changes import person_saved

        post_save.connect(person_saved, sender=User, dispatch_uid="productivity.person_saved")
