"""The person's own data as the API shows it."""

import zoneinfo
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as FormError
from rest_framework import serializers

from accounts import devices
from accounts.forms import clean_phone
from accounts.models import (
    Consent,
    DataRequest,
    DataRequestKind,
    DataRequestState,
    Device,
    User,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class MeSerializer(serializers.ModelSerializer):
    """The signed-in person."""

    day_start_hour = serializers.IntegerField(min_value=0, max_value=6, required=False)
    work_hours = serializers.DictField(
        child=serializers.ListField(
            child=serializers.RegexField(r"^([01]\d|2[0-3]):[0-5]\d$"), min_length=2, max_length=2
        ),
        required=False,
        help_text='Per weekday: {"mon": ["09:00", "17:00"]}; ["22:00", "06:00"] ends the next day',
    )

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "name",
            "stated_goal",
            "timezone",
            "day_start_hour",
            "locale",
            "country",
            "phone",
            "phone_verified_at",
            "work_hours",
            "birth_year",
            "starting_weight_kg",
            "onboarded_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [
            "id",
            "email",
            "phone_verified_at",
            "birth_year",
            "starting_weight_kg",
            "onboarded_at",
            "created_at",
            "updated_at",
        ]

    def validate_timezone(self, value: str) -> str:
        if value not in zoneinfo.available_timezones():
            raise serializers.ValidationError("This is not a time zone.")
        return value

    def validate_country(self, value: str) -> str:
        country = value.strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise serializers.ValidationError("Two letters, like GB.")
        return country

    def validate_phone(self, value: str) -> str:
        country = self.initial_data.get("country") or getattr(self.instance, "country", "")
        try:
            return clean_phone(value, str(country))
        except FormError as problem:
            raise serializers.ValidationError(problem.messages) from None

    def validate_work_hours(self, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for day, (starts, ends) in value.items():
            if day not in WEEKDAYS:
                raise serializers.ValidationError(f"{day!r} is not one of {', '.join(WEEKDAYS)}.")
            if starts == ends:
                raise serializers.ValidationError("Work ends at another time than it starts.")
        return value

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        if validated_data.get("phone", instance.phone) != instance.phone:
            instance.phone_verified_at = None
        return super().update(instance, validated_data)


class ConsentSerializer(serializers.ModelSerializer):
    """One decision in the consent ledger."""

    class Meta:
        model = Consent
        fields = ["id", "kind", "granted", "at", "source", "evidence"]
        read_only_fields = ["id", "at", "source"]

    def validate_evidence(self, value: str) -> str:
        if len(value) > 2000:
            raise serializers.ValidationError("At most 2000 characters.")
        return value


class DeviceSerializer(serializers.ModelSerializer):
    """A browser or phone that may be reached by push."""

    keys = serializers.DictField(
        child=serializers.CharField(max_length=500), required=False, write_only=True
    )

    class Meta:
        model = Device
        fields = ["id", "platform", "token", "keys", "created_at", "last_seen_at"]
        read_only_fields = ["id", "created_at", "last_seen_at"]
        # The same device again is refreshed, and one of somebody else's becomes one's own.
        extra_kwargs: ClassVar[dict[str, Any]] = {"token": {"validators": []}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            devices.check(attrs["platform"], attrs["token"], attrs.get("keys"))
        except devices.DeviceRefused as refusal:
            raise serializers.ValidationError({"token": [str(refusal)]}) from None
        return attrs


class DataRequestSerializer(serializers.ModelSerializer):
    """An export or erasure that was asked for."""

    kind = serializers.ChoiceField(choices=DataRequestKind.choices)
    download = serializers.SerializerMethodField()

    class Meta:
        model = DataRequest
        fields = ["id", "kind", "state", "asked_at", "finished_at", "expires_at", "download"]
        read_only_fields = ["id", "state", "asked_at", "finished_at", "expires_at"]

    def get_download(self, row: DataRequest) -> str | None:
        """Where the finished file is, for as long as it is there."""
        if row.kind != DataRequestKind.EXPORT or row.state != DataRequestState.READY:
            return None
        return f"/api/v1/users/me/data-requests/{row.pk}/download/"
