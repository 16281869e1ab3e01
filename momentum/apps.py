from django.apps import AppConfig


class MomentumConfig(AppConfig):
    name = "momentum"
    verbose_name = "Momentum"

    def ready(self) -> None:
        """Registers the system checks."""
        from momentum import checks  # noqa: F401
