from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.module_loading import autodiscover_modules


class CoachingConfig(AppConfig):
    name = "coaching"
    verbose_name = "Coaching"

    def ready(self) -> None:
        """Registers the system checks, listens to changes of people, and finds every app's `coach.py` as the admin finds their `admin.py`.

        Experiments sit above the toolkit, so they are handed to it here: running ones choose variants.
        """
        from accounts.models import Consent, User
        from coaching import checks  # noqa: F401
        from coaching.experiments.exposure import chosen_variant
        from coaching.models import Conversation, Preferences
        from coaching.person_changes import (
            conversation_deleted,
            decision_saved,
            person_deleted,
            person_saved,
        )
        from coaching.toolkit import resolve_variations_with

        post_save.connect(person_saved, sender=User, dispatch_uid="coaching.person_saved")
        post_delete.connect(person_deleted, sender=User, dispatch_uid="coaching.person_deleted")
        for sender in (Consent, Preferences):
            post_save.connect(
                decision_saved, sender=sender, dispatch_uid=f"coaching.{sender.__name__}_saved"
            )
        post_delete.connect(
            conversation_deleted, sender=Conversation, dispatch_uid="coaching.conversation_deleted"
        )
        resolve_variations_with(chosen_variant)
        autodiscover_modules("coach")
