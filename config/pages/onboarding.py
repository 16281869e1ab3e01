"""The first minute: at most three optional questions, and one explicit choice about tracking.

It stands above both the person's data and the coach's preferences, so it lives where the house is wired.
"""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.consent import CONSENT_WORDS, consent_states, set_consent
from accounts.current import person
from accounts.forms import timezone_choices
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import Preferences
from coaching.models.person import CommunicationStyle

STYLES = [
    (CommunicationStyle.ENCOURAGING, "Warm and encouraging"),
    (CommunicationStyle.DIRECT, "Straight to the point"),
    (CommunicationStyle.CONCISE, "As short as possible"),
    (CommunicationStyle.DETAILED, "With the reasons why"),
]
DAY_STARTS = [(0, "At midnight"), (3, "At 3 in the morning"), (5, "At 5 in the morning")]
TRACKING = ConsentKind.BEHAVIORAL_TRACKING


class OnboardingForm(forms.Form):
    """Three questions, each with an answer already there: somebody in a hurry just goes on."""

    communication_style = forms.ChoiceField(
        label="How should your coach talk to you?", choices=STYLES, required=False
    )
    timezone = forms.ChoiceField(label="Where are you?", choices=timezone_choices, required=False)
    day_start_hour = forms.TypedChoiceField(
        label="When does your day begin?",
        choices=DAY_STARTS,
        coerce=int,
        empty_value=None,
        required=False,
        help_text="A night owl's habit done before this hour still counts for the day before.",
    )


@login_required
def onboarding(request: HttpRequest) -> HttpResponse:
    """Shows the questions; a POST stores what was answered, `skip` stores nothing, both lead to Today."""
    user = person(request)
    known = {"timezone": user.timezone, "day_start_hour": user.day_start_hour}
    if request.method != "POST":
        return _page(request, OnboardingForm(initial=known), "", "")
    if "skip" in request.POST:
        _finish(user)
        return redirect("today")
    form = OnboardingForm(request.POST, initial=known)
    tracking = request.POST.get("tracking", "")
    if not form.is_valid() or tracking not in {"yes", "no"}:
        missing = "" if tracking else "Please choose yes or no, or skip these questions."
        return _page(request, form, tracking, missing, status=422)
    _store(user, form)
    set_consent(user, TRACKING, tracking == "yes", ConsentSource.WEB, CONSENT_WORDS[TRACKING])
    _finish(user)
    return redirect("today")


def _page(
    request: HttpRequest, form: OnboardingForm, tracking: str, missing: str, status: int = 200
) -> HttpResponse:
    decided = {state.kind: state.decision for state in consent_states(person(request))}
    decision = decided[TRACKING]
    if not tracking and decision is not None:
        tracking = "yes" if decision.granted else "no"
    context = {
        "form": form,
        "tracking": tracking,
        "words": CONSENT_WORDS[TRACKING],
        "missing": missing,
    }
    return render(request, "onboarding.html", context, status=status)


def _store(user: User, form: OnboardingForm) -> None:
    answers = form.cleaned_data
    if answers["communication_style"]:
        Preferences.objects.update_or_create(
            user=user, defaults={"communication_style": answers["communication_style"]}
        )
    if answers["timezone"]:
        user.timezone = answers["timezone"]
    if answers["day_start_hour"] is not None:
        user.day_start_hour = answers["day_start_hour"]


def _finish(user: User) -> None:
    user.onboarded_at = user.onboarded_at or timezone.now()
    user.save(update_fields=["timezone", "day_start_hour", "onboarded_at", "updated_at"])
