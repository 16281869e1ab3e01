from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoachingConfig(AppConfig):
    name = "coaching"
    verbose_name = "Coaching"

    def ready(self) -> None:
        """Registers the system checks, and finds every app's `coach.py` as the admin finds their `admin.py`.

        Experiments sit above the toolkit, so they are handed to it here: running ones choose variants.
        """
        from coaching import checks  # noqa: F401
        from coaching.experiments.exposure import chosen_variant
        from coaching.toolkit import resolve_variations_with

        resolve_variations_with(chosen_variant)
        autodiscover_modules("coach")
