"""People for whom putting things off is clearly in the way: a quiet hand may be welcome."""

from datetime import UTC, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from coaching.learning_permission import agreed_people
from coaching.toolkit import segment
from productivity.features.numbers import NUMBERS
from productivity.models import FeatureSnapshot


@segment("productivity.procrastinating")
def people_who_put_things_off() -> QuerySet[User]:
    """Whose newest score is fresh and high beyond doubt: its lower bound is above the mark."""
    since = timezone.now().astimezone(UTC).date() - timedelta(days=NUMBERS.fresh_days)
    newer = FeatureSnapshot.objects.filter(user=OuterRef("user"), date__gt=OuterRef("date"))
    rows = FeatureSnapshot.objects.filter(date__gte=since, score_low__gte=NUMBERS.clearly_high)
    newest = rows.filter(~Exists(newer))
    return agreed_people().filter(is_staff=False, pk__in=newest.values("user_id"))
