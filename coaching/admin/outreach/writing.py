"""Staff write a message to one of their people. The governor decides about it as about any other."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.current import person
from accounts.models import User
from accounts.staff import audit
from coaching.models import CoachMessage, DeliveryState, MessageCause, MessageChannel, Verdict
from coaching.outreach import outbox
from coaching.toolkit import channel_for

from .words import because, clock_words

if TYPE_CHECKING:
    from .messages import CoachMessageAdmin

FURTHEST_AHEAD = timedelta(days=30)
NINE = time(9)


def own_people(staff: User) -> Any:
    """Whom this member of staff may write to."""
    people = User.objects.filter(is_staff=False, deleted_at=None)
    return people if staff.is_superuser else people.filter(coach=staff)


class WritingForm(forms.Form):
    """A message by hand. Its hidden key makes sending the form twice one message."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    to = forms.EmailField(
        label="To",
        widget=UnfoldAdminEmailInputWidget,
        help_text="The e-mail address of somebody in your caseload; it is not a copy by e-mail.",
    )
    channel = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    title = forms.CharField(
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget,
        help_text="Heading, or the subject of an e-mail. May stay empty.",
    )
    body = forms.CharField(
        label="Text", max_length=2000, widget=UnfoldAdminTextareaWidget({"rows": 6})
    )
    on = forms.DateField(
        label="On",
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "date"}),
        help_text="Their own date. Empty: now.",
    )
    at = forms.TimeField(
        label="At",
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "time"}),
        help_text="On their own clock. Empty: nine in the morning of that date.",
    )
    waits_for = forms.TypedChoiceField(
        label="May wait",
        coerce=int,
        choices=[(1, "One day"), (3, "Three days"), (7, "A week")],
        initial=3,
        widget=UnfoldAdminSelectWidget,
        help_text="Held for quiet hours or too many messages, it goes out later; then not at all.",
    )

    def __init__(self, *args: Any, staff: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff, self.now = staff, now
        self.recipient: User | None = None
        declared = [
            (str(value), label)
            for value, label in MessageChannel.choices
            if channel_for(value) is not None
        ]
        channel = self.fields["channel"]
        assert isinstance(channel, forms.ChoiceField)  # noqa: S101 - declared above
        channel.choices = declared

    def clean_to(self) -> str:
        address: str = self.cleaned_data["to"]
        self.recipient = own_people(self.staff).filter(email__iexact=address).first()
        if self.recipient is None:
            raise forms.ValidationError("Nobody in your caseload has this address.")
        return address

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        begins = self._begins(values)
        if begins is not None and begins < self.now - timedelta(minutes=5):
            self.add_error("on", "That moment has passed for them.")
        elif begins is not None and begins > self.now + FURTHEST_AHEAD:
            self.add_error("on", "That is more than thirty days ahead.")
        values["begins"] = begins
        return values

    def _begins(self, values: dict[str, Any]) -> datetime | None:
        day, clock = values.get("on"), values.get("at")
        if self.recipient is None or (day is None and clock is None):
            return None
        zone = self.recipient.tz
        day = day or self.now.astimezone(zone).date()
        return datetime.combine(day, clock or NINE, tzinfo=zone)

    def send(self) -> CoachMessage:
        """Hands the message to the outbox, which decides."""
        assert self.recipient is not None  # noqa: S101 - the form is valid
        values = self.cleaned_data
        begins = values["begins"] or self.now
        return outbox.compose(
            self.recipient,
            channel=values["channel"],
            cause=MessageCause.COACH,
            cause_key=f"coach:{values['key']}",
            title=values["title"],
            body=values["body"],
            not_before=begins,
            expires_at=begins + timedelta(days=values["waits_for"]),
            author=self.staff,
            now=self.now,
        )


def write_view(page: "CoachMessageAdmin", request: HttpRequest) -> HttpResponse:
    """The form, and after it the message with what was decided."""
    if not page.has_add_permission(request):
        raise PermissionDenied
    staff, now = person(request), timezone.now()
    if request.method == "POST":
        form = WritingForm(request.POST, staff=staff, now=now)
        if form.is_valid():
            message = form.send()
            audit(staff, message.user, "message.written", id=str(message.pk))
            level, words = decided_words(message, now)
            messages.add_message(request, level, words)
            address = reverse("admin:coaching_coachmessage_change", args=[message.pk])
            return HttpResponseRedirect(address)
    else:
        chosen = _asked_for(staff, request.GET.get("to", ""))
        start = {"key": uuid4(), "to": chosen.email if chosen else ""}
        form = WritingForm(initial=start, staff=staff, now=now)
    context = {
        **page.admin_site.each_context(request),
        "title": "Write to a person",
        "opts": page.model._meta,
        "form": form,
        "to": form.recipient,
    }
    return TemplateResponse(
        request, "coaching/admin/write.html", context, status=422 if form.errors else 200
    )


def _asked_for(staff: User, pk: str) -> User | None:
    """The person the address names, if this member of staff may write to them."""
    try:
        found: User | None = own_people(staff).filter(pk=UUID(pk)).first()
    except ValueError:
        return None
    return found


def decided_words(message: CoachMessage, now: datetime) -> tuple[int, str]:
    """What the governor made of a message just written, and how good the news is."""
    decision = message.decisions.order_by("-at", "-id").first()
    reasons = because(decision.reasons) if decision else ""
    if message.state in {DeliveryState.SUPPRESSED, DeliveryState.MERGED}:
        return messages.WARNING, f"It was not sent: {reasons}."
    if decision is not None and decision.verdict == Verdict.HOLD:
        until = clock_words(message.not_before, message.user.tz)
        if not reasons:
            return messages.SUCCESS, f"It goes out on {until} on their clock."
        return messages.INFO, f"It waits until {until} on their clock: {reasons}."
    return messages.SUCCESS, "Nothing speaks against it: it is on its way."
