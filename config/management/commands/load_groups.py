"""The groups of staff, with what each may see and do."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand

COACHES = "Coaches"
# Costs, keys and the trail of the staff are not a coach's business.
NOT_FOR_COACHES = frozenset(
    {"view_auditentry", "view_idempotencykey", "view_modelcall", "view_device", "view_datarequest"}
)
COACHES_CHANGE = frozenset(
    {
        "change_user",
        "change_coachingprofile",
        "change_preferences",
        "change_crisisalert",
        "change_coachmessage",  # to approve and reject
        "add_coachmessage",  # to write to one of their people
        "add_visitadherencelog",  # to set a visit of one of their people
        "change_visitadherencelog",  # to note what became of it
    }
)


class Command(BaseCommand):
    help = "Makes the group of coaches and gives it what it may see and change. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        group, _ = Group.objects.get_or_create(name=COACHES)
        apps = ["accounts", "coaching", *settings.DOMAINS]
        known = Permission.objects.filter(content_type__app_label__in=apps)
        group.permissions.set(
            permission
            for permission in known
            if permission.codename in COACHES_CHANGE
            or (
                permission.codename.startswith("view_")
                and permission.codename not in NOT_FOR_COACHES
            )
        )
        if options["verbosity"] > 0:
            self.stdout.write(f"{COACHES}: {group.permissions.count()} permissions")
