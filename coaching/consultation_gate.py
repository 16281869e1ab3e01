"""The gate to the consultation: closed until staff open it, because each one costs money and attention."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from coaching.models import CoachingProfile


@transaction.atomic
def set_consultation_gate(people: Iterable[User], *, is_open: bool) -> list[User]:
    """Opens or closes the gate for `people`, and returns those for whom that changed something.

    People without a profile get one; doing it twice changes nothing the second time.
    """
    everybody = list(people)
    CoachingProfile.objects.bulk_create(
        [CoachingProfile(user=user) for user in everybody], ignore_conflicts=True
    )
    profiles = (
        CoachingProfile.objects.select_for_update()
        .filter(user__in=[user.pk for user in everybody])
        .exclude(consultation_enabled=is_open)
        .order_by("pk")
    )
    changed = set(profiles.values_list("user_id", flat=True))
    CoachingProfile.objects.filter(user__in=changed).update(consultation_enabled=is_open)
    return [user for user in everybody if user.pk in changed]
