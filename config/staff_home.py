"""What staff see first: their caseload, what waits for them, and a menu by idea instead of by table."""

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.current import person
from accounts.models import User
from coaching.models import CoachMessage, CrisisAlert
from coaching.models.conversation import MessageRole
from coaching.outreach.figures import counts_of, standings
from coaching.toolkit import segments
from momentum.models import Direction, MomentumPillar
from momentum.scoring import versions

SHOWN_PEOPLE = 20
NEW_DAYS = 7
AT_RISK = "momentum.at_risk"
# Title of the group, then (table, icon). A table that is not named here comes under "Domains".
IDEAS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "People",
        [
            ("accounts.user", "group"),
            ("coaching.personatgate", "meeting_room"),
            ("coaching.consultationkey", "key"),
            ("coaching.coachingprofile", "psychology"),
            ("coaching.promptrevision", "history"),
            ("coaching.promptreview", "published_with_changes"),
            ("coaching.goldenconversation", "star"),
            ("coaching.preferences", "tune"),
        ],
    ),
    (
        "Safety",
        [("coaching.crisisalert", "emergency"), ("coaching.helpline", "call")],
    ),
    (
        "Conversations",
        [
            ("coaching.conversation", "forum"),
            ("coaching.consultation", "record_voice_over"),
            ("coaching.memoryreading", "auto_stories"),
            ("coaching.responsefeedback", "thumbs_up_down"),
            ("coaching.learningevent", "school"),
            ("coaching.prediction", "query_stats"),
        ],
    ),
    (
        "Outreach",
        [
            ("coaching.coachmessage", "outgoing_mail"),
            ("coaching.nudgedecision", "notifications_active"),
            ("coaching.messagetemplate", "format_quote"),
            ("coaching.reminder", "alarm"),
        ],
    ),
    (
        "Momentum",
        [
            ("momentum.momentumpillar", "trending_up"),
            ("momentum.momentumevent", "bolt"),
            ("momentum.scoringversion", "balance"),
            ("momentum.backfill", "history"),
            ("momentum.visitadherencelog", "event"),
            ("momentum.checkin", "mood"),
            ("momentum.journalentry", "edit_note"),
            ("momentum.motivationreading", "psychology_alt"),
            ("momentum.motivationscore", "favorite"),
            ("momentum.biometricstream", "monitor_heart"),
            ("momentum.biometricchange", "ecg_heart"),
            ("momentum.deviceconnection", "watch"),
            ("momentum.healthimport", "upload_file"),
            ("momentum.providerpush", "sync"),
            ("momentum.goalprogresslog", "flag"),
            ("momentum.outcomemetric", "insights"),
        ],
    ),
    (
        "Tasks",
        [
            ("productivity.task", "task_alt"),
            ("productivity.taskevent", "history"),
            ("productivity.taskseries", "event_repeat"),
            ("productivity.calendarfeed", "rss_feed"),
            ("productivity.schedulerecommendation", "event_available"),
            ("productivity.slottrial", "fact_check"),
            ("productivity.slotodds", "percent"),
            ("productivity.planninghours", "schedule"),
            ("productivity.coachingnudge", "campaign"),
            ("productivity.personaprofile", "theater_comedy"),
            ("productivity.featuresnapshot", "speed"),
            ("productivity.behaviormodel", "model_training"),
        ],
    ),
    (
        "Privacy",
        [
            ("accounts.consent", "verified_user"),
            ("accounts.datarequest", "folder_zip"),
            ("accounts.auditentry", "visibility"),
            ("accounts.device", "devices"),
        ],
    ),
    (
        "House",
        [
            ("coaching.knowledgesource", "menu_book"),
            ("coaching.experiment", "science"),
            ("coaching.modelcall", "payments"),
            ("django_celery_beat.periodictask", "schedule"),
            ("auth.group", "badge"),
            ("account.emailaddress", "alternate_email"),
        ],
    ),
]
OUR_APPS = ("accounts", "coaching")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: what this member of staff may see, by idea."""
    named: set[str] = set()
    groups = []
    for title, tables in IDEAS:
        named.update(label for label, _ in tables)
        groups.append(_group(request, title, tables))
    rest = [
        (model._meta.label_lower, "table_rows")
        for model in admin.site._registry
        if model._meta.label_lower not in named and _is_ours(model._meta.app_label)
    ]
    if person(request).has_perm("coaching.view_coachmessage"):
        waiting = f"{_list('coaching.coachmessage')}?standing=waiting"
        is_here = request.get_full_path() == waiting
        item = {
            "title": "Waiting for approval",
            "icon": "approval",
            "link": waiting,
            "active": is_here,
        }
        next(group for group in groups if group["title"] == "Outreach")["items"].append(item)
    groups.insert(5, _group(request, "Domains", sorted(rest)))
    home = {
        "title": "Caseload",
        "icon": "home",
        "link": reverse("admin:index"),
        "permission": lambda request: True,
    }
    return [{"items": [home]}, *(group for group in groups if group["items"])]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fills the admin's first page: numbers that ask for something, and the caseload.

    Called by Unfold for every page of the admin index; a coach's numbers count their own people.
    """
    staff = person(request)
    people = User.objects.filter(is_staff=False, deleted_at=None)
    alerts = CrisisAlert.objects.filter(acknowledged_at=None)
    if not staff.is_superuser:
        people = people.filter(coach=staff)
        alerts = alerts.filter(user__coach=staff)
    now = timezone.now()
    context["figures"] = [
        {"label": "People", "value": people.count(), "link": _list("accounts.user")},
        {
            "label": f"New in {NEW_DAYS} days",
            "value": people.filter(created_at__gte=now - timedelta(days=NEW_DAYS)).count(),
            "link": _list("accounts.user"),
        },
        {
            "label": "Crisis alerts waiting",
            "value": alerts.count(),
            "link": _list("coaching.crisisalert"),
        },
        {
            "label": "Automation paused",
            "value": people.exclude(automation_paused_at=None).count(),
            "link": f"{_list('accounts.user')}?standing=paused",
        },
    ]
    context["outreach"] = _outreach(request, staff, now)
    said = Q(messages__role=MessageRole.USER)
    rows = people.annotate(last_contact=Max("messages__created_at", filter=said))
    shown = _with_momentum(rows).select_related("coach").order_by("-last_contact", "-created_at")
    listed = list(shown[:SHOWN_PEOPLE])
    at_risk = segments.get(AT_RISK)().filter(pk__in=[row.pk for row in listed])
    risky = set(at_risk.values_list("pk", flat=True))
    context["caseload"] = [
        {
            "person": row,
            "link": reverse("admin:accounts_user_change", args=[row.pk]),
            "direction": Direction(row.direction).label if row.direction else "",
            "is_at_risk": row.pk in risky,
        }
        for row in listed
    ]
    return context


