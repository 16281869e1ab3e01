"""Signing a person out, and proving that an address is theirs."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest

from accounts.devices import forget_elsewhere
from accounts.models import User


def sign_out_everywhere(user: User, *, keep: HttpRequest | None = None) -> None:
    """Ends every session, token and notification of `user`; those of the request `keep` go on."""
    forget_elsewhere(user, keep)
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    if keep is not None and keep.user.is_authenticated:
        update_session_auth_hash(keep, user)


def address_proven(request: HttpRequest, email_address: EmailAddress, **signal: Any) -> None:
    """Ends what somebody else may have left behind under an address that was never proven before.

    Anybody can sign up with an address that is not theirs and wait inside. The first proof of the
    address therefore ends all other sessions; and a password, when the proof came from outside.
    """
    user = email_address.user
    if EmailAddress.objects.filter(user=user, verified=True).exclude(pk=email_address.pk).exists():
        return
    if request.user == user:
        sign_out_everywhere(user, keep=request)
        return
    if user.has_usable_password():
        user.set_unusable_password()
        user.save(update_fields=["password"])
    sign_out_everywhere(user)
