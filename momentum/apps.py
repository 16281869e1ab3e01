from django.apps import AppConfig
from django.db.models.signals import pre_delete


class MomentumConfig(AppConfig):
    name = "momentum"
    verbose_name = "Momentum"

    def ready(self) -> None:
        """Registers the system checks, and what goes along when a conversation is deleted."""
        from coaching.models import Conversation
        from momentum import checks  # noqa: F401
        from momentum.motivation.keeping import conversation_goes

        pre_delete.connect(
            conversation_goes, sender=Conversation, dispatch_uid="momentum.conversation_goes"
        )