def _with_momentum(people: QuerySet[User]) -> QuerySet[Any]:
    """People with the newest score of their momentum and its direction."""
    newest = MomentumPillar.objects.filter(
        user=OuterRef("pk"), version=versions.active_or_to_be().name, overall_score__isnull=False
    ).order_by("-date")
    return people.annotate(
        momentum=Subquery(newest.values("overall_score")[:1]),
        direction=Subquery(newest.values("direction")[:1]),
    )


def _outreach(request: HttpRequest, staff: User, now: datetime) -> list[dict[str, Any]]:
    """What went out, what was held back and what waits, each with the list of it."""
    page = admin.site._registry[CoachMessage]
    if not page.has_view_permission(request):
        return []
    messages = CoachMessage.objects.all()
    if not staff.is_superuser:
        messages = messages.filter(user__coach=staff)
    asked = standings(now)
    counted = counts_of(messages, asked)
    address = _list("coaching.coachmessage")
    return [
        {"label": one.title, "value": counted[one.key], "link": f"{address}?standing={one.key}"}
        for one in asked
    ]


def _group(request: HttpRequest, title: str, tables: list[tuple[str, str]]) -> dict[str, Any]:
    items = []
    for label, icon in tables:
        model = apps.get_model(label)
        page = admin.site._registry.get(model)
        if page is not None and page.has_view_permission(request):
            name = str(model._meta.verbose_name_plural)
            items.append({"title": name[:1].upper() + name[1:], "icon": icon, "link": _list(label)})
    return {"title": title, "separator": True, "items": items}


def _list(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


def _is_ours(app_label: str) -> bool:
    return app_label in (*OUR_APPS, *settings.DOMAINS)
