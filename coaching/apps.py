from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.module_loading import autodiscover_modules


class CoachingConfig(AppConfig):
    name = "coaching"
    verbose_name = "Coaching"

    def ready(self) -> None:
        """Registers the system checks, listens to changes of people, and finds every app's `coach.py` as the admin finds their `admin.py`.

        Experiments sit above the toolkit, so they are handed to it here: running ones choose variants.
        """
        from accounts.models import User
        from coaching import checks  # noqa: F401
        from coaching.experiments.exposure import chosen_variant
        from coaching.person_changes import person_saved
        from coaching.toolkit import resolve_variations_with

        post_save.connect(person_saved, sender=User, dispatch_uid="coaching.person_saved")
        resolve_variations_with(chosen_variant)
        autodiscover_modules("coach")
