from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoachingConfig(AppConfig):
    name = "coaching"
    verbose_name = "Coaching"

    def ready(self) -> None:
        """Finds every app's `coach.py`, as Django's admin finds every app's `admin.py`."""
        autodiscover_modules("coach")
