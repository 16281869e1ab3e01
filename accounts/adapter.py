"""Where django-allauth meets our people: sign-up, sign-in, confirmed addresses.

Its pages and its headless API share these flows, so what is said here holds for browsers and phones.
"""

from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.base.response import ConflictResponse
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import erasure
from accounts.models import User
from accounts.signup import fill_in


class AccountAdapter(DefaultAccountAdapter):
    """The house's answers to the questions django-allauth leaves open."""

    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        fill_in(user, form, request)
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError:
            # A twin of this request was faster.
            email = form.cleaned_data["email"]
            raise ImmediateHttpResponse(address_is_taken(request, email)) from None

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("onboarding")

    def login(self, request: HttpRequest, user: User) -> None:
        """Signing in within the grace period takes a wish to be erased back."""
        # Proving an address a moment ago may have ended all sessions: this one begins after that.
        user.refresh_from_db(fields=["session_epoch", "password"])
        super().login(request, user)
        if erasure.cancel(user):
            messages.info(request, "Welcome back. Your account stays, nothing was erased.")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        sign_in = f"{settings.PUBLIC_BASE_URL}{reverse('account_request_login_code')}"
        super().send_mail(template_prefix, email, {"sign_in_url": sign_in, **context})


def address_is_taken(request: HttpRequest, email: str) -> HttpResponse:
    """What a sign-up for a taken address gets when the form could not see it yet."""
    if account_settings.EMAIL_VERIFICATION == account_settings.EmailVerificationMethod.MANDATORY:
        return prevent_enumeration(request, email=email)
    if is_headless_request(request):
        return ConflictResponse(request)
    messages.info(request, "There is an account for this address already. Please sign in.")
    return redirect("account_login")
