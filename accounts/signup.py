"""Signing up: five questions and no more."""

from decimal import Decimal

from allauth.core import context
from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts.age import ADULT_AGE, birth_year
from accounts.models import User
from accounts.weight import default_unit, parse_weight
from accounts.whereabouts import guess_locale, known_timezone

OLDEST_AGE = 120
TOO_YOUNG = (
    "Habyss is made for people of 18 and over, so we cannot open an account for you yet. "
    "We would love to meet you later."
)


class FiveQuestions(forms.Form):
    """What sign-up asks beside the e-mail address, on the page and through the headless API alike.

    The time zone is not asked: a script fills it in, and without one it is UTC until the person says.
    """

    field_order = ["name", "email", "age", "weight", "goal", "timezone"]

    name = forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    age = forms.IntegerField(
        label="Your age",
        min_value=1,
        max_value=OLDEST_AGE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    weight = forms.CharField(
        label="Your weight",
        max_length=24,
        required=False,
        help_text="In kilograms or pounds, like 72 kg or 160 lb. Leave it empty if you prefer.",
    )
    goal = forms.CharField(
        label="What would you like to achieve?",
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": "Run 5 kilometres by summer"}),
        help_text="In your own words. You can change it any time.",
    )
    timezone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_age(self) -> int:
        age: int = self.cleaned_data["age"]
        if age < ADULT_AGE:
            raise forms.ValidationError(TOO_YOUNG, code="too_young")
        return age

    def clean_weight(self) -> Decimal | None:
        written = self.cleaned_data["weight"]
        if not written:
            return None
        _, country = guess_locale(_accept_language(context.request))
        try:
            return parse_weight(written, default_unit=default_unit(country))
        except ValueError:
            raise forms.ValidationError(
                "Write it like 72 kg or 160 lb, or leave it empty.", code="invalid"
            ) from None

    def clean_timezone(self) -> str:
        return known_timezone(self.cleaned_data["timezone"])

    def signup(self, request: HttpRequest, user: User) -> None:
        """Everything was stored with the person already: see `fill_in`."""


def fill_in(user: User, form: forms.Form, request: HttpRequest) -> None:
    """Puts the five answers, and what the browser says about itself, on a person not yet saved."""
    answers = form.cleaned_data
    user.name = answers["name"]
    user.birth_year = birth_year(answers["age"], timezone.localdate())
    user.starting_weight_kg = answers["weight"]
    user.stated_goal = answers["goal"]
    user.timezone = answers["timezone"]
    user.locale, user.country = guess_locale(_accept_language(request))


def _accept_language(request: HttpRequest | None) -> str:
    return request.headers.get("Accept-Language", "") if request else ""
