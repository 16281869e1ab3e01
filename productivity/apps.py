from django.apps import AppConfig
from django.db.models.signals import post_save


class ProductivityConfig(AppConfig):
    name = "productivity"
    verbose_name = "Productivity"

    def ready(self) -> None:
        """Whole days and clock times go where the person lives; what was derived goes when consent does."""
        from accounts.models import Consent, User
        from productivity.person_changes import person_saved
        from productivity.withdrawal import decision_saved

        post_save.connect(person_saved, sender=User, dispatch_uid="productivity.person_saved")
        post_save.connect(
            decision_saved, sender=Consent, dispatch_uid="productivity.decision_saved"
        )
