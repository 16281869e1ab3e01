"""REST: how the coach talks to a person, and how often, when and where it may speak unasked."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.current import person
from accounts.day import local_day
from accounts.rest.etags import etag_of, require_match
from coaching import context_cache
from coaching.learning.adaptation import choose
from coaching.models import Preferences
from coaching.outreach import choices


class PreferencesSerializer(serializers.ModelSerializer[Preferences]):
    humor_intensity = serializers.IntegerField(min_value=0, max_value=3, required=False)

    class Meta:
        model = Preferences
        fields = [
            *("communication_style", "detail_level", "emoji_preference"),
            *("notification_frequency", "proactive_suggestions", "humor_intensity"),
            *("notification_window", "preferred_channel", "away_from", "away_until"),
            *("morning_brief_enabled", "weekly_digest_enabled"),
            *("nudges_enabled", "rewards_enabled"),
            *("social_comparison_enabled", "assistant_hidden", "updated_at"),
        ]
        read_only_fields = ["updated_at"]

    def validate_notification_window(self, value: Any) -> Any:
        times = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
        if not isinstance(value, dict) or set(value) not in (set(), {"from", "to"}):
            raise serializers.ValidationError(
                'A window reads {"from": "08:00", "to": "21:00"}; {} is the usual one.'
            )
        if not value:
            return {}
        opens, closes = (times.run_validation(value[name]) for name in ("from", "to"))
        if opens == closes:
            raise serializers.ValidationError("Choose two different times.")
        return choices.window(opens, closes)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first = attrs.get("away_from", getattr(self.instance, "away_from", None))
        last = attrs.get("away_until", getattr(self.instance, "away_until", None))
        if (first is None) != (last is None):
            raise serializers.ValidationError(
                {"away_until": ["Send the first and the last day, or null for both."]}
            )
        if first is not None and last is not None and last < first:
            raise serializers.ValidationError(
                {"away_until": ["The last day comes before the first."]}
            )
        if attrs.get("away_until") is not None:
            today = local_day(person(self.context["request"]), timezone.now())
            if not today <= attrs["away_until"] <= today + choices.LONGEST_AWAY:
                raise serializers.ValidationError(
                    {"away_until": ["Choose a day from today to a year ahead."]}
                )
        return attrs


class MyPreferences(GenericAPIView[Preferences]):
    """How the coach talks to the person; how often, when and where it may speak unasked."""

    serializer_class = PreferencesSerializer
    queryset = Preferences.objects.none()

    def get(self, request: Request) -> Response:
        """The preferences; their `ETag` goes into `If-Match` of an edit."""
        row, _ = Preferences.objects.get_or_create(user=person(request))
        return Response(self.get_serializer(row).data, headers={"ETag": etag_of(row)})

    def patch(self, request: Request) -> Response:
        """Changes some of them; with `If-Match` only if nobody changed them meanwhile."""
        user = person(request)
        Preferences.objects.get_or_create(user=user)
        with transaction.atomic():
            row = Preferences.objects.select_for_update().get(user=user)
            require_match(request, row, lambda: self.get_serializer(row).data)
            serializer = self.get_serializer(row, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            choose(row, serializer.validated_data)
            serializer.save()
            context_cache.invalidate(user.pk)
        return Response(serializer.data, headers={"ETag": etag_of(row)})
