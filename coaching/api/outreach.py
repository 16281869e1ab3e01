"""REST: reminders."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.current import person
from coaching.language import parse_moment
from coaching.models import Reminder, ReminderStatus
from coaching.outreach import reminders
from coaching.outreach.coach_tools import in_words


class ReminderSerializer(serializers.ModelSerializer[Reminder]):
    """A reminder. To set one, send `text` and either `remind_at` or `when` in plain words."""

    when = serializers.CharField(
        max_length=100,
        required=False,
        help_text="In plain words ('tomorrow at 7'); in answers: when it speaks next",
    )
    remind_at = serializers.DateTimeField(required=False)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), required=False, max_length=7
    )

    class Meta:
        model = Reminder
        fields = ["id", "text", "when", "remind_at", "weekdays", "status", "created_at"]
        read_only_fields = ["id", "status", "created_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("when" in attrs) == ("remind_at" in attrs):
            raise ValidationError("Send either `when` or `remind_at`.")
        return attrs

    def to_representation(self, instance: Reminder) -> dict[str, Any]:
        shown = super().to_representation(instance)
        shown["when"] = in_words(instance, self.context["request"].user)
        return shown


class SnoozeSerializer(serializers.Serializer[Any]):
    until = serializers.DateTimeField(help_text="At most a week ahead")


class Reminders(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Reminder]
):
    """The person's reminders; waiting ones first to be asked for with `?status=waiting`."""

    serializer_class = ReminderSerializer
    queryset = Reminder.objects.none()

    def get_queryset(self) -> QuerySet[Reminder]:
        rows = Reminder.objects.filter(user=person(self.request))
        wanted = self.request.query_params.get("status")
        return rows.filter(status=wanted) if wanted in ReminderStatus.values else rows

    def create(self, request: Request) -> Response:
        """Sets a reminder; the same `Idempotency-Key` sets it once."""
        user = person(request)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        at, weekdays = data.get("remind_at"), data.get("weekdays", [])
        if "when" in data:
            moment = parse_moment(data["when"], timezone.now().astimezone(user.tz))
            if moment is None:
                raise ValidationError({"when": ["I could not read a time in this."]})
            at, weekdays = moment.at, list(moment.weekdays)
        key = request.headers.get("Idempotency-Key") or uuid4().hex
        try:
            reminder = reminders.set_reminder(
                user, data["text"], at=at, weekdays=weekdays, idempotency_key=f"api:{key}"[:200]
            )
        except reminders.ReminderRefused as refusal:
            raise ValidationError({"remind_at": [str(refusal)]}) from None
        return Response(self.get_serializer(reminder).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Cancels a reminder; twice is once."""
        reminders.cancel(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=SnoozeSerializer, responses=ReminderSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Lets the reminder speak again later."""
        wanted = SnoozeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            reminder = reminders.snooze(self.get_object(), wanted.validated_data["until"])
        except reminders.ReminderRefused as refusal:
            raise ValidationError({"until": [str(refusal)]}) from None
        return Response(self.get_serializer(reminder).data)
