from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Listens to django-allauth, registers the system checks and the names of the API's schema."""
        from allauth.account.signals import email_confirmed

        from accounts import checks  # noqa: F401
        from accounts.rest import authentication  # noqa: F401
        from accounts.sessions import address_proven

        email_confirmed.connect(address_proven, dispatch_uid="accounts.address_proven")
