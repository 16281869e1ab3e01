"""For whom it gets harder, and for whom it goes well, by the scores that people see."""

from datetime import UTC, timedelta

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from coaching.learning_permission import agreed_people
from coaching.toolkit import segment
from coaching.toolkit.declarations import Pillar
from momentum.models import Direction, MomentumPillar
from momentum.scoring import versions

# Ours: so many points below one's own usual is no bad week, and so many days of silence no weekend away.
WELL_BELOW = 5.0
QUIET_DAYS, GONE_DAYS = 7, 27
HIGH, WELL_COVERED = 70.0, 0.5
# Wherever somebody is, one of their rows is from so many days of UTC.
FRESH_DAYS = 2


@segment("momentum.at_risk")
def people_at_risk() -> QuerySet[User]:
    """Whose week lies well below their own usual, or of whom nothing was seen for one to four weeks."""
    today = timezone.now().astimezone(UTC).date()
    seen = [f"{pillar}_evidence_on" for pillar in Pillar]
    eases = Q(direction=Direction.EASING, average_7__lte=F("average_42") - WELL_BELOW)
    silent = Q(
        last_seen__range=(
            today - timedelta(days=GONE_DAYS),
            today - timedelta(days=QUIET_DAYS),
        )
    )
    return _people(
        _newest()
        .annotate(last_seen=Greatest(*seen, output_field=DateField()))
        .filter(eases | silent)
    )


@segment("momentum.high_performers")
def high_performers() -> QuerySet[User]:
    """Whose score has been high for weeks, on evidence that is fresh."""
    return _people(_newest().filter(average_42__gte=HIGH, coverage__gte=WELL_COVERED))


def _newest() -> QuerySet[MomentumPillar]:
    """The newest row of everybody who is scored, under the version that people see."""
    since = timezone.now().astimezone(UTC).date() - timedelta(days=FRESH_DAYS)
    rows = MomentumPillar.objects.filter(version=versions.active_or_to_be().name, date__gte=since)
    # Asked of those only that are wanted: newest rows of everybody first would be sorted for nothing.
    newer = MomentumPillar.objects.filter(
        user=OuterRef("user"), version=OuterRef("version"), date__gt=OuterRef("date")
    )
    return rows.filter(~Exists(newer))


def _people(rows: QuerySet[MomentumPillar]) -> QuerySet[User]:
    """Those of them who agree to tracking, without staff."""
    return agreed_people().filter(is_staff=False, pk__in=rows.values("user_id"))
