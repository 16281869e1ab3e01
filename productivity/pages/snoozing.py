"""Snoozing one task: near free slots to choose from, or a moment of one's own."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from productivity import changing
from productivity.changing import TaskGone, TaskRefused
from productivity.models import Task
from productivity.overview import moment_words
from productivity.scheduling.offers import snooze_offers

from .answers import WEB, answer, changed_by, own_task
from .sheets import sheet

LOCAL = "%Y-%m-%dT%H:%M"


class MomentForm(forms.Form):
    """A moment by the person's own clock, or an exact one of those offered."""

    until = forms.DateTimeField(required=False)
    own = forms.CharField(required=False, max_length=32)

    def __init__(self, *args: object, user: User, now: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user, self.now = user, now

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        moment = data.get("until") or self._own(str(data.get("own") or ""))
        if moment is None:
            self.add_error("own", "Choose a day and a time.")
        elif moment <= self.now:
            self.add_error("own", "Choose a moment that is still to come.")
        data["moment"] = moment
        return data

    def _own(self, given: str) -> datetime | None:
        try:
            return datetime.strptime(given, LOCAL).replace(tzinfo=self.user.tz)
        except ValueError:
            return None


@login_required
@require_http_methods(["GET", "POST"])
def snooze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offers moments to come back to a task; a POST takes one."""
    user, task = own_task(request, pk)
    now = timezone.now()
    form = MomentForm(request.POST or None, user=user, now=now)
    words = ""
    if request.method == "POST":
        if form.is_valid():
            moment = form.cleaned_data["moment"]
            try:
                task = changing.snooze(user, pk, moment, source=WEB, now=now)
            except (TaskRefused, TaskGone) as refusal:
                words = str(refusal)
            else:
                said = f"{task.title}: back {moment_words(user, moment, now)}."
                return answer(request, said, undo=changed_by(task))
        else:
            words = " ".join(str(error) for errors in form.errors.values() for error in errors)
    return _sheet(request, user, task, now, words)


def _sheet(request: HttpRequest, user: User, task: Task, now: datetime, words: str) -> HttpResponse:
    context = {
        "task": task,
        "offers": [
            (offer.until.isoformat(), offer.words) for offer in snooze_offers(user, task, now=now)
        ],
        "earliest": now.astimezone(user.tz).strftime(LOCAL),
        "typed": request.POST.get("own", "").replace("\x00", "")[:32],
        "problem": words,
        "sheet": "productivity/snooze.html",
        "heading": "Snooze",
        "tab": "list",
    }
    return sheet(request, context, is_refused=bool(words))
