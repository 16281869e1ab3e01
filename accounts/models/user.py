"""The person."""

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now

from .base import TimeOrderedModel, between


def validate_timezone(value: str) -> None:
    """Raises `ValidationError` unless `value` names an IANA time zone."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError("%(value)s is not a time zone.", params={"value": value})


class UserManager(BaseUserManager["User"]):
    """Makes people; the e-mail address is the login and is compared without case."""

    def _create(self, email: str, password: str | None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self._create(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self._create(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(TimeOrderedModel, AbstractBaseUser, PermissionsMixin):
    """A person who uses the coach, or who works for it.

    `deleted_at` marks a person who asked to be erased; the rows go after a grace period. Every table
    that belongs to a person refers here and cascades, so erasing is one delete.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=16, blank=True, help_text="E.164, for example +14155550100")
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    locale = models.CharField(max_length=16, default="en")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166; decides helplines")
    day_start_hour = models.PositiveSmallIntegerField(
        default=3, help_text="The hour (0-6) at which this person's day begins"
    )
    work_hours = models.JSONField(
        default=dict, blank=True, help_text='Per weekday, for example {"mon": ["09:00", "17:00"]}'
    )
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    starting_weight_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    stated_goal = models.CharField(max_length=300, blank=True)
    coach = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="caseload"
    )
    automation_paused_at = models.DateTimeField(
        null=True, blank=True, help_text="Set by staff: nothing is sent unasked"
    )
    onboarded_at = models.DateTimeField(null=True, blank=True)
    session_epoch = models.PositiveIntegerField(
        default=0, help_text="Raised to sign this person out everywhere", editable=False
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_ci"),
            models.UniqueConstraint(
                fields=["phone"],
                condition=models.Q(phone_verified_at__isnull=False),
                name="user_verified_phone_unique",
            ),
            between("day_start_hour", 0, 6, "user_day_start_hour_0_6"),
            between("birth_year", 1900, 2100, "user_birth_year_plausible"),
            between("starting_weight_kg", 20, 500, "user_starting_weight_plausible"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def tz(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def first_name(self) -> str:
        return self.name.split(" ", 1)[0]

    def get_full_name(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Ties every session and token to the password and to the epoch: a new epoch ends them all."""
        base = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        return f"{base}.{self.session_epoch}"
