"""Settings: how the coach talks. When it may speak first is a page of its own."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.current import person
from coaching.learning.adaptation import choose
from coaching.models import Preferences


class PreferencesForm(forms.ModelForm):
    """Every preference in plain words."""

    humor_intensity = forms.TypedChoiceField(
        label="Teasing",
        choices=[(0, "None"), (1, "A little"), (2, "Some"), (3, "Plenty")],
        coerce=int,
        help_text="It teases the task or the excuse, never you.",
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


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    user = person(request)
    row = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    form = PreferencesForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        # Two tabs may save the first time at once: the second one updates the row of the first.
        choose(row, form.changed_data)
        Preferences.objects.update_or_create(
            user=user, defaults={**form.cleaned_data, "chosen": row.chosen}
        )
        messages.success(request, "Saved.")
        return redirect("settings_preferences")
    status = 422 if form.errors else 200
    return render(request, "preferences.html", {"form": form}, status=status)
