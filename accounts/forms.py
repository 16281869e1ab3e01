"""Forms of the sign-in and settings pages."""

import zoneinfo
from typing import Any

import phonenumbers
from allauth.account.forms import LoginForm
from django import forms

from accounts.models import User

LOCALES = [("en", "English"), ("en-GB", "English (UK)"), ("en-US", "English (US)")]


class SignInForm(LoginForm):
    """E-mail and, for those who set one, a password; without it a code is sent."""

    def _setup_password_field(self) -> None:
        password = self.fields["password"]
        password.required = False
        password.widget.is_required = False
        password.widget.attrs.pop("placeholder", None)
        password.help_text = "No password? Leave it empty and we send you a code."
        self.fields["login"].label = "Email"
        self.fields["login"].widget.attrs.pop("placeholder", None)


def clean_phone(written: str, country: str) -> str:
    """A phone number as E.164; empty stays empty. Raises `ValidationError` when it is none."""
    if not written.strip():
        return ""
    try:
        number = phonenumbers.parse(written, country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise forms.ValidationError(
            "Write the number with its country code, like +44 20 7946 0018.", code="invalid"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def timezone_choices() -> list[tuple[str, str]]:
    """Every place zone, readable, with UTC first."""
    places = sorted(name for name in zoneinfo.available_timezones() if "/" in name)
    shown = [(name, name.replace("_", " ")) for name in places if not name.startswith("Etc/")]
    return [("UTC", "UTC"), *shown]


class ProfileForm(forms.ModelForm):
    """What a person can say about themselves."""

    class Meta:
        model = User
        fields = ["name", "stated_goal", "timezone", "day_start_hour", "locale", "country", "phone"]
        labels = {
            "name": "Name",
            "stated_goal": "What you want to achieve",
            "timezone": "Time zone",
            "day_start_hour": "Your day starts at",
            "locale": "Language",
            "country": "Country",
            "phone": "Phone",
        }
        help_texts = {
            "day_start_hour": "Until this hour the night still counts as the day before.",
            "country": "Two letters, like GB. It decides which helplines you are shown.",
            "phone": "With country code. Nobody is called or texted without your consent.",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "country": forms.TextInput(attrs={"autocomplete": "country", "maxlength": 2}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = forms.ChoiceField(choices=timezone_choices, label="Time zone")
        hours = [(hour, f"{hour:02d}:00") for hour in range(7)]
        hour = forms.TypedChoiceField(
            choices=hours,
            coerce=int,
            label=self.fields["day_start_hour"].label,
            help_text=self.fields["day_start_hour"].help_text,
        )
        self.fields["timezone"], self.fields["day_start_hour"] = zone, hour
        current = self.instance.timezone
        if current not in dict(timezone_choices()):
            zone.choices = [(current, current), *timezone_choices()]
        known = dict(LOCALES)
        locales = (
            LOCALES
            if self.instance.locale in known
            else [
                (self.instance.locale, self.instance.locale),
                *LOCALES,
            ]
        )
        self.fields["locale"] = forms.ChoiceField(choices=locales, label="Language")

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"].strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise forms.ValidationError("Two letters, like GB.", code="invalid")
        return country

    def clean_phone(self) -> str:
        country = self.cleaned_data.get("country", "")
        return clean_phone(self.cleaned_data["phone"], country)

    def save(self, commit: bool = True) -> User:
        """Writes the form's own columns alone: staff and sign-outs may change others meanwhile."""
        if "phone" in self.changed_data:
            self.instance.phone_verified_at = None
        user: User = super().save(commit=False)
        if commit:
            user.save(update_fields=[*self.fields, "phone_verified_at", "updated_at"])
        return user
