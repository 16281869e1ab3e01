"""The page of a plan, and the forms that answer it; the same forms stand in the chat's card."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from accounts.day import local_day
from accounts.models import User
from habits import phases, sequences
from habits.catalogue.library import library
from habits.models import HabitSequence
from habits.plan_view import plan_summary, plan_view
from habits.planning import CONFIG, PlanDraft, PlanRefused

TIMES = [("morning", "Morning"), ("midday", "Midday"), ("evening", "Evening"), ("any", "Any time")]
LEVELS = [("easy", "Gentle"), ("moderate", "Moderate"), ("challenging", "Challenging")]


class ReviseForm(forms.Form):
    """What a person may change about a proposal."""

    minutes_per_day = forms.IntegerField(
        label="Minutes a day, at most",
        min_value=CONFIG.minutes_low,
        max_value=CONFIG.minutes_high,
    )
    preferred_time = forms.ChoiceField(label="Best time of day", choices=TIMES)
    difficulty = forms.ChoiceField(label="How demanding", choices=LEVELS)
    starts_on = forms.DateField(
        label="First day", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    keys = forms.MultipleChoiceField(
        label="Habits in the plan",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Take a tick away to leave a habit out.",
    )
    swap_from = forms.ChoiceField(label="Replace", required=False)
    swap_to = forms.ChoiceField(label="with", required=False)

    def __init__(self, draft: PlanDraft, data: object = None) -> None:
        super().__init__(
            data,  # type: ignore[arg-type]
            initial={
                "minutes_per_day": draft.inputs.minutes_per_day,
                "preferred_time": draft.inputs.preferred_time,
                "difficulty": draft.inputs.difficulty,
                "starts_on": draft.starts_on,
                "keys": draft.keys,
            },
        )
        self.draft = draft
        habits = library().habits
        planned = [(key, habit.name) for key in draft.keys if (habit := draft.habit(key))]
        left_out = [
            (key, habits[key].name)
            for key in draft.inputs.leave_out
            if key in habits and key not in draft.keys
        ]
        others = sorted(
            (entry.name, entry.slug)
            for entry in habits.values()
            if entry.category == draft.category and entry.slug not in draft.keys
        )
        self.fields["keys"].choices = [*planned, *left_out]  # type: ignore[attr-defined]
        self.fields["swap_from"].choices = [("", "nothing"), *planned]  # type: ignore[attr-defined]
        self.fields["swap_to"].choices = [("", "—"), *((slug, name) for name, slug in others)]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, object]:
        """The answer as `sequences.Changes` understands it."""
        data = self.cleaned_data
        wanted = set(data["keys"])
        changes: dict[str, object] = {
            "minutes_per_day": data["minutes_per_day"],
            "preferred_time": data["preferred_time"],
            "difficulty": data["difficulty"],
            "drop": [key for key in self.draft.keys if key not in wanted],
            "keep": [key for key in wanted if key in self.draft.inputs.leave_out],
        }
        if data["starts_on"] and data["starts_on"] != self.draft.starts_on:
            changes["starts_on"] = data["starts_on"]
        if data["swap_from"] and data["swap_to"]:
            changes["swap"] = {data["swap_from"]: data["swap_to"]}
        return changes


def _plan(request: HttpRequest, pk: UUID) -> tuple[User, HabitSequence]:
    user = person(request)
    return user, get_object_or_404(HabitSequence.objects.for_user(user), pk=pk)


def _is_fragment(request: HttpRequest) -> bool:
    """Whether the answer replaces the card in a page instead of being a page."""
    return request.headers.get("HX-Request") == "true"


def _answer(
    request: HttpRequest, user: User, sequence: HabitSequence, problem: str = "", said: str = ""
) -> HttpResponse:
    """The card alone for htmx, else back to the plan's page."""
    sequence.refresh_from_db()
    if _is_fragment(request):
        context = {
            "plan": plan_view(user, sequence),
            "in_card": True,
            "problem": problem,
            "said": said,
        }
        return render(request, "habits/cards/plan.html", context)
    if problem:
        messages.error(request, problem)
    elif said:
        messages.success(request, said)
    return redirect("plan", sequence.pk)


@login_required
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan: proposals that wait, running ones, and those that are over."""
    user = person(request)
    today = local_day(user)
    views = [
        plan_summary(row, today)
        for row in HabitSequence.objects.for_user(user).order_by("-created_at")[:30]
    ]
    groups = [
        ("Waiting for your answer", [v for v in views if v.state == "draft"]),
        ("Running", [v for v in views if v.state in ("active", "paused")]),
        (
            "Over",
            [v for v in views if v.state in ("completed", "abandoned", "declined", "expired")],
        ),
    ]
    return render(request, "habits/plans.html", {"groups": [g for g in groups if g[1]]})


@login_required
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One plan with its phases, its gate and what can be done with it."""
    user, sequence = _plan(request, pk)
    return render(request, "habits/plan.html", {"plan": plan_view(user, sequence)})


Verb = Callable[[User, HabitSequence, HttpRequest], HabitSequence]
VERBS: dict[str, tuple[Verb, str]] = {
    "accept": (
        lambda user, row, _: sequences.accept(user, row),
        "Your plan is set. The first habits are on Today.",
    ),
    "decline": (
        lambda user, row, request: sequences.decline(user, row, request.POST.get("reason", "")),
        "Put away. It rests; ask again whenever you like.",
    ),
    "take-back": (lambda user, row, _: sequences.take_back(user, row), "Taken back."),
    "pause": (lambda user, row, _: sequences.pause(user, row), "Resting. Nothing is lost."),
    "resume": (lambda user, row, _: sequences.resume(user, row), "Welcome back: it goes on today."),
    "abandon": (
        lambda user, row, request: sequences.abandon(
            user, row, keep_habits=bool(request.POST.get("keep_habits"))
        ),
        "Let go. What you learned stays yours.",
    ),
}


@login_required
@require_POST
def change(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Accept, decline, take back, pause, resume, let go: each idempotent."""
    user, sequence = _plan(request, pk)
    act, said = VERBS[verb]
    try:
        act(user, sequence, request)
    except sequences.SequenceRefused as refusal:
        return _answer(request, user, sequence, problem=str(refusal))
    if verb == "resume":
        phases.open_due_phases(user)
    return _answer(request, user, sequence, said=said)


@login_required
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form for a proposal, and the proposal made again from it."""
    user, sequence = _plan(request, pk)
    if sequences.state_of(sequence) != "draft":
        return _answer(request, user, sequence, problem="Only an open proposal can be changed.")
    draft = sequences.draft_of(sequence)
    form = ReviseForm(draft, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sequences.revise(user, sequence, form.changes())
        except (sequences.SequenceRefused, PlanRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _answer(request, user, sequence, said="Changed.")
    template = "habits/plan_edit_form.html" if _is_fragment(request) else "habits/plan_edit.html"
    return render(
        request,
        template,
        {"form": form, "sequence": sequence, "draft": draft},
        status=422 if form.is_bound and not _is_fragment(request) else 200,
    )


urlpatterns: list[URLPattern] = [
    path("habits/plans/", plans, name="plans"),
    path("habits/plans/<uuid:pk>/", detail, name="plan"),
    path("habits/plans/<uuid:pk>/edit/", edit, name="plan_edit"),
    *(
        path(
            f"habits/plans/<uuid:pk>/{verb}/",
            change,
            {"verb": verb},
            name=f"plan_{verb.replace('-', '_')}",
        )
        for verb in VERBS
    ),
]
