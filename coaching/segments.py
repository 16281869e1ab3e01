"""Named sets of people that experiments and campaigns may be for."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from coaching.toolkit import segment

NEW_DAYS = 14


@segment("coaching.all")
def everybody() -> QuerySet[User]:
    """Everybody who uses the coach: not staff, and not about to leave."""
    return User.objects.filter(is_active=True, is_staff=False, deleted_at__isnull=True)


@segment("coaching.new_users")
def new_people() -> QuerySet[User]:
    """Who joined in the last two weeks."""
    return everybody().filter(created_at__gte=timezone.now() - timedelta(days=NEW_DAYS))
