"""What staff may see, and the trail they leave: least privilege, and audited reading.

A coach sees only the people in their own caseload; superusers see everybody. Rows that services own are
read-only. Whoever opens a page about a person is written down.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import wraps
from typing import Any, ClassVar

from django.contrib.admin import action
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from accounts.models import AuditEntry, User

# Years that a range of days may speak of: beyond them calendars end.
FIRST_YEAR, LAST_YEAR = 1900, 9990


def audit(
    actor: User, subject: User, action: str, target: str = "", **detail: Any
) -> AuditEntry | None:
    """Writes down that `actor` did `action` concerning `subject`; people looking at themselves leave no trail."""
    if actor.pk == subject.pk:
        return None
    return AuditEntry.objects.create(
        actor=actor, subject=subject, action=action, target=target, detail=detail
    )


class OwnPeopleOnly:
    """An admin mix-in: a member of staff who is not a superuser sees only their caseload.

    `person_path` leads from the row to the person; empty when the row is the person.
    """

    person_path: ClassVar[str] = "user"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)  # type: ignore[misc]
        if request.user.is_superuser:
            return rows
        path = f"{self.person_path}__coach" if self.person_path else "coach"
        return rows.filter(**{path: request.user})


class AuditedReading:
    """An admin mix-in: opening the page of a row is written down. Put it before `ModelAdmin`."""

    person_path: ClassVar[str] = "user"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id and isinstance(request.user, User):
            row: Model | None = self.get_object(request, object_id)  # type: ignore[attr-defined]
            if row is not None:
                audit(request.user, self._person_of(row), "read", row._meta.label, id=str(row.pk))
        return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]

    def _person_of(self, row: Any) -> User:
        for step in filter(None, self.person_path.split("__")):
            row = getattr(row, step)
        return row


class ReadOnly:
    """An admin mix-in for rows that services own: they can be looked at and nothing else."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DaysFilter(RangeDateFilter):
    """From which to which day, both whole, on the clock of the house; what is no day filters nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self._day(end) for end in ("from", "to"))
        if first is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        if last is not None:
            after = last + timedelta(days=1)
            queryset = queryset.filter(**{f"{self.field_path}__lt": after})
        return queryset

    def _day(self, end: str) -> datetime | None:
        """The moment at which the day at an `end` of the range begins."""
        typed = self.used_parameters.get(f"{self.parameter_name}_{end}")
        day = parse_date_str(typed) if isinstance(typed, str) else None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            return None
        return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True)
class PersonLink:
    """A way from a person's page to something of another app: a page that takes the person as a parameter.

    Shown to those with `permission`; `field` of the person becomes the value of `parameter`.
    """

    title: str
    url_name: str
    permission: str
    parameter: str
    field: str


# What other apps put beside a person on their page; they append when their admin is loaded.
person_inlines: list[type[Any]] = []
person_links: list[PersonLink] = []


AdminAction = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


def days_asked(request: HttpRequest, periods: Sequence[int], usual: int) -> int:
    """How many days back a page of figures looks: what `?days=` says, if that is one of `periods`."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(period) for period in periods} else usual


def confirmed(
    description: str, question: str, permissions: tuple[str, ...] = ("change",)
) -> Callable[[AdminAction], AdminAction]:
    """An admin action on many rows that asks before it acts, and acts only on a POST that says yes.

    `description` stands in the menu of actions; `question` on the page between. `permissions` names what
    the admin's `has_<name>_permission` must allow: who may only look may not act.
    """

    def decorate(function: AdminAction) -> AdminAction:
        @action(description=description, permissions=permissions)
        @wraps(function)
        def ask_first(
            modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]
        ) -> HttpResponse | None:
            if request.method == "POST" and request.POST.get("confirmed") == "yes":
                return function(modeladmin, request, queryset)
            context = {
                **modeladmin.admin_site.each_context(request),
                "title": description,
                "question": question,
                "rows": queryset[:20],
                "count": queryset.count(),
                "opts": modeladmin.model._meta,
                "action_name": request.POST.get("action", ""),
                "checkbox_name": ACTION_CHECKBOX_NAME,
                "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
                "select_across": request.POST.get("select_across", "0"),
            }
            return TemplateResponse(request, "admin/confirm_action.html", context)

        return ask_first

    return decorate
