from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete


class MomentumConfig(AppConfig):
    name = "momentum"
    verbose_name = "Momentum"

    def ready(self) -> None:
        """Registers the system checks, and what goes when a conversation is deleted or a consent withdrawn."""
        from accounts.models import Consent
        from coaching.models import Conversation
        from momentum import checks  # noqa: F401
        from momentum.motivation.keeping import conversation_goes
        from momentum.withdrawal import decision_saved

        pre_delete.connect(
            conversation_goes, sender=Conversation, dispatch_uid="momentum.conversation_goes"
        )
        post_save.connect(decision_saved, sender=Consent, dispatch_uid="momentum.decision_saved")
