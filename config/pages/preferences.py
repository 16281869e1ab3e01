"""Settings: how the coach talks. When it may speak first is a page of its own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.current import person
from coaching import context_cache
from coaching.learning.adaptation import choose
from coaching.learning_permission import has_agreed
from coaching.models import Preferences
from productivity.models import PersonaType
from productivity.nudging import easing, personas

PERSONAS = [
    (persona.value, f"{persona.label}: {personas.EXAMPLES[persona]}") for persona in PersonaType
]


class PreferencesForm(forms.ModelForm):
    """Every preference in plain words."""

    humor_intensity = forms.TypedChoiceField(
        label="Teasing",
        choices=[
            (0, "None: I'd rather not be teased"),
            (1, "A wink now and then"),
            (2, "Some: it may be cheeky"),
            (3, "Plenty: don't hold back"),
        ],
        coerce=int,
        help_text=(
            "It teases the task or the excuse, never you. Once a day at most, and not when things are hard. "
            "“Ease up” ends it for two weeks."
        ),
    )
    persona_type = forms.ChoiceField(
        label="Who talks about your tasks",
        choices=PERSONAS,
        widget=forms.RadioSelect,
        required=False,
    )
    adaptation_enabled = forms.BooleanField(
        label="It may learn which tone helps me",
        required=False,
        help_text=(
            "From what you rate and whether the task moved; only if you agree to behavioural tracking. "
            "Off: the voice above stays as it is, and what was learned is deleted."
        ),
    )

    class Meta:
        model = Preferences
        fields = [
            "communication_style",
            "detail_level",
            "emoji_preference",
            "humor_intensity",
            "rewards_enabled",
            "social_comparison_enabled",
            "assistant_hidden",
        ]
        labels = {
            "communication_style": "How your coach talks",
            "detail_level": "How much it explains",
            "emoji_preference": "Emoji",
            "rewards_enabled": "It may celebrate what I did",
            "social_comparison_enabled": "It may compare me with others, without names",
            "assistant_hidden": "Hide the floating assistant",
        }


OF_PERSONA = ("persona_type", "adaptation_enabled")


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    user = person(request)
    row = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    profile = personas.profile_of(user)
    initial = {name: getattr(profile, name) for name in OF_PERSONA}
    form = PreferencesForm(request.POST or None, instance=row, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen: dict[str, Any] = dict(form.cleaned_data)
        persona, adapts = (chosen.pop(name) for name in OF_PERSONA)
        # Two tabs may save the first time at once: the second one updates the row of the first.
        choose(row, [name for name in form.changed_data if name not in OF_PERSONA])
        Preferences.objects.update_or_create(user=user, defaults={**chosen, "chosen": row.chosen})
        if set(form.changed_data) & set(OF_PERSONA):
            personas.choose(user, persona=persona or None, adaptation=adapts)
        context_cache.invalidate(user.pk)
        messages.success(request, "Saved.")
        return redirect("settings_preferences")
    context = {
        "form": form,
        "tones": personas.tones_of(user),
        "may_learn": has_agreed(user),
        "adapts": profile.adaptation_enabled,
        "eased_until": easing.is_eased(user, now=timezone.now()),
        "may_tease": row.humor_intensity > 0,
    }
    status = 422 if form.errors else 200
    return render(request, "preferences.html", context, status=status)
