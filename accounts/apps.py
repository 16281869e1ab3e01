from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Listens to signing out and to proven addresses, registers the system checks and the names of the API's schema."""
        from allauth.account.signals import email_confirmed
        from django.contrib.auth.signals import user_logged_out

        from accounts import checks  # noqa: F401
        from accounts.devices import forget_with_session
        from accounts.rest import authentication, clocks  # noqa: F401
        from accounts.sessions import address_proven

        user_logged_out.connect(forget_with_session, dispatch_uid="accounts.forget_with_session")
        email_confirmed.connect(address_proven, dispatch_uid="accounts.address_proven")
