"""Where a person may be written to by e-mail."""

from allauth.account.models import EmailAddress

from accounts.models import User


def proven_address(user: User) -> str | None:
    """The person's address once they proved that it is theirs: nobody else's inbox gets their messages."""
    if EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists():
        return user.email
    return None
