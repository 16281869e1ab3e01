"""The staff's view of people: who they are, what they agreed to, what they asked for, who looked."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from accounts import erasure
from accounts.current import person
from accounts.models import AuditEntry, Consent, DataRequest, Device, User
from accounts.sessions import sign_out_everywhere
from accounts.staff import (
    AuditedReading,
    DaysFilter,
    OwnPeopleOnly,
    ReadOnly,
    audit,
    confirmed,
    person_inlines,
    person_links,
)


class ConsentInline(ReadOnly, TabularInline):
    """The newest decisions beside the person."""

    model = Consent
    extra = 0
    ordering = ("-at", "-id")
    fields = ("kind", "granted", "at", "source")


class Caseload(admin.SimpleListFilter):
    """Whose people: mine, nobody's, or those of one coach."""

    title = "coach"
    parameter_name = "caseload"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        coaches = User.objects.filter(caseload__isnull=False).distinct().order_by("name")
        return [
            ("mine", "My people"),
            ("none", "Without a coach"),
            *((str(coach.pk), str(coach)) for coach in coaches[:50]),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        chosen = self.value()
        if chosen == "mine":
            return queryset.filter(coach=person(request))
        if chosen == "none":
            return queryset.filter(coach=None)
        known = {str(key) for key, _ in self.lookup_choices}
        return queryset.filter(coach__pk=chosen) if chosen and chosen in known else queryset


class Standing(admin.SimpleListFilter):
    """Active, paused by staff, about to be erased."""

    title = "standing"
    parameter_name = "standing"
    CONDITIONS: ClassVar[dict[str, dict[str, Any]]] = {
        "active": {"deleted_at": None, "automation_paused_at": None},
        "paused": {"automation_paused_at__isnull": False},
        "leaving": {"deleted_at__isnull": False},
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("active", "Active"), ("paused", "Automation paused"), ("leaving", "Leaving")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(**self.CONDITIONS.get(self.value() or "", {}))


# What only a superuser may change: who somebody is to the house, and who looks after them.
POWERS = ("email", "coach", "is_active", "is_staff", "is_superuser", "groups")
STATE = ("last_login", "onboarded_at", "automation_paused_at", "deleted_at", "created_at")


@admin.register(User)
class PersonAdmin(OwnPeopleOnly, AuditedReading, ModelAdmin):
    """People. A coach sees their own; opening somebody's page is written down."""

    person_path = ""
    list_display = ("name", "email", "coach", "timezone", "standing", "last_login", "created_at")
    list_filter = (
        Caseload,
        Standing,
        "is_staff",
        ("created_at", DaysFilter),
    )
    list_filter_submit = True
    list_select_related = ("coach",)
    search_fields = ("name", "email", "phone")
    ordering = ("-created_at",)
    autocomplete_fields = ("coach",)
    filter_horizontal = ("groups",)
    readonly_fields = STATE
    inlines = (ConsentInline,)
    change_form_outer_before_template = "accounts/admin/person_links.html"
    actions = ("pause_automation", "resume_automation", "sign_out", "erase")
    fieldsets = (
        (None, {"fields": ("name", "email", "phone", "stated_goal", "coach")}),
        ("Day and place", {"fields": ("timezone", "day_start_hour", "locale", "country")}),
        ("Standing", {"fields": STATE}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    )

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [*super().get_inlines(request, obj), *person_inlines]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row: User | None = kwargs.get("obj")
        staff = person(request)
        context["person_links"] = [
            {
                "title": link.title,
                "url": f"{reverse(link.url_name)}?"
                + urlencode({link.parameter: getattr(row, link.field)}),
            }
            for link in person_links
            if row is not None and not row.is_staff and staff.has_perm(link.permission)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return STATE if request.user.is_superuser else (*STATE, *POWERS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up themselves; staff are made with `createsuperuser` or raised from a person."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody vanishes by a click: erasing goes through the grace period."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()
        if form.changed_data:
            audit(person(request), obj, "changed", "accounts.User", fields=form.changed_data)

    @display(
        description="Standing",
        label={"Active": "success", "Automation paused": "warning", "Leaving": "danger"},
    )
    def standing(self, row: User) -> str:
        if row.deleted_at:
            return "Leaving"
        return "Automation paused" if row.automation_paused_at else "Active"

    @confirmed(
        "Pause all automation", "Send these people nothing unasked until somebody resumes it?"
    )
    def pause_automation(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        self._pause(request, rows.filter(automation_paused_at=None), "automation.paused")

    @confirmed("Resume automation", "May the coach speak first to these people again?")
    def resume_automation(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        self._pause(request, rows.exclude(automation_paused_at=None), "automation.resumed")

    def _pause(self, request: HttpRequest, rows: QuerySet[User], action: str) -> None:
        people = list(rows)
        paused_at = timezone.now() if action == "automation.paused" else None
        User.objects.filter(pk__in=[row.pk for row in people]).update(
            automation_paused_at=paused_at
        )
        for row in people:
            audit(person(request), row, action)
        messages.success(request, f"Done for {len(people)} people.")

    @confirmed("Sign out everywhere", "End all sessions and tokens of these people?")
    def sign_out(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        for row in rows:
            sign_out_everywhere(row)
            audit(person(request), row, "signed_out")
        messages.success(request, "They are signed out.")

    @confirmed(
        "Erase after the grace period",
        "Erase these people? They are signed out now, and signing in again takes it back.",
    )
    def erase(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        for row in rows.exclude(pk=person(request).pk):
            erasure.ask(row)
            audit(person(request), row, "erasure.asked")
        messages.success(request, "They will be erased when the grace period is over.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if not request.user.is_superuser:
            actions.pop("erase", None)
        return actions


@admin.register(Consent)
class ConsentAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """The ledger of decisions; rows are added by people, never changed."""

    list_display = ("user", "kind", "granted", "at", "source")
    list_filter = ("kind", "granted", "source", ("at", DaysFilter))
    list_filter_submit = True
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-at", "-id")


@admin.register(DataRequest)
class DataRequestAdmin(OwnPeopleOnly, ReadOnly, ModelAdmin):
    """Exports and erasures that were asked for. The file itself is for its owner only."""

    list_display = ("user", "kind", "state", "asked_at", "finished_at", "expires_at")
    list_filter = ("kind", "state")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-id",)
    exclude = ("file",)


@admin.register(Device)
class DeviceAdmin(OwnPeopleOnly, ReadOnly, ModelAdmin):
    """Devices that may be reached; their keys are nobody's business."""

    list_display = ("user", "platform", "last_seen_at", "created_at")
    list_filter = ("platform",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    exclude = ("token", "keys")


@admin.register(AuditEntry)
class AuditEntryAdmin(OwnPeopleOnly, ReadOnly, ModelAdmin):
    """Who, among the staff, saw or changed what of whom."""

    person_path = "subject"
    list_display = ("at", "actor", "action", "subject", "target")
    list_filter = ("action", ("at", DaysFilter))
    list_filter_submit = True
    list_select_related = ("actor", "subject")
    search_fields = ("actor__email", "subject__email", "subject__name")
    ordering = ("-at",)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):
    """What a group of staff may do."""


admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnly, ModelAdmin):
    """Addresses and whether they were proven."""

    list_display = ("email", "user", "verified", "primary")
    list_filter = ("verified",)
    list_select_related = ("user",)
    search_fields = ("email",)
